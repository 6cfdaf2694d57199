"""BER without I/O (ITU-T X.690): a resumable single-pass decoder and a definite-length encoder."""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias

Content: TypeAlias = "bytes | list[Node]"
Node: TypeAlias = "tuple[int, Content]"
"""`(key, content)`. `key` joins class and tag number, see `ctx`; `content` is `bytes` for a primitive and a list of
nodes for a constructed value, so `dict(content)` gives the fields of a SEQUENCE by key."""

_CLASS_SHIFT = 24
_MAX_TAG = (1 << _CLASS_SHIFT) - 1
APPLICATION = 1 << _CLASS_SHIFT
CONTEXT = 2 << _CLASS_SHIFT

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, NULL, OID, EXTERNAL = 1, 2, 3, 4, 5, 6, 8
ENUMERATED, SEQUENCE, VISIBLE_STRING, GENERAL_STRING = 10, 16, 26, 27

DEFAULT_MAX_LENGTH = 16 << 20
DEFAULT_MAX_DEPTH = 64
DEFAULT_MAX_ELEMENTS = 250_000

_HIGH_TAG = -1
_INDEFINITE = -1
_KEYS = [_HIGH_TAG if first & 0x1F == 0x1F else (first >> 6) << _CLASS_SHIFT | (first & 0x1F) for first in range(256)]


class Malformed(ValueError):
    """The octets are not what the standard allows; the text says what and where."""


class TooLong(Malformed):
    """A value is announced, or has grown, beyond the limit set for one PDU."""


def ctx(number: int) -> int:
    """The key of context tag `[number]`."""
    return CONTEXT | number


class Decoder:
    """Turns a stream of octets into nodes, one per complete top-level value, reading every octet once.

    A length beyond `max_length` octets is refused when its header arrives, not when its content does; `max_depth` and
    `max_elements` bound what one value may cost in memory. After an exception the decoder is of no further use.
    """

    def __init__(
        self,
        *,
        max_length: int = DEFAULT_MAX_LENGTH,
        max_depth: int = DEFAULT_MAX_DEPTH,
        max_elements: int = DEFAULT_MAX_ELEMENTS,
    ) -> None:
        self._max_length = max_length
        self._max_depth = max_depth
        self._max_elements = max_elements
        self._chunks: list[bytes] = []
        self._have = 0
        self._need = 1
        self._offset = 0
        self._elements = 0
        self._limit = max_length
        # Ends and bounds are positions in the next buffer.
        self._open: list[tuple[list[Node], int, int]] = []
        self._children: list[Node] = []
        self._end = _INDEFINITE
        self._bound = max_length

    @property
    def unfinished(self) -> bool:
        """True if part of a value has arrived and the rest has not."""
        return bool(self._open) or self._have > 0

    def feed(self, data: bytes) -> list[Node]:
        """Takes the next octets and returns the values that they complete. Raises `Malformed` or `TooLong`."""
        self._chunks.append(data)
        self._have += len(data)
        if self._have < self._need:
            return []
        buffer = b"".join(self._chunks)
        done: list[Node] = []
        position, need = self._parse(buffer, done)
        rest = buffer[position:]
        self._chunks = [rest] if rest else []
        self._have = len(rest)
        self._need = need - position
        self._rebase(position)
        return done

    def _rebase(self, position: int) -> None:
        self._offset += position
        self._limit -= position
        self._bound -= position
        if self._end != _INDEFINITE:
            self._end -= position
        self._open = [
            (children, end if end == _INDEFINITE else end - position, bound - position)
            for children, end, bound in self._open
        ]

    def _parse(self, buffer: bytes, done: list[Node]) -> tuple[int, int]:
        """Reads as many elements as are complete; returns where it stopped and how far the buffer must reach."""
        size = len(buffer)
        position = 0
        stack, keys = self._open, _KEYS
        children = self._children
        end, bound, limit = self._end, self._bound, self._limit
        elements, most = self._elements, self._max_elements
        need = size + 1
        while position < size:
            start = position
            first = buffer[position]
            key = keys[first]
            position += 1
            if key == _HIGH_TAG:
                number = 0
                octet = 0x80
                while octet & 0x80 and position < size:
                    octet = buffer[position]
                    position += 1
                    number = number << 7 | octet & 0x7F
                    if number > _MAX_TAG:
                        raise Malformed(f"tag number too large at octet {self._offset + start}")
                if octet & 0x80:
                    position = start
                    break
                key = (first >> 6) << _CLASS_SHIFT | number
            if position >= size:
                position = start
                break
            length = buffer[position]
            position += 1
            if length < 0x80:
                stop = position + length
            elif length == 0x80:
                if not first & 0x20:
                    raise Malformed(f"indefinite length on a primitive value at octet {self._offset + start}")
                stop = _INDEFINITE
            else:
                count = length & 0x7F
                if count > 8:
                    raise TooLong(f"length of {count} octets announced at octet {self._offset + start}")
                if position + count > size:
                    need = position + count
                    position = start
                    break
                length = int.from_bytes(buffer[position : position + count], "big")
                position += count
                stop = position + length
            if stop > bound:
                if stop > limit:
                    raise TooLong(
                        f"a value of {length} octets is announced at octet {self._offset + start}; "
                        f"the limit for one PDU is {self._max_length}"
                    )
                raise Malformed(f"the value at octet {self._offset + start} is longer than what encloses it")
            elements += 1
            if elements > most:
                raise TooLong(f"more than {most} values in one PDU")
            if first & 0x20:
                if len(stack) >= self._max_depth:
                    raise Malformed(f"values nested deeper than {self._max_depth} at octet {self._offset + start}")
                inner: list[Node] = []
                children.append((key, inner))
                stack.append((children, end, bound))
                children = inner
                end = stop
                if stop != _INDEFINITE:
                    bound = stop
            elif first:
                if stop > size:
                    need = stop
                    position = start
                    break
                children.append((key, buffer[position:stop]))
                position = stop
            else:
                if not stack or end != _INDEFINITE or length:
                    raise Malformed(f"end-of-contents where none belongs at octet {self._offset + start}")
                children, end, bound = stack.pop()
            while position == end:
                children, end, bound = stack.pop()
            if not stack:
                done.append(children.pop())
                limit = bound = position + self._max_length
                elements = 0
        self._children, self._end, self._bound, self._limit, self._elements = children, end, bound, limit, elements
        return position, need


def decode(data: bytes, *, max_depth: int = DEFAULT_MAX_DEPTH) -> Node:
    """Decodes octets that hold exactly one value. Raises `Malformed` if they hold less or more."""
    decoder = Decoder(max_length=max(len(data), DEFAULT_MAX_LENGTH), max_depth=max_depth)
    values = decoder.feed(data)
    if decoder.unfinished or len(values) != 1:
        raise Malformed("the octets do not hold exactly one value")
    return values[0]


@lru_cache(maxsize=1024)
def _identifier(key: int, constructed: bool) -> bytes:
    first = (key >> _CLASS_SHIFT) << 6 | (0x20 if constructed else 0)
    number = key & _MAX_TAG
    if number < 0x1F:
        return bytes((first | number,))
    octets = [number & 0x7F]
    while number := number >> 7:
        octets.append(0x80 | number & 0x7F)
    return bytes((first | 0x1F, *reversed(octets)))


def encode(node: Node) -> bytes:
    """The octets of a node, all lengths definite and shortest."""
    key, content = node
    if isinstance(content, bytes):
        body, identifier = content, _identifier(key, False)
    else:
        body, identifier = b"".join([encode(child) for child in content]), _identifier(key, True)
    length = len(body)
    if length < 0x80:
        return identifier + bytes((length,)) + body
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return identifier + bytes((0x80 | len(octets),)) + octets + body
