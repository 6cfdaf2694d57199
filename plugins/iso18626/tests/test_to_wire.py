"""What goes out: every message of the engine is valid 1.2, says what peers look for, and knows no reader."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, get_args

import pytest

from illcore.message import Action, Address, Message, OfferedCondition, Reason, SentItem, Signal, Status
from illcore.model import Citation, Delivery, Money, ServiceType
from illcore_iso18626.mapping import BadProfile, to_wire
from illcore_iso18626.model import SupplyingAgencyMessage
from illcore_iso18626.writer import Unwritable, write_message

NOON = datetime(2026, 3, 17, 12, tzinfo=UTC)
YUAN = Money(amount=Decimal("12.50"), currency="CNY")
BOOK = Citation(title="红楼梦 & <梦>", author="曹雪芹", isbn="9787020002207", year="1996", publication_type="Book")
ARTICLE = Citation(
    title="图书馆学报",
    title_of_component="馆际互借研究 𠀀",
    author_of_component="王五",
    issn="1002-1027",
    doi="10.1000/182",
    pmid="123",
    oclc="456",
    volume="12",
    issue="3",
    pages="1-9",
    total_pages="9",
    series="丛书",
    edition="第2版",
    publisher="出版社",
    place="北京",
    publication_type="Article",
)
ADDRESS = Address(line1="北京大学图书馆", line2="颐和园路5号", locality="北京", postal_code="100871", country="CN")
MAIL = Address(electronic="ill@example.org")
Core = Callable[..., Message]


def written(message: Message, profile: dict[str, Any] | None = None, **credentials: str) -> str:
    return write_message(to_wire(message, profile or {}, **credentials)).decode()


def supplying(message: Message, profile: dict[str, Any] | None = None) -> SupplyingAgencyMessage:
    wire = to_wire(message, profile or {})
    assert isinstance(wire, SupplyingAgencyMessage)
    return wire


def test_every_request_is_valid(core: Core, assert_valid: Callable[[bytes], None]) -> None:
    for service in get_args(ServiceType):
        for kind in ("New", "Retry", "Reminder"):
            for citation in (BOOK, ARTICLE, Citation()):
                message = core(
                    "Request",
                    request_type=kind,
                    previous_id="R-0" if kind == "Retry" else "",
                    service_type=service,
                    citation=citation,
                    service_level="Urgent",
                    format="PDF",
                    needed_by=NOON,
                    max_cost=YUAN,
                    copyright_compliance="Other",
                    any_edition=False,
                    note="请尽快 ]]> \x0b",
                    delivery_addresses=(ADDRESS, MAIL),
                    requesting_library_name="北京大学图书馆",
                    supplier_call_number="I242.4/12",
                    supplier_record_id="b123",
                )
                assert_valid(write_message(to_wire(message, {}, "acc", "秘密")))


def test_every_action_is_valid(core: Core, assert_valid: Callable[[bytes], None]) -> None:
    for action in get_args(Action):
        message = core("RequestingAgencyMessage", action=action, note="谢谢", supplying_agency_request_id="S-1")
        assert_valid(write_message(to_wire(message, {})))


@pytest.mark.parametrize("status", get_args(Status))
def test_every_status_is_valid(core: Core, assert_valid: Callable[[bytes], None], status: str) -> None:
    offer = OfferedCondition(code="LibraryUseOnly", text="仅限馆内阅览", cost=YUAN)
    for reason in get_args(Reason):
        for profile in ({}, {"items": "triples", "condition_costs": "deliveryCosts", "also_in_note": ["conditions"]}):
            message = core(
                "SupplyingAgencyMessage",
                reason=reason,
                status=status,
                answer=True,
                note="备注",
                reason_unfilled="NotOnShelf",
                reason_retry="OnLoan",
                retry_after=NOON,
                retry_before=NOON,
                due_date=NOON,
                expected_delivery=NOON,
                conditions=(offer, OfferedCondition(text="不得复制")),
                items=(SentItem(barcode="31", label="上册"), SentItem(barcode="32", call_number="I242.4")),
                sent_at=NOON,
                sent_via="Mail",
                delivered_format="Printed",
                delivery_cost=YUAN,
                return_to=ADDRESS,
                return_agency="ISIL:CN-320006",
            )
            assert_valid(write_message(to_wire(message, profile)))
            assert_valid(write_message(to_wire(message.model_copy(update={"url": "https://x.org/a?b=1&c=2"}), profile)))


def test_no_reader_is_ever_written(core: Core) -> None:
    place = Delivery(method="pickup", place="READER-PLACE")
    text = written(core("Request", service_type="loan", citation=BOOK, delivery=place))
    assert "patronInfo" not in text
    assert "READER-PLACE" not in text


def test_the_first_colon_parts_a_symbol(core: Core) -> None:
    text = written(core("Request", service_type="loan", citation=BOOK, supplying_agency="RESHARE:US:PA-1"))
    assert "<agencyIdType>RESHARE</agencyIdType><agencyIdValue>US:PA-1</agencyIdValue>" in text


def test_credentials_go_with_the_requesting_side_only(core: Core) -> None:
    shown = {"account_id": "acc-1", "security_code": "kod-9"}
    said = written(core("RequestingAgencyMessage", action="Received"), None, **shown)
    assert "<accountId>acc-1</accountId><securityCode>kod-9</securityCode>" in said
    answered = core("SupplyingAgencyMessage", reason="StatusChange", status="Loaned", sent_at=NOON)
    assert "kod-9" not in written(answered, None, **shown)


def test_a_signal_is_spelt_as_the_partner_does(core: Core) -> None:
    message = core("RequestingAgencyMessage", action="Notification", signal=Signal(name="accept", number=2), note="好")
    assert "<note>#accept 2# 好</note>" in written(message)
    assert "<note>ACCEPT 好</note>" in written(message, {"signals": {"accept": "ACCEPT"}})


def test_one_condition_stands_in_the_elements_and_its_text_is_the_note(core: Core) -> None:
    one = OfferedCondition(code="LibraryUseOnly", text="仅限馆内阅览", cost=YUAN)
    wire = supplying(core("SupplyingAgencyMessage", reason="RequestResponse", status="WillSupply", conditions=(one,)))
    assert wire.message_info.note == "仅限馆内阅览"
    assert wire.message_info.offered_costs is not None
    assert wire.message_info.offered_costs.monetary_value == Decimal("12.50")
    assert wire.delivery_info is not None
    assert [str(each) for each in wire.delivery_info.loan_condition] == ["LibraryUseOnly"]
    assert wire.delivery_info.date_sent == datetime(2026, 1, 5, 8, tzinfo=UTC)


def test_a_condition_of_words_only_is_other(core: Core) -> None:
    said = (OfferedCondition(text="只借两周"),)
    wire = supplying(core("SupplyingAgencyMessage", reason="StatusChange", status="WillSupply", conditions=said))
    assert wire.delivery_info is not None
    assert str(wire.delivery_info.loan_condition[0]) == "Other"


def test_further_conditions_stand_in_the_note(core: Core) -> None:
    two = (
        OfferedCondition(number=1, code="NoReproduction"),
        OfferedCondition(code="Sign", text="馆长\n签字", cost=YUAN),
    )
    wire = supplying(core("SupplyingAgencyMessage", reason="StatusChange", status="WillSupply", conditions=two))
    assert wire.message_info.note == "#condition 1 NoReproduction#\n#condition Sign CNY 12.50# 馆长\n  签字"
    assert wire.message_info.offered_costs is not None


def test_costs_go_where_the_partner_reads_them(core: Core) -> None:
    one = (OfferedCondition(cost=YUAN),)
    message = core("SupplyingAgencyMessage", reason="StatusChange", status="WillSupply", conditions=one)
    wire = supplying(message, {"condition_costs": "deliveryCosts"})
    assert wire.message_info.offered_costs is None
    assert wire.delivery_info is not None
    assert wire.delivery_info.delivery_costs is not None


def test_a_document_is_a_url_in_item_id(core: Core) -> None:
    url = "https://docs.example.org/d/1?a=1&b=2"
    sent = core("SupplyingAgencyMessage", reason="RequestResponse", status="CopyCompleted", sent_at=NOON, url=url)
    wire = supplying(sent)
    assert wire.delivery_info is not None
    assert wire.delivery_info.item_id == (url,)
    assert str(wire.delivery_info.sent_via) == "URL"
    assert supplying(sent, {"also_in_note": ["url"]}).message_info.note == url


def test_several_items_go_as_the_profile_says(core: Core) -> None:
    items = (SentItem(barcode="31", call_number="I242.4", label="上册"), SentItem(barcode="32", label="#2 a|b 50%"))
    sent = core("SupplyingAgencyMessage", reason="StatusChange", status="Loaned", sent_at=NOON, items=items)
    noted = supplying(sent)
    assert noted.message_info.note == "#item 31 | I242.4 | 上册#\n#item 32 |  | %232 a%7Cb 50%25#"
    assert noted.delivery_info is not None
    assert noted.delivery_info.item_id == ("31",)
    listed = supplying(sent, {"items": "triples"})
    assert listed.message_info.note is None
    assert listed.delivery_info is not None
    assert listed.delivery_info.item_id == ("31,I242.4,上册;32,,#2 a|b 50%25",)


def test_a_partner_can_have_other_statuses_and_reasons(core: Core) -> None:
    message = core("SupplyingAgencyMessage", reason="RequestResponse", status="Loaned", sent_at=NOON)
    assert supplying(message, {"reasons": {"Loaned": "StatusChange"}}).message_info.reason_for_message == "StatusChange"
    expected = core("SupplyingAgencyMessage", reason="StatusChange", status="ExpectToSupply")
    assert supplying(expected, {"statuses": {"ExpectToSupply": "WillSupply"}}).status_info.status == "WillSupply"
    answer = core("SupplyingAgencyMessage", reason="CancelResponse", status="Loaned", answer=False)
    assert supplying(answer, {"reasons": {"Loaned": "X"}}).message_info.reason_for_message == "CancelResponse"


def test_addresses_can_be_said_again_in_the_note(core: Core) -> None:
    sent = core("SupplyingAgencyMessage", reason="StatusChange", status="Loaned", sent_at=NOON, return_to=ADDRESS)
    note = supplying(sent, {"also_in_note": ["return_address"]}).message_info.note
    assert note == "#RETURN_TO#\n北京大学图书馆\n颐和园路5号\n100871 北京\nCN\n#RT_END#"
    asked = core("Request", service_type="loan", citation=BOOK, delivery_addresses=(ADDRESS,))
    assert "#SHIP_TO#" in written(asked, {"also_in_note": ["delivery_address"]})


def test_a_copy_goes_to_the_electronic_address_first(core: Core) -> None:
    both = ADDRESS.model_copy(update={"electronic": "ill@example.org"})
    for service, first in (("copy", "electronicAddress"), ("loan", "physicalAddress")):
        text = written(core("Request", service_type=service, citation=BOOK, delivery_addresses=(both,)))
        found = re.search(r"<sortOrder>1</sortOrder><address><(\w+)>", text)
        assert found is not None
        assert found[1] == first


def test_a_profile_that_cannot_be_used_is_named(core: Core) -> None:
    with pytest.raises(BadProfile, match="items"):
        to_wire(core("RequestingAgencyMessage", action="Cancel"), {"items": "boxes"})


def test_what_12_cannot_carry_is_refused_by_the_writer(core: Core) -> None:
    with pytest.raises(Unwritable, match="serviceType"):
        written(core("Request", citation=BOOK))
