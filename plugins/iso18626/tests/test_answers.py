"""Confirmations: valid in every case, echoing what came, with the error types of the schema only."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from illcore.message import Message, Result
from illcore_iso18626.codes import ErrorType
from illcore_iso18626.mapping import NO_TIMESTAMP, confirmation, from_wire
from illcore_iso18626.model import RequestingAgencyMessageConfirmation, SupplyingAgencyMessageConfirmation
from illcore_iso18626.reader import read_message

LATER = datetime(2026, 1, 6, 9, 30, tzinfo=UTC)
Core = Callable[..., Message]
KINDS: list[dict[str, Any]] = [
    {"kind": "Request", "service_type": "loan"},
    {"kind": "RequestingAgencyMessage", "action": "Cancel"},
    {"kind": "SupplyingAgencyMessage", "reason": "StatusChange", "status": "Loaned"},
]


def answer(message: Message, outcome: Any = "applied", error: str = "", value: str = "") -> Any:
    result = Result(message=message, outcome=outcome, error=error, value=value, answered_at=LATER)
    return read_message(confirmation(result)).message


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: str(kind["kind"]))
def test_a_confirmation_echoes_the_message(core: Core, kind: dict[str, Any]) -> None:
    message = core(**kind)
    header = answer(message).confirmation_header
    assert header.timestamp == LATER
    assert header.timestamp_received == message.timestamp
    assert header.requesting_agency_request_id == "R-1"
    assert header.supplying_agency_id.agency_id_value == "CN-320006"
    assert header.message_status == "OK"


def test_action_and_reason_are_echoed(core: Core) -> None:
    asked = answer(core("RequestingAgencyMessage", action="Renew"))
    assert isinstance(asked, RequestingAgencyMessageConfirmation)
    assert asked.action == "Renew"
    told = answer(core("SupplyingAgencyMessage", reason="RenewResponse"), "refused", "UnrecognisedDataValue")
    assert isinstance(told, SupplyingAgencyMessageConfirmation)
    assert told.reason_for_message == "RenewResponse"
    assert told.error_data is not None


@pytest.mark.parametrize(
    ("error", "spelt"),
    [(each.value, each.value) for each in ErrorType]
    + [
        ("UnrecognizedDataValue", "UnrecognisedDataValue"),
        ("badlyformedmessage", "BadlyFormedMessage"),
        ("", "UnrecognisedDataValue"),
        ("NoActiveRequest", "UnrecognisedDataValue"),
    ],
)
def test_error_types_are_those_of_the_schema(
    core: Core, assert_valid: Callable[[bytes], None], error: str, spelt: str
) -> None:
    for kind in KINDS:
        result = Result(message=core(**kind), outcome="refused", error=error, value="状态 \x00", answered_at=LATER)
        assert_valid(confirmation(result))
        found: Any = read_message(confirmation(result)).message
        assert found.confirmation_header.message_status == "ERROR"
        assert (found.error_data.error_type, found.error_data.error_value) == (spelt, "状态")


def test_a_duplicate_of_a_refused_message_is_refused_the_same(core: Core) -> None:
    message = core("RequestingAgencyMessage", action="Cancel")
    again = answer(message, "duplicate", "UnsupportedActionType", "not now")
    assert again == answer(message, "refused", "UnsupportedActionType", "not now")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: str(kind["kind"]))
@pytest.mark.parametrize(
    "lack",
    [
        {"requesting_agency": "", "supplying_agency": ""},
        {"requesting_agency": "ISIL:", "supplying_agency": ":X"},
        {"requesting_agency_request_id": ""},
        {"requesting_agency_request_id": "a\x00b"},
        {"supplying_agency": "ISIL:\x01"},
        {"timestamp": NO_TIMESTAMP},
        {"action": None, "reason": None},
    ],
)
def test_messages_that_lack_something_have_valid_confirmations(
    core: Core, assert_valid: Callable[[bytes], None], kind: dict[str, Any], lack: dict[str, Any]
) -> None:
    result = Result(message=core(**(kind | lack)), outcome="refused", error="BadlyFormedMessage", answered_at=LATER)
    assert_valid(confirmation(result))


def test_without_a_timestamp_the_time_of_the_answer_stands_in(core: Core) -> None:
    message = core("Request", timestamp=NO_TIMESTAMP)
    assert answer(message, "refused", "BadlyFormedMessage").confirmation_header.timestamp_received == LATER


def test_an_empty_message_of_each_kind_can_be_answered(assert_valid: Callable[[bytes], None]) -> None:
    for element in ("request", "requestingAgencyMessage", "supplyingAgencyMessage"):
        xml = f'<ISO18626Message xmlns="http://illtransactions.org/2013/iso18626"><{element}/></ISO18626Message>'
        message = from_wire(read_message(xml.encode()))
        assert message.fault_type == "BadlyFormedMessage"
        refused = Result(
            message=message, outcome="refused", error=message.fault_type, value=message.fault, answered_at=LATER
        )
        assert_valid(confirmation(refused))
