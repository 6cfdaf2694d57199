"""What an account `[accounts."z3950:union"]` or `[accounts."sru:union"]` may set."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    model_validator,
)

from .oids import record_syntax
from .records.charset import RecordCharset
from .records.fields import DEFAULT, HoldingsField, named_fields
from .values import known_charset

Seconds = Annotated[float, Field(gt=0, le=300)]
Port = Annotated[int, Field(ge=1, le=65535)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
_LARGEST = 256 << 20


def _split(given: object) -> object:
    if isinstance(given, str):
        return tuple(part for part in re.split(r"[\s,]+", given) if part)
    return given


def _syntax(name: str) -> str:
    record_syntax(name)
    return name.strip().lower()


def _record_charset(name: str) -> str:
    return RecordCharset.named(name).name


def _attributes(given: str) -> str:
    from .access import ladder

    ladder((given,))
    return given


QueryCharset = Annotated[str, AfterValidator(known_charset)]
RecordCharsetName = Annotated[str, AfterValidator(_record_charset)]
Syntaxes = Annotated[tuple[Annotated[str, AfterValidator(_syntax)], ...], BeforeValidator(_split), Field(min_length=1)]
HoldingsFields = Annotated[tuple[HoldingsField, ...], BeforeValidator(named_fields)]
Steps = Annotated[tuple[Annotated[str, AfterValidator(_attributes)], ...], Field(min_length=1)]


class Strict(BaseModel):
    """Unknown keys are errors; nothing changes afterwards."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class TimeoutsConfig(Strict):
    """Seconds for each stage of a session; together under 30 s unless set otherwise."""

    connect: Seconds = 5.0
    init: Seconds = 5.0
    search: Seconds = 10.0
    present: Seconds = 8.0


class AttributesConfig(Strict):
    """Bib-1 attributes to try in order for each access point, such as `isbn = ["1=7", "1=1007"]`."""

    isbn: Steps | None = None
    issn: Steps | None = None
    title: Steps | None = None
    author: Steps | None = None
    keyword: Steps | None = None


class CatalogueConfig(Strict):
    """What Z39.50 and SRU accounts share: how records are read, and what of them counts.

    `record_charset` is what records are in that are not UTF-8. `marc` auto tells MARC 21 from UNIMARC and CNMARC by
    the record. `holdings` are names of known fields or tables. `library` is the symbol put on holdings that name none.
    Records that resemble the citation less than `min_score` are dropped. `max_bytes` bounds one answer.
    """

    record_charset: RecordCharsetName = "utf-8"
    marc: Literal["auto", "marc21", "unimarc", "cnmarc"] = "auto"
    holdings: HoldingsFields = DEFAULT
    library: str = ""
    min_score: Annotated[float, Field(ge=0, le=1)] = 0.4
    verify: bool = True
    ca_file: Path | None = None
    max_bytes: Annotated[int, Field(ge=10_000, le=_LARGEST)] = 16 << 20
    connections: Annotated[int, Field(ge=1, le=64)] = 2


class Z3950Config(CatalogueConfig):
    """A Z39.50 target. Only `host`, `port` and `database` are required; `database` may name several joined by `+`.

    `syntax` are record syntaxes in order of preference; the usual ones follow. `login` is how user and password are
    sent. `negotiate` proposes `query_charset` to the target. `attributes` replace the usual ones.
    """

    host: Text
    port: Port
    database: Text
    user: str = ""
    password: SecretStr = SecretStr("")
    group: str = ""
    login: Literal["idpass", "open"] = "idpass"
    syntax: Syntaxes = ("usmarc",)
    element_set: str = "F"
    query_charset: QueryCharset = "utf-8"
    message_charset: QueryCharset | None = None
    negotiate: bool = False
    tls: bool = False
    timeouts: TimeoutsConfig = TimeoutsConfig()
    attributes: AttributesConfig = AttributesConfig()

    @model_validator(mode="after")
    def _sound(self) -> Z3950Config:
        if not all(name.strip() for name in self.database.split("+")):
            raise ValueError("database has an empty name; join names with one + between them")
        if self.password.get_secret_value() and not self.user and self.login == "idpass":
            raise ValueError("password is set but user is not")
        return self


class IndexesConfig(Strict):
    """CQL indexes to try in order for each access point."""

    isbn: Annotated[tuple[Text, ...], Field(min_length=1)] = ("bath.isbn", "dc.identifier", "cql.serverChoice")
    issn: Annotated[tuple[Text, ...], Field(min_length=1)] = ("bath.issn", "dc.identifier", "cql.serverChoice")
    title: Annotated[tuple[Text, ...], Field(min_length=1)] = ("dc.title", "title", "cql.serverChoice")
    author: Annotated[tuple[Text, ...], Field(min_length=1)] = ("dc.creator", "creator", "cql.serverChoice")
    keyword: Annotated[tuple[Text, ...], Field(min_length=1)] = ("cql.serverChoice", "cql.anywhere")


class SruTimeouts(Strict):
    """Seconds to connect, and for one answer from first octet to last; together under 30 s unless set otherwise."""

    connect: Seconds = 5.0
    answer: Seconds = 15.0


class SruConfig(CatalogueConfig):
    """An SRU server: `url`, or `host`, `port` and `database`.

    `schema` are record schemas in order of preference. `version` is 1.1, 1.2 or 2.0. `user` and `password` are sent by
    Basic authentication. `indexes` replace the usual ones.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    url: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^https?://[^\s#]+$")] = ""
    user: str = ""
    password: SecretStr = SecretStr("")
    version: Literal["1.1", "1.2", "2.0"] = "1.2"
    schemas: Annotated[tuple[Text, ...], BeforeValidator(_split), Field(min_length=1, alias="schema")] = (
        "marcxml",
        "mods",
        "dc",
    )
    timeouts: SruTimeouts = SruTimeouts()
    indexes: IndexesConfig = IndexesConfig()

    @model_validator(mode="before")
    @classmethod
    def _address(cls, given: Any) -> Any:
        if not isinstance(given, Mapping):
            return given
        rest = {key: value for key, value in given.items() if key not in ("host", "port", "database", "tls")}
        parts = {key: given[key] for key in ("host", "port", "database") if key in given}
        if "url" in given:
            if parts:
                raise ValueError(f"url says it all; leave out {', '.join(parts)}")
            return rest | ({"tls": given["tls"]} if "tls" in given else {})
        missing = [key for key in ("host", "port", "database") if key not in parts]
        if missing:
            raise ValueError(f"give url, or host, port and database (missing: {', '.join(missing)})")
        if not all(isinstance(part, str | int) for part in parts.values()) or isinstance(given.get("tls"), dict):
            raise ValueError("host and database are texts, port is a number, tls is true or false")
        scheme = "https" if given.get("tls") else "http"
        return rest | {"url": f"{scheme}://{parts['host']}:{parts['port']}/{parts['database']}"}
