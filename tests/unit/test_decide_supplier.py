"""The supplier: what it reports, and what the partner has although nobody said that it was sent."""

from datetime import UTC, date, datetime

import pytest

from illcore.request import Request
from tests.unit.decide_cases import NOW, demanded, does, message_of, reasons, sends, taken, theirs

# --- the supplier: the partner has it, renewals, the end ---


@pytest.mark.parametrize(
    "state", "new review will_supply picking conditional retry_asked cancel_requested unfilled cancelled closed".split()
)
@pytest.mark.parametrize(("word", "after"), [("Received", "received"), ("ShippedReturn", "return_shipped")])
def test_what_the_partner_has_counts_as_shipped(state: str, word: str, after: str) -> None:
    decision = taken(theirs(state), demanded(word))
    request = decision.request
    assert (request.state, request.saved, reasons(decision)) == (after, "", ["circulation"])
    assert request.shipped_at == NOW
    assert taken(theirs(state, "copy"), demanded(word)).request.state == "completed"


@pytest.mark.parametrize("state", ["return_shipped", "lost", "completed", "closed"])
def test_a_renewal_that_comes_too_late_is_refused(state: str) -> None:
    assert sends(taken(theirs(state), demanded("Renew"))) == [("RenewNo", 1)]


def test_leaving_a_renewal_unanswered_refuses_it_first() -> None:
    asked = taken(theirs("received"), demanded("Renew")).request
    assert (asked.state, asked.place) == ("renew_requested", "received")
    assert sends(taken(asked, demanded("ShippedReturn"))) == [("RenewNo", 1)]
    assert sends(taken(asked, does("check_in"))) == [("RenewNo", 1), ("LoanCompleted", 1)]
    recalled = taken(asked, does("recall")).request
    assert (recalled.state, recalled.saved) == ("renew_requested", "recalled")
    assert taken(recalled, does("reject_renew")).request.state == "recalled"
    granted = taken(asked, does("accept_renew", due_date=date(2026, 6, 1)))
    assert (granted.request.state, message_of(granted).due_date) == ("received", datetime(2026, 6, 1, tzinfo=UTC))


@pytest.mark.parametrize(("state", "outcome"), [("received", "kept"), ("lost", "lost_settled")])
def test_a_waived_return_completes_without_return(state: str, outcome: str) -> None:
    decision = taken(theirs(state), does("waive_return"))
    assert (decision.request.state, decision.request.outcome) == ("completed", outcome)
    assert message_of(decision).status == "CompletedWithoutReturn"


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (theirs("new"), "RequestReceived"),
        (theirs("picking"), "WillSupply"),
        (theirs("retry_asked"), "RetryPossible"),
        (theirs("shipped"), "Loaned"),
        (theirs("renew_requested"), "Loaned"),
        (theirs("return_shipped"), "Loaned"),
        (theirs("shipped", "copy"), "CopyCompleted"),
        (theirs("overdue"), "Overdue"),
        (theirs("lost"), "Overdue"),
        (theirs("recalled"), "Recalled"),
        (theirs("cancel_requested", saved="new"), "RequestReceived"),
        (theirs("completed"), "LoanCompleted"),
        (theirs("completed", outcome="kept"), "CompletedWithoutReturn"),
        (theirs("completed", "copy"), "CopyCompleted"),
        (theirs("unfilled"), "Unfilled"),
        (theirs("cancelled"), "Cancelled"),
        (theirs("closed"), "Unfilled"),
        (theirs("closed", shipped_at=NOW, supplied_as="loan"), "CompletedWithoutReturn"),
        (theirs("closed", "copy", shipped_at=NOW, supplied_as="copy"), "CopyCompleted"),
    ],
)
def test_the_status_that_a_supplier_reports(request_: Request, status: str) -> None:
    assert message_of(taken(request_, demanded("StatusRequest"))).status == status


def test_a_closed_copy_that_was_rejected_reports_unfilled() -> None:
    complained = taken(theirs("completed", "copy"), demanded("DeliveryRejected")).request
    closed = taken(complained, does("close", outcome="unfilled")).request
    assert message_of(taken(closed, demanded("StatusRequest"))).status == "Unfilled"
