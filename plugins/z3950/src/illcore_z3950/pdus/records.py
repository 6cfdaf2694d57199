"""Records in responses, and the diagnostics among or instead of them (Z39.50-2003 section 3.2.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from .. import values as v
from ..ber import GENERAL_STRING, OID, VISIBLE_STRING, Content, Malformed, Node, ctx
from ..diagnostics import Diagnostic
from ..oids import OPAC
from .diagrec import default_format, diagnostic_list, diagnostics_from
from .external import External, external_from
from .opac import OpacRecord, opac_record

_STRINGS = frozenset({GENERAL_STRING, VISIBLE_STRING})
_NAME, _RECORD, _RETRIEVED, _SURROGATE, _OCTETS = ctx(0), ctx(1), ctx(1), ctx(2), ctx(1)
_PLAIN = (_NAME, _RECORD, _RETRIEVED, OID, _OCTETS)


class Record(NamedTuple):
    """One place of a result set.

    `data` are the record's octets as they came, never decoded: MARC, XML, SUTRS, and of an OPAC record its
    bibliographic part. `opac` holds its holdings, `tree` a record that is one ASN.1 value (GRS-1, a task package).
    `diagnostics` stand in place of a record that could not be given (surrogate diagnostics).
    """

    database: str
    syntax: str
    data: bytes = b""
    opac: OpacRecord | None = None
    tree: Node | None = None
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def data_syntax(self) -> str:
        """The syntax of `data`: of an OPAC record that of its bibliographic part."""
        if self.opac is not None and self.opac.bibliographic is not None:
            return self.opac.bibliographic.oid
        return self.syntax


@dataclass(frozen=True, slots=True)
class Records:
    """What a response holds: records, or diagnostics that concern the whole response (one or several)."""

    records: tuple[Record, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()


NO_RECORDS = Records()


def records_in(found: dict[int, Content], charset: str) -> Records:
    """Reads the field Records of a response, if it is there. Raises `Malformed`."""
    content = found.get(ctx(28))
    if content is not None:
        return Records(name_plus_records(content, charset))
    content = found.get(ctx(130))
    if content is not None:
        return Records(diagnostics=(default_format(content, charset),))
    content = found.get(ctx(205))
    if content is not None:
        return Records(diagnostics=diagnostic_list(content, charset))
    return NO_RECORDS


def name_plus_records(content: Content, charset: str) -> tuple[Record, ...]:
    """Reads SEQUENCE OF NamePlusRecord."""
    found: list[Record] = []
    database = ""
    octets: Content = b""
    for _, item in v.children(content):
        usual = _usual(item)
        if usual is not None and usual[0] == octets:
            found.append(Record(database, v.to_oid(usual[1]), usual[2]))
            continue
        parts = v.fields(item)
        # A target may name the database once for a run of records.
        name = parts.get(_NAME, octets)
        if name != octets:
            database, octets = v.to_text(name, charset), name
        key, body = v.the_only(v.need(parts, _RECORD, "record"))
        if key == _RETRIEVED:
            found.append(_retrieved(database, external_from(v.the_only(body)[1]), charset))
        elif key == _SURROGATE:
            found.append(Record(database, "", diagnostics=diagnostics_from(v.the_only(body), charset)))
        else:
            raise Malformed("a fragment of a record, though level-2 segmentation was not agreed")
    return tuple(found)


def _usual(item: Content) -> tuple[Content, Content, bytes] | None:
    """Database, syntax and octets of a record of the plainest form, which nearly all have; thousands are read so."""
    try:
        (name_key, name), (record, [(kind, [(_, [(type_key, oid), (form, data)])])]) = item  # type: ignore[misc]
    except (TypeError, ValueError):
        return None
    if (name_key, record, kind, type_key, form) != _PLAIN or not isinstance(data, bytes):
        return None
    return name, oid, data


def _retrieved(database: str, external: External, charset: str) -> Record:
    if external.data is not None:
        return Record(database, external.oid, external.data)
    value = external.value
    if value is None:
        raise Malformed("a record without content")
    if external.oid == OPAC:
        opac = opac_record(value[1], charset)
        inner = opac.bibliographic
        return Record(database, external.oid, (inner.data if inner else None) or b"", opac=opac)
    if value[0] in _STRINGS or isinstance(value[1], bytes):
        return Record(database, external.oid, v.to_octets(value[1]))
    return Record(database, external.oid, tree=value)
