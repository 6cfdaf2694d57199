"""What a command writes: JSON or tables on stdout, one sentence on stderr; never a control character from outside."""

import json
import re
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

_UNSAFE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_WIDE = 160
_LONG = 20
_FEW = 3


def safe(text: object) -> str:
    """The text without what could steer a terminal: escapes, controls, overrides of the writing direction."""
    return _UNSAFE.sub("\ufffd", str(text))


def say(text: str) -> None:
    """One line on stderr, led by ``ill:``."""
    print(f"ill: {safe(' '.join(text.split()))}", file=sys.stderr, flush=True)


def write(text: str) -> None:
    """Plain lines on stdout."""
    print(safe(text))


def write_json(value: Any) -> None:
    """The value as JSON on stdout, times as RFC 3339 in UTC, in UTF-8 or, where stdout is something else, in ASCII."""
    text = json.dumps(value, ensure_ascii=False, indent=2, default=plain)
    encoding = sys.stdout.encoding or "ascii"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = json.dumps(value, ensure_ascii=True, indent=2, default=plain)
    sys.stdout.write(text + "\n")


def plain(value: Any) -> Any:
    """What JSON can hold, from what records hold."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, tuple | set | frozenset):
        return list(value)
    dump = getattr(value, "model_dump", None)
    return dump(mode="json") if callable(dump) else str(value)


def console() -> "Console":
    """Where people read; lines are as wide as the terminal, or wide enough for a file."""
    from rich.console import Console

    tty = sys.stdout.isatty()
    return Console(width=None if tty else _WIDE, highlight=False, markup=False, emoji=False, soft_wrap=False)


def write_table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table on stdout; nothing of it is cut off, long cells wrap."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(safe("" if cell is None else cell) for cell in row))
    console().print(table)


@contextmanager
def progress(what: str, total: int, quiet: bool = False) -> Iterator[Callable[..., None]]:
    """Gives a function to call after each step, or with the number of steps; a bar on stderr shows them where a
    person looks on and waits.
    """
    if quiet or total < _LONG or not sys.stderr.isatty():
        yield lambda steps=1: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda steps=1: bar.advance(task, steps)


@contextmanager
def waiting_line(told: str, quiet: bool = False) -> Iterator[Callable[[Collection[str]], None]]:
    """Gives a function that takes the names of those still waited for; a line on stderr shows them to a person.

    ``told`` are the words between how many have answered and the names; ``{asked}`` in it is how many were asked.
    """
    if quiet or not sys.stderr.isatty():
        yield lambda names: None
        return
    from rich.console import Console
    from rich.text import Text

    asked = 0
    with Console(stderr=True).status("") as line:

        def show(names: Collection[str]) -> None:
            nonlocal asked
            asked = max(asked, len(names))
            if names:
                first = ", ".join(sorted(names)[:_FEW]) + (" …" if len(names) > _FEW else "")
                line.update(Text(safe(f"{asked - len(names)} {told.format(asked=asked)} {first}")))

        yield show
