"""Verbs of the rota: who is asked next, how an attempt ends, and what a supplier that was left is told."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from illcore.errors import NotAllowed
from illcore.facts import Candidate
from illcore.model import Money
from illcore.reasons import sentence
from illcore.request import Attempt
from illcore.states.guards import fresh_candidates, next_in_rota
from illcore.states.row import Case, Verb, named

MOST_LEFT_OUT = 50

# --- who is asked ---


def set_rota(case: Case) -> None:
    """Staff name, add, remove or order suppliers; what was asked already keeps its number and its place."""
    data, request = case.event.data, case.request
    waiting = {a.partner: a for a in request.attempts if a.status == "waiting"}
    before = list(waiting)
    if not request.attempts:
        before = [c.partner for c in case.facts.candidates if not c.skip]
    order = list(dict.fromkeys(data.get("suppliers") or ())) or before
    order = [p for p in order if p not in (data.get("remove") or ())]
    order += [p for p in data.get("add") or () if p not in order]
    unknown = [p for p in order if p not in case.facts.partners]
    if unknown:
        raise NotAllowed(f"unknown partner {', '.join(unknown)}; add it with ill partners add first")
    if not order and not request.attempts:
        raise NotAllowed("name at least one supplier")
    entries = [
        replace(waiting[p], rank=i) if p in waiting else Attempt(0, p, rank=i, why=sentence("named", position=i).en)
        for i, p in enumerate(order, start=1)
    ]
    attempts: list[Attempt] = []
    for attempt in request.attempts:
        if attempt.status != "waiting":
            attempts.append(attempt)
        elif entries:
            attempts.append(replace(entries.pop(0), n=attempt.n))
        else:
            attempts.append(replace(attempt, status="skipped", outcome="skipped", why="removed by staff"))
    attempts += [replace(entry, n=n) for n, entry in enumerate(entries, start=len(attempts) + 1)]
    request.attempts = tuple(attempts)
    request.named_suppliers = True


def make_rota(case: Case) -> None:
    """Write the ranked candidates into the rota, with the reason for each choice and each skip."""
    request = case.request
    fresh = _bounded(case, fresh_candidates(case))
    first = len(request.attempts) + 1
    if fresh:
        case.data["rota"] = [
            {"n": n, "partner": one.partner, "rank": one.rank, "score": one.score, **one.numbers}
            for n, one in enumerate(fresh, start=first)
        ]
    request.attempts += tuple(
        Attempt(
            n,
            candidate.partner,
            rank=candidate.rank,
            score=candidate.score,
            why=candidate.skip or candidate.why,
            status="skipped" if candidate.skip else "waiting",
            outcome="skipped" if candidate.skip else "",
        )
        for n, candidate in enumerate(fresh, start=first)
    )


def _bounded(case: Case, fresh: list[Candidate]) -> list[Candidate]:
    """As many as may be asked at all, and the first of those left out; of the others only how many there were."""
    asked = [one for one in fresh if not one.skip]
    out = [one for one in fresh if one.skip]
    kept = asked[: case.facts.policy.attempts_limit] + out[:MOST_LEFT_OUT]
    if len(kept) < len(fresh):
        case.data["rota_more"] = len(fresh) - len(kept)
    return kept


def skip_closed(case: Case) -> None:
    """Entries before the next supplier that cannot be asked now are passed over, with the reason."""
    for attempt in case.request.attempts:
        if attempt.status == "waiting":
            why = case.facts.closed.get(attempt.partner)
            if why is None:
                return
            case.change_attempt(attempt.n, status="skipped", outcome="skipped", why=why)


def ask_next(case: Case) -> None:
    """Open the next attempt and send the Request."""
    make_rota(case)
    skip_closed(case)
    found = next_in_rota(case)
    if not isinstance(found, Attempt):
        raise LookupError("choose without a supplier")
    _open(case, found.n, "New")


def _open(case: Case, n: int, request_type: str, **changes: Any) -> None:
    request = case.request
    tried = sum(1 for a in request.attempts if a.requesting_agency_request_id)
    own_id = request.id if not tried else f"{request.id}-{tried + 1}"
    attempt = case.change_attempt(n, status="open", requesting_agency_request_id=own_id, started_at=case.now, **changes)
    request.attempt = n
    request.partner = attempt.partner
    request.reasons = ()
    request.ending = ""
    request.supplied_as = ""
    request.retry_after = None
    request.accepted_retry = False
    request.due_date = None
    request.digital_loan = False
    if request.sent_at is None:
        request.sent_at = case.now
    case.send("Request", n, request_type=request_type)


def ask_same_again(case: Case) -> None:
    """A new attempt at the supplier that offered a retry, with the previous id."""
    request = case.request
    old = request.attempts[request.attempt - 1]
    reason = str((old.retry_offer or {}).get("reason") or "")
    case.change_attempt(old.n, status="ended", outcome="retried", reason=reason, ended_at=case.now)
    fresh = Attempt(
        len(request.attempts) + 1, old.partner, rank=old.rank, score=old.score, why="retry as the supplier offered"
    )
    request.attempts += (fresh,)
    _open(case, fresh.n, "Retry", previous_id=old.requesting_agency_request_id)


def end_attempt(result: str) -> Verb:
    """This supplier is done with."""

    def verb(case: Case) -> None:
        request = case.request
        attempt = request.current()
        if attempt is not None and attempt.status == "open":
            reason = str(case.event.data.get("reason") or "")
            why = f"{attempt.why}; {result}: {reason}" if reason else attempt.why
            case.change_attempt(attempt.n, status="ended", outcome=result, reason=reason, ended_at=case.now, why=why)

    return named(verb, f"attempt ends ({result})")


def supplier_named(case: Case) -> None:
    """The supplier that a broker found."""
    name = str(case.event.data.get("supplier") or case.event.data.get("text") or "")
    if name and case.request.attempt:
        case.change_attempt(case.request.attempt, supplier_named=name)


# --- cancel ---


def send_cancel(case: Case) -> None:
    """Tell the supplier that it is no longer wanted."""
    attempt = case.request.current()
    if attempt is not None and attempt.requesting_agency_request_id:
        case.change_attempt(attempt.n, cancel_sent=attempt.cancel_sent + 1)
        case.send("Cancel", attempt.n)


def then(what: str) -> Verb:
    """What follows an accepted cancel; who stops the request is remembered, for the cancel may be refused at first."""

    def verb(case: Case) -> None:
        case.request.then = what
        case.request.ending = _cancelled_by(case) if what == "stop" else ""

    return named(verb, f"then := {what}")


def want_again(case: Case) -> None:
    """Staff ask elsewhere, so an earlier cancel does not hold any more."""
    case.request.ending = ""


def outcome_cancelled(case: Case) -> None:
    """Cancelled by whoever asked for it."""
    case.request.outcome = case.request.ending or _cancelled_by(case)


def _cancelled_by(case: Case) -> str:
    return "cancelled_by_reader" if case.event.actor.kind == "reader" else "cancelled_by_staff"


def mark_not_wanted(case: Case) -> None:
    """It will come, but the reader no longer wants it."""
    case.request.not_wanted = True


# --- the Request of which nobody knows whether it arrived ---


def verify_request(case: Case) -> None:
    """Ask whether the Request arrived after all; the answer decides."""
    case.change_attempt(case.request.attempt, verifying=True)
    case.send("StatusRequest", verify=True)


def request_arrived(case: Case) -> None:
    """The supplier knows the request after all."""
    attempt = case.request.current()
    if attempt is not None and attempt.verifying:
        case.change_attempt(attempt.n, verifying=False)


# --- retry ---


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


def note_own_retry(case: Case) -> None:
    """Keep what we offered."""
    case.request.retry_after = case.event.data.get("retry_after")
