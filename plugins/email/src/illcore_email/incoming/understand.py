"""What a mail is and what it means, in the order that keeps requests safe: the first that fits decides."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from illcore import signals
from illcore.message import Message, Undelivered
from illcore.model import BilingualText, Partner

from ..addresses import belongs_to, tokens_in
from ..formats.reading import Found, read_request_without_heading, read_structured
from ..formats.values import instant_in
from ..lookup import Lookup
from ..outgoing.compose import OWN_HEADER
from ..tokens import Thread, genuine
from .automatic import Bounce, answers_automatically, bounce_of, generated, is_loop
from .mime import Mail
from .quoted import own_words
from .structured import demand, is_echo, meaning
from .suggestion import suggest

Kind = Literal["loop", "bounce", "auto_reply", "reply", "request", "unmatched"]

_TAG = re.compile(r"\[\s*ILL\s*#\s*([A-Za-z0-9._-]{1,64})\s*\]|\bFILEREFNO[:\s]+([A-Za-z0-9._-]{1,64})", re.IGNORECASE)
_NUMBER_IN_SUBJECT = re.compile(r"\bILL Request\s*[:#]\s*([A-Za-z0-9][A-Za-z0-9._/-]{0,63})", re.IGNORECASE)
_ANNOUNCED = re.compile(r"^\s*(?:\[[^\]]{1,40}\]\s*)?(?:ILL Request\s*[:#]|馆际互借申请|原文传递申请)", re.IGNORECASE)
_DMARC_FAILED = re.compile(r"\bdmarc\s*=\s*fail\b", re.IGNORECASE)
_LONGEST_NOTE = 12_000
_AHEAD = timedelta(minutes=15)
_BEHIND = timedelta(days=30)


@dataclass(slots=True)
class Understood:
    """What a mail is. `reason` tells staff why; `missing` is what an incomplete request lacks; `partner` wrote it."""

    kind: Kind
    reason: str = ""
    thread: Thread | None = None
    library: str = ""
    partner: Partner | None = None
    messages: tuple[Message, ...] = ()
    undelivered: tuple[Undelivered, ...] = ()
    suggestion: dict[str, Any] = field(default_factory=dict)
    missing: tuple[BilingualText, ...] = ()


def understand(mail: Mail, lookup: Lookup, key: bytes, received_at: datetime) -> Understood:
    """Loops, bounces and automatic answers first; then whose it is; then who wrote it; then what it says."""
    if is_loop(mail, lookup.mailbox) or lookup.is_ours(mail.message_id):
        return Understood("loop", "our own mail came back", library=lookup.library)
    at = _written_at(mail, received_at)
    bounce = bounce_of(mail)
    if bounce is not None:
        return _bounced(bounce, mail, lookup, key, at)
    thread, how = _thread(mail, lookup, key)
    if answers_automatically(mail):
        return _logged(mail, lookup, thread)
    text = own_words(mail.text)
    found = read_structured(text) or (_without_heading(mail, text) if thread is None else None)
    if generated(mail) and found is None and OWN_HEADER.lower() not in mail.headers:
        return _logged(mail, lookup, thread)
    if mail.problem:
        return _for_staff(mail.problem, lookup, thread)
    if _is_forged(mail):
        return _for_staff("the sender's address is not genuine (DMARC failed)", lookup, thread)
    asked = _asked(mail, found, lookup, at) if found is not None and found.kind == "request" else None
    if asked is not None:
        return asked
    if thread is None:
        thread, reason = _by_number(mail, found, lookup)
        if thread is None:
            return _for_staff(reason, lookup, None)
        how = "number"
    partner = lookup.partner(thread.library, thread.partner)
    if partner is None or not belongs_to(mail.sender, partner.address):
        who = mail.sender or "an unreadable sender"
        return _for_staff(f"{who} is not an address of {thread.partner} (found by {how})", lookup, thread)
    contradiction = _contradicts(found, thread, partner, lookup)
    if contradiction:
        return _for_staff(contradiction, lookup, thread)
    return _reply(mail, text, found, thread, partner, lookup, at)


# --- whose -------------------------------------------------------------------------------------------------------


def _thread(mail: Mail, lookup: Lookup, key: bytes) -> tuple[Thread | None, str]:
    """The conversation by the strongest sign: signed address, mails answered, subject tag."""
    for ref, mac in tokens_in(mail.recipients, lookup.mailbox):
        if genuine(key, lookup.mailbox, ref, mac):
            found = lookup.by_ref(ref)
            if found is not None:
                return found, "signed address"
    found = lookup.by_ids(mail.replies_to)
    if found is not None:
        return found, "mail answered"
    for match in _TAG.finditer(mail.subject):
        found = _tagged(match[1] or match[2], mail, lookup)
        if found is not None:
            return found, "subject tag"
    return None, ""


def _tagged(tag: str, mail: Mail, lookup: Lookup) -> Thread | None:
    """The conversation with the sender if there are several under a tag; several with the sender are none."""
    found = lookup.by_tag(tag)
    if not found:
        found = [one for library, partner in lookup.partners_at(mail.sender)
                 for one in lookup.by_number(library, partner.symbol, tag)]  # fmt: skip
    if len(found) > 1:
        known = {(library, partner.symbol) for library, partner in lookup.partners_at(mail.sender)}
        found = [one for one in found if (one.library, one.partner) in known]
    return found[0] if len(found) == 1 else None


def _by_number(mail: Mail, found: Found | None, lookup: Lookup) -> tuple[Thread | None, str]:
    """The conversation by the numbers of a structured mail; else why there is none."""
    known = lookup.partners_at(mail.sender)
    if not known:
        return (
            None,
            f"{mail.sender or 'an unreadable sender'} belongs to no partner, and nothing says which request is meant",
        )
    if found is None:
        return None, "nothing says which request is meant"
    numbers = [*found.all_of("number", "supplying_number", "account"), *_subject_numbers(mail)]
    threads = {
        one: None
        for library, partner in known
        for number in numbers
        for one in lookup.by_number(library, partner.symbol, number)
    }
    if len(threads) == 1:
        return next(iter(threads)), ""
    return None, "its numbers fit several requests" if threads else "its numbers fit no request with this partner"


def _without_heading(mail: Mail, text: str) -> Found | None:
    return read_request_without_heading(text, announced=bool(_ANNOUNCED.match(mail.subject)))


def _subject_numbers(mail: Mail) -> list[str]:
    return [match[1] for match in _NUMBER_IN_SUBJECT.finditer(mail.subject)]


def _contradicts(found: Found | None, thread: Thread, partner: Partner, lookup: Lookup) -> str:
    """Whether a structured mail names another request of this partner than the conversation it came in."""
    for number in found.all_of("number") if found else ():
        others = lookup.by_number(thread.library, partner.symbol, number)
        if number != thread.number and others and thread not in others:
            return f"it answers a mail about {thread.number} but names the request {number}"
    return ""


# --- what --------------------------------------------------------------------------------------------------------


def _reply(
    mail: Mail, text: str, found: Found | None, thread: Thread, partner: Partner, lookup: Lookup, at: datetime
) -> Understood:
    request, service = lookup.request_of(thread)
    if not request:
        return _for_staff(f"there is no request {thread.number} with {thread.partner}", lookup, thread)
    made = Understood("reply", thread=thread, library=thread.library, partner=partner)
    if found is not None:
        stated = instant_in(found.first("timestamp"))
        if stated is not None and abs(stated - at) < timedelta(days=2):
            at = stated
        message = meaning(found, thread, service, at, partner.kind == "broker")
        if message is not None:
            made.messages = (_plain_note(message, partner),)
            return made
        if is_echo(found, thread.library, thread.role):
            return _for_staff("it holds our own message as it was sent", lookup, thread)
    said = found.first("note") if found is not None else text
    made.suggestion = suggest(said, thread.role, service, at.date(), bool(mail.attachments))
    made.messages = (_plain_note(note_of(mail, text, thread, at, made.suggestion), partner),)
    return made


def note_of(mail: Mail, text: str, thread: Thread, at: datetime, suggestion: dict[str, Any]) -> Message:
    """Free text as a message for people, with what was attached and what it seems to say."""
    parts = [f"E-mail: {mail.subject}", text[:_LONGEST_NOTE]]
    if mail.attachments:
        names = ", ".join(f"{each.name or each.media_type} ({each.size} bytes)" for each in mail.attachments[:20])
        parts.append(f"[attached 附件: {names}]")
    if suggestion:
        words = " ".join(
            f"{name}={value!r}" if " " in str(value) else f"{name}={value}" for name, value in suggestion.items()
        )
        parts.append(f"[suggested 建议: record {words}]")
    return _notification(thread, "\n\n".join(part for part in parts if part.strip()), at)


def _notification(thread: Thread, note: str, at: datetime) -> Message:
    ours = thread.role == "requester"
    return Message(
        kind="SupplyingAgencyMessage" if ours else "RequestingAgencyMessage",
        requesting_agency=thread.library if ours else thread.partner,
        supplying_agency=thread.partner if ours else thread.library,
        requesting_agency_request_id=thread.number,
        timestamp=at,
        note=note.replace("\0", ""),
        action=None if ours else "Notification",
        reason="Notification" if ours else None,
    )


def _plain_note(message: Message, partner: Partner) -> Message:
    """No words of a mail may pass for a signal that moves a request: only the field of a structured one is."""
    note = message.note
    while note and signals.read(note, partner.profile)[0] is not None:
        note = f"· {note}"
    return message if note == message.note else message.model_copy(update={"note": note})


def _asked(mail: Mail, found: Found, lookup: Lookup, at: datetime) -> Understood | None:
    """A new request; None if it is our own that comes back."""
    known = lookup.partners_at(mail.sender)
    named = found.first("supplying").casefold()
    chosen = [pair for pair in known if len(known) == 1 or named == pair[0].casefold()]
    if len(chosen) != 1:
        reason = (
            f"{mail.sender or 'an unreadable sender'} belongs to no partner"
            if not known
            else "it is not clear whose request it is"
        )
        return _for_staff(f"a request, but {reason}", lookup, None)
    library, partner = chosen[0]
    if is_echo(found, library, "supplier"):
        return None
    if partner.status not in ("active", "prospect"):
        return _for_staff(f"a request, but {partner.symbol} is {partner.status}", lookup, None)
    if not found.first("number") and _subject_numbers(mail):
        found.fields["number"] = _subject_numbers(mail)[:1]
    asked = demand(found, library, partner.symbol, at, f"MAIL-{mail.digest[:12].upper()}")
    made = Understood("request", library=library, partner=partner, missing=asked.missing)
    if asked.message is not None:
        made.messages = (_plain_note(asked.message, partner),)
        made.thread = Thread(library, "supplier", partner.symbol, asked.message.requesting_agency_request_id)
    else:
        made.reason = f"incomplete: {'; '.join(each.en for each in asked.missing)}"
    return made


def _is_forged(mail: Mail) -> bool:
    return bool(_DMARC_FAILED.search(" ".join(mail.headers.get("authentication-results", ()))[:4000]))


def _bounced(bounce: Bounce, mail: Mail, lookup: Lookup, key: bytes, at: datetime) -> Understood:
    """A mail of ours that certainly did not arrive is reported as such; what is less certain people shall read."""
    sent = lookup.mail_by_ids(bounce.message_ids)
    thread = sent.thread if sent else None
    if sent is None:
        for ref, mac in tokens_in(bounce.addresses, lookup.mailbox):
            if thread is None and genuine(key, lookup.mailbox, ref, mac):
                thread, sent = lookup.by_ref(ref), lookup.only_mail(ref)
    lasting = "permanent" if bounce.permanent else "transient" if bounce.status.startswith("4") else ""
    reason = " ".join(each for each in (lasting, bounce.status, *bounce.recipients, bounce.words) if each)
    made = Understood("bounce", reason[:500], thread, thread.library if thread else lookup.library)
    addressed = sent is not None and (not bounce.recipients or sent.recipient.lower() in bounce.recipients)
    if sent is not None and addressed and bounce.permanent and not _is_forged(mail):
        why = f"the mail to {sent.recipient} came back: {bounce.status} {bounce.words}"
        made.undelivered = (Undelivered(key=sent.key, reason=why.replace("\0", "")[:500], timestamp=at),)
    elif thread is not None and bounce.final and lookup.request_of(thread)[0]:
        what = "E-mail could not be delivered 邮件未能送达"
        made.messages = (_notification(thread, f"{what}: {reason}"[:2000], at),)
    return made


def _logged(mail: Mail, lookup: Lookup, thread: Thread | None) -> Understood:
    if thread is not None:
        partner = lookup.partner(thread.library, thread.partner)
        if partner is None or not belongs_to(mail.sender, partner.address):
            thread = None
    return Understood("auto_reply", "an automatic answer", thread, thread.library if thread else lookup.library)


def _for_staff(reason: str, lookup: Lookup, thread: Thread | None) -> Understood:
    """`thread` is what it seems to be about."""
    return Understood("unmatched", reason, thread, thread.library if thread else lookup.library)


def _written_at(mail: Mail, received_at: datetime) -> datetime:
    """The Date of the mail; when it came, if that is missing, lies ahead or far back."""
    if mail.date is None or not received_at - _BEHIND < mail.date < received_at + _AHEAD:
        return received_at
    return mail.date
