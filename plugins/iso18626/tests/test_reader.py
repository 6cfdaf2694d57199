"""What real systems send, and how much of it is understood, repaired, or named as wrong."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from illcore_iso18626.codes import Action, ErrorType, ReasonForMessage, RequestSubType, Status, YesNo
from illcore_iso18626.model import AgencyId, Costs, SchemeValue
from illcore_iso18626.reader import Parsed, Problem, read_message

NS = "xmlns='http://illtransactions.org/2013/iso18626' xmlns:ill='http://illtransactions.org/2013/iso18626'"
HEADER = (
    "<header><supplyingAgencyId><agencyIdType>ISIL</agencyIdType><agencyIdValue>S</agencyIdValue></supplyingAgencyId>"
    "<requestingAgencyId><agencyIdType>ISIL</agencyIdType><agencyIdValue>R</agencyIdValue></requestingAgencyId>"
    "<timestamp>2025-03-17T09:30:00Z</timestamp><requestingAgencyRequestId>7</requestingAgencyRequestId></header>"
)


def _read(message: str, content: str, attributes: str = "ill:version='1.2'") -> Parsed:
    body = f"<ISO18626Message {NS} {attributes}><{message}>{content}</{message}></ISO18626Message>"
    return read_message(body.encode())


def _request(content: str = "", bibliographic: str = "<title>T</title>") -> Any:
    return _read("request", f"{HEADER}<bibliographicInfo>{bibliographic}</bibliographicInfo>{content}")


def _supplying(message: str = "", status: str = "", more: str = "") -> Any:
    status = status or "<status>Loaned</status><lastChange>2025-03-17T09:30:00Z</lastChange>"
    reason = "" if "reasonForMessage" in message else "<reasonForMessage>StatusChange</reasonForMessage>"
    return _read(
        "supplyingAgencyMessage",
        f"{HEADER}<messageInfo>{reason}{message}</messageInfo><statusInfo>{status}</statusInfo>{more}",
    )


@pytest.mark.parametrize(
    ("attributes", "version"),
    [
        ("ill:version='1.2'", "1.2"),
        ("version='1.0'", "1.0"),
        ("version=''", ""),
        ("", ""),
        ("version=' 2021-3 '", "2021-3"),
    ],
)
def test_the_version_is_what_the_sender_named(attributes: str, version: str) -> None:
    parsed = _read("requestingAgencyMessage", f"{HEADER}<action>Cancel</action>", attributes)
    assert (parsed.version, parsed.problems) == (version, ())


@pytest.mark.parametrize(
    "body",
    [
        "<x:ISO18626Message xmlns:x='http://illtransactions.org/2013/iso18626'>{}</x:ISO18626Message>",
        "<ISO18626Message>{}</ISO18626Message>",
        "\n  <?xml version='1.0'?><!-- a --><ISO18626Message><!-- b --><?c d?>{}</ISO18626Message><!-- e -->",
        "{}",
    ],
    ids=["another prefix", "no namespace", "comments and instructions", "no envelope"],
)
def test_the_envelope_may_look_different(body: str) -> None:
    message = f"<requestingAgencyMessage>{HEADER}<action>Re<!-- x -->ceived</action></requestingAgencyMessage>"
    parsed = read_message(body.format(message).encode())
    assert parsed.message.action is Action.RECEIVED  # type: ignore[union-attr]
    assert parsed.problems == ()


def test_a_scheme_is_read_with_or_without_its_prefix_and_an_empty_one_is_none() -> None:
    parsed = _request(
        "<publicationInfo><publicationType ill:scheme='http://a'>Book</publicationType></publicationInfo>"
        "<serviceInfo><serviceType>Loan</serviceType><serviceLevel scheme='http://b'>Rush</serviceLevel>"
        "<preferredFormat scheme=''>PDF</preferredFormat>"
        "<copyrightCompliance scheme='not a uri'>Other</copyrightCompliance></serviceInfo>"
    )
    assert parsed.message.publication_info.publication_type == SchemeValue("Book", "http://a")
    assert parsed.message.service_info.service_level == SchemeValue("Rush", "http://b")
    assert parsed.message.service_info.preferred_format == SchemeValue("PDF")
    assert parsed.message.service_info.copyright_compliance == SchemeValue("Other")
    assert parsed.warnings == ('request/serviceInfo/copyrightCompliance: the scheme "not a uri" is no URI, ignored',)


def test_codes_are_understood_in_any_case() -> None:
    parsed = _request(
        "<publicationInfo><publicationType>conferenceproc</publicationType></publicationInfo><serviceInfo>"
        "<requestType>new</requestType><requestSubType>patronrequest</requestSubType>"
        "<serviceType>COPYORLOAN</serviceType><serviceLevel>URGENT</serviceLevel>"
        "<preferredFormat>cd-rom</preferredFormat><anyEdition>yes</anyEdition></serviceInfo><billingInfo>"
        "<maximumCosts><currencyCode>cny</currencyCode><monetaryValue>12,5</monetaryValue></maximumCosts></billingInfo>",
        "<bibliographicItemId><bibliographicItemIdentifier>1</bibliographicItemIdentifier>"
        "<bibliographicItemIdentifierCode>isbn</bibliographicItemIdentifierCode></bibliographicItemId>",
    )
    request = parsed.message
    assert parsed.problems == ()
    assert request.publication_info.publication_type.value == "ConferenceProc"
    assert request.service_info.request_sub_type == (RequestSubType.PATRON_REQUEST,)
    assert request.service_info.service_type == "CopyOrLoan"
    assert str(request.service_info.service_level) == "Urgent"
    assert request.service_info.preferred_format.value == "CD-ROM"
    assert request.service_info.any_edition is YesNo.Y
    assert request.billing_info.maximum_costs == Costs(SchemeValue("CNY"), Decimal("12.5"))
    assert request.bibliographic_info.bibliographic_item_id[0].bibliographic_item_identifier_code.value == "ISBN"


def test_an_open_code_that_nobody_knows_is_kept_as_it_is() -> None:
    parsed = _supplying("<reasonUnfilled>transfer:XYZ</reasonUnfilled>")
    assert parsed.message.message_info.reason_unfilled == SchemeValue("transfer:XYZ")
    assert (parsed.warnings, parsed.problems) == ((), ())


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("UnrecognisedDataValue", ErrorType.UNRECOGNISED_DATA_VALUE),
        ("UnrecognizedDataValue", ErrorType.UNRECOGNISED_DATA_VALUE),
        ("UnrecognizedDataElement", ErrorType.UNRECOGNISED_DATA_ELEMENT),
        ("badlyformedmessage", ErrorType.BADLY_FORMED_MESSAGE),
        ("NoActiveRequest", "NoActiveRequest"),
    ],
)
def test_error_types_are_understood_or_kept(sent: str, read: str) -> None:
    parsed: Any = _read(
        "requestConfirmation",
        "<confirmationHeader><timestamp>2025-03-17T09:30:00Z</timestamp><timestampReceived>2025-03-17T09:30:00Z"
        "</timestampReceived><messageStatus>Error</messageStatus></confirmationHeader>"
        f"<errorData><errorType>{sent}</errorType></errorData>",
    )
    assert parsed.message.error_data.error_type == read
    assert parsed.message.confirmation_header.message_status == "ERROR"
    assert parsed.problems == ()


@pytest.mark.parametrize(
    ("parsed", "path", "error_type", "kept"),
    [
        (
            _read("requestingAgencyMessage", f"{HEADER}<action>Burn</action>"),
            "requestingAgencyMessage/action",
            ErrorType.UNSUPPORTED_ACTION_TYPE,
            "Burn",
        ),
        (
            _supplying("<reasonForMessage>Boredom</reasonForMessage>"),
            "supplyingAgencyMessage/messageInfo/reasonForMessage",
            ErrorType.UNSUPPORTED_REASON_FOR_MESSAGE_TYPE,
            "Boredom",
        ),
        (
            _supplying(status="<status>Eaten</status><lastChange>2025-03-17T09:30:00Z</lastChange>"),
            "supplyingAgencyMessage/statusInfo/status",
            ErrorType.UNRECOGNISED_DATA_VALUE,
            "Eaten",
        ),
    ],
)
def test_a_code_outside_a_closed_list_is_a_problem_and_is_kept(
    parsed: Any, path: str, error_type: ErrorType, kept: str
) -> None:
    [problem] = parsed.problems
    assert (problem.path, problem.error_type, problem.forgivable) == (path, error_type, False)
    assert problem.text.startswith(f'"{kept}" is not one of ')
    value = parsed.message
    for step in path.split("/")[1:]:
        name = {"messageInfo": "message_info", "statusInfo": "status_info", "reasonForMessage": "reason_for_message"}
        value = getattr(value, name.get(step, step))
    assert value == kept


def test_values_that_cannot_be_read_are_named_and_absent() -> None:
    parsed = _request(
        "<serviceInfo><serviceType>Loan</serviceType><needBeforeDate>soon</needBeforeDate></serviceInfo>"
        "<supplierInfo><sortOrder>first</sortOrder><callNumber>I242</callNumber></supplierInfo>"
    )
    assert parsed.problems == (
        Problem(
            "request/serviceInfo/needBeforeDate",
            '"soon": expected a date and time such as 2025-03-17T09:30:00Z',
            ErrorType.UNRECOGNISED_DATA_VALUE,
        ),
        Problem(
            "request/supplierInfo/sortOrder",
            '"first": expected a whole number such as 3',
            ErrorType.UNRECOGNISED_DATA_VALUE,
        ),
    )
    assert parsed.message.service_info.need_before_date is None
    assert parsed.message.supplier_info[0].sort_order is None
    assert parsed.message.supplier_info[0].call_number == "I242"


def test_what_is_required_and_missing_is_named_with_its_place() -> None:
    parsed: Any = _read(
        "supplyingAgencyMessage",
        "<header><requestingAgencyRequestId>7</requestingAgencyRequestId></header><messageInfo/>"
        "<statusInfo><status>Unfilled</status></statusInfo>",
    )
    assert {(problem.path.partition("/")[2], problem.forgivable) for problem in parsed.problems} == {
        ("header/supplyingAgencyId", True),
        ("header/requestingAgencyId", False),
        ("header/timestamp", False),
        ("messageInfo", False),
        ("statusInfo/lastChange", True),
    }
    assert {problem.error_type for problem in parsed.problems} == {ErrorType.BADLY_FORMED_MESSAGE}
    assert parsed.message.header.timestamp is None
    assert parsed.message.header.requesting_agency_id == AgencyId(SchemeValue(""), "")
    assert parsed.message.header.multiple_item_request_id == ""
    assert parsed.message.message_info.reason_for_message == ""
    assert parsed.message.status_info.status is Status.UNFILLED


def test_an_empty_message_is_a_problem_and_not_a_crash() -> None:
    parsed: Any = _read("request", "")
    assert parsed.problems == (Problem("request", "is empty", ErrorType.BADLY_FORMED_MESSAGE),)
    assert parsed.message.header.requesting_agency_request_id == ""


def test_empty_elements_count_as_absent() -> None:
    parsed = _supplying(
        "<answerYesNo /><note> \n </note><reasonUnfilled/><offeredCosts/><retryAfter/>",
        more="<deliveryInfo><dateSent/><itemId></itemId><loanCondition/><deliveryCosts/></deliveryInfo><returnInfo/>",
    )
    assert (parsed.warnings, parsed.problems) == ((), ())
    assert parsed.message.message_info.answer_yes_no is None
    assert parsed.message.delivery_info is None
    assert parsed.message.return_info is None


def test_unknown_elements_are_ignored_and_noted() -> None:
    parsed = _request("<x:extra xmlns:x='urn:x'><a>1</a> <b>2</b></x:extra>", "<title>T</title><authorId>9</authorId>")
    assert parsed.message.bibliographic_info.title == "T"
    assert parsed.warnings == (
        'request/bibliographicInfo/authorId: unknown element, ignored: "9"',
        'request/extra: unknown element, ignored: "1 2"',
    )


def test_the_order_of_elements_does_not_matter() -> None:
    parsed = _read(
        "request", f"<bibliographicInfo><author>A</author><title>T</title></bibliographicInfo>{HEADER}<patronInfo/>"
    )
    assert parsed.problems == ()
    assert parsed.message.bibliographic_info.author == "A"  # type: ignore[union-attr]


def test_markup_inside_a_text_loses_no_text() -> None:
    parsed = _request("", "<title>On <i>Rosa</i> <![CDATA[& <kin>]]> &#x20000;</title>")
    assert parsed.message.bibliographic_info.title == "On Rosa & <kin> 𠀀"


def test_what_comes_twice_is_joined_or_noted() -> None:
    parsed = _request(
        "<serviceInfo><serviceType>Loan</serviceType><note>a</note><note>b</note></serviceInfo>",
        "<title>T</title><title>U</title><volume>1</volume><volume>2</volume>",
    )
    assert parsed.message.service_info.note == "a\nb"
    assert parsed.message.bibliographic_info.volume == "1; 2"
    assert parsed.message.bibliographic_info.title == "T"
    assert parsed.warnings == ('request/bibliographicInfo/title: came more than once; ignored "U"',)


def test_times_without_zone_are_noted_and_the_year_one_is_no_date() -> None:
    parsed = _supplying(
        status="<status>Loaned</status><dueDate>0001-01-01T00:00:00Z</dueDate><lastChange>2025-03-17</lastChange>"
    )
    assert parsed.problems == ()
    assert parsed.message.status_info.due_date is None
    assert parsed.message.status_info.last_change == datetime(2025, 3, 17, tzinfo=UTC)
    assert parsed.warnings == (
        'supplyingAgencyMessage/statusInfo/dueDate: "0001-01-01T00:00:00Z": year 1 stands for no date, ignored',
        'supplyingAgencyMessage/statusInfo/lastChange: "2025-03-17": no time zone, taken as UTC',
    )


def test_the_2021_edition_is_read_where_it_says_the_same() -> None:
    parsed = _supplying(
        "<reasonRetry>costexceedsmaxcost</reasonRetry>",
        more="<retryInfo><loanCondition>LibraryUseOnly</loanCondition><offeredCosts><currencyCode>EUR</currencyCode>"
        "<monetaryValue>8</monetaryValue></offeredCosts><retryBefore>2025-05-01T00:00:00Z</retryBefore>"
        "<retryAfter>2025-04-01T00:00:00Z</retryAfter></retryInfo><deliveryInfo><dateSent>2025-03-17T09:30:00Z"
        "</dateSent><itemId>1</itemId><itemId>2</itemId><URL>https://example.org/x</URL>"
        "<deliveryMethod>url</deliveryMethod><loanCondition>LibraryUseOnly</loanCondition>"
        "<loanCondition>NoReproduction</loanCondition><itemFormat>pdf</itemFormat></deliveryInfo>",
    )
    info, delivery = parsed.message.message_info, parsed.message.delivery_info
    assert info.reason_for_message is ReasonForMessage.STATUS_CHANGE
    assert info.reason_retry.value == "CostExceedsMaxCost"
    assert info.offered_costs == Costs(SchemeValue("EUR"), Decimal(8))
    assert (info.retry_after.month, info.retry_before.month) == (4, 5)
    assert delivery.item_id == ("1", "2")
    assert delivery.url == "https://example.org/x"
    assert (delivery.sent_via.value, delivery.delivered_format.value) == ("URL", "PDF")
    assert [str(each) for each in delivery.loan_condition] == ["LibraryUseOnly", "NoReproduction"]
    assert parsed.problems == ()
    assert parsed.warnings == (
        'supplyingAgencyMessage/messageInfo/loanCondition: unknown element, ignored: "LibraryUseOnly"',
    )


def test_codes_and_orders_of_the_2021_edition_are_read() -> None:
    lost: Any = _read("requestingAgencyMessage", f"{HEADER}<action>Lost</action>")
    assert (lost.message.action, lost.problems) == (Action.LOST, ())
    parsed = _request(
        "<serviceInfo><serviceType>Loan</serviceType><itemFormat>epub</itemFormat>"
        "<preferredEdition>ThisEdition</preferredEdition></serviceInfo>",
        "<bibliographicItemId><bibliographicItemIdentifierCode>ISSN</bibliographicItemIdentifierCode>"
        "<bibliographicItemIdentifier>0028-0836</bibliographicItemIdentifier></bibliographicItemId>",
    )
    assert parsed.message.service_info.preferred_format.value == "EPUB"
    assert parsed.message.service_info.any_edition is YesNo.N
    assert parsed.message.bibliographic_info.bibliographic_item_id[0].bibliographic_item_identifier == "0028-0836"
    assert parsed.problems == ()


def test_the_notes_of_a_hostile_message_are_limited() -> None:
    parsed = _request("<supplierInfo><sortOrder>x</sortOrder><y/></supplierInfo>" * 500)
    assert len(parsed.warnings) == len(parsed.problems) == 101
    assert parsed.warnings[-1] == "and more warnings"
    assert parsed.problems[-1].text == "and more problems"
