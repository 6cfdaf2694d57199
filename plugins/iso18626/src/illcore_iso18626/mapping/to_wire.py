"""Core message → wire model, in the partner's dialect. No reader's data exists in the one or is made in the other."""

from collections.abc import Mapping
from typing import Any

from illcore import signals
from illcore.message import Message, OfferedCondition, SentItem

from .. import model
from ..codes import RequestType, ServiceType, YesNo
from . import notes
from .dialect import Dialect
from .values import agency, agency_if_any, code, costs, electronic, physical

_SERVICES = {"copy": ServiceType.COPY, "loan": ServiceType.LOAN, "copy_or_loan": ServiceType.COPY_OR_LOAN}
_ANSWERS = {True: YesNo.Y, False: YesNo.N, None: None}
_OFFERS = frozenset({"WillSupply", "ExpectToSupply", "RetryPossible"})
UNNAMED = "Other"
"""The loanCondition of a condition that has a text only."""


def to_wire(
    message: Message, profile: Mapping[str, Any], account_id: str = "", security_code: str = ""
) -> model.Message:
    """What to write for this partner. The same arguments give the same message.

    `account_id` and `security_code` are how the requesting side shows who it is. Raises BadProfile. What version 1.2
    cannot carry at all is for the writer to refuse.
    """
    dialect = Dialect.of(profile)
    if message.kind == "Request":
        return _request(message, dialect, _header(message, account_id, security_code))
    note = message.note.strip()
    if message.kind == "RequestingAgencyMessage":
        header = _header(message, account_id, security_code)
        said = signals.write(message.signal, note, profile) if message.signal else note
        return model.RequestingAgencyMessage(header=header, action=message.action or "", note=said or None)
    return _supplying(message, dialect, profile)


def _header(message: Message, account_id: str = "", security_code: str = "") -> model.Header:
    authentication = None
    if account_id or security_code:
        authentication = model.RequestingAgencyAuthentication(
            account_id=account_id or None, security_code=security_code or None
        )
    return model.Header(
        supplying_agency_id=agency(message.supplying_agency),
        requesting_agency_id=agency(message.requesting_agency),
        timestamp=message.timestamp,
        requesting_agency_request_id=message.requesting_agency_request_id,
        supplying_agency_request_id=message.supplying_agency_request_id or None,
        requesting_agency_authentication=authentication,
    )


def _request(message: Message, dialect: Dialect, header: model.Header) -> model.Request:
    note = message.note.strip()
    if "delivery_address" in dialect.also_in_note:
        blocks = [notes.address_block("delivery_address", each) for each in message.delivery_addresses[:1]]
        note = notes.joined(note, *blocks)
    return model.Request(
        header=header,
        bibliographic_info=_bibliographic(message),
        publication_info=_publication(message),
        service_info=model.ServiceInfo(
            request_type=RequestType(message.request_type),
            requesting_agency_previous_request_id=message.previous_id or None,
            service_type=_SERVICES[message.service_type] if message.service_type else "",
            service_level=code(message.service_level),
            preferred_format=code(message.format),
            need_before_date=message.needed_by,
            copyright_compliance=code(message.copyright_compliance),
            any_edition=_ANSWERS[message.any_edition],
            note=note or None,
        ),
        supplier_info=_supplier_info(message),
        requested_delivery_info=_delivery_addresses(message),
        requesting_agency_info=model.RequestingAgencyInfo(name=message.requesting_library_name or None),
        billing_info=model.BillingInfo(maximum_costs=costs(message.max_cost)),
    )


def _bibliographic(message: Message) -> model.BibliographicInfo:
    citation = message.citation
    if citation is None:
        return model.BibliographicInfo(supplier_unique_record_id=message.supplier_record_id or None)
    items = (("ISBN", citation.isbn), ("ISSN", citation.issn), ("DOI", citation.doi))
    records = (("PMID", citation.pmid), ("OCLC", citation.oclc))
    return model.BibliographicInfo(
        supplier_unique_record_id=message.supplier_record_id or None,
        title=citation.title or None,
        author=citation.author or None,
        series_title=citation.series or None,
        edition=citation.edition or None,
        title_of_component=citation.title_of_component or None,
        author_of_component=citation.author_of_component or None,
        volume=citation.volume or None,
        issue=citation.issue or None,
        pages_requested=citation.pages or None,
        estimated_no_pages=citation.total_pages or None,
        bibliographic_item_id=tuple(
            model.BibliographicItemId(number, model.SchemeValue(kind)) for kind, number in items if number
        ),
        bibliographic_record_id=tuple(
            model.BibliographicRecordId(model.SchemeValue(kind), number) for kind, number in records if number
        ),
    )


def _publication(message: Message) -> model.PublicationInfo | None:
    citation = message.citation
    if citation is None:
        return None
    return model.PublicationInfo(
        publisher=citation.publisher or None,
        publication_type=code(citation.publication_type),
        publication_date=citation.year or None,
        place_of_publication=citation.place or None,
    )


def _supplier_info(message: Message) -> tuple[model.SupplierInfo, ...]:
    if not message.supplier_call_number:
        return ()
    supplier = agency_if_any(message.supplying_agency)
    return (model.SupplierInfo(supplier_code=supplier, call_number=message.supplier_call_number),)


def _delivery_addresses(message: Message) -> tuple[model.RequestedDeliveryInfo, ...]:
    found: list[model.Address] = []
    for each in message.delivery_addresses:
        post, mail = physical(each), electronic(each)
        both = [
            model.Address(physical_address=post) if post else None,
            model.Address(electronic_address=mail) if mail else None,
        ]
        if message.service_type == "copy":
            both.reverse()
        found += [address for address in both if address]
    return tuple(model.RequestedDeliveryInfo(sort_order=n, address=each) for n, each in enumerate(found, start=1))


def _supplying(message: Message, dialect: Dialect, profile: Mapping[str, Any]) -> model.SupplyingAgencyMessage:
    status: str = message.status or ""
    reason: str = message.reason or ""
    if reason in ("RequestResponse", "StatusChange"):
        reason = dialect.reasons.get(status, reason)
    offer = status in _OFFERS
    loan_condition, cost = _main_condition(message.conditions, offer)
    items = tuple(each for each in message.items if each != SentItem())
    note = message.note.strip()
    if message.signal is not None:
        note = signals.write(message.signal, note, profile)
    note = notes.joined(note, *_more(message, dialect, items, offer))
    delivery_cost = message.delivery_cost
    if dialect.condition_costs == "deliveryCosts":
        delivery_cost, cost = delivery_cost or cost, None
    return model.SupplyingAgencyMessage(
        header=_header(message),
        message_info=model.MessageInfo(
            reason_for_message=reason,
            answer_yes_no=_ANSWERS[message.answer],
            note=note or None,
            reason_unfilled=code(message.reason_unfilled),
            reason_retry=code(message.reason_retry),
            offered_costs=costs(cost),
            retry_after=message.retry_after,
            retry_before=message.retry_before,
        ),
        status_info=model.StatusInfo(
            status=dialect.statuses.get(status, status),
            expected_delivery_date=message.expected_delivery,
            due_date=message.due_date,
            last_change=message.last_change or message.timestamp,
        ),
        delivery_info=_delivery(message, dialect, items, loan_condition, costs(delivery_cost)),
        return_info=model.ReturnInfo(
            return_agency_id=agency_if_any(message.return_agency),
            physical_address=physical(message.return_to) if message.return_to else None,
        ),
    )


def _main_condition(conditions: tuple[OfferedCondition, ...], offer: bool) -> tuple[str, Any]:
    """The one code and the one cost that have elements; in what is no offer a cost has none."""
    coded = next((each.code for each in conditions if each.code), "")
    cost = next((each.cost for each in conditions if each.cost), None) if offer else None
    if not coded and any(each.text for each in conditions) and cost is None:
        coded = UNNAMED
    return coded, cost


def _more(message: Message, dialect: Dialect, items: tuple[SentItem, ...], offer: bool) -> list[str]:
    """What the note says besides the message's own note."""
    lines = _lines_of_items(message, dialect, items)
    conditions = message.conditions
    nothing_else = not (message.note.strip() or message.signal or lines or "conditions" in dialect.also_in_note)
    if offer and len(conditions) == 1 and conditions[0].number <= 1 and nothing_else:
        found = [conditions[0].text.strip()]
    else:
        found = [notes.condition_line(each) for each in conditions]
    found += lines
    if message.url and "url" in dialect.also_in_note:
        found.append(message.url)
    if message.return_to and physical(message.return_to) and "return_address" in dialect.also_in_note:
        found.append(notes.address_block("return_address", message.return_to))
    return found


def _lines_of_items(message: Message, dialect: Dialect, items: tuple[SentItem, ...]) -> list[str]:
    if not message.url and dialect.items == "triples":
        return []
    if not message.url and len(items) == 1 and items[0] == SentItem(barcode=items[0].barcode):
        return []
    return [notes.item_line(each) for each in items]


def _delivery(
    message: Message,
    dialect: Dialect,
    items: tuple[SentItem, ...],
    loan_condition: str,
    cost: model.Costs | None,
) -> model.DeliveryInfo | None:
    item_id = message.url
    if not item_id and items:
        plain = len(items) == 1 and items[0] == SentItem(barcode=items[0].barcode)
        triple = dialect.items == "triples" and not plain
        item_id = notes.triples(items) if triple else items[0].barcode
    via = "URL" if message.url and message.status == "Loaned" else message.sent_via or ("URL" if message.url else "")
    parts = (message.sent_at, item_id, via, loan_condition, message.delivered_format, cost)
    if not any(parts):
        return None
    return model.DeliveryInfo(
        date_sent=message.sent_at or message.timestamp,
        item_id=(item_id,) if item_id else (),
        sent_via=code(via),
        loan_condition=(model.SchemeValue(loan_condition),) if loan_condition else (),
        delivered_format=code(message.delivered_format),
        delivery_costs=cost,
    )
