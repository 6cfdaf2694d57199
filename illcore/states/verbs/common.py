"""Verbs for requests of every kind: attention, messages in words, queues, notices, outcomes, the saved state."""

from illcore.calendars import end_of_day
from illcore.effects import Again, Circulate, FreePlace, Notice, Settle
from illcore.errors import NotAllowed
from illcore.request import OUTCOMES
from illcore.states.row import Case, Verb, named

_ORDER = ("assistant", "librarian", "supervisor", "admin")


# --- attention ---


def attention(reason: str) -> Verb:
    """Put it before a person."""

    def verb(case: Case) -> None:
        detail = str(case.event.data.get("reason") or case.event.data.get("text") or "")
        case.attend(reason, case.event.effect, detail)

    return named(verb, f"attention({reason})")


def attention_to_effect(reason: str) -> Verb:
    """A failed effect waits for a person; the state stays."""

    def verb(case: Case) -> None:
        case.settle(effect=case.event.effect)
        case.attend(reason, case.event.effect, str(case.event.data.get("reason") or ""))

    return named(verb, f"attention({reason})")


def settle(reason: str) -> Verb:
    """This reason for attention is dealt with."""

    def verb(case: Case) -> None:
        case.settle(reason=reason)

    return named(verb, f"settle({reason})")


def effect_done(case: Case) -> None:
    """What had failed went through after all."""
    if case.event.effect:
        case.settle(effect=case.event.effect)
    remote = case.event.data.get("remote_id")
    if remote and case.event.attempt:
        case.change_attempt(case.event.attempt, supplying_agency_request_id=remote)


def try_effect_again(case: Case) -> None:
    """Put the failed effect back to work; its attention entry goes when it succeeds."""
    key = str(case.event.data.get("effect") or "")
    if key and not any(a.effect == key for a in case.request.attention):
        raise NotAllowed(f"no failed effect {key} waits here")
    case.effects.append(Again(key))


def settle_by_hand(case: Case) -> None:
    """A person has dealt with it: the effect is settled and the attention entries go."""
    key = str(case.event.data.get("effect") or "")
    if key and not any(key in (a.effect, a.reason) for a in case.request.attention):
        raise NotAllowed(f"nothing here needs attention under {key}")
    done = [a for a in case.request.attention if not key or key in (a.effect, a.reason)]
    case.request.attention = tuple(a for a in case.request.attention if a not in done)
    for effect in dict.fromkeys(a.effect for a in done if a.effect):
        case.effects.append(Settle(effect))


# --- words, people ---


def unread_message(case: Case) -> None:
    """A text from the partner that staff have not read."""
    case.request.unread += 1


def send_message(case: Case) -> None:
    """Send a text to the partner; whoever answers has read."""
    if not case.event.private.strip():
        raise NotAllowed("the message is empty; give text=…")
    case.send("Message", text=case.event.private)
    case.request.unread = 0


def assign(case: Case) -> None:
    """Give it to a member of staff."""
    case.request.assignee = str(case.event.data.get("to") or "")


def escalate(case: Case) -> None:
    """Move a difficult request to the next role's queue."""
    own = case.event.actor.role or "assistant"
    to = case.event.data.get("to") or _ORDER[min(_ORDER.index(own) + 1, len(_ORDER) - 1)]
    case.request.queue = str(to)
    due = case.event.data.get("due")
    case.request.queue_due = end_of_day(case.facts.policy.calendar, due) if due is not None else None
    case.data["queue"] = to


def hand_back(case: Case) -> None:
    """Return it to the ordinary queue."""
    case.request.queue = ""
    case.request.queue_due = None


def notice(code: str, to: str = "reader") -> Verb:
    """Tell the reader or staff, where the library has an account for notices."""

    def verb(case: Case) -> None:
        if case.facts.notifies and (to != "reader" or case.request.reader_id):
            case.effects.append(Notice(code, to))

    return named(verb, f"notice({code})")


def circulate(action: str) -> Verb:
    """Tell the library's own system, where there is one."""

    def verb(case: Case) -> None:
        if case.facts.circulates:
            case.effects.append(Circulate(action))

    return named(verb, f"circulate({action})")


# --- the end ---


def outcome(name: str) -> Verb:
    """How it ended."""

    def verb(case: Case) -> None:
        case.request.outcome = name

    return named(verb, f"outcome {name}")


def outcome_asked(case: Case) -> None:
    """The outcome that the person who closes it names."""
    named_one = str(case.event.data.get("outcome") or "")
    if named_one not in OUTCOMES:
        raise NotAllowed(f"say how it ended: outcome= one of {', '.join(OUTCOMES)}")
    case.request.outcome = named_one


def free_place(case: Case) -> None:
    """Somebody's queued request may start."""
    if case.request.reader_id and case.facts.policy.open_requests_per_reader is not None:
        case.effects.append(FreePlace(case.request.reader_id))


# --- waits, the saved state, the place ---


def restart_wait(case: Case) -> None:
    """Count the waits of this state from now."""
    case.request.waiting_since = case.now


def save_state(case: Case) -> None:
    """Remember the state that is left."""
    case.request.saved = case.request.state


def save_as(state: str) -> Verb:
    """Change what a refusal will restore."""

    def verb(case: Case) -> None:
        case.request.saved = state

    return named(verb, f"saved := {state}")


def item_at(place: str) -> Verb:
    """The item is there now."""

    def verb(case: Case) -> None:
        case.request.place = place

    return named(verb, f"place := {place}")


def place_of_state(case: Case) -> None:
    """Remember where the item is; on the supplier's side: whether the partner has confirmed that it came."""
    if case.request.state in ("shipped", "received", "on_loan", "returned"):
        case.request.place = case.request.state
