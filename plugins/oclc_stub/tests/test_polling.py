"""Reading what changed: every entry once, whatever the pages, the times and the cursor; and what only a status says."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from illcore.message import Address, Message, Received, Try
from illcore.model import Partner
from illcore.testing.conformance import sample_message
from illcore_oclc_stub.connector import OclcConnector
from illcore_oclc_stub.stub.faults import Fault
from illcore_oclc_stub.testing import A, B, Connect, Seconds, Served, host_with_tables

THEM = Partner(symbol="ISIL:XBB", other_symbols=("OCLC:XBB",), address={"registry_id": B.registry_id})
US = Partner(symbol="ISIL:XAA", other_symbols=("OCLC:XAA",))


def poll(connector: OclcConnector, cursor: str | None) -> Received:
    found: Received = connector.illcore_receive(None, cursor, Seconds())
    return found


def asked(connector: OclcConnector, number: str) -> str:
    message = sample_message(
        requesting_agency="ISIL:XAA",
        supplying_agency="ISIL:XBB",
        requesting_agency_request_id=number,
        delivery_addresses=(Address(line1="1 Road"),),
    )
    return str(connector.illcore_send(message, THEM, f"{number}:1:1", Try(), Seconds()).remote_id)


def plays(stub: Served, id: str, action: str, party: str = "LENDER", **fields: Any) -> None:
    request = stub.stub.lending.requests[int(id)]
    stub.stub.lending.act(request, party, action, fields, stub.stub.clock.now())


@pytest.mark.parametrize("count", [1, 50, 120])
def test_every_change_comes_once_however_many_pages_there_are(stub: Served, connect: Connect, count: int) -> None:
    ours = connect()
    ids = [asked(ours, f"N-{number}") for number in range(count)]
    for id in ids:
        plays(stub, id, "WILL_SUPPLY")
    numbers: list[str] = []
    cursor = None
    for _ in range(4):
        received = poll(ours, cursor)
        numbers += [message.requesting_agency_request_id for message in received.messages]
        cursor = received.cursor
    assert sorted(numbers) == sorted(f"N-{number}" for number in range(count))


def test_many_changes_at_one_instant_are_all_read(stub: Served, connect: Connect) -> None:
    ours = connect()
    ids = [asked(ours, f"N-{number}") for number in range(130)]
    at = datetime.now(UTC) + timedelta(seconds=1)
    for id in ids:
        stub.stub.lending.act(stub.stub.lending.requests[int(id)], "LENDER", "WILL_SUPPLY", {}, at)
    received = poll(ours, None)
    again = poll(ours, received.cursor)
    assert len(received.messages) + len(again.messages) == 130


def test_what_was_not_committed_comes_again_the_same(stub: Served, connect: Connect) -> None:
    ours = connect()
    id = asked(ours, "N-1")
    cursor = poll(ours, None).cursor
    plays(stub, id, "WILL_SUPPLY")
    first, second = poll(ours, cursor), poll(connect(host=ours._polling._host), cursor)
    assert first.messages == second.messages != ()
    assert poll(ours, first.cursor).messages == ()


def test_an_answer_that_shows_late_is_still_read(stub: Served, connect: Connect) -> None:
    ours = connect()
    first, second = asked(ours, "N-1"), asked(ours, "N-2")
    plays(stub, second, "WILL_SUPPLY")
    cursor = poll(ours, None).cursor
    late = stub.stub.lending.requests[int(first)]
    late.status = "UNFILLED"
    late.note("LENDER", "UNFILL", {}, datetime.now(UTC) - timedelta(seconds=60))
    assert [message.status for message in poll(ours, cursor).messages] == ["Unfilled"]


def test_a_broken_or_foreign_cursor_only_means_reading_all_again(stub: Served, connect: Connect) -> None:
    ours = connect()
    plays(stub, asked(ours, "N-1"), "WILL_SUPPLY")
    for cursor in ("", "junk", "[]", '{"since": 7, "seen": []}', '{"since": "soon", "waiting": {"1": null}}'):
        assert len(poll(ours, cursor).messages) == 1


def test_half_of_a_poll_is_handed_over_when_the_rest_fails(stub: Served, connect: Connect) -> None:
    ours = connect()
    for number in range(60):
        plays(stub, asked(ours, f"N-{number}"), "WILL_SUPPLY")
    stub.stub.spoil(Fault(name="slow", area="ill", method="GET", seconds=0))
    stub.stub.spoil(Fault(name="server_error", area="ill", method="GET"))
    first = poll(ours, None)
    assert len(first.messages) == 50
    assert len(poll(ours, first.cursor).messages) == 10


def test_requests_of_other_systems_of_the_institution_are_left_alone(stub: Served, connect: Connect) -> None:
    id = asked(connect(), "N-1")
    plays(stub, id, "WILL_SUPPLY")
    assert poll(connect(host=host_with_tables()), None).messages == ()


STATUSES = {
    "PENDING": "RequestReceived",
    "WILL_SUPPLY": "WillSupply",
    "CONDITIONAL": "WillSupply",
    "RETRY": "RetryPossible",
    "UNFILLED": "Unfilled",
    "EXPIRED": "Unfilled",
    "SHIPPED": "Loaned",
    "OVERDUE": "Overdue",
    "RECALLED": "Recalled",
    "CANCELLED": "Cancelled",
}


@pytest.mark.parametrize(("status", "meant"), STATUSES.items())
def test_where_no_history_is_told_the_status_is_believed(
    stub: Served, connect: Connect, status: str, meant: str
) -> None:
    ours = connect()
    id = asked(ours, "N-1")
    stub.stub.lending.requests[int(id)].status = status
    stub.stub.spoil(Fault(name="no_history", times=None))
    received = poll(ours, None)
    assert [message.status for message in received.messages] == [meant]
    assert poll(ours, received.cursor).messages == ()


@pytest.mark.parametrize("status", ["CLOSED", "SOMETHING_NEW"])
def test_a_status_that_may_mean_anything_is_told_to_staff_in_both_languages(
    stub: Served, connect: Connect, status: str
) -> None:
    ours = connect(statuses=("CLOSED", "SOMETHING_NEW"))
    id = asked(ours, "N-1")
    stub.stub.lending.requests[int(id)].status = status
    stub.stub.spoil(Fault(name="no_history", times=None))
    message = poll(ours, None).messages[0]
    assert (message.reason, message.signal) == ("Notification", None)
    assert status in message.note
    assert "状态" in message.note


@pytest.mark.parametrize("status", ["RECEIVED", "RETURNED", "CANCEL_PENDING", "RENEW_PENDING"])
def test_our_own_doing_is_no_news(stub: Served, connect: Connect, status: str) -> None:
    ours = connect()
    id = asked(ours, "N-1")
    stub.stub.lending.requests[int(id)].status = status
    stub.stub.spoil(Fault(name="no_history", times=None))
    assert poll(ours, None).messages == ()


@pytest.mark.parametrize("status", ["CLOSED", "SHIPPED", "RETURNED", "UNFILLED"])
@pytest.mark.parametrize("history", [True, False])
def test_a_lender_takes_in_only_what_was_not_answered_yet(
    stub: Served, connect: Connect, status: str, history: bool
) -> None:
    ours, theirs = connect(), connect(B, host=host_with_tables(partners=[US]))
    first, second = asked(ours, "N-1"), asked(ours, "N-2")
    stub.stub.lending.requests[int(first)].status = status
    if not history:
        stub.stub.spoil(Fault(name="no_history", times=None))
    requests = [message for message in poll(theirs, None).messages if message.kind == "Request"]
    assert [message.requesting_agency_request_id for message in requests] == [second]
    assert requests[0].requesting_agency == "ISIL:XAA"


@pytest.mark.parametrize(
    "junk",
    [
        {"requestId": None},
        {"requestId": "1", "edited": "never"},
        {"requestId": {"a": 1}, "edited": "2026-01-05T08:00:00.000+0000"},
        {"requestId": 1, "edited": "2026-01-05T08:00:00.000+0000", "history": [1, None, {"sequence": "x"}]},
        {"requestId": 1, "edited": "9999-12-31T23:59:59.000+0000", "requester": [], "item": "x", "history": {}},
    ],
)
def test_a_request_that_makes_no_sense_spoils_no_other(stub: Served, connect: Connect, junk: dict[str, Any]) -> None:
    ours = connect()
    plays(stub, asked(ours, "N-1"), "WILL_SUPPLY")
    request = next(iter(stub.stub.lending.requests.values()))
    true = request.shown
    request_class = type(request)
    shown = request_class.shown

    def both(self: Any, with_history: bool = True) -> Any:
        return [junk, shown(self, with_history)]

    request_class.shown = both  # type: ignore[assignment,method-assign]
    try:
        received = poll(ours, None)
    finally:
        request_class.shown = shown  # type: ignore[method-assign]
    assert true()
    assert [message.status for message in received.messages] == ["WillSupply"]


def test_a_lenders_answer_needs_no_row_of_ours(stub: Served, connect: Connect) -> None:
    id = asked(connect(), "N-1")
    answer = Message(
        kind="SupplyingAgencyMessage",
        requesting_agency="ISIL:XAA",
        supplying_agency="ISIL:XBB",
        requesting_agency_request_id=id,
        timestamp=datetime(2026, 1, 5, tzinfo=UTC),
        reason="StatusChange",
        status="Loaned",
        due_date=datetime(2026, 3, 1, tzinfo=UTC),
    )
    receipt = connect(B).illcore_send(answer, US, "k", Try(), Seconds())
    assert receipt.detail == {"action": "SHIP"}
    assert stub.stub.lending.requests[int(id)].fulfillment["dueDate"] == "2026-03-01"
    assert A.wskey
