"""What is sent: valid 1.2, the same bytes for the same message, and a clear refusal of what 1.2 cannot carry."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from lxml import etree

from illcore_iso18626 import codes
from illcore_iso18626.model import (
    MESSAGES,
    Address,
    AgencyId,
    BibliographicInfo,
    BillingInfo,
    ConfirmationHeader,
    Costs,
    DeliveryInfo,
    ElectronicAddress,
    Header,
    MessageInfo,
    PhysicalAddress,
    Request,
    RequestConfirmation,
    RequestedDeliveryInfo,
    RequestingAgencyMessage,
    SchemeValue,
    ServiceInfo,
    StatusInfo,
    SupplyingAgencyMessage,
)
from illcore_iso18626.reader import read_message
from illcore_iso18626.table import Row, Table, table_of
from illcore_iso18626.writer import Unwritable, is_scheme, write_message

NOON = datetime(2025, 3, 17, 12, tzinfo=UTC)
HEADER = Header(
    supplying_agency_id=AgencyId(SchemeValue("ISIL"), "CN-110001"),
    requesting_agency_id=AgencyId(SchemeValue("ISIL"), "CN-320006"),
    timestamp=NOON,
    requesting_agency_request_id="R-1",
)
REQUEST = Request(header=HEADER, bibliographic_info=BibliographicInfo(title="红楼梦"))


def _supplying(**delivery: Any) -> SupplyingAgencyMessage:
    return SupplyingAgencyMessage(
        header=HEADER,
        message_info=MessageInfo(reason_for_message=codes.ReasonForMessage.STATUS_CHANGE),
        status_info=StatusInfo(status=codes.Status.LOANED, last_change=NOON),
        delivery_info=DeliveryInfo(date_sent=NOON, **delivery),
    )


def test_a_request_looks_like_this() -> None:
    assert write_message(REQUEST).decode() == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<ISO18626Message xmlns="http://illtransactions.org/2013/iso18626"'
        ' xmlns:ill="http://illtransactions.org/2013/iso18626" ill:version="1.2"><request><header>'
        "<supplyingAgencyId><agencyIdType>ISIL</agencyIdType><agencyIdValue>CN-110001</agencyIdValue>"
        "</supplyingAgencyId><requestingAgencyId><agencyIdType>ISIL</agencyIdType>"
        "<agencyIdValue>CN-320006</agencyIdValue></requestingAgencyId><multipleItemRequestId></multipleItemRequestId>"
        "<timestamp>2025-03-17T12:00:00Z</timestamp><requestingAgencyRequestId>R-1</requestingAgencyRequestId>"
        "</header><bibliographicInfo><title>红楼梦</title></bibliographicInfo></request></ISO18626Message>\n"
    )


@pytest.mark.parametrize("cls", MESSAGES.values(), ids=list(MESSAGES))
def test_a_complete_message_is_valid_and_comes_back_equal(
    cls: type, full: Callable[[type], Any], assert_valid: Callable[[bytes], None]
) -> None:
    message = full(cls)
    data = write_message(message)
    assert_valid(data)
    assert data == write_message(full(cls))
    parsed = read_message(data)
    assert parsed.message == message
    assert (parsed.version, parsed.warnings, parsed.problems) == ("1.2", (), ())


def _variants(table: Table, group: Any) -> list[Any]:
    """The group once for each optional element anywhere inside it, without that element."""
    found = []
    for row in table.rows:
        value = getattr(group, row.name)
        if not row.required and not table.choice:
            found.append(replace(group, **{row.name: () if row.many else None}))
        if row.table is not None and value:
            inner = value[0] if row.many else value
            for each in _variants(row.table, inner):
                found.append(replace(group, **{row.name: (each, *value[1:]) if row.many else each}))
    return found


@pytest.mark.parametrize("cls", MESSAGES.values(), ids=list(MESSAGES))
def test_a_message_is_valid_without_any_one_of_its_optional_elements(
    cls: type, full: Callable[[type], Any], assert_valid: Callable[[bytes], None]
) -> None:
    variants = _variants(table_of(cls), full(cls))
    assert variants
    for message in variants:
        data = write_message(message)
        assert_valid(data)
        assert read_message(data).message == message


def _with_code(table: Table, group: Any, code: type, value: str) -> tuple[Any, int]:
    """The group with every element of a closed list set to a value, and how many there were."""
    changes: dict[str, Any] = {}
    count = 0
    for row in table.rows:
        old = getattr(group, row.name)
        if row.type is code:
            changes[row.name] = (value,) if row.many else value
            count += 1
        elif row.table is not None and old:
            inner, times = _with_code(row.table, old[0] if row.many else old, code, value)
            changes[row.name] = (inner,) if row.many else inner
            count += times
    return replace(group, **changes), count


@pytest.mark.parametrize(
    ("code", "value"),
    [
        pytest.param(code, value, id=f"{code.__name__}-{value}")
        for code in (
            codes.Action,
            codes.ErrorType,
            codes.MessageStatus,
            codes.ReasonForMessage,
            codes.RequestSubType,
            codes.RequestType,
            codes.ServiceType,
            codes.Status,
            codes.YesNo,
        )
        for value in sorted(codes.allowed(code))
    ],
)
def test_every_value_of_a_closed_list_is_valid_and_comes_back(
    code: type, value: str, full: Callable[[type], Any], assert_valid: Callable[[bytes], None]
) -> None:
    used = 0
    for cls in MESSAGES.values():
        message, count = _with_code(table_of(cls), full(cls), code, value)
        used += count
        data = write_message(message)
        assert_valid(data)
        parsed = read_message(data)
        assert parsed.message == message
        assert not parsed.problems
    assert used


@pytest.mark.parametrize("element", sorted(codes.OPEN_CODES))
def test_every_known_open_code_is_repaired_from_small_letters(element: str) -> None:
    rows = [row for cls in MESSAGES.values() for row in _all_rows(table_of(cls)) if row.element == element]
    assert rows
    for value in codes.OPEN_CODES[element]:
        assert codes.canonical(element, value) == value
        assert codes.canonical(element, value.lower()) == value


def _all_rows(table: Table) -> list[Row]:
    return [each for row in table.rows for each in (row, *(_all_rows(row.table) if row.table else ()))]


@pytest.mark.parametrize(
    ("time", "written"),
    [
        (datetime(2025, 3, 17, 12, tzinfo=UTC), "2025-03-17T12:00:00Z"),
        (datetime(2025, 3, 17, 20, tzinfo=timezone(timedelta(hours=8))), "2025-03-17T12:00:00Z"),
        (datetime(2025, 3, 17, 12, 0, 0, 120_000, tzinfo=UTC), "2025-03-17T12:00:00.120Z"),
        (datetime(2025, 3, 17, 12, 0, 0, 123_456, tzinfo=UTC), "2025-03-17T12:00:00.123456Z"),
        (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00Z"),
    ],
)
def test_times_are_written_in_utc(time: datetime, written: str, assert_valid: Callable[[bytes], None]) -> None:
    data = write_message(replace(REQUEST, header=replace(HEADER, timestamp=time)))
    assert f"<timestamp>{written}</timestamp>".encode() in data
    assert_valid(data)


@pytest.mark.parametrize(
    ("amount", "written"), [("12.50", "12.50"), ("1E+3", "1000"), ("-0.5", "-0.5"), ("1E-7", "0.0000001")]
)
def test_amounts_are_written_without_exponent(amount: str, written: str) -> None:
    data = write_message(_supplying(delivery_costs=Costs(SchemeValue("CNY"), Decimal(amount))))
    assert f"<monetaryValue>{written}</monetaryValue>".encode() in data


def test_characters_that_xml_cannot_carry_are_left_out_of_free_text(assert_valid: Callable[[bytes], None]) -> None:
    title = "a\x00b\x0bc\ud800d\ufffee\r\n\tf𠀀\x85g"
    data = write_message(replace(REQUEST, bibliographic_info=BibliographicInfo(title=title)))
    assert_valid(data)
    assert read_message(data).message.bibliographic_info.title == "abcde\r\n\tf𠀀\x85g"  # type: ignore[union-attr]


def test_groups_and_texts_without_content_are_left_out(assert_valid: Callable[[bytes], None]) -> None:
    message = replace(
        REQUEST, service_info=ServiceInfo(service_type="Loan", note=" \n"), billing_info=BillingInfo(billing_name="")
    )
    data = write_message(message)
    assert_valid(data)
    assert b"note" not in data
    assert b"billingInfo" not in data


BAD_SCHEME = AgencyId(SchemeValue("ISIL", "not a uri"), "X")
BOTH = Address(
    electronic_address=ElectronicAddress(SchemeValue("Email"), "a@example.org"),
    physical_address=PhysicalAddress(line1="x"),
)


@pytest.mark.parametrize(
    ("message", "error"),
    [
        (replace(REQUEST, header=replace(HEADER, timestamp=None)), "request/header/timestamp: is required"),
        (
            replace(REQUEST, header=replace(HEADER, timestamp=NOON.replace(tzinfo=None))),
            "request/header/timestamp: a time needs a time zone",
        ),
        (
            replace(REQUEST, header=replace(HEADER, requesting_agency_request_id=" ")),
            "request/header/requestingAgencyRequestId: is required and empty",
        ),
        (
            replace(REQUEST, header=replace(HEADER, requesting_agency_request_id="R\x01")),
            "request/header/requestingAgencyRequestId: 'R\\x01' has a character that XML cannot carry",
        ),
        (
            replace(REQUEST, header=replace(HEADER, supplying_agency_id=AgencyId(SchemeValue("ISIL"), "\udc80"))),
            "request/header/supplyingAgencyId/agencyIdValue: '\\udc80' has a character that XML cannot carry",
        ),
        (
            replace(REQUEST, header=replace(HEADER, supplying_agency_id=BAD_SCHEME)),
            "request/header/supplyingAgencyId/agencyIdType: the scheme 'not a uri' is no URI",
        ),
        (replace(REQUEST, bibliographic_info=BibliographicInfo()), "request/bibliographicInfo: is required and empty"),
        (
            replace(REQUEST, service_info=ServiceInfo(service_type="Borrow")),
            "request/serviceInfo/serviceType: 'Borrow' is not in the list of version 1.2: Copy, Loan, CopyOrLoan",
        ),
        (
            replace(REQUEST, service_info=ServiceInfo(service_type="Loan", request_sub_type=("PatronRequest",) * 4)),
            "request/serviceInfo/requestSubType: came 4 times; version 1.2 allows 3",
        ),
        (
            _supplying(url="https://example.org/"),
            "supplyingAgencyMessage/deliveryInfo/URL: is not an element of version 1.2",
        ),
        (
            _supplying(item_id=("a", "b")),
            "supplyingAgencyMessage/deliveryInfo/itemId: came 2 times; version 1.2 allows 1",
        ),
        (
            _supplying(delivery_costs=Costs(SchemeValue("CNY"), Decimal("NaN"))),
            "supplyingAgencyMessage/deliveryInfo/deliveryCosts/monetaryValue: NaN is not an amount",
        ),
        (
            _supplying(delivery_costs=Costs(SchemeValue("CNY"), Decimal("1E+999999"))),
            "supplyingAgencyMessage/deliveryInfo/deliveryCosts/monetaryValue: an amount of more than 60 digits",
        ),
        (
            replace(REQUEST, requested_delivery_info=(RequestedDeliveryInfo(address=BOTH),)),
            "request/requestedDeliveryInfo/address: holds more than one of electronicAddress, physicalAddress",
        ),
        (
            RequestConfirmation(
                confirmation_header=ConfirmationHeader(timestamp=NOON, timestamp_received=NOON, message_status="")
            ),
            "requestConfirmation/confirmationHeader/messageStatus: is required and empty",
        ),
    ],
)
def test_what_1_2_cannot_carry_is_refused_by_the_name_of_the_element(message: Any, error: str) -> None:
    with pytest.raises(Unwritable) as refused:
        write_message(message)
    assert str(refused.value) == error
    assert refused.value.path == error.partition(":")[0]


@pytest.mark.parametrize("code", [codes.Action.LOST, codes.Action.HOLD_RETURN])
def test_codes_of_the_2021_edition_are_not_written(code: codes.Action) -> None:
    with pytest.raises(Unwritable, match=r"requestingAgencyMessage/action: .* is not in the list of version 1\.2"):
        write_message(RequestingAgencyMessage(header=HEADER, action=code))


def test_only_messages_can_be_written() -> None:
    with pytest.raises(TypeError, match="Header is not one of the six messages"):
        write_message(HEADER)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "scheme",
    [
        "http://illtransactions.org/x?y=1&z=2#f",
        "RESHARE",
        "urn:iso:std:iso:4217",
        "a/b",
        "../x",
        "http://例子.cn/代码",
        "%E5",
    ],
)
def test_schemes_that_are_uris_are_valid_in_the_schema(scheme: str, assert_valid: Callable[[bytes], None]) -> None:
    assert is_scheme(scheme)
    agency = AgencyId(SchemeValue("ISIL", scheme), "X")
    data = write_message(replace(REQUEST, header=replace(HEADER, supplying_agency_id=agency)))
    assert_valid(data)
    assert etree.fromstring(data).xpath("string(//@*[local-name()='scheme'])") == scheme
    assert read_message(data).message.header.supplying_agency_id == agency  # type: ignore[union-attr]


@pytest.mark.parametrize("scheme", ["a b", "http://x/<y>", 'a"b', "%zz", "a\nb", ":x", "http://[x", "x#y#z", "x" * 501])
def test_schemes_that_are_no_uris_are_known(scheme: str) -> None:
    assert not is_scheme(scheme)
