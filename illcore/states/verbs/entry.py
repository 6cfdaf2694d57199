"""Verbs before anybody is asked: review and its reasons, changes by staff, the search, supply from the own shelves."""

from dataclasses import replace

from illcore.checks import check
from illcore.effects import Locate
from illcore.errors import NotAllowed
from illcore.locating import found_after, lending_answer, where
from illcore.reasons import sentence
from illcore.request import Document, Item, Request
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
    if case.event.data.get("compliance"):
        request.copyright_compliance = str(case.event.data["compliance"])


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
    if data.get("reader_id") and data["reader_id"] != request.reader_id:
        request.reader_id = data["reader_id"]
        request.declared = ()
    changed = [name for name, old in before.items() if getattr(request, name) != old]
    dropped = {reason for name in changed for reason in _ASKED_AGAIN_AFTER[name]}
    request.overrides = tuple(o for o in request.overrides if o not in dropped)
    if "citation" in changed:
        request.located = False
        request.searched = False
        request.found = {}
        _forget_plans(request)


def _forget_plans(request: Request) -> None:
    """Whom to ask was thought out for another item; what staff or the reader named stays."""
    asked = max((a.n for a in request.attempts if a.requesting_agency_request_id), default=0)
    if not request.named_suppliers:
        request.attempts = request.attempts[:asked]


def locate(case: Case) -> None:
    """Search everywhere."""
    case.effects.append(Locate())


def located(case: Case) -> None:
    """Take in what the search found; the rota is made of the candidates that routing now ranks."""
    request, event = case.request, case.event
    request.located = True
    request.found, request.searched = found_after(request, event.type, event.data)
    case.data["holdings"] = event.data.get("count", 0)


def review_own(case: Case) -> None:
    """The library holds it: a person must look."""
    own = case.request.found[case.request.library]
    text = sentence("locally_held", where=where(own).rstrip(".。"))
    case.request.reasons = ("locally_held",)
    case.request.resume = "locating"
    case.data["reasons"] = [{"reason": "locally_held", "text": text.en, "zh": text.zh}]


def link_for_reader(case: Case) -> None:
    """The reader gets the link to what the library has online."""
    request = case.request
    own = request.found[request.library]
    if not any(document.url == own.url for document in request.documents):
        request.documents += (Document(own.url, case.now, 0),)


def item_found_here(case: Case) -> None:
    """Item, place, call number and whether it is there, from the search, for the pull slip; staff know better."""
    request = case.request
    own = request.found.get(request.library)
    if own is None:
        return
    case.data["own"] = {"where": where(own), "available": own.available}
    if own.online or any(i.barcode or i.call_number or i.location or i.sent_at for i in request.items):
        return
    first = request.items[0] if request.items else Item(1)
    described = replace(first, barcode=own.barcode, call_number=own.call_number, location=own.location)
    request.items = (described, *request.items[1:])


def unfilled_by_holdings(case: Case) -> None:
    """Tell the partner why, as our holdings say."""
    reason = lending_answer(case.request, case.facts.policy, case.event.data)[1]
    case.data["reason"] = reason
    case.send("Unfilled", reason=reason)


def stop_locating(case: Case) -> None:
    """Staff do not wait for the search; policies that have not spoken are asked again, for that may be settled."""
    case.request.located = True
    case.request.clearing = False
    case.request.searched = False


def supplied_here(kind: str) -> Verb:
    """The library's own copy or item served the reader."""

    def verb(case: Case) -> None:
        case.request.supplied_as = kind
        case.request.shipped_at = case.request.shipped_at or case.now
        case.request.received_at = case.request.received_at or case.now

    return named(verb, f"supplied here as {kind}")
