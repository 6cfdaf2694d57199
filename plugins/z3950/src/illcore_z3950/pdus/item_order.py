"""Extended services, of which Item Order: ask for an item of a result set (Z39.50-2003 section 3.2.9, appendix EXT)."""

from __future__ import annotations

from dataclasses import dataclass

from .. import values as v
from ..ber import SEQUENCE, Content, Node, ctx
from ..diagnostics import Diagnostic
from ..oids import ITEM_ORDER
from .diagrec import diagnostic_list
from .external import External, external_from

_CREATE = 1
WAIT, WAIT_IF_POSSIBLE, DO_NOT_WAIT, DO_NOT_RETURN_PACKAGE = 1, 2, 3, 4


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom the supplier may ask."""

    name: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class ItemOrderRequest:
    """An order for record `item` (from 1) of `result_set`, or for what `item_request` describes (an ILL-Request APDU,
    an ItemRequest, or XML), or both. At least one is needed."""

    result_set: str = ""
    item: int = 0
    item_request: External | None = None
    contact: Contact | None = None
    customer_reference: str = ""
    purchase_order: str = ""
    package_name: str = ""
    user_id: str = ""
    description: str = ""
    wait_action: int = WAIT

    def node(self) -> Node:
        """The APDU, [46]. Raises ValueError if the order names no item."""
        order: Node = (ctx(1), [*self._to_keep(), (ctx(2), [(SEQUENCE, self._wanted())])])
        parts: list[Node] = [v.integer(ctx(3), _CREATE), v.oid(ctx(4), ITEM_ORDER)]
        for tag, text in ((5, self.package_name), (6, self.user_id), (9, self.description)):
            if text:
                parts.append(v.string(ctx(tag), text))
        parts.append(External(ITEM_ORDER, value=order).node(ctx(10)))
        parts.append(v.integer(ctx(11), self.wait_action))
        return ctx(46), parts

    def _wanted(self) -> list[Node]:
        parts: list[Node] = []
        if self.result_set:
            parts.append((ctx(1), [v.string(ctx(1), self.result_set), v.integer(ctx(2), self.item)]))
        if self.item_request is not None:
            parts.append(self.item_request.node(ctx(2)))
        if not parts:
            raise ValueError("an item order names a record of a result set or an item request")
        return parts

    def _to_keep(self) -> list[Node]:
        kept: list[Node] = []
        if self.contact is not None:
            texts = enumerate((self.contact.name, self.contact.phone, self.contact.email), start=1)
            kept.append((ctx(2), [v.string(ctx(tag), text) for tag, text in texts if text]))
        if self.customer_reference or self.purchase_order:
            # paymentMethod is mandatory here; [0] billInvoice is the one that carries no data.
            billing: list[Node] = [(ctx(1), [v.null(ctx(0))])]
            for tag, text in ((2, self.customer_reference), (3, self.purchase_order)):
                if text:
                    billing.append(v.string(ctx(tag), text))
            kept.append((ctx(3), billing))
        return [(ctx(1), [(SEQUENCE, kept)])] if kept else []


@dataclass(frozen=True, slots=True)
class ExtendedServicesResponse:
    """`status`: 1 done, 2 accepted, 3 failure. `target_reference` and `task_status` (0 pending, 1 active, 2 complete,
    3 aborted) come from the task package, if it came back."""

    status: int
    diagnostics: tuple[Diagnostic, ...] = ()
    target_reference: bytes = b""
    package_name: str = ""
    task_status: int | None = None
    task_package: External | None = None


def extended_services_response(content: Content, charset: str) -> ExtendedServicesResponse:
    """Reads the content of [47]. Raises `Malformed`."""
    found = v.fields(content)
    diagnostics = diagnostic_list(found[ctx(4)], charset) if ctx(4) in found else ()
    package = external_from(found[ctx(5)]) if ctx(5) in found else None
    status = v.to_int(v.need(found, ctx(3), "operationStatus"))
    if package is None or package.value is None:
        return ExtendedServicesResponse(status, diagnostics, task_package=package)
    task = v.fields(package.value[1])
    if ctx(10) in task:
        diagnostics += diagnostic_list(task[ctx(10)], charset)
    return ExtendedServicesResponse(
        status,
        diagnostics,
        v.to_octets(task.get(ctx(7), b"")),
        v.opt_text(task, ctx(2), charset) or "",
        v.opt_int(task, ctx(9)),
        package,
    )
