"""Bytes → message: lenient about what real systems send, with a note of everything that was repaired or is wrong."""

from typing import Any, NamedTuple

from . import codes, lexical
from .codes import ErrorType
from .lexical import Unreadable
from .model import Message, SchemeValue
from .table import NAMESPACE, ROOTS, Kind, Row, Table
from .tree import MAX_BYTES, MAX_DEPTH, Node, TooLarge, Unparseable, parse
from .writer import is_scheme

__all__ = ["Parsed", "Problem", "TooLarge", "Unparseable", "read_message"]

_NOTED = 100
_SHOWN = 80
_ENVELOPE = ("ISO18626Message", f"{NAMESPACE} ISO18626Message")
_VERSION = ("version", f"{NAMESPACE} version")
_SCHEME = ("scheme", f"{NAMESPACE} scheme")
_BAD = object()
_TEXT, _PAIR, _CODE, _TIME = Kind.TEXT, Kind.PAIR, Kind.CODE, Kind.TIME


class Problem(NamedTuple):
    """What keeps a message from being right: where (`request/header/timestamp`), one sentence, the error type.

    `forgivable`: real systems often leave this out, and the message may make sense without it.
    """

    path: str
    text: str
    error_type: ErrorType
    forgivable: bool = False


class Parsed(NamedTuple):
    """A message with the version it names ("" if none), what was repaired or ignored, and what is wrong.

    With `problems` the message may hold blanks (see `model`) and codes outside their lists. At most 100 warnings and
    100 problems are kept; one more of either says that there were others.
    """

    message: Message
    version: str
    warnings: tuple[str, ...]
    problems: tuple[Problem, ...]


def read_message(data: bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> Parsed:
    """Read one ISO 18626 message of any edition into the model of 1.2.

    Raises Unparseable where there is no message to answer (HTTP 400), TooLarge for its size (HTTP 413). All else is
    in `problems` and `warnings` of the result; the README lists what is tolerated.
    """
    root = parse(data, max_bytes, max_depth)
    notes = _Notes()
    version = ""
    node = root
    if root.name in _ENVELOPE:
        version = next((root.attributes[name] for name in _VERSION if name in root.attributes), "")
        known = [child for child in root.children if _message_name(child)]
        if len(known) != 1:
            raise Unparseable(_not_one_message(root, len(known)))
        node = known[0]
        for child in root.children:
            if child is not node:
                notes.ignored("ISO18626Message", child)
    elif _message_name(root):
        notes.warn("the message has no ISO18626Message around it")
    else:
        raise Unparseable(f"the root element is {_shown(root.name)}; expected ISO18626Message in {NAMESPACE}")
    name = _message_name(node)
    table = ROOTS[name]
    message = _read_group(node, table, name, notes)
    if message is None:
        message = table.blank
        notes.problem(name, "is empty", ErrorType.BADLY_FORMED_MESSAGE)
    return Parsed(message, version.strip(), tuple(notes.warnings), tuple(notes.problems))


def _message_name(node: Node) -> str:
    uri, _, local = node.name.rpartition(" ")
    return local if local in ROOTS and uri in ("", NAMESPACE) else ""


def _not_one_message(root: Node, known: int) -> str:
    if known:
        return f"the ISO18626Message holds {known} messages; exactly one is allowed"
    if root.children:
        return f"the ISO18626Message holds no message that ISO 18626 knows but {_shown(root.children[0].name)}"
    return "the ISO18626Message holds no message"


def _read_group(node: Node, table: Table, path: str, notes: "_Notes") -> Any:
    """The group of an element, or None if nothing in it has a value."""
    values: dict[str, Any] = {}
    repeated: dict[Row, list[Any]] = {}
    by_name = table.by_name
    children = _with_moved(node, table) if table.moved else node.children
    for child in children:
        row = by_name.get(child.name)
        if row is None:
            notes.ignored(path, child)
            continue
        value: Any
        if row.table is not None:
            value = _read_group(child, row.table, f"{path}/{row.element}", notes)
        else:
            value = child.text or None
            if value is not None and row.kind is not _TEXT:
                value = _read_value(value, child, row, path, notes)
        if value is None:
            continue
        name = row.name
        if row.many or row.wire.joined:
            repeated.setdefault(row, []).append(value)
        elif name not in values or values[name] is _BAD:
            values[name] = value
        elif value is not _BAD and value != values[name]:
            notes.warn(f"{path}/{row.element}: came more than once; ignored {_shown(child.text)}")
    for row, found in repeated.items():
        values[row.name] = tuple(found) if row.many else row.wire.joined.join(found)
    if not values:
        return None
    for name, value in values.items():
        if value is _BAD:
            values[name] = None
    for row in table.required:
        if row.name not in values:
            values[row.name] = row.blank
            if not row.wire.may_be_empty:
                text = "is required and missing or empty"
                notes.problem(f"{path}/{row.element}", text, ErrorType.BADLY_FORMED_MESSAGE, row.wire.often_missing)
    return table.cls(**values)


def _with_moved(node: Node, table: Table) -> list[Node]:
    """The children of an element, with those of elements that a later edition split off put back."""
    for child in node.children:
        target = table.moved.get(child.local)
        if target:
            home = next((each for each in node.children if each.local == target), None)
            if home is None:
                return node.children
            home.children.extend(child.children)
            return [each for each in node.children if each is not child]
    return node.children


def _read_value(text: str, node: Node, row: Row, path: str, notes: "_Notes") -> Any:
    """The value of an element with a text; None if it counts as absent, _BAD (with a problem) if it has no reading."""
    kind = row.kind
    if kind is _PAIR:
        known = row.spellings
        value = known.get(text.casefold(), text) if known else text
        return SchemeValue(value, _scheme(node, row, path, notes)) if node.attributes else SchemeValue(value)
    if kind is _CODE:
        code = row.spellings.get(text) or row.spellings.get(text.casefold())
        return _unlisted(text, row, path, notes) if code is None else code
    try:
        if kind is _TIME:
            time, assumed = lexical.read_time(text)
            if assumed:
                notes.warn(f"{path}/{row.element}: {_shown(text)}: {assumed}")
            if time.year == 1 and not row.required:
                notes.warn(f"{path}/{row.element}: {_shown(text)}: year 1 stands for no date, ignored")
                return None
            return time
        if kind is Kind.DECIMAL:
            return lexical.read_decimal(text)
        if kind is Kind.INTEGER:
            return lexical.read_integer(text)
        return lexical.read_boolean(text)
    except Unreadable as error:
        notes.problem(f"{path}/{row.element}", f"{_shown(text)}: {error}", ErrorType.UNRECOGNISED_DATA_VALUE)
        return _BAD


def _unlisted(text: str, row: Row, path: str, notes: "_Notes") -> str:
    if row.wire.lenient:
        notes.warn(f"{path}/{row.element}: {_shown(text)} is not in the list of ISO 18626")
    else:
        error_type = codes.UNKNOWN_IS.get(row.type, ErrorType.UNRECOGNISED_DATA_VALUE)
        expected = ", ".join(row.type)
        notes.problem(f"{path}/{row.element}", f"{_shown(text)} is not one of {expected}", error_type)
    return text


def _scheme(node: Node, row: Row, path: str, notes: "_Notes") -> str | None:
    scheme = next((node.attributes[name] for name in _SCHEME if name in node.attributes), "").strip()
    if scheme and not is_scheme(scheme):
        notes.warn(f"{path}/{row.element}: the scheme {_shown(scheme)} is no URI, ignored")
        return None
    return scheme or None


def _shown(text: str) -> str:
    text = text.replace("\n", " ")
    return f'"{text[:_SHOWN]}..."' if len(text) > _SHOWN else f'"{text}"'


class _Notes:
    """Collects warnings and problems, up to a limit."""

    __slots__ = ("problems", "warnings")

    def __init__(self) -> None:
        self.warnings: list[str] = []
        self.problems: list[Problem] = []

    def warn(self, text: str) -> None:
        if len(self.warnings) < _NOTED:
            self.warnings.append(text)
        elif len(self.warnings) == _NOTED:
            self.warnings.append("and more warnings")

    def ignored(self, path: str, node: Node) -> None:
        content = f": {_shown(' '.join(node.text.split()))}" if node.text else ""
        self.warn(f"{path}/{node.local[:_SHOWN]}: unknown element, ignored{content}")

    def problem(self, path: str, text: str, error_type: ErrorType, forgivable: bool = False) -> None:
        if len(self.problems) < _NOTED:
            self.problems.append(Problem(path, text, error_type, forgivable))
        elif len(self.problems) == _NOTED:
            self.problems.append(Problem(path.partition("/")[0], "and more problems", error_type))
