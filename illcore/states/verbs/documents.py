"""Verbs of documents: kept, fetched, checked, handed over, destroyed."""

from dataclasses import replace
from typing import Any

from illcore.effects import Check, Destroy, Fetch, HandOver, Notice
from illcore.request import Document
from illcore.states.guards import destroys_file, kept_documents, on_paper_only, reader_gets_file
from illcore.states.row import Case, Verb, named

MOST_FINDINGS = 20


def take_document(case: Case) -> None:
    """Remember where the document is, and fetch it if it is a copy; what is lent at a URL stays there."""
    url = case.event.data.get("url")
    request = case.request
    known = (d for d in request.documents if d.attempt == request.attempt and d.verdict != "rejected")
    if url and not any(d.url == url for d in known):
        request.documents += (Document(str(url), case.now, request.attempt),)
        if case.facts.fetches and request.role == "requester" and request.supplied_as == "copy":
            case.effects.append(Fetch(str(url)))


def keep_document(case: Case) -> None:
    """A file is kept for this request, and checked where something can; what came from a URL takes its place."""
    request, data = case.request, case.event.data
    told: dict[str, Any] = data["document"]
    attempt = case.event.attempt or request.attempt
    known = Document(
        str(data.get("url") or ""),
        case.now,
        attempt,
        id=str(told["id"]),
        name=str(told["name"]),
        media_type=str(told["media_type"]),
        size=int(told["size"]),
        sha256=str(told["sha256"]),
        source=str(told["source"]),
    )
    waiting = (n for n, d in enumerate(request.documents) if d.url == known.url and not d.id and not d.verdict)
    place = next(waiting, None) if known.url else None
    if place is None:
        request.documents += (known,)
    else:
        before = request.documents[place]
        filled = replace(known, at=before.at, attempt=before.attempt)
        request.documents = (*request.documents[:place], filled, *request.documents[place + 1 :])
    replaced = data.get("replaces")
    if replaced:
        _judge(case, str(replaced), verdict="rejected")
    if request.role == "supplier":
        _stands_for_rejected(case, known.id)
    if case.facts.delivers:
        case.effects.append(Check(known.id))


def _stands_for_rejected(case: Case, id: str) -> None:
    """What a lender adds after a complaint stands for what the partner could not use."""
    attempt = case.request.current()
    rejected_at = attempt.rejected_at if attempt is not None else None
    if rejected_at is None:
        return
    case.request.documents = tuple(
        replace(d, verdict="rejected") if d.id and d.id != id and d.at <= rejected_at else d
        for d in case.request.documents
    )


def take_report(case: Case) -> None:
    """Keep what the check found; what did not pass is put before a person."""
    data = case.event.data
    findings = tuple(dict(found) for found in data.get("findings") or ())[:MOST_FINDINGS]
    verdict = str(data["verdict"])
    if case.event.effect:
        case.settle(effect=case.event.effect)
    _judge(case, str(data["document"]), verdict=verdict, pages=int(data.get("pages") or 0), findings=findings)
    sent_back = any(d.id == data["document"] and d.verdict == "rejected" for d in case.request.documents)
    if verdict != "pass" and not sent_back:
        told = next((str(found.get("text") or found.get("code")) for found in findings), verdict)
        case.attend("quality", detail=told)


def _judge(case: Case, id: str, **changes: Any) -> None:
    case.request.documents = tuple(
        replace(d, **changes) if d.id == id and d.verdict != "rejected" else d for d in case.request.documents
    )


def reject_documents(case: Case) -> None:
    """What came is not used; the next delivery replaces it."""
    request = case.request
    request.documents = tuple(
        replace(d, verdict="rejected") if d.attempt == request.attempt else d for d in request.documents
    )


def accept_documents(case: Case) -> None:
    """Whoever hands a document over has found it good."""
    kept = {d.id for d in kept_documents(case)}
    case.request.documents = tuple(
        replace(d, verdict="accepted") if d.id in kept and d.verdict != "pass" else d for d in case.request.documents
    )


def forget_documents(case: Case) -> None:
    """Their bytes are gone; what was found of them stays."""
    case.request.documents = tuple(replace(d, verdict="destroyed") if d.id else d for d in case.request.documents)


def hand_over(to: str) -> Verb:
    """Give the kept documents to the partner or the reader: as files if that is wanted, on paper if it must be."""

    def verb(case: Case) -> None:
        documents = tuple(d.id for d in kept_documents(case))
        goes = to == "partner" or reader_gets_file(case) or on_paper_only(case)
        if documents and goes and case.facts.delivers:
            case.effects.append(HandOver(to, documents))
        elif documents and destroys_file(case):
            case.effects.append(Destroy())

    return named(verb, f"hand over to the {to}")


def destroy_documents(case: Case) -> None:
    """Only the paper may remain."""
    case.effects.append(Destroy())


def tell_reader_of_link(case: Case) -> None:
    """The reader gets the link, which is made again from the delivery's key when the notice goes out and is never kept.

    Where nothing can tell readers, staff do.
    """
    if not case.event.data.get("link") or not case.request.reader_id:
        return
    if case.facts.notifies:
        case.effects.append(Notice("document_ready", "reader", {"delivery": case.event.effect}))
    else:
        case.attend("undeliverable", detail="no account can tell the reader; give the link: ill documents link ID")


def send_link(case: Case) -> None:
    """The partner is told where the copy is."""
    case.send("CopyCompleted", url=case.event.private, via="URL")
