"""A corpus of mails, each its own case: what it is taken for, the event it is, and the state that it leaves.

`{id}` `{number}` stand for our request, `{token}` for the signed address, `{mid}` for the Message-ID of our mail.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from illcore_email.testing import BOOK as BOOK_WANTED
from illcore_email.testing import BOX, OURS, THEIR_BOX, THEIRS, Office, knows, mail, submitted

MadeFrom = Callable[["Asked"], bytes]


@dataclass(frozen=True)
class Asked:
    """Our request and the mail that asked for it."""

    id: str
    mid: str
    token: str
    raw: bytes


@dataclass(frozen=True)
class Case:
    """A mail and what must come of it; `suggested` is what staff are offered to record."""

    name: str
    made: MadeFrom
    taken: str
    event: str | None = None
    state: str = "sent"
    about: bool = True
    suggested: str = ""


CASES: list[Case] = []


def case(
    name: str,
    made: MadeFrom,
    taken: str,
    event: str | None = None,
    state: str = "sent",
    about: bool = True,
    suggested: str = "",
) -> None:
    CASES.append(Case(name, made, taken, event, state, about, suggested))


def reply(body: str, **more: str) -> MadeFrom:
    """An answer by hand to our mail."""
    return lambda asked: mail(body, **{"In_Reply_To": asked.mid, "subject": "回复: 馆际互借申请", **more})


def gsm(heading: str, *lines: str, **more: str) -> MadeFrom:
    """A generic script message about our request, by its number alone."""

    def made(asked: Asked) -> bytes:
        text = "\n".join((heading, f"LSB:{OURS}", f"LSP:{THEIRS}", f"NO.:{asked.id}", *lines))
        return mail(text, **{"subject": "ILL", **more})

    return made


# --- free text: never moves a request, but says what it seems to mean -----------------------------------------------

for name, text, suggested in (
    ("sent today", "Dear colleague,\n\nthe book was sent today by registered mail. Due back 2026-02-28.", "shipped"),
    ("not held", "Sorry, this title is not held by our library.", "unfilled"),
    ("on loan until", "The book is on loan until 15 March 2026.", "retry"),
    ("library use only", "We can lend it for library use only, fee 30 CNY.", "conditions"),
    ("will send", "We will send the book tomorrow.", "will_supply"),
    ("not sent yet", "The book has not been sent yet, we are waiting for the courier.", ""),
    ("已寄出", "您好！书已寄出，顺丰单号 SF123456，应还日期 2026年3月1日。", "shipped"),
    ("无馆藏", "您好，经查，我馆无馆藏，无法提供。", "unfilled"),
    ("借出", "该书已借出，预计 2026年3月15日 归还。", "retry"),
    ("仅限馆内", "此书为古籍，仅限馆内阅览。", "conditions"),
    ("可以提供", "我馆可以提供，请告知邮寄地址。", "will_supply"),
    ("尚未寄出", "您好，文献尚未寄出，请稍候。", ""),
    ("将于明天寄出", "我馆将于明天寄出。", "will_supply"),
    ("thanks", "谢谢！收到申请。", ""),
):
    case(f"free text: {name}", reply(text), "reply", "Message", suggested=suggested)

case("free text that spells a signal", reply("#lost#\nThe book was lost."), "reply", "Message")
case("free text that spells an acceptance", reply("#accept 1# ok"), "reply", "Message")
case(
    "HTML alone",
    lambda a: (
        mail("x", In_Reply_To=a.mid)
        .replace(b"text/plain", b"text/html")
        .replace(
            b"x\r\n",
            "<html><head><style>p{}</style></head><body><p>您好，<b>已寄出</b>。</p></body></html>\r\n".encode(),
        )
        .replace(b"7bit", b"8bit")
    ),
    "reply",
    "Message",
    suggested="shipped",
)

# --- whose it is ----------------------------------------------------------------------------------------------------

case("by the signed address", lambda a: mail("Not held.", to=a.token), "reply", "Message", suggested="unfilled")
case("by the signed address in capitals", lambda a: mail("ok", to=a.token.upper()), "reply", "Message")
case("by Delivered-To", lambda a: mail("ok", Delivered_To=a.token), "reply", "Message")
case("by References", lambda a: mail("ok", References=f"<x@y> {a.mid}"), "reply", "Message")
case("token stripped, by the subject tag", lambda a: mail("ok", subject=f"Re: x [ILL#{a.id}]"), "reply", "Message")
case("by FILEREFNO", lambda a: mail("ok", subject=f"FILEREFNO {a.id} INTRAY REPLY"), "reply", "Message")
case(
    "forged sender with a valid token", lambda a: mail("Sent today", to=a.token, sender="evil@example.net"), "unmatched"
)
case(
    "forged sender with a structured reply",
    lambda a: gsm("ITEM SHIPPED/MESSAGE D'ENVOI", "DUE:2026-02-28", sender="evil@example.net", to=a.token)(a),
    "unmatched",
)
case(
    "two senders",
    lambda a: mail("x", In_Reply_To=a.mid).replace(
        f"From: {THEIR_BOX}".encode(), f"From: evil@example.net, {THEIR_BOX}".encode()
    ),
    "unmatched",
)
case(
    "two From lines",
    lambda a: b"From: evil@example.net\r\n" + mail("x", In_Reply_To=a.mid),
    "unmatched",
)
case(
    "the partner's address as a display name",
    lambda a: mail("x", In_Reply_To=a.mid).replace(
        f"From: {THEIR_BOX}".encode(), f'From: "{THEIR_BOX}" <evil@example.net>'.encode()
    ),
    "unmatched",
)
case(
    "DMARC failed",
    reply("Sent today", Authentication_Results="mx.ours.example.org; dkim=none; dmarc=fail (p=reject)"),
    "unmatched",
)
case(
    "a made-up token",
    lambda a: mail("x", to="ill+aaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbb@ours.example.org"),
    "unmatched",
    about=False,
)
case("a stranger", lambda a: mail("Buy now!", sender="spam@example.net"), "unmatched", about=False)
case("the partner about nothing known", lambda a: mail("新年快乐！"), "unmatched", about=False)
case("a wrong number", lambda a: mail("ITEM SHIPPED\nNO.:NOBODY-1", subject="ILL"), "unmatched", about=False)
case(
    "mailing-list noise",
    lambda a: mail(
        "Call for papers", sender="list@lists.example.net", List_Id="<ill.lists.example.net>", Precedence="list"
    ),
    "unmatched",
    about=False,
)
case("bulk mail", lambda a: mail("Newsletter", sender="n@example.net", Precedence="bulk"), "auto_reply", about=False)

# --- structured replies: the only ones that move --------------------------------------------------------------------

REPLY = "REPLY TO AN ILL REQUEST/REPONSE A UNE DEMANDE DE PEB"
case("GSM: will supply", gsm(REPLY, "ANS:WILL SUPPLY"), "reply", "WillSupply", "will_supply")
case("GSM: will supply, hyphenated", gsm(REPLY, "ANS:WILL-SUPPLY"), "reply", "WillSupply", "will_supply")
case("GSM: not held, hyphenated", gsm(REPLY, "ANS:NOT-HELD"), "reply", "Unfilled", "review")
case("GSM: no charge is no refusal", gsm(REPLY, "ANS:NO-CHARGE"), "reply", "Message")
case("GSM: not held", gsm(REPLY, "ANS:UNFILLED - NOT HELD"), "reply", "Unfilled", "review")
case("GSM: not held in the note", gsm(REPLY, "REM:NOT HELD"), "reply", "Unfilled", "review")
case("GSM: in use", gsm(REPLY, "ANS:IN USE/ON LOAN", "RTA:2026-03-01"), "reply", "RetryPossible", "retry_offered")
case("GSM: conditional", gsm(REPLY, "ANS:CONDITIONAL", "NOT:LIBRARY USE ONLY"), "reply", "Conditions", "conditional")
case("GSM: a reply in other words", gsm(REPLY, "NOT:We are still looking for it."), "reply", "Message")
case(
    "GSM: shipped",
    gsm("ITEM SHIPPED/MESSAGE D'ENVOI", "DUE:2026-02-28", to="ill@ours.example.org"),
    "reply",
    "Loaned",
    "shipped",
)
case("GSM: shipped, in French alone", gsm("MESSAGE D’ENVOI", "NOT:Date de retour"), "reply", "Loaned", "shipped")
case("GSM: overdue", gsm("OVERDUE MESSAGE/AVIS DE RETARD", "DUE:2026-01-01"), "reply", "Overdue", "overdue")
case("GSM: recall", gsm("RECALL MESSAGE/MESSAGE DE RAPPEL"), "reply", "Recalled", "recalled")
case(
    "GSM: general message",
    gsm("GENERAL MESSAGE/MESSAGE GENERAL", "NOT:Sent today"),
    "reply",
    "Message",
    suggested="shipped",
)
case(
    "GSM: conditions from the supplier",
    gsm("CONDITIONAL REPLY/REPONSE CONDITIONELLE", "CST:20.00 CAD"),
    "reply",
    "Conditions",
    "conditional",
)
case(
    "GSM: renewal answer without a renewal",
    gsm("RENEWAL ANSWER/REPONSE RENOUVELLEMENT", "ANS:MAYBE"),
    "reply",
    "Message",
)
case("GSM: cancellation from the supplier", gsm("CANCELLATION/ANNULATION"), "reply", "Message")
case("GSM: forward notification", gsm("FORWARD NOTIFICATION/NOTE DE RENVOI", "NOT:passed on to X"), "reply", "Message")
case(
    "GSM made by a system",
    gsm("ITEM SHIPPED/MESSAGE D'ENVOI", Auto_Submitted="auto-generated"),
    "reply",
    "Loaned",
    "shipped",
)
case(
    "GSM in an automatic answer",
    gsm("ITEM SHIPPED/MESSAGE D'ENVOI", Auto_Submitted="auto-replied"),
    "auto_reply",
    about=False,
)
case(
    "a form in Chinese",
    lambda a: mail(
        f"馆际互借通知单\n\n申请号：{a.id}\n状态：Loaned\n应还日期：2026-02-28\n备注：请爱护图书", subject="通知"
    ),
    "reply",
    "Loaned",
    "shipped",
)
case(
    "a form with an impossible status",
    lambda a: mail(f"馆际互借通知单\n申请号：{a.id}\n状态：飞走了"),
    "reply",
    "Message",
)
case(
    "our own generic script sent back",
    lambda a: gsm("ILL REQUEST/DEMANDE PEB", "SER:LOAN", "TIT:红楼梦")(a),
    "unmatched",
)
case(
    "a number of the partner's own",
    lambda a: mail("ITEM SHIPPED\nNO.:OTHER-9", In_Reply_To=a.mid),
    "reply",
    "Loaned",
    "shipped",
)

# --- quoted mails ---------------------------------------------------------------------------------------------------

QUOTED = "ITEM SHIPPED/MESSAGE D'ENVOI\nNO.:{id}\nDUE:2026-02-28"


def quoting(own: str, header: str, marked: bool = False) -> MadeFrom:
    def made(asked: Asked) -> bytes:
        old = QUOTED.format(id=asked.id)
        old = "\n".join(f"> {line}" for line in old.split("\n")) if marked else old
        return mail(f"{own}\n\n{header}\n{old}\n", In_Reply_To=asked.mid)

    return made


for name, header, marked in (
    ("Outlook", f"-----Original Message-----\nFrom: {BOX}\nSent: Monday\nTo: {THEIR_BOX}\nSubject: x\n", False),
    (
        "new Outlook",
        f"________________________________\nFrom: {BOX}\nSent: Monday\nTo: {THEIR_BOX}\nSubject: x\n",
        False,
    ),
    ("Outlook without a line", f"From: {BOX}\nSent: Monday\nTo: {THEIR_BOX}\nSubject: x\n", False),
    ("Chinese Outlook", f"发件人: {BOX}\n发送时间: 2026年1月5日 16:00\n收件人: {THEIR_BOX}\n主题: x\n", False),
    (
        "QQ Mail",
        f'------------------ 原始邮件 ------------------\n发件人: "图书馆" <{BOX}>;\n发送时间: 2026年1月5日',
        False,
    ),
    ("NetEase", f"---- 回复的原邮件 ----\n| 发件人 | {BOX} |", False),
    ("Gmail", f"On Mon, Jan 5, 2026 at 4:00 PM <{BOX}> wrote:", True),
    ("Gmail in two lines", f"On Mon, Jan 5, 2026 at 4:00 PM Library\n<{BOX}> wrote:", True),
    ("Chinese Gmail", f"<{BOX}> 于2026年1月5日周一 16:00写道：", True),
    ("163", "在 2026-01-05 16:00:00，图书馆 写道：", False),
):
    case(f"quoted under {name}", quoting("我馆没有收藏。", header, marked), "reply", "Message", suggested="unfilled")

case(
    "answers between quoted lines",
    lambda a: mail(f"> 是否可以提供？\n无馆藏\n> {BOX}", In_Reply_To=a.mid),
    "reply",
    "Message",
    suggested="unfilled",
)

# --- bounces ---------------------------------------------------------------------------------------------------------


def report(
    action: str,
    status: str,
    *,
    style: str = "",
    returned: bool = True,
    to: str = THEIR_BOX,
    original: str = "",
    forged: bool = False,
) -> MadeFrom:
    """A delivery report of RFC 3464, as Postfix, Exchange and Sendmail write it."""

    def made(asked: Asked) -> bytes:
        brought = f"Content-Type: text/rfc822-headers\n\nMessage-ID: {asked.mid}\nSubject: x\n" if returned else ""
        checked = "Authentication-Results: mx; dmarc=fail\n" if forged else ""
        text = (
            f"{checked}Return-Path: <>\nTo: {BOX}\n"
            f"From: {style or 'MAILER-DAEMON@mx.example.org (Mail Delivery System)'}\n"
            "Subject: Undelivered Mail Returned to Sender\nAuto-Submitted: auto-replied\nMIME-Version: 1.0\n"
            f"Message-ID: <{action}{status}@mx>\nDate: Mon, 05 Jan 2026 08:10:00 +0000\n"
            'Content-Type: multipart/report; report-type=delivery-status; boundary="B"\n\n'
            "--B\nContent-Type: text/plain\n\nI'm sorry.\n--B\nContent-Type: message/delivery-status\n\n"
            f"Reporting-MTA: dns; mx.example.org\n\nFinal-Recipient: rfc822; {to}\nAction: {action}\n"
            + (f"Original-Recipient: rfc822;{original}\n" if original else "")
            + f"Status: {status}\nDiagnostic-Code: smtp; 550 {status} no\n\n--B\n{brought}--B--\n"
        )
        return text.encode()

    return made


def plain_bounce(sender: str, subject: str, body: str, **more: str) -> MadeFrom:
    """A bounce without a report, as qmail, Exim and Chinese servers write it."""
    return lambda a: mail(
        body.format(mid=a.mid, to=THEIR_BOX), sender=sender, subject=subject, Return_Path="<>", **more
    )


case("bounce: Postfix", report("failed", "5.1.1"), "bounce", "effect:given_up", "review")
case(
    "bounce: Exchange",
    report("failed", "5.1.10", style="postmaster@corp.example.org"),
    "bounce",
    "effect:given_up",
    "review",
)
case("bounce: forwarded at the partner", report("failed", "5.1.1", to="x@y.example", original=THEIR_BOX), "bounce",
     "effect:given_up", "review")  # fmt: skip
case("bounce: one of many behind an alias", report("failed", "5.1.1", to="x@y.example"), "bounce", "Message")
case("bounce: with a failed DMARC check", report("failed", "5.1.1", forged=True), "bounce", "Message")
case("bounce: Sendmail, delayed", report("delayed", "4.4.1"), "bounce")
case("bounce: given up after a time", report("failed", "4.4.7"), "bounce", "Message")
case("bounce: of a mail that we never sent", report("failed", "5.1.1", returned=False), "bounce", about=False)
case("a report of success", report("delivered", "2.0.0"), "auto_reply", about=False)
case(
    "bounce: qmail",
    plain_bounce(
        "MAILER-DAEMON@mx.example.org",
        "failure notice",
        "Hi. This is the qmail-send program.\n<{to}>:\n550 5.1.1 no mailbox\n\n"
        "--- Below this line is a copy.\n\nMessage-ID: {mid}\n",
    ),
    "bounce",
    "effect:given_up",
    "review",
)
case(
    "bounce: Exim",
    plain_bounce(
        "Mailer-Daemon@mx.example.org",
        "Mail delivery failed: returning message to sender",
        "A message that you sent could not be delivered.\n  {to}\n    550 5.7.1 rejected\n\nMessage-Id: {mid}\n",
        X_Failed_Recipients=THEIR_BOX,
    ),
    "bounce",
    "effect:given_up",
    "review",
)
case(
    "bounce: QQ Mail",
    plain_bounce(
        "PostMaster@qq.example.org",
        "系统退信/Systems bounce",
        "无法发送到 {to}\n550 5.1.1 收件人不存在\nMessage-ID: {mid}",
    ),
    "bounce",
    "effect:given_up",
    "review",
)
case(
    "bounce: without any code",
    plain_bounce("MAILER-DAEMON@mx.example.org", "failure notice", "Sorry, no such user.\nMessage-ID: {mid}"),
    "bounce",
    "Message",
)
case(
    "bounce: delayed, in words",
    plain_bounce(
        "MAILER-DAEMON@mx.example.org", "Warning: could not send message", "still trying; 4.4.1\nMessage-ID: {mid}"
    ),
    "bounce",
)

# --- automatic answers -----------------------------------------------------------------------------------------------

case(
    "out of office",
    reply("I am away. The book was sent today.", subject="Automatic reply: x", Auto_Submitted="auto-replied"),
    "auto_reply",
)
case(
    "out of office, header alone",
    reply("I am out until 1 March.", Auto_Submitted="auto-replied (vacation)"),
    "auto_reply",
)
case(
    "自动回复，只有主题",
    reply("您好，我正在休假，已寄出的邮件稍后回复。", subject="自动回复: 馆际互借申请"),
    "auto_reply",
)
case("自动答复，带标记", reply("休假中", Auto_Submitted="auto-replied", subject="自动答复：x"), "auto_reply")
case(
    "generated by a system, free text", reply("Ticket 4711 was opened.", Auto_Submitted="auto-generated"), "auto_reply"
)
case("old auto_reply precedence", reply("sent today", Precedence="auto_reply"), "auto_reply")
case("null sender", reply("已寄出", Return_Path="<>"), "auto_reply")
case("our own mail", lambda a: a.raw, "loop", about=False)
case(
    "our own mail, sent on by a list",
    lambda a: b"Received: by list\r\nPrecedence: list\r\n" + a.raw,
    "loop",
    about=False,
)
case("our mark alone", lambda a: mail("x", X_Illcore=BOX), "loop", about=False)

# --- broken and hostile ----------------------------------------------------------------------------------------------


def raw_reply(head: str, body: bytes) -> MadeFrom:
    return lambda a: (
        (
            f"From: {THEIR_BOX}\nTo: {BOX}\nSubject: Re: x\nDate: Mon, 05 Jan 2026 16:00:00 +0800\n"
            f"Message-ID: <raw{abs(len(body))}{len(head)}@theirs>\nIn-Reply-To: {a.mid}\n{head}\n\n"
        ).encode()
        + body
    )


case(
    "GBK declared as GB2312",
    raw_reply(
        "Content-Type: text/plain; charset=gb2312\nContent-Transfer-Encoding: 8bit", "朱镕基文集已寄出".encode("gbk")
    ),
    "reply",
    "Message",
    suggested="shipped",
)
case(
    "GBK, nothing declared",
    raw_reply("X: y", "您好，我馆无馆藏，抱歉".encode("gbk")),
    "reply",
    "Message",
    suggested="unfilled",
)
case(
    "UTF-8 declared as ISO-8859-1",
    raw_reply("Content-Type: text/plain; charset=us-ascii", "您好，我馆无馆藏".encode()),
    "reply",
    "Message",
    suggested="unfilled",
)
case(
    "Big5",
    raw_reply("Content-Type: text/plain; charset=big5", "您好".encode("big5")),
    "reply",
    "Message",
)
case(
    "an unknown charset",
    raw_reply("Content-Type: text/plain; charset=klingon", "无馆藏".encode()),
    "reply",
    "Message",
    suggested="unfilled",
)
case(
    "raw GBK in the subject",
    lambda a: mail("ok", In_Reply_To=a.mid, subject="SUBJ").replace(b"SUBJ", "回复：馆际互借".encode("gbk")),
    "reply",
    "Message",
)
case(
    "no final boundary",
    raw_reply('Content-Type: multipart/mixed; boundary="X"', b"--X\nContent-Type: text/plain\n\nnot held"),
    "reply",
    "Message",
    suggested="unfilled",
)
case(
    "a boundary that never comes",
    raw_reply('Content-Type: multipart/mixed; boundary="X"', b"nothing"),
    "reply",
    "Message",
)
case(
    "broken base64",
    raw_reply("Content-Type: text/plain\nContent-Transfer-Encoding: base64", b"5piv!!!=x"),
    "reply",
    "Message",
)
case(
    "NUL bytes",
    raw_reply("Content-Type: text/plain", b"not\0 held\0"),
    "reply",
    "Message",
    suggested="unfilled",
)
case("no body at all", raw_reply("Content-Type: text/plain", b""), "reply", "Message")
case(
    "a date in the year 9999",
    lambda a: mail("ok", In_Reply_To=a.mid, Date="Fri, 31 Dec 9999 23:59:59 +0000"),
    "reply",
    "Message",
)
case("no date", lambda a: mail("ok", In_Reply_To=a.mid).replace(b"Date:", b"X-Date:"), "reply", "Message")
case(
    "a junk date", lambda a: mail("ok", In_Reply_To=a.mid).replace(b"Mon, 05 Jan 2026", b"Someday"), "reply", "Message"
)
case("no Message-ID", lambda a: mail("ok", In_Reply_To=a.mid).replace(b"Message-ID:", b"X-ID:"), "reply", "Message")
case(
    "a thousand references",
    lambda a: mail("ok", References=" ".join(f"<{n}@x>" for n in range(1000)) + f" {a.mid}"),
    "reply",
    "Message",
)


def nested(depth: int) -> bytes:
    head = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(depth))
    return head.encode() + b"Content-Type: text/plain\n\nITEM SHIPPED\n"


case("10,000 nested parts", lambda a: raw_reply(nested(1).decode().partition("\n")[0], nested(10_000))(a), "unmatched")
case(
    "10,000 parts side by side",
    raw_reply('Content-Type: multipart/mixed; boundary="X"', b"--X\nContent-Type: text/plain\n\nx\n" * 10_000),
    "unmatched",
)
case("30 MB", raw_reply("Content-Type: text/plain", b"ITEM SHIPPED\n" + b"x" * 30_000_000), "unmatched")
case(
    "an attachment",
    raw_reply(
        'Content-Type: multipart/mixed; boundary="X"',
        "--X\nContent-Type: text/plain; charset=utf-8\n\n请见附件\n--X\nContent-Type: application/pdf\n"
        "Content-Disposition: attachment; filename*=utf-8''%E6%89%AB%E6%8F%8F.pdf\n"
        "Content-Transfer-Encoding: base64\n\nJVBERi0=\n--X--\n".encode(),
    ),
    "reply",
    "Message",
)
case(
    "a forwarded mail inside",
    raw_reply(
        'Content-Type: multipart/mixed; boundary="X"',
        b"--X\nContent-Type: text/plain\n\nFYI\n--X\nContent-Type: message/rfc822\n\n"
        b"From: a@b\nSubject: s\n\nITEM SHIPPED\n--X--\n",
    ),
    "reply",
    "Message",
)
case("one very long line", raw_reply("Content-Type: text/plain", b"a b " * 50_000), "reply", "Message")
case("a hundred thousand lines", raw_reply("Content-Type: text/plain", b"On\n" * 60_000), "reply", "Message")


@pytest.fixture
def request_of_ours(ours: Office) -> Asked:
    id = submitted(ours, BOOK_WANTED)
    sent = ours.last()
    return Asked(id, str(sent["Message-ID"]), str(sent["Reply-To"]), ours.sent[-1])


@pytest.mark.parametrize("one", CASES, ids=lambda one: one.name)
def test_mail(ours: Office, request_of_ours: Asked, one: Case) -> None:
    raw = one.made(request_of_ours)
    expected: dict[str, Any] = {
        "class": one.taken,
        "request": request_of_ours.id if one.about else None,
        "event": one.event,
        "state": one.state if one.about else None,
    }
    assert ours.take(raw) == expected
    assert ours.state(request_of_ours.id) == one.state
    version = ours.staff.get(request_of_ours.id)["version"]
    assert ours.take(raw) == expected, "a replay is taken for something else"
    assert ours.staff.get(request_of_ours.id)["version"] == version, "a replay changed the request"
    [row] = ours.mails()
    assert ("what" in row.suggestion) == bool(one.suggested), row.suggestion
    assert f'"what": "{one.suggested}"' in row.suggestion or not one.suggested


def test_there_are_enough_of_them() -> None:
    assert len(CASES) >= 100
    assert len({one.name for one in CASES}) == len(CASES)


def test_the_same_mail_along_another_way_is_the_same(ours: Office, request_of_ours: Asked) -> None:
    raw = gsm("ITEM SHIPPED/MESSAGE D'ENVOI")(request_of_ours)
    first = ours.take(raw)
    assert ours.take(b"Received: from elsewhere\r\nDelivered-To: x@y\r\n" + raw) == first
    assert len(ours.mails()) == 1


def test_another_mail_under_the_same_id_is_looked_at_by_itself(ours: Office, request_of_ours: Asked) -> None:
    ours.take(mail("ok", In_Reply_To=request_of_ours.mid, Message_ID="<same@x>"))
    forged = mail("ITEM SHIPPED\nX:1", to=request_of_ours.token, sender="evil@example.net", Message_ID="<same@x>")
    assert ours.take(forged)["class"] == "unmatched"
    assert ours.state(request_of_ours.id) == "sent"


def test_a_partner_may_write_from_named_addresses_and_domains(ours: Office, request_of_ours: Asked) -> None:
    address = {"emails": ["anna@theirs.example.org"], "domains": ["branch.example.org"]}
    knows(ours, THEIRS, THEIR_BOX, address=address)
    for sender, taken in (
        ("Anna@Theirs.example.org", "reply"),
        ("bob@branch.example.org", "reply"),
        ("bob@theirs.example.org", "unmatched"),
        ("bob@evilbranch.example.org", "unmatched"),
    ):
        assert ours.take(mail(sender, In_Reply_To=request_of_ours.mid, sender=sender))["class"] == taken


def test_two_requests_are_told_apart(ours: Office, request_of_ours: Asked) -> None:
    other = submitted(ours, {**BOOK_WANTED, "citation": {"title": "西游记", "publication_type": "Book"}})
    text = f"ITEM SHIPPED\nNO.:{other}\nDUE:2026-02-28"
    assert ours.take(mail(text, In_Reply_To=request_of_ours.mid))["class"] == "unmatched"
    assert (ours.state(other), ours.state(request_of_ours.id)) == ("sent", "sent")
    assert ours.take(mail(text))["state"] == "shipped"
    assert ours.state(request_of_ours.id) == "sent"
