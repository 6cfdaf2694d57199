"""Guards that any row may ask: combinations, the place, the saved state, what an effect's report is about."""

from illcore.request import Attempt
from illcore.states.row import PARTS, Case, Guard, asking, otherwise


def both(*guards: Guard) -> Guard:
    """All of them hold."""

    def all_hold(case: Case) -> bool:
        return all(guard(case) for guard in guards)

    PARTS[all_hold] = guards
    return asking(all_hold, " and ".join(guard.__name__ for guard in guards))


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


def effect_is(*kinds: str) -> Guard:
    """The effect that this event reports on is of one of these kinds."""
    return asking(lambda case: case.event.data.get("kind") in kinds, f"of {' or '.join(kinds)}")


def recorded_by_hand(case: Case) -> bool:
    """Staff recorded it; no partner said it."""
    return case.event.by_hand


def copy_was_supplied(case: Case) -> bool:
    """The request was supplied as a copy."""
    return case.request.supplied_as == "copy"


def asked_for_copy(case: Case) -> bool:
    """It is a copy, as far as is known."""
    return (case.request.supplied_as or case.request.service_type) == "copy"


def is_digital_loan(case: Case) -> bool:
    """The loan is a URL and needs no return."""
    return case.request.digital_loan


def asked_already(case: Case) -> bool:
    """StatusRequest was sent in this state."""
    return case.request.asked_status


def current_attempt(case: Case) -> Attempt:
    """The attempt that the state speaks of; LookupError where there is none."""
    attempt = case.request.current()
    if attempt is None:
        raise LookupError("the request has no current attempt")
    return attempt


@otherwise("no partner has been asked yet; use note for an internal remark")
def a_partner_is_known(case: Case) -> bool:
    """There is somebody to write to."""
    attempt = case.request.current()
    return attempt is not None and bool(attempt.requesting_agency_request_id)


@otherwise("nothing here needs attention")
def needs_attention(case: Case) -> bool:
    """Something waits for a person."""
    return bool(case.request.attention)


@otherwise("no failed effect waits here")
def an_effect_failed(case: Case) -> bool:
    """Something could not be done."""
    return any(a.effect for a in case.request.attention)


@otherwise("this request was not escalated")
def was_escalated(case: Case) -> bool:
    """It lies in another queue."""
    return bool(case.request.queue)


@otherwise("it is marked as not wanted already")
def still_wanted(case: Case) -> bool:
    """The reader still wants what is on its way or here."""
    return not case.request.not_wanted


@otherwise("this loan is a file and needs no return")
def must_go_back(case: Case) -> bool:
    """It is a thing that the supplier wants back."""
    return not case.request.digital_loan
