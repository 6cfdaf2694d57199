"""Bytes from a stranger → a small tree of elements: no DOCTYPE, no entities, no network, bounded in every direction.

Uses expat and not lxml: libxml2 keeps every element name it ever saw in a dictionary that lives as long as the thread,
so a peer that invents names fills the memory of a server for good; and expat can stop at a DOCTYPE before it reads it.
"""

import re
from collections.abc import Mapping
from xml.parsers import expat

MAX_BYTES = 5_000_000
MAX_DEPTH = 64
MAX_ELEMENTS = 20_000
MAX_ATTRIBUTES = 64

_DECLARED = re.compile(rb"<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_UTF8 = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})
_PYTHON_CODECS = {"gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "iso-8859-1": "cp1252", "latin1": "cp1252"}
_CODECS = frozenset(
    {"gb18030", "big5", "big5-hkscs", "shift_jis", "euc-jp", "euc-kr", "koi8-r"}
    | {f"iso-8859-{part}" for part in range(2, 17) if part != 12}
    | {f"windows-125{part}" for part in range(9)}
    | {"cp1252"}
)


class Unparseable(ValueError):
    """A body that is no ISO 18626 message at all: to be answered with HTTP 400. `reason` is one sentence."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TooLarge(Unparseable):
    """A body over the size limit: HTTP 413."""


class Node:
    """One element: its name (`uri name`, or bare), its attributes, its children."""

    __slots__ = ("attributes", "children", "first", "last", "name", "parts")

    def __init__(self, name: str, attributes: Mapping[str, str], parts: list[str]) -> None:
        self.name = name
        self.attributes = attributes
        self.parts = parts
        self.first = len(parts)
        self.children: list[Node] = []

    last: int

    @property
    def text(self) -> str:
        """Its text and that of the elements inside it, without outer blanks."""
        return "".join(self.parts[self.first : self.last]).strip()

    @property
    def local(self) -> str:
        """The name without its namespace."""
        return self.name.rpartition(" ")[2]


def parse(data: bytes, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> Node:
    """The root element of a document.

    UTF-8, UTF-16 and the declared East Asian, European and Cyrillic encodings are read. Comments and processing
    instructions are skipped. Raises Unparseable (TooLarge if over `max_bytes`).
    """
    if len(data) > max_bytes:
        raise TooLarge(f"the message has {len(data)} bytes; at most {max_bytes} are accepted")
    source = _as_utf8(data)
    if not source:
        raise Unparseable("the body is empty; expected an ISO 18626 message")
    parts: list[str] = []
    top = Node("", {}, parts)
    stack = [top]
    count = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1
        if len(stack) > max_depth:
            raise Unparseable(f"elements are nested deeper than {max_depth}")
        if count > MAX_ELEMENTS:
            raise Unparseable(f"the message has more than {MAX_ELEMENTS} elements")
        if len(attributes) > MAX_ATTRIBUTES:
            raise Unparseable(f"an element has more than {MAX_ATTRIBUTES} attributes")
        node = Node(name, attributes, parts)
        stack[-1].children.append(node)
        stack.append(node)

    def end(_name: str) -> None:
        stack.pop().last = len(parts)

    parser = expat.ParserCreate("utf-8", " ")
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = parts.append
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(source, True)
    except expat.ExpatError as error:
        raise Unparseable(f"the body is not well-formed XML ({error})") from None
    return top.children[0]


def _refuse_doctype(*_: object) -> None:
    raise Unparseable("the message has a DOCTYPE; document types and entities are not accepted")


def _as_utf8(data: bytes) -> bytes:
    if data.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        raise Unparseable("the body is in UTF-32; send UTF-8")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decoded(data, "utf-16")
    if data.startswith(b"<\x00"):
        return _decoded(data, "utf-16-le")
    if data.startswith(b"\x00<"):
        return _decoded(data, "utf-16-be")
    data = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    declared = _DECLARED.match(data)
    encoding = declared[1].decode("ascii").lower() if declared else "utf-8"
    # "utf-16" over single bytes is what a .NET string writer declares before its text is sent as UTF-8
    if encoding in _UTF8 or encoding.startswith("utf-16"):
        return data
    return _decoded(data, _PYTHON_CODECS.get(encoding, encoding))


def _decoded(data: bytes, encoding: str) -> bytes:
    if encoding not in _CODECS and not encoding.startswith("utf-16"):
        raise Unparseable(f"the encoding {encoding} is not supported; send UTF-8")
    try:
        return data.decode(encoding).lstrip().encode("utf-8")
    except UnicodeError:
        raise Unparseable(f"the body is not in the encoding it declares ({encoding})") from None
