"""A Request as the body that OCLC takes (WorldShare ILL Request Creation, DevConnect 2019)."""

from typing import Any

from illcore.errors import Misconfigured
from illcore.message import Address, Message
from illcore.model import Partner

from ..config import OclcConfig
from ..remote import shape
from .citation import item_of, service_of


def body_of(message: Message, partner: Partner, config: OclcConfig, previous: str = "") -> dict[str, Any]:
    """`{"illRequest": …}`; `referenceId` is our number for the attempt, by which the request is found again.

    No `patron` is ever sent. `previous` is OCLC's id of the request that this one retries.
    """
    requester: dict[str, Any] = {
        "institution": {"institutionId": config.registry_id},
        "serviceType": service_of(message),
        "supplierInfo": {"institutions": [{"institutionId": registry_id(partner)}]},
    }
    address = _address(message)
    billing: dict[str, Any] = {"address": address}
    if message.max_cost is not None:
        billing["maximumCost"] = {
            "currency": message.max_cost.currency,
            "amount": float(message.max_cost.amount),
        }
    requester["requesterDelivery"] = {"address": address, "deliveryOptions": _ways(message)}
    requester["requesterBilling"] = billing
    if message.copyright_compliance:
        requester["copyrightType"] = message.copyright_compliance
    request: dict[str, Any] = {
        "requestStatus": config.initial_status,
        "referenceId": message.requesting_agency_request_id,
        "item": item_of(message),
        "requester": requester,
    }
    if message.needed_by is not None:
        request["needed"] = shape.written(message.needed_by)
    if previous:
        request["previousRequestId"] = previous
    return {"illRequest": request}


def registry_id(partner: Partner) -> int:
    """The WorldCat Registry id of a partner: `registry_id` of its address, or a symbol `OCLC:148456`."""
    found = shape.whole(partner.address.get("registry_id"))
    if found is None:
        symbols = (partner.symbol, *partner.other_symbols)
        numbers = [shape.whole(each.partition(":")[2]) for each in symbols if each.upper().startswith("OCLC:")]
        found = next((number for number in numbers if number is not None), None)
    if not found:
        raise Misconfigured(
            f'partner {partner.symbol} has no registry_id; set address = {{"registry_id": 148456}}', "partner"
        )
    return found


def _address(message: Message) -> dict[str, str]:
    """The library's own. OCLC takes none without `address1`: then the library's name stands there."""
    found = (each for each in message.delivery_addresses if each.line1 or each.locality)
    postal = next(found, Address())
    lines = {
        "attention": message.requesting_library_name,
        "address1": postal.line1 or message.requesting_library_name or message.requesting_agency,
        "address2": postal.line2,
        "locality": postal.locality,
        "region": postal.region,
        "postal": postal.postal_code,
        "country": postal.country,
    }
    return {name: line for name, line in lines.items() if line}


def _ways(message: Message) -> list[dict[str, str]]:
    mails = [each.electronic for each in message.delivery_addresses if each.electronic]
    if message.format and message.format != "PaperCopy":
        return [{"deliveryType": "Email", "deliveryDetail": mail} for mail in mails]
    return [{"deliveryType": "Library Mail", "deliveryDetail": "Library Mail"}]
