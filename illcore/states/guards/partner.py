"""Guards that ask what the partner said: its status, its conditions, its answer to a cancel or a retry."""

from typing import Any

from illcore.calendars import local_date
from illcore.request import Condition, Request
from illcore.states.guards.general import current_attempt
from illcore.states.row import Case, Guard, asking, otherwise
from illcore.states.status import nothing_is_out


def has_url(case: Case) -> bool:
    """The document or item is at a URL."""
    return bool(case.event.data.get("url"))


def sent_before_rejection(case: Case) -> bool:
    """The delivery was sent before we rejected one."""
    rejected = current_attempt(case).rejected_at
    change = case.event.data.get("last_change")
    return rejected is not None and change is not None and change <= rejected and not case.event.by_hand


def received_since(case: Case) -> bool:
    """The partner wrote after this complaint that it has it: the two messages changed places on their way."""
    attempt, sent = case.request.current(), case.event.data.get("sent")
    if attempt is None or sent is None or case.event.by_hand:
        return False
    return attempt.last_status == "Received" and attempt.last_change is not None and sent < attempt.last_change


def had_complained(case: Case) -> bool:
    """A delivery of this supplier was rejected, so it is about to send it again."""
    partner = case.request.partner
    return any(a.rejected_at is not None and a.partner == partner for a in case.request.attempts)


def is_old_news(case: Case) -> bool:
    """The supplier has told a later status already."""
    change, last = case.event.data.get("last_change"), current_attempt(case).last_change
    return change is not None and last is not None and change < last and not case.event.by_hand


def no_news(case: Case) -> bool:
    """The status only comes along with an answer; no new status is told."""
    return case.event.data.get("message_reason") in ("StatusRequestResponse", "CancelResponse", "RenewResponse")


def answers_status_request(case: Case) -> bool:
    """The status is an answer to our StatusRequest."""
    return case.event.data.get("message_reason") == "StatusRequestResponse"


def says(*statuses: str) -> Guard:
    """The message, whatever it is, carries one of these statuses."""
    return asking(lambda case: case.event.data.get("status") in statuses, f"says {' or '.join(statuses)}")


def nothing_with_us(case: Case) -> bool:
    """The supplier that closed says that nothing was sent, or says nothing of it."""
    return case.event.data.get("status") in (None, "", "Unfilled", "Cancelled", "RequestReceived", "WillSupply")


# --- conditions ---


def offered_conditions(case: Case) -> list[dict[str, Any]]:
    """The conditions that the event names, each ``{"code", "text", "cost", "number"}`` as far as given."""
    data = case.event.data
    single = {k: data.get(k) for k in ("code", "text", "cost") if data.get(k)}
    return list(data.get("conditions") or ()) or ([single] if single else [])


def standing_condition(request: Request, entry: dict[str, Any]) -> Condition | None:
    """The condition of this attempt that says the same and is open or accepted."""
    wanted = (entry.get("code") or "", entry.get("text") or "", entry.get("cost"))
    number = entry.get("number")
    for condition in request.conditions:
        if condition.attempt == request.attempt and condition.answer in ("", "accepted"):
            same = (condition.code, condition.text, condition.cost) == wanted
            if same and number in (None, condition.number):
                return condition
    return None


def all_accepted_before(case: Case) -> bool:
    """Every condition that the message names was accepted; the word of it is still on its way to the supplier."""
    standing = [standing_condition(case.request, entry) for entry in offered_conditions(case)]
    return bool(standing) and all(c is not None and c.answer == "accepted" for c in standing)


def conditions_stand_open(case: Case) -> bool:
    """Some condition of this attempt waits for an answer."""
    return bool(case.request.open_conditions())


def accepts_last_condition(case: Case) -> bool:
    """No condition that was added later is still open."""
    request = case.request
    number = case.event.data.get("number")
    open_ones = request.open_conditions()
    return not open_ones or number is None or number >= max(c.number for c in open_ones)


# --- cancel and retry ---


def then_is_stop(case: Case) -> bool:
    """The cancel is to end the request."""
    return case.request.then == "stop"


def reader_had_cancelled(case: Case) -> bool:
    """The reader or staff cancelled before, and the supplier at first refused."""
    return case.request.ending.startswith("cancelled_by")


def retry_date_ahead(case: Case) -> bool:
    """The supplier asked us to come back later than today."""
    after = case.request.retry_after
    return after is not None and after > local_date(case.facts.policy.calendar, case.now)


@otherwise("the retry was accepted and goes out on the date that the supplier named")
def retry_not_accepted(case: Case) -> bool:
    """The offer waits for an answer."""
    return not case.request.accepted_retry


def nothing_was_shipped(case: Case) -> bool:
    """No item of this request ever left."""
    return case.request.shipped_at is None


def nothing_with_partner(case: Case) -> bool:
    """Nothing is with the partner that asks."""
    return nothing_is_out(case.request)


def supplier_said_last(status: str) -> Guard:
    """The last status applied from this attempt is this one."""
    return asking(lambda case: current_attempt(case).last_status == status, f"supplier said last {status}")
