"""OPAC records: a bibliographic record with its holdings and circulation (Z39.50-2003 appendix REC, OPAC)."""

from __future__ import annotations

from dataclasses import dataclass, fields

from .. import values as v
from ..ber import Content, Malformed, ctx
from .external import External, external_from


@dataclass(frozen=True, slots=True)
class Circulation:
    """One item. The three yes/no fields are None where the target left them out: unknown is not no."""

    available_now: bool | None = None
    availability_date: str = ""
    available_thru: str = ""
    restrictions: str = ""
    item_id: str = ""
    renewable: bool | None = None
    on_hold: bool | None = None
    enum_and_chron: str = ""
    midspine: str = ""
    temporary_location: str = ""


@dataclass(frozen=True, slots=True)
class Volume:
    """One volume held."""

    enumeration: str = ""
    chronology: str = ""
    enum_and_chron: str = ""


@dataclass(frozen=True, slots=True)
class Holding:
    """HoldingsAndCircData of one location; the order of the text fields is that of the standard's tags 1 to 17."""

    type_of_record: str = ""
    encoding_level: str = ""
    format: str = ""
    receipt_status: str = ""
    general_retention: str = ""
    completeness: str = ""
    date_of_report: str = ""
    nuc_code: str = ""
    local_location: str = ""
    shelving_location: str = ""
    call_number: str = ""
    shelving_data: str = ""
    copy_number: str = ""
    public_note: str = ""
    reproduction_note: str = ""
    terms_of_use: str = ""
    enum_and_chron: str = ""
    volumes: tuple[Volume, ...] = ()
    circulation: tuple[Circulation, ...] = ()


@dataclass(frozen=True, slots=True)
class OpacRecord:
    """`bibliographic` is mostly MARC octets; `marc_holdings` are holdings that came as MARC records."""

    bibliographic: External | None
    holdings: tuple[Holding, ...] = ()
    marc_holdings: tuple[External, ...] = ()


_HOLDING_TEXTS = {ctx(tag): field.name for tag, field in enumerate(fields(Holding)[:17], start=1)}
_VOLUME_TEXTS = {ctx(tag): field.name for tag, field in enumerate(fields(Volume), start=1)}
_CIRCULATION = {ctx(tag): field.name for tag, field in enumerate(fields(Circulation), start=1)}
_FLAGS = frozenset({"available_now", "renewable", "on_hold"})


def opac_record(content: Content, charset: str) -> OpacRecord:
    """Reads the content of an OPACRecord. Raises `Malformed`."""
    found = v.fields(content)
    bibliographic = found.get(ctx(1))
    holdings: list[Holding] = []
    marc: list[External] = []
    data = found.get(ctx(2))
    for key, body in v.children(data) if data is not None else []:
        if key == ctx(1):
            marc.append(external_from(body))
        elif key == ctx(2):
            holdings.append(_holding(body, charset))
        else:
            raise Malformed("holdings of unknown form in an OPAC record")
    return OpacRecord(None if bibliographic is None else external_from(bibliographic), tuple(holdings), tuple(marc))


def _holding(content: Content, charset: str) -> Holding:
    texts: dict[str, str] = {}
    volumes: tuple[Volume, ...] = ()
    circulation: tuple[Circulation, ...] = ()
    for key, body in v.children(content):
        name = _HOLDING_TEXTS.get(key)
        if name is not None:
            texts[name] = v.to_text(body, charset)
        elif key == ctx(18):
            volumes = tuple(_volume(item, charset) for _, item in v.children(body))
        elif key == ctx(19):
            circulation = tuple(_circulation(item, charset) for _, item in v.children(body))
    return Holding(**texts, volumes=volumes, circulation=circulation)


def _volume(content: Content, charset: str) -> Volume:
    return Volume(
        **{_VOLUME_TEXTS[key]: v.to_text(body, charset) for key, body in v.children(content) if key in _VOLUME_TEXTS}
    )


def _circulation(content: Content, charset: str) -> Circulation:
    texts: dict[str, str] = {}
    flags: dict[str, bool] = {}
    for key, body in v.children(content):
        name = _CIRCULATION.get(key)
        if name in _FLAGS:
            flags[name] = v.to_bool(body)
        elif name is not None:
            texts[name] = v.to_text(body, charset)
    return Circulation(
        available_now=flags.get("available_now"),
        renewable=flags.get("renewable"),
        on_hold=flags.get("on_hold"),
        **texts,
    )
