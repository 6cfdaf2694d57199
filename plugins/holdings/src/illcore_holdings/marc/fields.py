"""A MARC record as text, with no more taken apart than is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

SUBFIELD = "\x1f"


@dataclass(frozen=True, slots=True)
class Field:
    """A field as it stands in ISO 2709: indicators, then subfields, each behind U+001F; or data alone."""

    text: str

    @property
    def data(self) -> str:
        """The content of a control field."""
        return self.text

    def subfields(self) -> list[tuple[str, str]]:
        """Codes and texts, in order."""
        return [(part[0], part[1:]) for part in self.text.split(SUBFIELD)[1:] if part]

    def all(self, code: str) -> list[str]:
        """The texts of a subfield, empty ones left out."""
        return [part[1:] for part in self.text.split(SUBFIELD)[1:] if part[:1] == code and part[1:].strip()]

    def first(self, codes: str) -> str:
        """The first text among subfields, in the order of `codes`; empty if there is none."""
        return next((text for code in codes for text in self.all(code)), "")

    def joined(self, codes: str, by: str = " ") -> str:
        """The texts of all these subfields in the order of the record."""
        if not codes:
            return ""
        return by.join(text.strip() for code, text in self.subfields() if code in codes and text.strip())


@dataclass(frozen=True, slots=True)
class Marc:
    """Leader and fields by tag, in the order of the record."""

    leader: str
    fields: dict[str, list[Field]]

    @classmethod
    def of(cls, leader: str, tags: list[str], texts: list[str]) -> Marc:
        """From tags and texts that belong together."""
        fields: dict[str, list[Field]] = {}
        for tag, text in zip(tags, texts, strict=True):
            fields.setdefault(tag, []).append(Field(text))
        return cls(leader, fields)

    def all(self, *tags: str) -> Iterator[Field]:
        """The fields with any of these tags, in the order of the tags."""
        for tag in tags:
            yield from self.fields.get(tag, ())

    def first(self, *tags: str) -> Field:
        """The first field with any of these tags, or one that has nothing."""
        return next(self.all(*tags), _NOTHING)


_NOTHING = Field("")
