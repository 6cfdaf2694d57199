"""Raw bytes → Mail: headers, text, attachments' names, what a bounce brought back; within limits, never raising."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import policy
from email.message import Message as Part
from email.parser import BytesHeaderParser, BytesParser
from email.utils import getaddresses, parsedate_to_datetime

from ..addresses import checked
from .charset import decode, header_text
from .html import text_of_html

MOST_PARTS = 500
MOST_NESTED = 30
MOST_TEXT = 200_000
HEAD = 64_000
_POLICY = policy.compat32
_NESTING = re.compile(rb"(?im)^content-type:[ \t]*(?:\r?\n[ \t]+)?(?:multipart|message)/")
_PARTS = re.compile(rb"(?im)^content-type:")
_BARE_NAME = re.compile(r"name\s*=\s*\"?([^\";\r\n]+)", re.IGNORECASE)
_ID = re.compile(r"<([^<>\s]{1,998})>")
_TRACE = frozenset("from to cc date subject message-id in-reply-to references auto-submitted content-type".split())


@dataclass(slots=True, frozen=True)
class Attachment:
    """A file that came along: its name, media type and size in bytes. `inline`: a picture that the text shows."""

    name: str
    media_type: str
    size: int
    content: bytes = field(default=b"", repr=False)
    inline: bool = False


@dataclass(slots=True, frozen=True)
class Report:
    """One receiver in a delivery report (RFC 3464): what became of the mail, and its status such as `5.1.1`.

    `original` is the receiver that the sender named, `recipient` the one that it was forwarded to.
    """

    action: str = ""
    status: str = ""
    recipient: str = ""
    original: str = ""
    diagnostic: str = ""


@dataclass(slots=True)
class Mail:
    """A mail as far as it could be read. `problem` says why not all of it was; `headers` are in small letters."""

    headers: dict[str, list[str]] = field(default_factory=dict)
    message_id: str = ""
    sender: str = ""
    subject: str = ""
    date: datetime | None = None
    recipients: tuple[str, ...] = ()
    replies_to: tuple[str, ...] = ()
    text: str = ""
    html: bool = False
    attachments: list[Attachment] = field(default_factory=list)
    media_type: str = ""
    report_type: str = ""
    reports: list[Report] = field(default_factory=list)
    returned: dict[str, str] = field(default_factory=dict)
    problem: str = ""
    digest: str = ""

    def header(self, name: str) -> str:
        """The first header of this name, on one line, empty if there is none."""
        found = self.headers.get(name)
        return header_text(found[0]) if found else ""

    @property
    def null_sender(self) -> bool:
        """Whether its envelope had no sender, as that of a bounce (RFC 5321, section 4.5.5)."""
        return any(value.strip() == "<>" for value in self.headers.get("return-path", ()))


def parse(raw: bytes, max_mail: int) -> Mail:
    """Read a mail. One larger than `max_mail` bytes, or with too many or too deep parts, by its headers only."""
    problem = ""
    if len(raw) > max_mail:
        problem = f"the mail is larger than {max_mail} bytes"
    elif len(_NESTING.findall(raw)) > MOST_NESTED:
        problem = f"the mail has more than {MOST_NESTED} parts within parts"
    elif len(_PARTS.findall(raw)) > MOST_PARTS:
        problem = f"the mail has more than {MOST_PARTS} parts"
    head = re.split(rb"\r?\n\r?\n", raw[:HEAD], maxsplit=1)[0] + b"\r\n\r\n"
    try:
        whole = BytesHeaderParser(policy=_POLICY).parsebytes(head)
        mail = _headed(whole)
    except (ValueError, LookupError, RecursionError, AttributeError, TypeError) as error:
        mail, problem = Mail(), problem or f"its headers cannot be read ({type(error).__name__})"
    if not problem:
        try:
            _read(BytesParser(policy=_POLICY).parsebytes(raw), mail)
        except (ValueError, LookupError, RecursionError, AttributeError, TypeError, AssertionError) as error:
            problem = f"its parts cannot be read ({type(error).__name__})"
    mail.problem = problem
    kept = raw if len(raw) <= max_mail else raw[:HEAD] + str(len(raw)).encode()
    mail.digest = _digest(kept, head, mail)
    return mail


def _headed(whole: Part) -> Mail:
    headers: dict[str, list[str]] = {}
    for name, value in whole.items():
        headers.setdefault(name.lower(), []).append(str(value))
    mail = Mail(headers)
    mail.message_id = _first_id(headers.get("message-id", []))
    mail.sender = _sender(headers.get("from", []))
    mail.subject = mail.header("subject")
    mail.date = _date(headers.get("date", []))
    named = [
        headers.get(name, []) for name in ("to", "cc", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to")
    ]
    mail.recipients = tuple(_addresses([value for values in named for value in values]))
    # The last references are the nearest; no honest mail has hundreds.
    nearest = [each for name in ("in-reply-to", "references") for each in reversed(_ids(headers.get(name, [])))]
    mail.replies_to = tuple(dict.fromkeys(nearest))[:60]
    mail.media_type = whole.get_content_type()
    mail.report_type = str(whole.get_param("report-type", "") or "").lower()
    return mail


def _ids(values: list[str]) -> list[str]:
    return [f"<{found}>" for value in values for found in _ID.findall(value[:20_000].replace("\0", ""))]


def _first_id(values: list[str]) -> str:
    found = _ids(values[:1])
    return found[0] if found else ""


def _addresses(values: list[str]) -> Iterator[str]:
    for _, address in getaddresses([header_text(value) for value in values[:20]])[:200]:
        found = checked(address)
        if found:
            yield found


def _sender(values: list[str]) -> str:
    """The one address of From. Several, or one that reads in two ways, are nobody's."""
    if len(values) != 1:
        return ""
    value = values[0].replace("\r", " ").replace("\n", " ")[:4000]
    found = [address for _, address in getaddresses([value])]
    within = re.findall(r"<([^<>]*)>", re.sub(r'"(?:[^"\\]|\\.)*"', "", value))
    if len(found) != 1 or len(within) > 1 or (within and within[0].strip() != found[0]):
        return ""
    return checked(found[0])


def _date(values: list[str]) -> datetime | None:
    try:
        found = parsedate_to_datetime(values[0])
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (IndexError, ValueError, TypeError, OverflowError):
        return None


def _read(whole: Part, mail: Mail) -> None:
    plain: list[str] = []
    pages: list[str] = []
    size = 0
    for number, (part, depth) in enumerate(_leaves(whole, 0)):
        if number > MOST_PARTS:
            break
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            mail.reports += _reports(part)
        elif kind in ("message/rfc822", "text/rfc822-headers", "message/global", "message/rfc822-headers"):
            _take_returned(part, mail)
        elif part.get_filename() or part.get_content_disposition() == "attachment" or not kind.startswith("text/"):
            mail.attachments += _attached(part, kind)
        elif size < MOST_TEXT and depth < MOST_NESTED:
            text = _text(part)[: MOST_TEXT - size]
            size += len(text)
            (pages if kind == "text/html" else plain).append(text)
    mail.html = bool(pages) and not any(text.strip() for text in plain)
    mail.text = text_of_html("\n".join(pages)) if mail.html else "\n".join(plain)


def _leaves(part: Part, depth: int) -> Iterator[tuple[Part, int]]:
    """Parts that hold something themselves; what a bounce or a forwarder put inside is one of them."""
    if part.get_content_maintype() == "message":
        yield part, depth
    elif part.is_multipart() and depth < MOST_NESTED:
        for each in part.get_payload():
            if isinstance(each, Part):
                yield from _leaves(each, depth + 1)
    elif not part.is_multipart():
        yield part, depth


def _bytes(part: Part) -> bytes:
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def _text(part: Part) -> str:
    charset = part.get_param("charset", "")
    name = charset[2] if isinstance(charset, tuple) else str(charset or "")
    return decode(_bytes(part), name).replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")


def _file_name(part: Part) -> str:
    """Its name, also where it stands in the header in bare bytes of some charset."""
    name = part.get_filename() or ""
    if "\ufffd" in name:
        for header, value in part.raw_items():
            found = _BARE_NAME.search(value) if header.lower().startswith("content-") else None
            if found:
                name = found[1]
                break
    return header_text(name)


def _attached(part: Part, kind: str) -> list[Attachment]:
    name = _file_name(part)
    data = _bytes(part)
    if not name and not data:
        return []
    in_text = bool(part.get("Content-ID")) and part.get_content_disposition() != "attachment"
    shown = kind.startswith("image/") and in_text
    return [Attachment(re.sub(r"[\x00-\x1f/\\]", "_", name)[:255], kind, len(data), data, shown)]


def _reports(part: Part) -> list[Report]:
    """The fields of each receiver (RFC 3464, section 2.3); the first group is about the mail as a whole."""
    groups = part.get_payload()
    found = []
    for group in groups if isinstance(groups, list) else []:
        if isinstance(group, Part) and (group.get("Action") or group.get("Status")):
            code = re.search(r"[245]\.\d{1,3}\.\d{1,3}", str(group.get("Status", "")))
            found.append(
                Report(
                    action=header_text(group.get("Action", "")).lower(),
                    status=code[0] if code else "",
                    recipient=header_text(group.get("Final-Recipient", "")).rpartition(";")[2].strip(),
                    original=header_text(group.get("Original-Recipient", "")).rpartition(";")[2].strip(),
                    diagnostic=header_text(group.get("Diagnostic-Code", ""))[:300],
                )
            )
    return found[:50]


def _take_returned(part: Part, mail: Mail) -> None:
    """The headers of the mail that came back; the first such part counts."""
    if mail.returned:
        return
    inner = part.get_payload()
    if isinstance(inner, list) and inner and isinstance(inner[0], Part):
        headers = inner[0]
    else:
        head = re.split(r"\r?\n\r?\n", _text(part).lstrip()[:HEAD], maxsplit=1)[0]
        headers = BytesHeaderParser(policy=_POLICY).parsebytes(head.encode("utf-8", "replace") + b"\r\n\r\n")
    for name, value in headers.items():
        mail.returned.setdefault(name.lower(), header_text(value))


def _digest(raw: bytes, head: bytes, mail: Mail) -> str:
    """By which a mail is known again, though it came another way: who wrote it, what it says, its body."""
    text = hashlib.sha256()
    for name in sorted(_TRACE & set(mail.headers)):
        text.update(f"{name}:{' '.join(mail.headers[name][0].split())}\n".encode("utf-8", "surrogateescape"))
    if not mail.message_id and not mail.headers:
        text.update(head)
    body = re.split(rb"\r?\n\r?\n", raw, maxsplit=1)
    text.update((body[1] if len(body) > 1 else raw).replace(b"\r\n", b"\n").rstrip())
    return text.hexdigest()
