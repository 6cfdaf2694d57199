"""A MARC record as text: leader, fields, subfields; and how it is written as MARC-in-JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .charset import WrongCharset


@dataclass(frozen=True, slots=True)
class Field:
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
    """A record. `problem` says that its text could not be read in full."""

    leader: str
    fields: tuple[Field, ...]
    problem: WrongCharset | None = None

    def all(self, *tags: str) -> Iterator[Field]:
        """The fields with any of these tags, in the order of the tags."""
        for tag in tags:
            for field in self.fields:
                if field.tag == tag:
                    yield field

    def first(self, *tags: str) -> Field:
        """The first field with any of these tags, or one that has nothing."""
        return next(self.all(*tags), _NOTHING)

    def as_json(self) -> dict[str, Any]:
        """MARC-in-JSON: `{"leader", "fields": [{"001": …}, {"245": {"ind1", "ind2", "subfields": [{"a": …}]}}]}`."""
        return {"leader": self.leader, "fields": [{field.tag: _content(field)} for field in self.fields]}


def _content(field: Field) -> str | dict[str, Any]:
    if not field.subfields and field.data:
        return field.data
    return {
        "ind1": field.indicators[0],
        "ind2": field.indicators[1],
        "subfields": [{code: text} for code, text in field.subfields],
    }


_NOTHING = Field("")
