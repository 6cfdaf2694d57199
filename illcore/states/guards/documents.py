"""Guards of documents: whether they passed, who may hand them over without staff, and how the partner takes them."""

from zlib import crc32

from illcore.request import Document
from illcore.states.row import Case

_ON_PAPER = frozenset({"paper_only", "print_and_destroy"})
_USABLE = frozenset({"pass", "accepted"})


def kept_documents(case: Case) -> tuple[Document, ...]:
    """The documents of the current attempt that are here and were not rejected; our own stand under attempt 0."""
    request = case.request
    return tuple(d for d in request.documents if d.kept and d.attempt in (0, request.attempt))


def document_is_here(case: Case) -> bool:
    """The partner gave a URL, or the file came along with its message or before it."""
    attempt = case.event.attempt or case.request.attempt
    return bool(case.event.data.get("url")) or any(d.kept and d.attempt == attempt for d in case.request.documents)


def on_paper_only(case: Case) -> bool:
    """The copyright verdict lets only paper leave the house."""
    clearance = case.request.clearance
    return clearance is not None and any(o.code in _ON_PAPER for o in clearance.obligations)


def destroys_file(case: Case) -> bool:
    """The copyright verdict wants the file destroyed once it is printed."""
    clearance = case.request.clearance
    return clearance is not None and any(o.code == "print_and_destroy" for o in clearance.obligations)


def reader_gets_file(case: Case) -> bool:
    """A file is here, there is a reader who wants it as a file, and something can hand it over."""
    request = case.request
    wanted = request.format != "paper" and (request.delivery is None or request.delivery.method == "electronic")
    known = bool(request.reader_id) and case.facts.delivers
    return known and wanted and not on_paper_only(case) and bool(kept_documents(case))


def passes_by_itself(case: Case) -> bool:
    """The report completes a delivery in which everything passed, and policy lets it go to the reader unseen."""
    request, data = case.request, case.event.data
    if data.get("verdict") != "pass" or request.not_wanted or not reader_gets_file(case):
        return False
    if any(d.verdict not in _USABLE for d in kept_documents(case) if d.id != data.get("document")):
        return False
    if case.facts.fetches and any(d.url and not d.id for d in request.documents if d.attempt == request.attempt):
        return False  # another part of the delivery is still to be fetched
    if any(a.reason == "quality" and a.effect != case.event.effect for a in request.attention):
        return False
    partner = case.facts.partners.get(request.partner)
    how = (partner.auto_deliver if partner is not None else None) or case.facts.policy.auto_deliver
    if how == "sampled":
        return crc32(request.id.encode()) % case.facts.policy.sample_every != 0
    return how == "always"


def partner_gets_link(case: Case) -> bool:
    """A file is here, nobody gave a URL, and the partner takes a link that something here can make."""
    partner = case.facts.partners.get(case.request.partner)
    attaches = partner is not None and partner.attachments
    return (
        case.facts.delivers
        and not attaches
        and not case.event.data.get("url")
        and bool(kept_documents(case))
        and not on_paper_only(case)
    )


def link_is_for_partner(case: Case) -> bool:
    """A link for the partner was made, who is told now."""
    return case.event.data.get("to") == "partner" and bool(case.event.private)


def came_from_partner(case: Case) -> bool:
    """The partner sent it."""
    return case.event.actor.kind == "partner"
