"""Negotiation of character set and language in Init (Z39.50 negotiation record charset-3)."""

from __future__ import annotations

from .. import values as v
from ..ber import GENERAL_STRING, Node, ctx
from ..oids import CHARSET_NAME, CHARSET_NEGOTIATION, UCS2, UCS4, UTF8, UTF16
from .external import External, external_from

_ISO10646 = {"utf-8": UTF8, "utf-16": UTF16, "utf-16-be": UTF16, "utf-32": UCS4, "utf-32-be": UCS4}
_ISO10646_NAMES = {UTF8: "utf-8", UTF16: "utf-16-be", UCS2: "utf-16-be", UCS4: "utf-32-be"}


def proposal(charset: str, language: str = "", *, records_too: bool = False) -> External:
    """OriginProposal of one character set for names, messages and terms, and for records if `records_too`.

    Sets of ISO 10646 go by their identifier, others by name as a private character set, the way YAZ does. `language`
    is a code of ANSI Z39.53 such as `chi`.
    """
    known = v.known_charset(charset)
    if known in _ISO10646:
        chosen: Node = (ctx(2), [v.oid(ctx(2), _ISO10646[known])])
    else:
        name = External(CHARSET_NAME, data=charset.encode("ascii"))
        chosen = (ctx(3), [name.node(ctx(2))])
    parts: list[Node] = [(ctx(1), [chosen])]
    if language:
        parts.append((ctx(2), [v.string(GENERAL_STRING, language)]))
    parts.append(v.boolean(ctx(3), records_too))
    return External(CHARSET_NEGOTIATION, value=(ctx(1), parts))


def selected(record: External) -> tuple[str, bool] | None:
    """What the target chose: the character set and whether records follow it; None if it chose none.

    Raises `Malformed`, and ValueError if it names a set that Python does not know.
    """
    if record.value is None or record.value[0] != ctx(2):
        return None
    found = v.fields(record.value[1])
    content = found.get(ctx(1))
    if content is None:
        return None
    records = found.get(ctx(3))
    records_too = records is not None and v.to_bool(records)
    key, choice = v.the_only(content)
    if key == ctx(2):
        level = v.need(v.fields(choice), ctx(2), "encodingLevel")
        name = _ISO10646_NAMES.get(v.to_oid(level))
        return None if name is None else (name, records_too)
    if key == ctx(3):
        private, body = v.the_only(choice)
        if private == ctx(2):
            named = external_from(body)
            if named.oid == CHARSET_NAME and named.data is not None:
                return v.known_charset(v.to_text(named.data)), records_too
    return None
