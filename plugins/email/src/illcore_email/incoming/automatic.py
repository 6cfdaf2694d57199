"""Mails that no person wrote now: our own that came back, delivery reports, automatic answers. Pure."""

import re
from dataclasses import dataclass

from ..addresses import checked
from ..outgoing.compose import OWN_HEADER
from .mime import Mail, Report

_FAILURE_SUBJECT = re.compile(
    r"undeliver|delivery (status notification|failure|has failed|delayed|notification)|"
    r"failure notice|mail delivery fail|"
    r"returned (to sender|mail)|delivery incomplete|warning: (could not|message).*(send|"
    r"delayed)|退信|退件|投递失败|发送失败|未送达|无法投递|邮件未能",
    re.IGNORECASE,
)
_DAEMON = re.compile(r"^(mailer-daemon|postmaster|mail-daemon|mailerdaemon|maildaemon|noreply-bounce)@", re.IGNORECASE)
_AUTO_SUBJECT = re.compile(
    r"^\s*(re:\s*|回复[:：]\s*)*(automatic reply|auto(matic)?[- ]?(reply|response|answer)|"
    r"auto:|out of (the )?office|vacation|"
    r"absence|abwesenheit|自动回复|自动答复|自動回覆|\[自动回复\])",
    re.IGNORECASE,
)
_BULK = frozenset({"bulk", "junk", "auto_reply", "auto-reply"})
_AUTO_HEADERS = ("x-autoreply", "x-autorespond", "x-autoreply-from", "x-mail-autoreply", "x-vacation", "x-auto-reply")
_ENHANCED = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_BASIC = re.compile(r"(?<!\d)([45])[0-5]\d[ -]")
_MESSAGE_ID = re.compile(r"^\s*Message-ID:\s*<([^<>\s]{1,998})>", re.IGNORECASE | re.MULTILINE)
_ADDRESS = re.compile(r"[\w.+=-]+@[\w.-]+\w")


@dataclass(slots=True, frozen=True)
class Bounce:
    """What a delivery report says. `final`: it will not be tried again; `permanent`: by its status class (RFC 3463).

    `recipients` are those that it names, in small letters: the one that was written to, or that it was forwarded to.
    """

    final: bool
    permanent: bool
    status: str
    recipients: tuple[str, ...]
    words: str
    message_ids: tuple[str, ...]
    addresses: tuple[str, ...]


def is_loop(mail: Mail, mailbox: str) -> bool:
    """Whether our own mark stands in its headers."""
    return any(value.strip().lower() == mailbox for value in mail.headers.get(OWN_HEADER.lower(), ()))


def bounce_of(mail: Mail) -> Bounce | None:
    """The delivery report that a mail is, in the form of RFC 3464 or as older and Chinese servers write it."""
    failed = [each for each in mail.reports if each.action not in ("delivered", "relayed", "expanded")]
    if mail.report_type == "delivery-status" or mail.reports:
        return _bounce(mail, failed[0]) if failed or not mail.reports else None
    daemon = bool(_DAEMON.match(mail.sender or _raw_sender(mail))) or mail.null_sender
    named = "x-failed-recipients" in mail.headers
    if named or (daemon and (_FAILURE_SUBJECT.search(mail.subject) or _ENHANCED.search(mail.text[:3000]))):
        return _bounce(mail, Report())
    return None


def _raw_sender(mail: Mail) -> str:
    found = _ADDRESS.search(mail.header("from"))
    local = re.match(r"[^<]*<?\s*([A-Za-z-]+)\s*>?\s*$", mail.header("from"))
    return found[0] if found else f"{local[1]}@" if local else ""


def _bounce(mail: Mail, report: Report) -> Bounce:
    enhanced = _ENHANCED.search(report.diagnostic) or _ENHANCED.search(mail.text[:5000])
    basic = _BASIC.search(report.diagnostic) or _BASIC.search(mail.text[:5000])
    status = report.status or (enhanced[1] if enhanced else "") or (f"{basic[1]}.0.0" if basic else "")
    delayed = report.action == "delayed" or (
        not report.action
        and bool(re.search(r"delayed|will (be )?(keep|retr)|still trying|暂时|延迟", mail.subject + mail.text[:2000]))
    )
    found = [f"<{each}>" for each in _MESSAGE_ID.findall(mail.text)]
    returned = mail.returned.get("message-id", "")
    own = [each for each in (returned, *found, *mail.replies_to) if each]
    told = [report.recipient, report.original, *mail.header("x-failed-recipients").split(",")]
    addresses = (*mail.recipients, *(_ADDRESS.findall(mail.returned.get("reply-to", ""))))
    return Bounce(
        final=not delayed,
        permanent=status.startswith("5") and not delayed,
        status=status,
        recipients=tuple(dict.fromkeys(one for each in told if (one := checked(each.strip("<> ")).lower()))),
        words=report.diagnostic or " ".join(mail.text.split())[:200],
        message_ids=tuple(dict.fromkeys(own))[:20],
        addresses=addresses,
    )


def is_automatic(mail: Mail) -> bool:
    """Whether it is an automatic answer or notice (RFC 3834), also where only its subject says so."""
    return answers_automatically(mail) or generated(mail)


def answers_automatically(mail: Mail) -> bool:
    """Whether something answered by itself; such a mail never counts, whatever stands in it."""
    submitted = mail.header("auto-submitted").partition(";")[0].strip().lower()
    if submitted not in ("", "no", "auto-generated"):
        return True
    if mail.header("precedence").strip().lower() in _BULK or mail.null_sender:
        return True
    if any(name in mail.headers for name in _AUTO_HEADERS):
        return True
    return (
        bool(_AUTO_SUBJECT.match(mail.subject)) or bool(mail.reports) or mail.report_type == "disposition-notification"
    )


def generated(mail: Mail) -> bool:
    """Whether a system wrote it of its own accord, as library systems do."""
    return mail.header("auto-submitted").partition(";")[0].strip().lower() == "auto-generated"
