"""What the settings of all policies have in common: shares, own texts, which libraries they are for."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    PlainSerializer,
    PlainValidator,
    StringConstraints,
    model_validator,
)

from illcore.model import BilingualText, Symbol

from .keys import title_keys
from .texts import TEXTS


def _share(value: Any) -> Fraction:
    try:
        if isinstance(value, Fraction):
            share = value
        elif isinstance(value, str) and value.strip().endswith("%"):
            share = Fraction(value.strip().removesuffix("%").strip()) / 100
        elif isinstance(value, str | int | float) and not isinstance(value, bool):
            share = Fraction(str(value))
        else:
            raise ValueError(value)
    except (ValueError, ZeroDivisionError):
        raise ValueError("write a share such as 0.10, '10%' or '1/3'") from None
    if not 0 < share <= 1:
        raise ValueError("a share is more than 0 and at most 1")
    return share


def _one_key_each(value: Mapping[str, str]) -> Mapping[str, str]:
    title_keys(value)
    return value


Share = Annotated[Fraction, PlainValidator(_share), PlainSerializer(str, return_type=str)]
"""Part of a whole, exact: ``0.10``, ``"10%"`` or ``"1/3"``."""

Version = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")]
"""The name of a text in one wording; another wording takes another name."""


TEXT_SETTINGS = frozenset({"declaration", "officer_statement", "notice", "legend", "paper", "print_only"})
"""The settings that name a text by its version; empty where none is wanted."""


class PolicyConfig(BaseModel):
    """What every policy may set. The text below each setting says its source."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, populate_by_name=True)

    libraries: tuple[Symbol, ...] = ()
    """The libraries whose requests it decides; empty: all of this engine."""

    issn_l: Annotated[Mapping[str, str], AfterValidator(_one_key_each)] = {}
    """From an ISSN or a title to the ISSN-L under which copies are counted: print and online form, former titles."""

    texts: Mapping[Version, BilingualText] = {}
    """Texts of your own by version (`{en = "…", zh = "…"}`), for declarations and notices."""

    @model_validator(mode="after")
    def _named_texts_are_known(self) -> PolicyConfig:
        for name in TEXT_SETTINGS & type(self).model_fields.keys():
            version = getattr(self, name)
            if version and not self.knows(version):
                raise ValueError(f"{name}: there is no text {version}; write it under texts")
        return self

    def knows(self, version: str) -> bool:
        """Whether there is a text of this version."""
        return version in self.texts or version in TEXTS

    @cached_property
    def same_titles(self) -> Mapping[str, str]:
        """``issn_l`` by normalised ISSN or title."""
        return title_keys(self.issn_l)
