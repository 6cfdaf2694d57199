"""A MARC record as text: leader, fields, subfields; and how it is written as MARC-in-JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .charset import WrongCharset
from .damage import LostText


class Field(NamedTuple):
    """A control field (`data`) or a data field (`subfields`: code and text, in order)."""

    tag: str
    indicators: str = "  "
    subfields: tuple[tuple[str, str], ...] = ()
    data: str = ""

    def all(self, code: str) -> list[str]:
        """The texts of a subfield, empty ones left out."""
        return [text for name, text in self.subfields if name == code and text.strip()]

    def first(self, codes: str) -> str:
        """The first text among subfields, in the order of `codes`; empty if there is none."""
        return next((text for code in codes for text in self.all(code)), "")

    def joined(self, codes: str, by: str = " ") -> str:
        """The texts of all these subfields in the order of the record."""
        return by.join(text.strip() for code, text in self.subfields if code in codes and text.strip())


@dataclass(frozen=True, slots=True)
class Marc:
    """A record. `problem` says that its text could not be read, or not all of it."""

    leader: str
    fields: tuple[Field, ...]
    problem: WrongCharset | LostText | None = None
    _by_tag: Mapping[str, list[Field]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_tag", _by_tag(self.fields))

    def all(self, *tags: str) -> Iterator[Field]:
        """The fields with any of these tags, in the order of the tags."""
        for tag in tags:
            yield from self._by_tag.get(tag, ())

    def first(self, *tags: str) -> Field:
        """The first field with any of these tags, or one that has nothing."""
        return next(self.all(*tags), _NOTHING)

    def as_json(self) -> dict[str, Any]:
        """MARC-in-JSON: `{"leader", "fields": [{"001": …}, {"245": {"ind1", "ind2", "subfields": [{"a": …}]}}]}`."""
        return {"leader": self.leader, "fields": [{each.tag: _content(each)} for each in self.fields]}


def _by_tag(fields: Iterable[Field]) -> dict[str, list[Field]]:
    found: dict[str, list[Field]] = {}
    for each in fields:
        found.setdefault(each.tag, []).append(each)
    return found


def _content(field: Field) -> str | dict[str, Any]:
    if not field.subfields and field.data:
        return field.data
    return {
        "ind1": field.indicators[0],
        "ind2": field.indicators[1],
        "subfields": [{code: text} for code, text in field.subfields],
    }


_NOTHING = Field("")
