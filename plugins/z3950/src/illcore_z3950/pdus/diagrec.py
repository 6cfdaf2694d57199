"""DiagRec: diagnostics as they stand in responses, default format and diag-1 (Z39.50-2003 section 3.1)."""

from __future__ import annotations

from .. import values as v
from ..ber import CONTEXT, EXTERNAL, GENERAL_STRING, INTEGER, OID, SEQUENCE, Content, Malformed, Node, ctx
from ..diagnostics import Diagnostic, diagnostic
from ..oids import BIB1_DIAGNOSTICS, DIAG1
from .external import External, external_from


def default_format(content: Content, charset: str = "utf-8") -> Diagnostic:
    """Reads the content of a DefaultDiagFormat."""
    parts = v.children(content)
    if len(parts) < 2 or parts[0][0] != OID or parts[1][0] != INTEGER:
        raise Malformed("a diagnostic is a set, a number and a text")
    addinfo = v.to_text(parts[2][1], charset) if len(parts) > 2 else ""
    return diagnostic(v.to_oid(parts[0][1]), v.to_int(parts[1][1]), addinfo.strip())


def diagnostics_from(node: Node, charset: str = "utf-8") -> tuple[Diagnostic, ...]:
    """Reads one DiagRec; an externally defined one may hold several diagnostics."""
    key, content = node
    if key == SEQUENCE:
        return (default_format(content, charset),)
    if key == EXTERNAL:
        return from_external(external_from(content), charset)
    raise Malformed("a diagnostic of unknown form")


def diagnostic_list(content: Content, charset: str = "utf-8") -> tuple[Diagnostic, ...]:
    """Reads SEQUENCE OF DiagRec."""
    return tuple(found for node in v.children(content) for found in diagnostics_from(node, charset))


def from_external(external: External, charset: str = "utf-8") -> tuple[Diagnostic, ...]:
    """Reads a diagnostic that came as EXTERNAL; what is not understood keeps its identifier and its text."""
    if external.oid == DIAG1 and external.value is not None:
        return tuple(_diag1(item, charset) for _, item in v.children(external.value[1]))
    if external.data is not None:
        return (Diagnostic(external.oid, message=v.to_text(external.data, charset)),)
    value = external.value
    if value is not None and value[0] == GENERAL_STRING:
        return (Diagnostic(external.oid, message=v.to_text(value[1], charset)),)
    if value is not None and value[0] == SEQUENCE:
        return (default_format(value[1], charset),)
    return (Diagnostic(external.oid),)


def _diag1(content: Content, charset: str) -> Diagnostic:
    found = v.fields(content)
    message = v.opt_text(found, ctx(2), charset) or ""
    inner = found.get(ctx(1))
    if inner is None:
        return Diagnostic(DIAG1, message=message)
    key, body = v.the_only(inner)
    if key == ctx(1):
        plain = default_format(body, charset)
        return Diagnostic(plain.code, plain.addinfo, message)
    explicit, _ = v.the_only(body)
    return Diagnostic(f"{DIAG1}:{explicit & ~CONTEXT}", message=message)


def default_format_node(code: int, addinfo: str, key: int = SEQUENCE) -> Node:
    """DefaultDiagFormat of the Bib-1 set: what a server sends."""
    return key, [v.oid(OID, BIB1_DIAGNOSTICS), v.integer(INTEGER, code), v.general(addinfo)]
