"""The questions that rows ask before they hold: each reads the case and changes nothing."""

from illcore.checks import approval_needed, check
from illcore.facts import Candidate
from illcore.request import Attempt, Item
from illcore.states.row import Case, Guard, asking

ON_THE_WAY_BACK = "returned_at"


def both(*guards: Guard) -> Guard:
    """All of them hold."""
    return asking(lambda case: all(guard(case) for guard in guards), " and ".join(g.__name__ for g in guards))


def negated(guard: Guard) -> Guard:
    """It does not hold."""
    return asking(lambda case: not guard(case), f"not {guard.__name__}")


def place_is(*places: str) -> Guard:
    """The item is at one of these places."""
    return asking(lambda case: case.request.place in places, f"place is {' or '.join(places)}")


def saved_is(*states: str) -> Guard:
    """The saved state is one of these."""
    return asking(lambda case: case.request.saved in states, f"saved is {' or '.join(states)}")


def reports_on(message: str) -> Guard:
    """The effect that this event reports on was this message."""
    return asking(lambda case: case.event.data.get("message") == message, f"of {message}")


def policy_says(name: str, value: str) -> Guard:
    """A policy of the library has this value."""
    return asking(lambda case: getattr(case.facts.policy, name) == value, f"policy {name} is {value}")


def _current(case: Case) -> Attempt:
    attempt = case.request.current()
    if attempt is None:
        raise LookupError("the request has no current attempt")
    return attempt


# --- checks on entry and the rota ---


def over_limit_waits(case: Case) -> bool:
    """The reader has as many open requests as allowed, and policy lets the request wait in the queue."""
    limit = case.facts.policy.open_requests_per_reader
    return (
        limit is not None
        and case.facts.policy.over_limit == "queue"
        and "over_limit" not in case.request.overrides
        and case.facts.reader_open >= limit
    )


def a_check_fails(case: Case) -> bool:
    """At least one check on entry asks for a person."""
    return bool(check(case.request, case.facts, case.now))


def approval_wanted_after_locating(case: Case) -> bool:
    """Policy wants a person's approval once a supplier is known."""
    return (
        "approval" not in case.request.overrides
        and approval_needed(case.request, case.facts, "after_locating") is not None
    )


def must_locate(case: Case) -> bool:
    """Nobody was named, no search was made, and some account can search."""
    request = case.request
    return case.facts.can_search and not request.located and not request.named_suppliers


def has_supplier(case: Case) -> bool:
    """The rota holds a supplier that can be asked now."""
    return next_in_rota(case) is not None


def next_in_rota(case: Case) -> tuple[Attempt | None, Candidate | None] | None:
    """The rota entry that is asked next: a waiting one, or a fresh candidate while there is no rota yet."""
    request = case.request
    for attempt in request.attempts:
        if attempt.status == "waiting" and attempt.partner not in case.facts.closed:
            return attempt, None
    if not request.attempts:
        for candidate in case.facts.candidates:
            if not candidate.skip:
                return None, candidate
    return None


def one_reason_left(case: Case) -> bool:
    """The override answers the last open reason, or names none and so answers all."""
    reason = case.event.data.get("reason") or ""
    return all(r == reason for r in case.request.reasons) if reason else True


def only_approval_left(case: Case) -> bool:
    """Approval is all that the review waits for."""
    return set(case.request.reasons) <= {"approval"}


def only_supplier_or_approval_left(case: Case) -> bool:
    """What the review waits for is a supplier or an approval, both of which sending implies."""
    return set(case.request.reasons) <= {"approval", "no_supplier"}


def continues_to_locating(case: Case) -> bool:
    """The review came after the checks, so overriding it goes on with the rota."""
    return case.request.resume == "locating"


def no_supplier_is_the_reason(case: Case) -> bool:
    """The rota is at its end."""
    return "no_supplier" in case.request.reasons


# --- answers of the partner ---


def has_url(case: Case) -> bool:
    """The document or item is at a URL."""
    return bool(case.event.data.get("url"))


def sent_before_rejection(case: Case) -> bool:
    """The delivery was sent before we rejected one."""
    rejected = _current(case).rejected_at
    change = case.event.data.get("last_change")
    return rejected is not None and (change is None or change <= rejected) and not case.event.by_hand


def answers_status_request(case: Case) -> bool:
    """The status is an answer to our StatusRequest."""
    return case.event.data.get("message_reason") == "StatusRequestResponse"


def nothing_with_us(case: Case) -> bool:
    """The supplier that closed says that nothing was sent."""
    return case.event.data.get("status") in (None, "", "Unfilled", "Cancelled", "RequestReceived", "WillSupply")


def then_is_stop(case: Case) -> bool:
    """The cancel is to end the request."""
    return case.request.then == "stop"


def reader_had_cancelled(case: Case) -> bool:
    """The reader or staff cancelled before, and the supplier at first refused."""
    return case.request.ending.startswith("cancelled_by")


def previous_try_unknown(case: Case) -> bool:
    """An earlier try of the message may have arrived, so the refusal may be of our own double."""
    return case.event.data.get("previous") == "unknown"


def verifying(case: Case) -> bool:
    """We asked whether a Request arrived."""
    return _current(case).verifying


def may_have_arrived(case: Case) -> bool:
    """The Request that could not be delivered may yet have arrived."""
    return case.event.data.get("known") != "not_sent"


def of_current_attempt(case: Case) -> bool:
    """The event belongs to the attempt that the state speaks of."""
    attempt = case.request.current()
    return attempt is not None and attempt.status == "open" and case.event.attempt in (0, attempt.n)


def of_ended_attempt(case: Case) -> bool:
    """The event belongs to an attempt that is over."""
    return not of_current_attempt(case)


def names_another_attempt(case: Case) -> bool:
    """Staff mean the item of another supplier than the current one."""
    wanted = case.event.data.get("attempt")
    request = case.request
    if not wanted or not 1 <= wanted <= len(request.attempts):
        return False
    attempt = request.attempts[wanted - 1]
    return bool(attempt.requesting_agency_request_id) and (wanted != request.attempt or attempt.status != "open")


def another_attempt_arrived(case: Case) -> bool:
    """The item of that other supplier is here."""
    return names_another_attempt(case) and case.request.attempts[case.event.data["attempt"] - 1].came_anyway in (
        "shipped",
        "received",
    )


def late_item_never_shipped_before(case: Case) -> bool:
    """That attempt ended before its item was shipped, and this is the first word of it."""
    attempt = case.request.attempts[case.event.attempt - 1]
    return not attempt.shipped and not attempt.came_anyway


def nobody_else_is_asked(case: Case) -> bool:
    """No attempt is open, so the late item may as well be used."""
    return late_item_never_shipped_before(case) and not any(a.status == "open" for a in case.request.attempts)


def cancel_not_repeated(case: Case) -> bool:
    """The late WillSupply of this attempt was not answered by Cancel yet."""
    return case.request.attempts[case.event.attempt - 1].cancel_sent < 2


# --- waits ---


def asked_already(case: Case) -> bool:
    """StatusRequest was sent in this state."""
    return case.request.asked_status


def retry_date_ahead(case: Case) -> bool:
    """The supplier asked us to come back later than today."""
    retry_after = case.request.retry_after
    return retry_after is not None and retry_after > case.now.date() and not case.request.accepted_retry


def retry_accepted(case: Case) -> bool:
    """Staff accepted the offer and wait for its date."""
    return case.request.accepted_retry


def is_digital_loan(case: Case) -> bool:
    """The loan is a URL and needs no return."""
    return case.request.digital_loan


# --- items ---


def _left(case: Case, done: str) -> list[Item]:
    chosen = selected_items(case)
    numbers = {item.n for item in chosen}
    return [item for item in case.request.items if getattr(item, done) is None and item.n not in numbers]


def selected_items(case: Case) -> list[Item]:
    """The items that the event names by number or barcode; all of them when it names none."""
    items = list(case.request.items)
    wanted = case.event.data.get("items") or ()
    if not wanted:
        return items
    numbers = {w.get("n") for w in wanted} - {None}
    barcodes = {w.get("barcode") for w in wanted} - {None, ""}
    return [item for item in items if item.n in numbers or (item.barcode and item.barcode in barcodes)]


def items_left(done: str) -> Guard:
    """Other items of this request are not done yet."""
    return asking(lambda case: bool(_left(case, done)), f"items left ({done.removesuffix('_at')})")


def more_to_ship(case: Case) -> bool:
    """Staff say that further items follow, or known items have not left yet."""
    if case.event.data.get("more"):
        return True
    wanted = case.event.data.get("items") or ()
    return bool(wanted) and bool(case.request.items) and bool(_left(case, "sent_at"))


# --- the supplier's side ---


def accepts_last_condition(case: Case) -> bool:
    """No condition that was added later is still open."""
    request = case.request
    number = case.event.data.get("number")
    open_ones = request.open_conditions()
    return not open_ones or number is None or number >= max(c.number for c in open_ones)


def nothing_was_shipped(case: Case) -> bool:
    """No item of this request ever left."""
    return case.request.shipped_at is None


def copy_was_supplied(case: Case) -> bool:
    """The request was supplied as a copy."""
    return case.request.supplied_as == "copy"


def not_asked_as_supplied(case: Case) -> bool:
    """A loan was asked for and a copy came, or the other way round."""
    request = case.request
    return request.service_type not in (request.supplied_as, "copy_or_loan")


def effect_is(kind: str) -> Guard:
    """The effect that this event reports on is of this kind."""
    return asking(lambda case: case.event.data.get("kind") == kind, f"of {kind}")


def recorded_by_hand(case: Case) -> bool:
    """Staff recorded it; no partner said it."""
    return case.event.by_hand


def asked_for_copy(case: Case) -> bool:
    """It is a copy, as far as is known."""
    return (case.request.supplied_as or case.request.service_type) == "copy"


def request_is_not_there(case: Case) -> bool:
    """The refusal means that the supplier does not have the request."""
    message = case.event.data.get("message")
    return message == "Request" or (message == "StatusRequest" and verifying(case))


def attempt_never_reached(case: Case) -> bool:
    """The Request of that attempt never arrived, so neither need its Cancel."""
    attempts = case.request.attempts
    n = case.event.attempt
    return 0 < n <= len(attempts) and attempts[n - 1].outcome in ("undeliverable", "refused")


def has_items(case: Case) -> bool:
    """Some item of this request was sent or received."""
    return any(i.sent_at or i.received_at for i in case.request.items)


def late_says(status: str) -> Guard:
    """The late word is this status."""
    return asking(lambda case: case.event.data.get("status") == status, f"late {status}")


def closed_with_the_item_out(case: Case) -> bool:
    """It was closed while the item was with the partner."""
    return case.request.state == "closed" and case.request.shipped_at is not None
