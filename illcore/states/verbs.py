"""What rows do besides moving: each verb changes the request of the case or asks for an effect."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from illcore.checks import check
from illcore.effects import Again, Circulate, FreePlace, Locate, Notice, Settle
from illcore.errors import NotAllowed
from illcore.message import Signal
from illcore.model import Money
from illcore.request import Attempt, Condition, Document, Item
from illcore.states.guards import next_in_rota, selected_items
from illcore.states.row import Case, Verb, named


def _stamp(case: Case) -> datetime:
    return case.event.at


# --- any request ---


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
    known = [a for a in case.request.attention if a.effect and (not key or a.effect == key)]
    if not known:
        raise NotAllowed(f"no failed effect {key} waits here" if key else "no failed effect waits here")
    case.effects.append(Again(key))


def settle_by_hand(case: Case) -> None:
    """A person has dealt with it: the effect is settled and the attention entries go."""
    key = str(case.event.data.get("effect") or "")
    if not case.request.attention:
        raise NotAllowed("nothing here needs attention")
    if key and not any(key in (a.effect, a.reason) for a in case.request.attention):
        raise NotAllowed(f"nothing here needs attention under {key}")
    effects = [a.effect for a in case.request.attention if a.effect and (not key or key in (a.effect, a.reason))]
    case.request.attention = tuple(a for a in case.request.attention if key and key not in (a.effect, a.reason))
    for effect in effects:
        case.effects.append(Settle(effect))


def unread_message(case: Case) -> None:
    """A text from the partner that staff have not read."""
    case.request.unread += 1


def read_messages(case: Case) -> None:
    """Whoever answers has read."""
    case.request.unread = 0


def send_message(case: Case) -> None:
    """Send a text to the partner."""
    attempt = case.request.current()
    if attempt is None or not attempt.requesting_agency_request_id:
        raise NotAllowed("there is no partner to write to yet; use note for an internal remark")
    if not case.event.private.strip():
        raise NotAllowed("the message is empty; give text=…")
    case.send("Message", attempt.n, text=case.event.private)
    case.request.unread = 0


def assign(case: Case) -> None:
    """Give it to a member of staff."""
    case.request.assignee = str(case.event.data.get("to") or "")


def escalate(case: Case) -> None:
    """Move a difficult request to the next role's queue."""
    order = ("assistant", "librarian", "supervisor", "admin")
    own = case.event.actor.role or "assistant"
    to = case.event.data.get("to") or order[min(order.index(own) + 1, 3)]
    case.request.queue = str(to)
    due = case.event.data.get("due")
    case.request.queue_due = datetime(due.year, due.month, due.day, tzinfo=case.now.tzinfo) if due else None
    case.data["queue"] = to


def hand_back(case: Case) -> None:
    """Return it to the ordinary queue."""
    if not case.request.queue:
        raise NotAllowed("this request was not escalated")
    case.request.queue = ""
    case.request.queue_due = None


def outcome(name: str) -> Verb:
    """How it ended."""

    def verb(case: Case) -> None:
        case.request.outcome = name

    return named(verb, f"outcome {name}")


def outcome_asked(case: Case) -> None:
    """The outcome that the person who closes it names."""
    case.request.outcome = str(case.event.data["outcome"])


def outcome_cancelled(case: Case) -> None:
    """Cancelled by whoever asked for it."""
    by = "cancelled_by_reader" if case.event.actor.kind == "reader" else "cancelled_by_staff"
    case.request.outcome = case.request.ending or by


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


# --- entry, review, rota ---


def note_reasons(case: Case) -> None:
    """Write down why a person must look."""
    findings = check(case.request, case.facts, case.now)
    case.request.reasons = tuple(dict.fromkeys(f.reason for f in findings))
    case.request.resume = "new"
    case.data["reasons"] = [{"reason": f.reason, "text": f.text.en, "zh": f.text.zh} for f in findings]


def review_for(reason: str) -> Verb:
    """A person must look, after locating."""

    def verb(case: Case) -> None:
        case.request.reasons = (reason,)
        case.request.resume = "locating"

    return named(verb, f"reasons := {reason}")


def add_override(case: Case) -> None:
    """Staff answer for a reason with a note."""
    reason = str(case.event.data.get("reason") or "")
    request = case.request
    if reason and reason not in request.reasons:
        raise NotAllowed(f"{reason} is not a reason of this review ({', '.join(request.reasons) or 'there is none'})")
    if not case.event.private.strip():
        raise NotAllowed("an override needs a note that says why; give note=…")
    answered = (reason,) if reason else request.reasons
    request.overrides += tuple(r for r in answered if r not in request.overrides)
    request.reasons = tuple(r for r in request.reasons if r not in answered)


def approve(case: Case) -> None:
    """Staff agree."""
    if "approval" not in case.request.reasons:
        raise NotAllowed(f"this review waits for {', '.join(case.request.reasons)}, not for approval; use override")
    case.request.overrides += ("approval",)
    case.request.reasons = tuple(r for r in case.request.reasons if r != "approval")


def answer_all(case: Case) -> None:
    """Sending by hand answers what was open."""
    case.request.overrides += tuple(
        r for r in case.request.reasons if r not in (*case.request.overrides, "no_supplier")
    )
    case.request.reasons = ()


def override_reason(reason: str) -> Verb:
    """This reason does not count any more."""

    def verb(case: Case) -> None:
        if reason not in case.request.overrides:
            case.request.overrides += (reason,)
        case.request.reasons = ()

    return named(verb, f"override {reason}")


def forget_reasons(case: Case) -> None:
    """The review is over."""
    case.request.reasons = ()


def apply_edit(case: Case) -> None:
    """Put the changed fields on the request; earlier overrides of what changed are asked again by the checks."""
    data, request = case.event.data, case.request
    if data.get("citation") is not None:
        request.citation = request.citation.model_validate({**request.citation.model_dump(), **data["citation"]})
    for name in ("needed_by", "format", "service_level", "max_cost", "any_edition", "delivery"):
        if data.get(name) is not None:
            setattr(request, name, data[name])
    if data.get("reader_id"):
        request.reader_id = data["reader_id"]
    request.overrides = tuple(o for o in request.overrides if o != "incomplete")
    request.reasons = ()


def locate(case: Case) -> None:
    """Search everywhere."""
    case.effects.append(Locate())


def located(case: Case) -> None:
    """Take in what the search found; the rota is made of the candidates that routing now ranks."""
    case.request.located = True
    case.data["holdings"] = case.event.data.get("count", 0)


def set_rota(case: Case) -> None:
    """Staff name, add, remove or order suppliers; what was asked already stays."""
    data, request = case.event.data, case.request
    named_ones = tuple(data.get("suppliers") or ())
    asked = tuple(a for a in request.attempts if a.status != "waiting")
    waiting = [a.partner for a in request.attempts if a.status == "waiting"]
    if not request.attempts and not named_ones:
        waiting = [c.partner for c in case.facts.candidates if not c.skip]
    order = list(named_ones) or [p for p in waiting if p not in (data.get("remove") or ())]
    order += [p for p in data.get("add") or () if p not in order]
    unknown = [p for p in order if p not in case.facts.partners]
    if unknown:
        raise NotAllowed(f"unknown partner {', '.join(unknown)}; add it with ill partners add first")
    if not order and not asked:
        raise NotAllowed("name at least one supplier")
    entries = tuple(
        Attempt(len(asked) + i, partner, rank=i, why="named by staff") for i, partner in enumerate(order, start=1)
    )
    request.attempts = asked + entries
    request.named_suppliers = True


def make_rota(case: Case) -> None:
    """Write the ranked candidates into the rota, with the reason for each choice and each skip."""
    request = case.request
    if request.attempts:
        return
    request.attempts = tuple(
        Attempt(
            n,
            candidate.partner,
            rank=candidate.rank,
            score=candidate.score,
            why=candidate.skip or candidate.why,
            status="skipped" if candidate.skip else "waiting",
            outcome="skipped" if candidate.skip else "",
        )
        for n, candidate in enumerate(case.facts.candidates, start=1)
    )


def ask_next(case: Case) -> None:
    """Open the next attempt and send the Request; entries that cannot be asked now are marked with the reason."""
    make_rota(case)
    request = case.request
    for attempt in request.attempts:
        if attempt.status == "waiting" and attempt.partner in case.facts.closed:
            case.change_attempt(attempt.n, status="skipped", outcome="skipped", why=case.facts.closed[attempt.partner])
    found = next_in_rota(case)
    if found is None or found[0] is None:
        raise LookupError("choose without a supplier")
    _open(case, found[0].n, "New")


def _open(case: Case, n: int, request_type: str, **changes: Any) -> None:
    request = case.request
    tried = sum(1 for a in request.attempts if a.requesting_agency_request_id)
    own_id = request.id if not tried else f"{request.id}-{tried + 1}"
    attempt = case.change_attempt(n, status="open", requesting_agency_request_id=own_id, started_at=case.now, **changes)
    request.attempt = n
    request.partner = attempt.partner
    request.reasons = ()
    request.retry_after = None
    request.accepted_retry = False
    if request.sent_at is None:
        request.sent_at = case.now
    case.send("Request", n, request_type=request_type)


def ask_same_again(case: Case) -> None:
    """A new attempt at the supplier that offered a retry, with the previous id."""
    request = case.request
    old = request.attempts[request.attempt - 1]
    case.change_attempt(old.n, status="ended", outcome="retried", ended_at=case.now)
    fresh = Attempt(
        len(request.attempts) + 1, old.partner, rank=old.rank, score=old.score, why="retry as the supplier offered"
    )
    request.attempts += (fresh,)
    _open(case, fresh.n, "Retry", previous_id=old.requesting_agency_request_id)


def end_attempt(result: str) -> Verb:
    """This supplier is done with."""

    def verb(case: Case) -> None:
        request = case.request
        if request.attempt and request.attempts[request.attempt - 1].status == "open":
            reason = str(case.event.data.get("reason") or "")
            attempt = request.attempts[request.attempt - 1]
            why = f"{attempt.why}; {result}: {reason}" if reason else attempt.why
            case.change_attempt(request.attempt, status="ended", outcome=result, ended_at=case.now, why=why)

    return named(verb, f"attempt ends ({result})")


def send_cancel(case: Case) -> None:
    """Tell the supplier that it is no longer wanted."""
    attempt = case.request.current()
    if attempt is not None and attempt.requesting_agency_request_id:
        case.change_attempt(attempt.n, cancel_sent=attempt.cancel_sent + 1)
        case.send("Cancel", attempt.n)


def then(what: str) -> Verb:
    """What follows an accepted cancel."""

    def verb(case: Case) -> None:
        case.request.then = what
        if what == "stop":
            by = "cancelled_by_reader" if case.event.actor.kind == "reader" else "cancelled_by_staff"
            case.request.ending = by

    return named(verb, f"then := {what}")


def mark_not_wanted(case: Case) -> None:
    """It will come, but the reader no longer wants it."""
    case.request.not_wanted = True


def free_place(case: Case) -> None:
    """Somebody's queued request may start."""
    if case.request.reader_id and case.facts.policy.open_requests_per_reader is not None:
        case.effects.append(FreePlace(case.request.reader_id))


# --- items, dates, documents ---


def add_items(case: Case) -> None:
    """Put the named items on the request, each once; a request with none gets one."""
    request, data = case.request, case.event.data
    described = [w for w in data.get("items") or () if w.get("barcode") or w.get("label") or w.get("call_number")]
    single = {k: data.get(k) or "" for k in ("barcode", "call_number", "label", "location")}
    if any(single.values()) and not described:
        if len(request.items) == 1:
            kept: dict[str, Any] = {k: v for k, v in single.items() if v}
            request.items = (replace(request.items[0], **kept),)
            return
        described = [single]
    known = {i.barcode for i in request.items if i.barcode}
    for entry in described:
        if entry.get("barcode") and entry["barcode"] in known:
            continue
        own: dict[str, Any] = {
            k: entry.get(k) or "" for k in ("barcode", "call_number", "label", "location", "condition")
        }
        blank = next((i for i in request.items if not (i.barcode or i.label or i.call_number)), None)
        if blank is not None:
            filled = replace(blank, **{k: v for k, v in own.items() if v})
            request.items = tuple(filled if i.n == blank.n else i for i in request.items)
        else:
            request.items += (Item(len(request.items) + 1, **own),)


def _stamped(case: Case, name: str, also: dict[str, Any] | None = None) -> None:
    chosen = {i.n for i in selected_items(case)}
    if case.event.data.get("items") and not chosen:
        raise NotAllowed("no such item on this request; name items by number or barcode")
    request = case.request
    changes: dict[str, Any] = {**(also or {})}
    request.items = tuple(
        replace(item, **{name: getattr(item, name) or case.now, **changes}) if item.n in chosen else item
        for item in request.items
    )


def items_shipped(case: Case) -> None:
    """The items left the supplier."""
    add_items(case)
    if not case.request.items:
        case.request.items = (Item(1),)
    _stamped(case, "sent_at", {"due_date": case.request.due_date})


def items_received(case: Case) -> None:
    """The items are here."""
    add_items(case)
    if not case.request.items:
        case.request.items = (Item(1),)
    _stamped(case, "received_at")
    if case.request.received_at is None:
        case.request.received_at = case.now


def items_out(case: Case) -> None:
    """The reader has them."""
    _stamped(case, "checked_out_at", {"checked_in_at": None})


def items_in(case: Case) -> None:
    """The reader brought them back."""
    _stamped(case, "checked_in_at", {"lost_at": None})


def items_returned(case: Case) -> None:
    """They are on the way back."""
    _stamped(case, "returned_at", {"lost_at": None})


def items_lost(case: Case) -> None:
    """They cannot be found."""
    _stamped(case, "lost_at")


def supplied_as(kind: str) -> Verb:
    """What it is decides the rest; another kind than was asked needs a person's eye."""

    def verb(case: Case) -> None:
        request = case.request
        if not request.supplied_as:
            request.supplied_as = kind
        if request.service_type not in (request.supplied_as, "copy_or_loan"):
            case.attend("not_as_asked", detail=f"asked for {request.service_type}, supplied as {request.supplied_as}")
        if request.shipped_at is None:
            request.shipped_at = case.now
        attempt = request.current()
        if attempt is not None:
            case.change_attempt(attempt.n, shipped=True)

    return named(verb, f"supplied as {kind}")


def take_due_date(case: Case) -> None:
    """The due date that the partner or staff give."""
    due = case.event.data.get("due_date")
    if due is not None:
        day = due.date() if isinstance(due, datetime) else due
        case.request.due_date = day
        case.request.items = tuple(replace(i, due_date=day) if i.returned_at is None else i for i in case.request.items)


def give_due_date(renewed: bool = False) -> Verb:
    """The due date that staff name, else the library's loan period from today."""

    def verb(case: Case) -> None:
        due = case.event.data.get("due_date")
        if due is None:
            policy = case.facts.policy
            if renewed:
                start = max(case.request.due_date or case.now.date(), case.now.date())
                due = start + timedelta(days=policy.renewal_days)
            else:
                due = case.now.date() + timedelta(days=policy.loan_days)
        elif due < case.now.date():
            raise NotAllowed(f"the due date {due} is in the past")
        case.request.due_date = due
        case.request.items = tuple(replace(i, due_date=due) for i in case.request.items)

    return named(verb, "new due date" if renewed else "due date")


def take_document(case: Case) -> None:
    """Remember where the document is."""
    url = case.event.data.get("url")
    if url and not any(d.url == url and d.attempt == case.request.attempt for d in case.request.documents):
        case.request.documents += (Document(str(url), case.now, case.request.attempt),)


def digital_loan(case: Case) -> None:
    """A loan by URL needs no return."""
    case.request.digital_loan = True
    if case.request.received_at is None:
        case.request.received_at = case.now


def copy_arrived(case: Case) -> None:
    """The copy is here."""
    if case.request.received_at is None:
        case.request.received_at = case.now


def supplier_named(case: Case) -> None:
    """The supplier that a broker found."""
    name = str(case.event.data.get("supplier") or case.event.data.get("text") or "")
    if name and case.request.attempt:
        case.change_attempt(case.request.attempt, supplier_named=name)


def take_charge(case: Case) -> None:
    """What the partner asks for it."""
    cost = case.event.data.get("cost")
    if cost is not None:
        case.request.charges += (
            {
                "amount": str(cost.amount),
                "currency": cost.currency,
                "at": case.now.isoformat(),
                "attempt": case.request.attempt,
            },
        )


# --- conditions and retry ---


def add_conditions(case: Case) -> None:
    """Add what the supplier asks to the list; the same open condition stands there once."""
    request, data = case.request, case.event.data
    offered = list(data.get("conditions") or ())
    if not offered:
        single = {k: data.get(k) for k in ("code", "text", "cost") if data.get(k)}
        offered = [single] if single else []
    if not offered:
        raise NotAllowed("a condition needs code=…, text=… or cost=…")
    for entry in offered:
        same = any(
            not c.answer
            and c.attempt == request.attempt
            and (c.code, c.text, c.cost) == (entry.get("code") or "", entry.get("text") or "", entry.get("cost"))
            for c in request.conditions
        )
        if not same:
            request.conditions += (
                Condition(
                    sum(1 for c in request.conditions if c.attempt == request.attempt) + 1,
                    entry.get("code") or "",
                    entry.get("text") or "",
                    entry.get("cost"),
                    request.attempt,
                    case.now,
                ),
            )


def answer_conditions(answer: str) -> Verb:
    """Write the answer on the open conditions, up to the number named."""

    def verb(case: Case) -> None:
        number = case.event.data.get("number")
        request = case.request
        request.conditions = tuple(
            replace(c, answer=answer, answered_at=case.now)
            if not c.answer and c.attempt == request.attempt and (number is None or c.number <= number)
            else c
            for c in request.conditions
        )

    return named(verb, f"conditions {answer}")


def send_acceptance(case: Case) -> None:
    """Accept the last condition shown."""
    request = case.request
    shown = [c.number for c in request.conditions if c.attempt == request.attempt]
    last = max(shown, default=0)
    named_one = case.event.data.get("number")
    if named_one is not None and named_one != last:
        raise NotAllowed(f"condition {named_one} is not the last one shown ({last}); read the later ones first")
    case.send("Accept", signal=Signal(name="accept", number=last))


def _plain(value: Any) -> Any:
    if isinstance(value, Money):
        return value.model_dump(mode="json")
    return value.isoformat() if isinstance(value, date) else value


def note_retry(case: Case) -> None:
    """Keep the offer on its attempt."""
    data, request = case.event.data, case.request
    offer = {k: _plain(data[k]) for k in ("reason", "retry_after", "retry_before", "cost", "condition") if data.get(k)}
    case.change_attempt(request.attempt, retry_offer=offer)
    after = data.get("retry_after")
    request.retry_after = after.date() if isinstance(after, datetime) else after
    request.accepted_retry = False


def accept_offer(case: Case) -> None:
    """Wait for the date that the supplier named."""
    case.request.accepted_retry = True


def stop_locating(case: Case) -> None:
    """Staff do not wait for the search."""
    case.request.located = True


def supplied_here(kind: str) -> Verb:
    """The library's own copy or item served the reader."""

    def verb(case: Case) -> None:
        case.request.supplied_as = kind
        case.request.shipped_at = case.request.shipped_at or case.now
        case.request.received_at = case.request.received_at or case.now

    return named(verb, f"supplied here as {kind}")


def place_of_state(case: Case) -> None:
    """Remember where the item is."""
    if case.request.state in ("shipped", "received", "on_loan", "returned"):
        case.request.place = case.request.state


def place_out(case: Case) -> None:
    """Remember whether the partner has confirmed that it came."""
    if case.request.state in ("shipped", "received"):
        case.request.place = case.request.state


def received_there(case: Case) -> None:
    """The partner has it."""
    if case.request.received_at is None:
        case.request.received_at = case.now
    case.request.items = tuple(replace(i, received_at=i.received_at or case.now) for i in case.request.items)


def items_returned_to_us(case: Case) -> None:
    """The partner sent them back."""
    received_there(case)


def items_back(case: Case) -> None:
    """They are on our shelf again."""
    _stamped(case, "returned_at", {"lost_at": None})


def outcome_waived(default: str) -> Verb:
    """Nothing needs to come back."""

    def verb(case: Case) -> None:
        case.request.outcome = str(case.event.data.get("outcome") or default)

    return named(verb, "outcome lost_settled or kept")


def keep_picking(case: Case) -> None:
    """Agreed conditions lead back to picking, if that is where they were added."""
    if case.request.state != "conditional":
        case.request.resume = "picking" if case.request.state == "picking" else "will_supply"


def save_resume(case: Case) -> None:
    """The accepted conditions change what a refused cancel restores."""
    case.request.saved = case.request.resume or "will_supply"


def note_own_retry(case: Case) -> None:
    """Keep what we offered."""
    after = case.event.data.get("retry_after")
    case.request.retry_after = after


def settle(reason: str) -> Verb:
    """This reason for attention is dealt with."""

    def verb(case: Case) -> None:
        case.settle(reason=reason)

    return named(verb, f"settle({reason})")
