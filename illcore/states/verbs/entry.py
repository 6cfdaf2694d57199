"""Verbs before anybody is asked: review and its reasons, changes by staff, the search, supply from the own shelves."""

from illcore.checks import check
from illcore.effects import Locate
from illcore.errors import NotAllowed
from illcore.states.row import Case, Verb, named

_ASKED_AGAIN_AFTER = {
    "citation": ("incomplete", "duplicate", "locally_held", "open_access", "copyright"),
    "needed_by": ("incomplete",),
    "max_cost": ("cost",),
    "reader_id": ("invalid_reader", "duplicate", "over_limit"),
}
"""Which overrides fall when staff change a field."""


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
    _overridden(case, answered)
    request.reasons = tuple(r for r in request.reasons if r not in answered)


def approve(case: Case) -> None:
    """Staff agree."""
    _overridden(case, ("approval",))
    case.request.reasons = tuple(r for r in case.request.reasons if r != "approval")


def answer_all(case: Case) -> None:
    """Sending by hand answers what was open."""
    _overridden(case, case.request.reasons)
    case.request.reasons = ()


def override_reason(reason: str) -> Verb:
    """This reason does not count any more."""

    def verb(case: Case) -> None:
        _overridden(case, (reason,))

    return named(verb, f"override {reason}")


def _overridden(case: Case, reasons: tuple[str, ...]) -> None:
    """``no_supplier`` is never overridden for good: the next end of the rota is a new one."""
    known = (*case.request.overrides, "no_supplier")
    case.request.overrides += tuple(r for r in reasons if r not in known)


def apply_edit(case: Case) -> None:
    """Put the changed fields on the request; the checks ask again what was overridden for the old ones."""
    data, request = case.event.data, case.request
    before = {name: getattr(request, name) for name in _ASKED_AGAIN_AFTER}
    if data.get("citation") is not None:
        request.citation = request.citation.model_validate({**request.citation.model_dump(), **data["citation"]})
    for name in ("needed_by", "format", "service_level", "max_cost", "any_edition", "delivery"):
        if data.get(name) is not None:
            setattr(request, name, data[name])
    if data.get("reader_id"):
        request.reader_id = data["reader_id"]
    changed = [name for name, old in before.items() if getattr(request, name) != old]
    dropped = {reason for name in changed for reason in _ASKED_AGAIN_AFTER[name]}
    request.overrides = tuple(o for o in request.overrides if o not in dropped)
    if "citation" in changed:
        request.located = False


def locate(case: Case) -> None:
    """Search everywhere."""
    case.effects.append(Locate())


def located(case: Case) -> None:
    """Take in what the search found; the rota is made of the candidates that routing now ranks."""
    case.request.located = True
    case.data["holdings"] = case.event.data.get("count", 0)


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
