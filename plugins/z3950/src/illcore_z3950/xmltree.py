"""XML from a stranger → a small tree: no DOCTYPE, no entities, no network, bounded in every direction.

By expat: it can stop at a DOCTYPE before it reads it, and keeps nothing between documents.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from .records.charset import UTF8, RecordCharset, decode_all

MAX_DEPTH = 64
MAX_ELEMENTS = 200_000
MAX_ATTRIBUTES = 64

_DECLARATION = re.compile(rb"^<\?xml[^>]{0,200}?\?>")
_ENCODING = re.compile(rb"encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")


class NotXml(ValueError):
    """The octets are not XML that is accepted; the text says why."""


class Node:
    """An element: namespace, local name, attributes (those of a namespace as `uri name`), text, children."""

    __slots__ = ("attributes", "children", "name", "namespace", "parts")

    def __init__(self, name: str, attributes: Mapping[str, str]) -> None:
        self.namespace, _, self.name = name.rpartition(" ")
        self.attributes = attributes
        self.children: list[Node] = []
        self.parts: list[str | Node] = []

    @property
    def text(self) -> str:
        """All text in the element and in those inside it, without outer blanks."""
        return "".join(self._texts()).strip()

    def _texts(self) -> Iterator[str]:
        for part in self.parts:
            if isinstance(part, str):
                yield part
            else:
                yield from part._texts()

    def all(self, *names: str) -> Iterator[Node]:
        """The children with any of these local names, in whatever namespace."""
        return (child for child in self.children if child.name in names)

    def first(self, *names: str) -> Node | None:
        """The first of them."""
        return next(self.all(*names), None)

    def says(self, *path: str) -> str:
        """The text of the first element along a path of local names; empty if there is none."""
        node: Node | None = self
        for name in path:
            node = node.first(name) if node is not None else None
        return node.text if node is not None else ""

    def walk(self) -> Iterator[Node]:
        """The element and all inside it, in document order."""
        yield self
        for child in self.children:
            yield from child.walk()

    def as_xml(self, within: str = "") -> str:
        """The element as XML, with default namespaces in place of prefixes."""
        own = f" xmlns={quoteattr(self.namespace)}" if self.namespace != within else ""
        given = "".join(f" {key.rpartition(' ')[2]}={quoteattr(value)}" for key, value in self.attributes.items())
        inner = "".join(escape(p) if isinstance(p, str) else p.as_xml(self.namespace) for p in self.parts)
        return f"<{self.name}{own}{given}>{inner}</{self.name}>" if inner else f"<{self.name}{own}{given}/>"


def parse_xml(octets: bytes, charset: RecordCharset = UTF8) -> Node:
    """The root element. What declares no encoding is UTF-8, else in `charset`, strictly.

    Raises NotXml, also for a DOCTYPE and for documents too deep or too large, and WrongCharset.
    """
    top = Node("", {})
    stack = [top]
    count = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1
        if len(stack) > MAX_DEPTH:
            raise NotXml(f"its elements are nested deeper than {MAX_DEPTH}")
        if count > MAX_ELEMENTS:
            raise NotXml(f"it has more than {MAX_ELEMENTS} elements")
        if len(attributes) > MAX_ATTRIBUTES:
            raise NotXml(f"an element has more than {MAX_ATTRIBUTES} attributes")
        node = Node(name, attributes)
        stack[-1].children.append(node)
        stack[-1].parts.append(node)
        stack.append(node)

    def end(_name: str) -> None:
        stack.pop()

    def characters(text: str) -> None:
        stack[-1].parts.append(text)

    parser = expat.ParserCreate("utf-8", " ")
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = characters
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(_text(octets, charset).encode("utf-8"), True)
    except expat.ExpatError as error:
        raise NotXml(f"it is not well-formed: {error}") from None
    return top.children[0]


def _refuse_doctype(*_: object) -> None:
    raise NotXml("it has a DOCTYPE; document types and entities are not accepted")


def _text(octets: bytes, charset: RecordCharset) -> str:
    for mark, codec in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if octets.startswith(mark):
            return _decoded(octets, codec).lstrip("\ufeff")
    octets = octets.lstrip()
    declaration = _DECLARATION.match(octets)
    declared = _ENCODING.search(declaration[0]) if declaration else None
    if declared:
        try:
            charset = RecordCharset.named(declared[1].decode("ascii"))
        except ValueError as error:
            raise NotXml(str(error)) from None
    return decode_all([octets], charset)[0]


def _decoded(octets: bytes, codec: str) -> str:
    try:
        return octets.decode(codec)
    except UnicodeDecodeError:
        raise NotXml(f"it is not in {codec}, though it begins so") from None
