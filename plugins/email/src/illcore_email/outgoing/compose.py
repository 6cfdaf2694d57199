"""The whole mail as bytes: the same for the same message, key and settings; nothing in it can forge a header."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from illcore.errors import Misconfigured
from illcore.message import Message
from illcore.model import Partner

from ..addresses import mail_of, plus
from ..config import EmailConfig, Templates
from ..formats.keyed import artemail, clean, form, gsm
from ..formats.kinds import kind_of
from ..formats.sheet import Sheet, sheet_of
from ..tokens import Thread, message_id
from .letter import Letter, write_letter
from .texts import LEADS, SUBJECTS

OWN_HEADER = "X-Illcore"
"""Names the mailbox that wrote a mail: by it a mail of our own is known when it comes back, and a peer's as such."""

_TEMPLATES: TypeAdapter[Templates] = TypeAdapter(Templates)
_PLAIN_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
FORMATS = ("letter", "gsm", "form", "artemail")
_LONGEST_SUBJECT = 180


@dataclass(slots=True, frozen=True)
class Conversation:
    """Where a mail stands: its thread, the signature of the thread's reference, the mails that came before it."""

    thread: Thread
    token: str
    earlier: tuple[str, ...] = ()


def thread_of(message: Message) -> Thread:
    """The conversation that an outgoing message belongs to. The partner stands in it as the message names it."""
    if message.kind == "SupplyingAgencyMessage":
        sides = (message.supplying_agency, "supplier", message.requesting_agency)
    else:
        sides = (message.requesting_agency, "requester", message.supplying_agency)
    library, role, partner = sides
    return Thread(library, role, partner, message.requesting_agency_request_id)  # type: ignore[arg-type]


def tag_of(thread: Thread) -> str:
    """What stands in the subject's tag: the request's number, or the reference where it cannot stand there."""
    return thread.number if _PLAIN_NUMBER.fullmatch(thread.number) else thread.ref


def compose(message: Message, partner: Partner, key: str, config: EmailConfig, where: Conversation) -> bytes:
    """The mail for one message. Misconfigured (this partner alone) if its record has no usable address or format."""
    recipient = mail_of(partner)
    if not recipient:
        raise _of_partner(f'partner {partner.symbol} has no usable e-mail address; set address = {{"email": …}}')
    style = str(partner.address.get("format") or config.format)
    if style not in FORMATS:
        raise _of_partner(f"partner {partner.symbol}: format {style!r} does not exist; there are {', '.join(FORMATS)}")
    language = _language(partner, config)
    kind, sheet = kind_of(message), sheet_of(message)
    letter = _written(kind, sheet, message, partner, config, style, language)
    tag = f"FILEREFNO {tag_of(where.thread)}" if style == "artemail" else f"[ILL#{tag_of(where.thread)}]"
    mail = _framed(letter.subject, tag, recipient, message.timestamp, key, config, where)
    mail.set_content(letter.text, charset="utf-8", cte="quoted-printable" if letter.text.isascii() else "base64")
    if letter.html:
        mail.add_alternative(letter.html, subtype="html", charset="utf-8", cte="base64")
        mail.set_boundary(f"=_ill_{hashlib.sha256(key.encode()).hexdigest()[:32]}")
    return mail.as_bytes(policy=SMTP)


def readdressed(raw: bytes, recipient: str) -> bytes:
    """The same mail to another address of the same partner."""
    head, blank, body = raw.partition(b"\r\n\r\n")
    to = f"To: {recipient}".encode("ascii")
    return re.sub(rb"(?im)^To:[^\r\n]*(?:\r\n[ \t][^\r\n]*)*", lambda _: to, head, count=1) + blank + body


def plain_mail(
    letter: Letter,
    recipient: str,
    at: datetime,
    key: str,
    config: EmailConfig,
    answers: str,
    thread: Thread,
    token: str,
) -> bytes:
    """A mail in answer to one that came: plain text alone, marked as an automatic answer (RFC 3834)."""
    where = Conversation(thread, token, (answers,) if answers else ())
    mail = _framed(letter.subject, "", recipient, at, key, config, where)
    mail.replace_header("Auto-Submitted", "auto-replied")
    mail.set_content(letter.text, charset="utf-8", cte="quoted-printable" if letter.text.isascii() else "base64")
    return mail.as_bytes(policy=SMTP)


def _written(
    kind: str, sheet: Sheet, message: Message, partner: Partner, config: EmailConfig, style: str, language: str
) -> Letter:
    library = partner_side(message)
    signed = config.display_name or message.requesting_library_name or library
    own = (_own_templates(partner), config.library_templates.get(library, {}), config.templates)
    letter = write_letter(
        kind, sheet, language, signed, message.service_type or "", own,
        {"reason": message.signal.reason} if message.signal else None,
    )  # fmt: skip
    extra = _account(partner)
    if style == "gsm":
        subject = (
            f"ILL Request: {message.requesting_agency_request_id}" if message.kind == "Request" else letter.subject
        )
        return Letter(subject, gsm(kind, sheet, [pair for pair in extra if pair[0] == "account"]), "")
    if style == "form":
        column = 1 if language == "zh" else 0
        lead = LEADS[kind][column].replace("$service", message.service_type or "").partition("$")[0].strip()
        return Letter(letter.subject, form(kind, sheet, lead), "")
    if style == "artemail":
        return Letter(SUBJECTS[kind][0].partition(":")[0], artemail(kind, sheet, extra), "")
    return letter


def partner_side(message: Message) -> str:
    """The library that writes."""
    return message.supplying_agency if message.kind == "SupplyingAgencyMessage" else message.requesting_agency


def _framed(
    subject: str, tag: str, recipient: str, at: datetime, key: str, config: EmailConfig, where: Conversation
) -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = HeaderAddress(one_line(config.display_name), addr_spec=config.address)
    mail["To"] = HeaderAddress(addr_spec=recipient)
    if config.plus_address:
        mail["Reply-To"] = HeaderAddress(addr_spec=plus(config.address, where.token))
    words = one_line(subject)
    room = _LONGEST_SUBJECT - len(tag)
    mail["Subject"] = f"{words[:room]} {tag}".strip()
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = message_id(config.mailbox, key)
    if where.earlier:
        mail["In-Reply-To"] = where.earlier[-1]
        mail["References"] = " ".join(dict.fromkeys((where.earlier[0], *where.earlier[-3:])))
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail[OWN_HEADER] = config.mailbox
    return mail


def one_line(text: str) -> str:
    """What may stand in a header: no line ends, no control characters, single blanks."""
    return " ".join(clean(text).split())


def _language(partner: Partner, config: EmailConfig) -> str:
    """The partner's own, else the account's, else Chinese for partners that have a Chinese name."""
    named = str(partner.address.get("language") or partner.profile.get("language") or config.language)
    if named in ("en", "zh"):
        return named
    return "zh" if partner.name.zh else "en"


def _account(partner: Partner) -> Sequence[tuple[str, str]]:
    pairs = (("account", partner.address.get("account")), ("password", partner.address.get("password")))
    return [(name, str(value)) for name, value in pairs if value]


def _own_templates(partner: Partner) -> Templates:
    mail: Any = partner.profile.get("email")
    given = mail.get("templates") if isinstance(mail, Mapping) else None
    if not given:
        return {}
    try:
        return _TEMPLATES.validate_python(given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise _of_partner(f"partner {partner.symbol}: profile.email.templates.{where}: {first['msg']}") from None


def _of_partner(what: str) -> Misconfigured:
    return Misconfigured(what, code="partner")
