"""JSON that a person or a program hands in, from a file or standard input: read whole, and refused in one sentence."""

import json
import sys
from pathlib import Path
from typing import Any, NoReturn

from illcore.cli.faults import Failed

LARGEST = 64 * 1024 * 1024
"""Bytes; a longer list is better split, so that one does not wait for its first line."""

_OTHER_ENCODINGS = ((b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"))


def read_json(name: str) -> Any:
    """What the file ``name`` holds (``-``: standard input). A byte order mark is allowed.

    Raises Failed: no such file, too large, not UTF-8, not JSON (with line and column), a key twice in one object.
    """
    shown = "standard input" if name == "-" else name
    content = _content(name, shown)
    for mark, encoding in _OTHER_ENCODINGS:
        if content.startswith(mark):
            raise Failed(f"{shown} is {encoding}; save it as UTF-8")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Failed(f"{shown} is not UTF-8 (byte {error.start + 1}); save it as UTF-8") from None
    if not text.strip():
        raise Failed(f"{shown} is empty; write one JSON object or a list of them")
    return parse_json(text, shown)


def parse_json(text: str, shown: str) -> Any:
    """The value of a JSON text, where ``shown`` says to people where it stood. Raises Failed."""
    try:
        return json.loads(text, object_pairs_hook=_each_key_once, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise Failed(f"{shown} is not JSON: line {error.lineno}, column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise Failed(f"{shown} is nested too deep") from None
    except ValueError as error:
        raise Failed(f"{shown}: {error}") from None


def read_items(name: str) -> list[Any]:
    """The same where one object or a list of objects is meant. Raises Failed."""
    found = read_json(name)
    if isinstance(found, dict):
        return [found]
    if isinstance(found, list):
        return found
    raise Failed(f"{name} holds {_kind(found)}; write one JSON object or a list of them")


def object_or_error(item: Any) -> str:
    """Empty if the item is an object, else what is wrong with it."""
    return "" if isinstance(item, dict) else f"is {_kind(item)}; write an object {{…}}"


def _content(name: str, shown: str) -> bytes:
    try:
        if name == "-":
            content = sys.stdin.buffer.read(LARGEST + 1)
        else:
            with Path(name).open("rb") as file:
                content = file.read(LARGEST + 1)
    except FileNotFoundError:
        raise Failed(f"there is no file {name}") from None
    except IsADirectoryError:
        raise Failed(f"{name} is a folder; name a file in it") from None
    except (OSError, ValueError) as error:
        raise Failed(f"{shown} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if len(content) > LARGEST:
        raise Failed(f"{shown} is larger than {LARGEST // 1024 // 1024} MB; split it")
    return content


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {key!r} stands twice in one object")
        found[key] = value
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    return {bool: "true or false", str: "a text", list: "a list", dict: "an object"}.get(type(value), "a number")
