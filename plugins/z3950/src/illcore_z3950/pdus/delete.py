"""Delete: result sets that are no longer needed (Z39.50-2003 section 3.2.4)."""

from __future__ import annotations

from dataclasses import dataclass

from .. import values as v
from ..ber import SEQUENCE, Content, Malformed, Node, ctx


@dataclass(frozen=True, slots=True)
class DeleteRequest:
    """Deletes the named result sets, or all if none is named."""

    result_sets: tuple[str, ...] = ()

    def node(self) -> Node:
        """The APDU, [26]."""
        if not self.result_sets:
            return ctx(26), [v.integer(ctx(32), 1)]
        return ctx(26), [
            v.integer(ctx(32), 0),
            (SEQUENCE, [v.string(ctx(31), name) for name in self.result_sets]),
        ]


@dataclass(frozen=True, slots=True)
class DeleteResponse:
    """`status` and those of the single sets: 0 success, 1 did not exist, 2 deleted by the target before, 3 system
    problem, 4 not allowed, 7 bulk delete not supported, 8 and 9 not all deleted, 10 in use."""

    status: int
    statuses: tuple[tuple[str, int], ...] = ()
    message: str = ""


def delete_response(content: Content, charset: str) -> DeleteResponse:
    """Reads the content of [27]. Raises `Malformed`."""
    found = v.fields(content)
    statuses: list[tuple[str, int]] = []
    for key in (ctx(1), ctx(35)):
        for _, item in v.children(found[key]) if key in found else []:
            pair = v.fields(item)
            name = v.to_text(v.need(pair, ctx(31), "id"), charset)
            statuses.append((name, v.to_int(v.need(pair, ctx(33), "status"))))
    status = v.need(found, ctx(0), "deleteOperationStatus")
    # [0] IMPLICIT before [33] IMPLICIT: some send the inner tag as well.
    if not isinstance(status, bytes):
        inner, status = v.the_only(status)
        if inner != ctx(33):
            raise Malformed("deleteOperationStatus of unknown form")
    return DeleteResponse(v.to_int(status), tuple(statuses), v.opt_text(found, ctx(36), charset) or "")
