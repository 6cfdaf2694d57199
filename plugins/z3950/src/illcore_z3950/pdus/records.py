"""Records in responses, and the diagnostics among or instead of them (Z39.50-2003 section 3.2.3)."""

from __future__ import annotations

from dataclasses import dataclass

from .. import values as v
from ..ber import GENERAL_STRING, VISIBLE_STRING, Content, Malformed, Node, ctx
from ..diagnostics import Diagnostic
from ..oids import OPAC
from .diagrec import default_format, diagnostic_list, diagnostics_from
from .external import External, external_from
from .opac import OpacRecord, opac_record

_STRINGS = frozenset({GENERAL_STRING, VISIBLE_STRING})


@dataclass(frozen=True, slots=True)
class Record:
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
    for _, item in v.children(content):
        parts = v.fields(item)
        name = parts.get(ctx(0))
        # A target may name the database once for a run of records.
        database = database if name is None else v.to_text(name, charset)
        key, body = v.the_only(v.need(parts, ctx(1), "record"))
        if key == ctx(1):
            found.append(_retrieved(database, external_from(v.the_only(body)[1]), charset))
        elif key == ctx(2):
            found.append(Record(database, "", diagnostics=diagnostics_from(v.the_only(body), charset)))
        else:
            raise Malformed("a fragment of a record, though level-2 segmentation was not agreed")
    return tuple(found)


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
