"""Guards before anybody is asked: the checks, the reasons of a review, who stands in the rota."""

from illcore.checks import approval_needed, check, over_limit
from illcore.facts import Candidate
from illcore.locating import lending_answer, own_answer
from illcore.request import Attempt
from illcore.states.row import Case, otherwise


def over_limit_waits(case: Case) -> bool:
    """The reader has as many open requests as allowed, and policy lets the request wait in the queue."""
    return (
        case.facts.policy.over_limit == "queue"
        and "over_limit" not in case.request.overrides
        and over_limit(case.request, case.facts)
    )


def a_check_fails(case: Case) -> bool:
    """At least one check on entry asks for a person."""
    return bool(check(case.request, case.facts, case.now))


def approval_wanted_after_locating(case: Case) -> bool:
    """Policy wants a person's approval once a supplier is known, before the first is asked."""
    return case.request.sent_at is None and approval_needed(case.request, case.facts, "after_locating") is not None


def must_locate(case: Case) -> bool:
    """Nobody was named, no search was made for what is wanted now, and some account can search."""
    request = case.request
    return case.facts.can_search and not request.located and not request.named_suppliers


def link_answers(case: Case) -> bool:
    """The library has it online, and that covers what is wanted."""
    return own_answer(case.request, case.facts.policy) == "link"


def held_here(case: Case) -> bool:
    """The library holds it itself, and policy looks at that first."""
    return own_answer(case.request, case.facts.policy) == "held"


def has_link(case: Case) -> bool:
    """A link to the library's own copy was found."""
    return bool(case.request.documents)


def must_look_at_own_shelves(case: Case) -> bool:
    """Some account can search, and it was not asked for our own holdings yet."""
    return case.facts.can_search and not case.request.located


def holdings_say_yes(case: Case) -> bool:
    """Policy lets our holdings answer, and it is here and available."""
    return lending_answer(case.request, case.facts.policy, case.event.data)[0] == "yes"


def holdings_say_no(case: Case) -> bool:
    """Policy lets our holdings refuse, every catalogue answered, and it is not here or not to be had."""
    return lending_answer(case.request, case.facts.policy, case.event.data)[0] == "no"


def has_supplier(case: Case) -> bool:
    """The rota holds a supplier that can be asked now."""
    return next_in_rota(case) is not None


def nobody_is_left(case: Case) -> bool:
    """The rota holds nobody that can be asked, and there is nowhere left to search."""
    return not has_supplier(case) and not must_locate(case)


def next_in_rota(case: Case) -> Attempt | Candidate | None:
    """The rota entry that is asked next: a waiting one, else a candidate that does not stand in the rota yet."""
    for attempt in case.request.attempts:
        if attempt.status == "waiting" and attempt.partner not in case.facts.closed:
            return attempt
    return next((candidate for candidate in fresh_candidates(case) if not candidate.skip), None)


def fresh_candidates(case: Case) -> list[Candidate]:
    """What routing found beside those that stand in the rota; nobody where staff or the reader named the suppliers."""
    request = case.request
    if request.named_suppliers and request.attempts:
        return []
    known = {attempt.partner for attempt in request.attempts}
    return [candidate for candidate in case.facts.candidates if candidate.partner not in known]


def one_reason_left(case: Case) -> bool:
    """The override answers the last open reason, or names none and so answers all."""
    reason = case.event.data.get("reason") or ""
    return all(r == reason for r in case.request.reasons) if reason else True


@otherwise("this review does not wait for approval; use override")
def approval_is_a_reason(case: Case) -> bool:
    """The review waits for approval, among others."""
    return "approval" in case.request.reasons


def only_approval_left(case: Case) -> bool:
    """Approval is all that the review waits for."""
    return case.request.reasons == ("approval",)


@otherwise("override what the review waits for first; only approval and a missing supplier are implied in send")
def only_supplier_or_approval_left(case: Case) -> bool:
    """What the review waits for is a supplier or an approval, both of which sending implies."""
    return set(case.request.reasons) <= {"approval", "no_supplier"}


def continues_to_locating(case: Case) -> bool:
    """The review came after the checks, so overriding it goes on with the rota."""
    return case.request.resume == "locating"


def no_supplier_is_the_reason(case: Case) -> bool:
    """The rota is at its end."""
    return "no_supplier" in case.request.reasons
