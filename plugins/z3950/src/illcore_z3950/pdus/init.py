"""Init: versions, options, authentication and what the two sides tell about themselves (Z39.50-2003 section 3.2.1)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

from .. import values as v
from ..ber import NULL, SEQUENCE, VISIBLE_STRING, Content, Node, ctx
from ..diagnostics import Diagnostic
from ..oids import CHARSET_NEGOTIATION, DIAG1, USER_INFO_1
from .charset import proposal, selected
from .diagrec import from_external
from .external import External, external_from, externals_in, other_information


class Option(IntEnum):
    """Bits of Options."""

    SEARCH = 0
    PRESENT = 1
    DELETE_SET = 2
    SCAN = 7
    SORT = 8
    EXTENDED_SERVICES = 10
    LEVEL_1_SEGMENTATION = 11
    NAMED_RESULT_SETS = 14
    NEGOTIATION = 17


WANTED = frozenset(
    {
        Option.SEARCH,
        Option.PRESENT,
        Option.DELETE_SET,
        Option.SCAN,
        Option.SORT,
        Option.EXTENDED_SERVICES,
        Option.LEVEL_1_SEGMENTATION,
        Option.NAMED_RESULT_SETS,
    }
)


@dataclass(frozen=True, slots=True)
class OpenLogin:
    """Authentication by one string, often `user/password`."""

    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class IdPassLogin:
    """Authentication by user, password and, rarely, group."""

    user: str
    password: str = field(repr=False)
    group: str = ""


@dataclass(frozen=True, slots=True)
class AnonymousLogin:
    """Says expressly that there is no account."""


Login = OpenLogin | IdPassLogin | AnonymousLogin


@dataclass(frozen=True, slots=True)
class InitRequest:
    """What we offer. Message sizes in octets; `charset` is proposed if not empty."""

    login: Login | None = None
    options: frozenset[int] = WANTED
    preferred_message_size: int = 4 << 20
    exceptional_record_size: int = 8 << 20
    implementation_name: str = "illcore"
    implementation_version: str = ""
    charset: str = ""
    language: str = ""
    charset_of_records: bool = False
    user_information: External | None = None

    def node(self) -> Node:
        """The APDU, [20]."""
        options = self.options | {Option.NEGOTIATION} if self.charset else self.options
        parts: list[Node] = [
            v.bits(ctx(3), (0, 1, 2)),
            v.bits(ctx(4), options),
            v.integer(ctx(5), self.preferred_message_size),
            v.integer(ctx(6), self.exceptional_record_size),
        ]
        if self.login is not None:
            parts.append((ctx(7), [_login_node(self.login)]))
        parts.append(v.string(ctx(111), self.implementation_name))
        if self.implementation_version:
            parts.append(v.string(ctx(112), self.implementation_version))
        if self.user_information is not None:
            parts.append((ctx(11), [self.user_information.node()]))
        if self.charset:
            record = proposal(self.charset, self.language, records_too=self.charset_of_records)
            parts.append(other_information(record))
        return ctx(20), parts


def _login_node(login: Login) -> Node:
    if isinstance(login, OpenLogin):
        return v.string(VISIBLE_STRING, login.token)
    if isinstance(login, AnonymousLogin):
        return v.null(NULL)
    group = [v.string(ctx(0), login.group)] if login.group else []
    return SEQUENCE, [*group, v.string(ctx(1), login.user), v.string(ctx(2), login.password)]


@dataclass(frozen=True, slots=True)
class InitResponse:
    """What the target agreed to. `charset` is the negotiated one, '' without negotiation."""

    accepted: bool
    version: int
    options: frozenset[int]
    preferred_message_size: int
    exceptional_record_size: int
    implementation_id: str = ""
    implementation_name: str = ""
    implementation_version: str = ""
    charset: str = ""
    charset_of_records: bool = False
    diagnostics: tuple[Diagnostic, ...] = ()
    user_information: External | None = None


def init_response(content: Content, charset: str) -> InitResponse:
    """Reads the content of [21]. Raises `Malformed`."""
    found = v.fields(content)
    user_information = found.get(ctx(11))
    information = None if user_information is None else external_from(v.the_only(user_information)[1])
    items = list(externals_in(found.get(ctx(201))))
    if information is not None and information.oid == USER_INFO_1 and information.value is not None:
        items += externals_in(information.value[1])
    elif information is not None:
        items.append(information)
    negotiated = None
    diagnostics: list[Diagnostic] = []
    for item in items:
        if item.oid == CHARSET_NEGOTIATION:
            negotiated = selected(item)
        elif item.oid == DIAG1:
            diagnostics += from_external(item, charset)
    return InitResponse(
        accepted=v.to_bool(v.need(found, ctx(12), "result")),
        version=max(v.to_bits(v.need(found, ctx(3), "protocolVersion")), default=0) + 1,
        options=v.to_bits(v.need(found, ctx(4), "options")),
        preferred_message_size=v.opt_int(found, ctx(5)) or 0,
        exceptional_record_size=v.opt_int(found, ctx(6)) or 0,
        implementation_id=v.opt_text(found, ctx(110), charset) or "",
        implementation_name=v.opt_text(found, ctx(111), charset) or "",
        implementation_version=v.opt_text(found, ctx(112), charset) or "",
        charset=negotiated[0] if negotiated else "",
        charset_of_records=bool(negotiated and negotiated[1]),
        diagnostics=tuple(diagnostics),
        user_information=information,
    )
