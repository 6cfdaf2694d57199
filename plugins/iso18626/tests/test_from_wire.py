"""What comes in: peers' ways of saying things are understood, faults are marked, readers' data stays outside."""

from pathlib import Path

import pytest

from illcore.interpret import meanings
from illcore.message import Message, OfferedCondition, SentItem, Signal
from illcore.model import Money
from illcore_iso18626.mapping import NO_TIMESTAMP, from_wire
from illcore_iso18626.reader import Unparseable, read_message

HEADER = (
    "<header><supplyingAgencyId><agencyIdType>ISIL</agencyIdType><agencyIdValue>SUP:1</agencyIdValue>"
    "</supplyingAgencyId><requestingAgencyId><agencyIdType>ISIL</agencyIdType><agencyIdValue>REQ</agencyIdValue>"
    "</requestingAgencyId><multipleItemRequestId/><timestamp>2026-01-05T08:00:00Z</timestamp>"
    "<requestingAgencyRequestId>R-1</requestingAgencyRequestId></header>"
)


def taken(xml: str) -> Message:
    body = f'<ISO18626Message xmlns="http://illtransactions.org/2013/iso18626">{xml}</ISO18626Message>'
    return from_wire(read_message(body.encode()))


def supplying(status: str, info: str = "", delivery: str = "", reason: str = "StatusChange", more: str = "") -> Message:
    sent = f"<deliveryInfo>{delivery}</deliveryInfo>" if delivery else ""
    state = f"<statusInfo><status>{status}</status>{more}</statusInfo>"
    why = f"<reasonForMessage>{reason}</reasonForMessage>"
    return taken(
        f"<supplyingAgencyMessage>{HEADER}<messageInfo>{why}{info}</messageInfo>{state}{sent}</supplyingAgencyMessage>"
    )


def requesting(action: str, note: str = "") -> Message:
    said = f"<note>{note}</note>" if note else ""
    return taken(f"<requestingAgencyMessage>{HEADER}<action>{action}</action>{said}</requestingAgencyMessage>")


def request(service: str, bibliographic: str = "<title>红楼梦</title>", more: str = "") -> Message:
    info = f"<bibliographicInfo>{bibliographic}</bibliographicInfo>"
    return taken(f"<request>{HEADER}{info}{service}{more}</request>")


LOAN = "<serviceInfo><serviceType>Loan</serviceType></serviceInfo>"


def test_symbols_keep_their_colons() -> None:
    assert requesting("Received").supplying_agency == "ISIL:SUP:1"


def test_a_missing_last_change_is_the_timestamp() -> None:
    message = supplying("WillSupply")
    assert message.last_change == message.timestamp
    assert not message.fault


def test_a_request_without_service_info_may_be_served_either_way() -> None:
    assert request("").service_type == "copy_or_loan"


def test_the_readers_data_stays_outside() -> None:
    reader = (
        "<patronInfo><patronId>P-77</patronId><surname>李四</surname><sendToPatron>maybe</sendToPatron></patronInfo>"
    )
    reference = (
        "<bibliographicRecordId><bibliographicRecordIdentifierCode>patronReference</bibliographicRecordIdentifierCode>"
        "<bibliographicRecordIdentifier>ref-33</bibliographicRecordIdentifier></bibliographicRecordId>"
    )
    message = request(LOAN, f"<title>红楼梦</title>{reference}", reader)
    text = message.model_dump_json()
    assert not message.fault
    assert not any(each in text for each in ("P-77", "李四", "ref-33"))


def test_a_citation_takes_the_valid_isbn_and_keeps_the_other_numbers_in_the_note() -> None:
    def item(kind: str, number: str) -> str:
        return (
            f"<bibliographicItemId><bibliographicItemIdentifier>{number}</bibliographicItemIdentifier>"
            f"<bibliographicItemIdentifierCode>{kind}</bibliographicItemIdentifierCode></bibliographicItemId>"
        )

    numbers = item("isbn", "123") + item("ISBN", "978-7-02-000220-7") + item("ISMN", "M-9") + item("ISSN", "")
    message = request(LOAN, f"<title>红楼梦</title><subtitle>校注本</subtitle>{numbers}")
    assert not message.fault
    assert message.citation is not None
    assert message.citation.title == "红楼梦 : 校注本"
    assert message.citation.isbn == "978-7-02-000220-7"
    assert message.note == "ISBN 123; ISMN M-9"


def test_a_title_that_is_too_long_is_cut_and_not_refused() -> None:
    message = request(LOAN, f"<title>{'长' * 3000}</title>")
    assert message.citation is not None
    assert len(message.citation.title) == 2000


@pytest.mark.parametrize("currency", ["Taler", "-"])
def test_money_that_is_none_is_kept_as_words(currency: str) -> None:
    cost = f"<currencyCode>{currency}</currencyCode><monetaryValue>5</monetaryValue>"
    message = request(LOAN, more=f"<billingInfo><maximumCosts>{cost}</maximumCosts></billingInfo>")
    assert message.max_cost is None
    assert message.note == f"maximumCosts: {currency} 5"


def test_needless_decimals_do_not_matter() -> None:
    cost = "<currencyCode>EUR</currencyCode><monetaryValue>5.000000</monetaryValue>"
    message = request(LOAN, more=f"<billingInfo><maximumCosts>{cost}</maximumCosts></billingInfo>")
    assert message.max_cost == Money(amount=5, currency="EUR")  # type: ignore[arg-type]


FOREIGN = "<dateSent>2026-01-05T08:00:00Z</dateSent>"


def test_a_condition_of_another_system_has_the_note_as_its_text() -> None:
    code = f"{FOREIGN}<loanCondition>libraryuseonly</loanCondition>"
    message = supplying("WillSupply", "<note>馆内使用 #seq:12#</note>", code)
    assert message.conditions == (OfferedCondition(code="LibraryUseOnly", text="馆内使用"),)
    assert message.note == ""
    assert message.sent_at is None


def test_an_offered_cost_is_a_condition() -> None:
    costs = "<offeredCosts><currencyCode>cny</currencyCode><monetaryValue>12,50</monetaryValue></offeredCosts>"
    message = supplying("WillSupply", costs)
    assert message.conditions == (OfferedCondition(cost=Money(amount="12.50", currency="CNY")),)  # type: ignore[arg-type]


def test_several_codes_of_2021_are_several_conditions() -> None:
    codes = "<loanCondition>NoReproduction</loanCondition><loanCondition>SignatureRequired</loanCondition>"
    found = supplying("WillSupply", "", codes).conditions
    assert [each.code for each in found] == ["NoReproduction", "SignatureRequired"]


def test_reshare_adds_a_condition_by_notification() -> None:
    note = "<note>#ReShareAddLoanCondition# no copies#seq:3#</note>"
    message = supplying("", note, "<loanCondition>NoReproduction</loanCondition>", "Notification")
    assert (message.reason, message.status) == ("StatusChange", "WillSupply")
    assert message.conditions == (OfferedCondition(code="NoReproduction", text="no copies"),)
    assert meanings(message, {})[0][0] == "Conditions"


def test_any_other_notification_stays_a_message() -> None:
    message = supplying("", "<note>see #condition X# you</note>", reason="Notification")
    assert not message.fault
    assert message.status is None
    assert meanings(message, {}) == [("Message", {}, "see #condition X# you")]


@pytest.mark.parametrize("note", ["#ReShareLoanConditionAgreeResponse##seq:2#", "ACCEPT", " accept. "])
def test_peers_ways_of_accepting_are_understood(note: str) -> None:
    message = requesting("Notification", note)
    assert message.signal == Signal(name="accept")
    assert meanings(message, {})[0][0] == "ConditionsAccepted"


def test_words_that_only_begin_with_accept_are_a_message() -> None:
    message = requesting("Notification", "Accept my thanks")
    assert message.signal is None
    assert message.note == "Accept my thanks"


def test_a_question_for_a_message_number_is_never_answered_ok() -> None:
    message = requesting("Notification", "#lastSeq:4#")
    assert message.fault_type == "UnrecognisedDataValue"
    assert "NoPreviousMessage" in message.fault


def test_lost_of_2021_is_the_signal() -> None:
    assert requesting("Lost").signal == Signal(name="lost")


@pytest.mark.parametrize(
    ("info", "delivery"),
    [
        ("", f"{FOREIGN}<itemId>https://x.org/a</itemId><sentVia>URL</sentVia>"),
        ("", f"{FOREIGN}<itemId>https://x.org/a</itemId>"),
        ("", f"{FOREIGN}<URL>https://x.org/a</URL>"),
        ("<note>下载：https://x.org/a。</note>", ""),
        ("<note>https://x.org/a</note>", f"{FOREIGN}<sentVia>URL</sentVia>"),
    ],
)
def test_a_document_is_found_wherever_peers_put_it(info: str, delivery: str) -> None:
    message = supplying("CopyCompleted", info, delivery)
    assert message.url == "https://x.org/a"
    assert message.items == ()


def test_what_is_no_web_address_is_shown_to_people_and_never_offered_as_a_link() -> None:
    message = supplying("CopyCompleted", "", f"{FOREIGN}<URL>javascript:alert(1)</URL>")
    assert message.url == ""
    assert message.note == "URL: javascript:alert(1)"


def test_two_urls_in_a_note_are_left_to_people() -> None:
    assert supplying("CopyCompleted", "<note>https://x.org/a https://x.org/b</note>").url == ""


def test_a_link_in_the_note_of_a_book_is_no_digital_loan() -> None:
    message = supplying("Loaned", "<note>rules: https://x.org/rules</note>", f"{FOREIGN}<itemId>31</itemId>")
    assert message.url == ""
    assert message.items == (SentItem(barcode="31"),)


def test_reshares_triples_are_items() -> None:
    message = supplying("Loaned", "", f"{FOREIGN}<itemId>31,QA1,v.1</itemId><itemId>32,QA1,v.2</itemId>")
    assert message.items == (
        SentItem(barcode="31", call_number="QA1", label="v.1"),
        SentItem(barcode="32", call_number="QA1", label="v.2"),
    )
    assert supplying("Loaned", "", f"{FOREIGN}<itemId>QA76, .B3, 1999</itemId>").items[0].barcode == "QA76, .B3, 1999"


def test_a_cost_on_a_loan_is_its_cost_wherever_it_stands() -> None:
    money = "<currencyCode>USD</currencyCode><monetaryValue>5</monetaryValue>"
    five = Money(amount=5, currency="USD")  # type: ignore[arg-type]
    assert supplying("Loaned", f"<offeredCosts>{money}</offeredCosts>").delivery_cost == five
    assert supplying("Loaned", "", f"{FOREIGN}<deliveryCosts>{money}</deliveryCosts>").delivery_cost == five


@pytest.mark.parametrize(
    ("message", "fault_type", "where"),
    [
        (requesting("Fly"), "UnsupportedActionType", "action"),
        (requesting(""), "BadlyFormedMessage", "action"),
        (requesting("HoldReturn"), "UnsupportedActionType", "action"),
        (supplying("Loaned", reason="Gossip"), "UnsupportedReasonForMessageType", "reasonForMessage"),
        (supplying("Loaned", reason=""), "BadlyFormedMessage", "messageInfo"),
        (supplying("Vanished"), "UnrecognisedDataValue", "status"),
        (supplying("HoldReturn"), "UnrecognisedDataValue", "status"),
        (supplying(""), "BadlyFormedMessage", "status"),
        (supplying("", reason="CancelResponse"), "BadlyFormedMessage", "status"),
        (supplying("Loaned", more="<dueDate>soon</dueDate>"), "UnrecognisedDataValue", "dueDate"),
        (request("<serviceInfo><serviceType>Gift</serviceType></serviceInfo>"), "UnrecognisedDataValue", "serviceType"),
        (request("<serviceInfo><serviceLevel>Rush</serviceLevel></serviceInfo>"), "BadlyFormedMessage", "serviceType"),
        (taken(f"<request>{HEADER}{LOAN}</request>"), "BadlyFormedMessage", "bibliographicInfo"),
        (taken("<request></request>"), "BadlyFormedMessage", "request"),
    ],
)
def test_a_fault_is_marked_with_its_error_type_and_place(message: Message, fault_type: str, where: str) -> None:
    assert message.fault_type == fault_type
    assert where in message.fault.partition(": ")[0]


def test_an_answer_to_cancel_needs_no_status() -> None:
    message = supplying("", "<answerYesNo>Y</answerYesNo>", reason="CancelResponse")
    assert not message.fault
    assert message.answer is True


def test_what_we_do_not_use_is_no_fault() -> None:
    service = (
        "<serviceInfo><requestSubType>Odd</requestSubType><serviceType>Copy</serviceType>"
        "<startDate>x</startDate></serviceInfo>"
    )
    assert not request(service).fault
    assert not supplying("Loaned", "", "<dateSent>yesterday</dateSent><itemId>1</itemId>").fault


def test_a_missing_timestamp_is_a_fault_and_always_reads_the_same() -> None:
    header = HEADER.replace("<timestamp>2026-01-05T08:00:00Z</timestamp>", "")
    xml = f"<requestingAgencyMessage>{header}<action>Received</action></requestingAgencyMessage>"
    assert taken(xml).timestamp == NO_TIMESTAMP
    assert taken(xml) == taken(xml)
    assert taken(xml).fault_type == "BadlyFormedMessage"


def test_a_confirmation_is_no_message() -> None:
    with pytest.raises(Unparseable, match="confirmation"):
        taken(
            "<requestConfirmation><confirmationHeader><messageStatus>OK</messageStatus></confirmationHeader>"
            "</requestConfirmation>"
        )


MOD_RS = {
    "okapi-scripts/iso18626_req_1.xml": ("RESHARE:TESTINST01", "loan", ""),
    "protocol_tests/case1_request.xml": ("RESHARE:MILL", "loan", ""),
    "service/src/integration-test/resources/isoMessages/illmockrequest.xml": ("DMMY:NIA2", "loan", ""),
    "service/src/integration-test/resources/isoMessages/patronRequest.xml": ("ISIL:agencyIdValue_holder", "loan", ""),
    "service/src/integration-test/resources/isoMessages/patronRequestRetry.xml": ("", "loan", "BadlyFormedMessage"),
    "service/src/test/resources/ISO18626/request.xml": ("agencyIdType2:agencyIdValue1", "copy", ""),
}


@pytest.mark.parametrize("sample", MOD_RS)
def test_requests_of_mod_rs_are_mapped(standard: Path, sample: str) -> None:
    message = from_wire(read_message((standard / "samples" / "mod-rs" / sample).read_bytes()))
    assert (message.requesting_agency, message.service_type, message.fault_type) == MOD_RS[sample]
    assert "patronId_holder" not in message.model_dump_json()


def test_other_messages_of_mod_rs_are_mapped(standard: Path) -> None:
    folder = standard / "samples/mod-rs/service/src/test/resources/ISO18626"
    asked = from_wire(read_message((folder / "requestingAgencyMessage.xml").read_bytes()))
    assert (asked.action, asked.note, asked.account_id) == ("StatusRequest", "note1", "accountId1")
    told = from_wire(read_message((folder / "supplyingAgencyMessage.xml").read_bytes()))
    assert (told.status, told.reason, told.answer) == ("RequestReceived", "RequestResponse", True)
    assert not told.fault
