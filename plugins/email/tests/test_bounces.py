"""Mails of ours that come back: what becomes of the request, and of the mail when staff try again."""

from email import message_from_bytes, policy

from illcore_email.testing import BOOK, BOX, THEIR_BOX, THEIRS, Office, knows, mail, submitted

OTHER, OTHER_BOX = "ISIL:CN-440009", "ill@other.example.org"


def bounced(office: Office, at: int = -1, status: str = "5.1.1", action: str = "failed", number: int = 1) -> bytes:
    """The report that one of our mails could not be delivered."""
    sent = message_from_bytes(office.sent[at], policy=policy.default)
    text = (
        f"From: MAILER-DAEMON@mx.example.org\nTo: {BOX}\nReturn-Path: <>\nSubject: Undelivered Mail\n"
        f"Message-ID: <{number}@mx.example.org>\nDate: Mon, 05 Jan 2026 08:10:00 +0000\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="B"\n\n'
        "--B\nContent-Type: text/plain\n\nI'm sorry.\n--B\nContent-Type: message/delivery-status\n\n"
        f"Reporting-MTA: dns; mx.example.org\n\nFinal-Recipient: rfc822; {sent['To']}\nAction: {action}\n"
        f"Status: {status}\n\n--B\nContent-Type: message/rfc822\n\nMessage-ID: {sent['Message-ID']}\n\n--B--\n"
    )
    return text.encode()


def test_a_request_that_bounces_goes_to_the_next_supplier(ours: Office) -> None:
    knows(ours, OTHER, OTHER_BOX)
    id = ours.staff.submit({**BOOK, "suppliers": [THEIRS, OTHER]})
    ours.engine.run_due()
    taken = ours.take(bounced(ours))
    assert (taken["class"], taken["request"], taken["event"]) == ("bounce", id, "effect:given_up")
    ours.engine.run_due()
    shown = ours.staff.get(id)
    assert (shown["state"], shown["partner"], shown["attention"]) == ("sent", OTHER, [])
    assert "5.1.1" in shown["rota"][0]["why"]
    assert ours.last()["To"] in (THEIR_BOX, OTHER_BOX)


def test_the_cancel_that_bounces_after_it_troubles_nobody(ours: Office) -> None:
    knows(ours, OTHER, OTHER_BOX)
    id = ours.staff.submit({**BOOK, "suppliers": [THEIRS, OTHER]})
    ours.engine.run_due()
    ours.take(bounced(ours))
    ours.engine.run_due()
    to = [message_from_bytes(raw)["To"] for raw in ours.sent]
    assert to.count(THEIR_BOX) == 2, "the request and its cancel"
    ours.take(bounced(ours, len(to) - 1 - to[::-1].index(THEIR_BOX), number=2))
    assert ours.staff.get(id)["attention"] == []


def test_a_delay_and_a_mailbox_that_is_full_move_nothing(ours: Office, asked: str) -> None:
    assert ours.take(bounced(ours, status="4.4.1", action="delayed"))["event"] is None
    full = ours.take(bounced(ours, status="4.2.2", number=2))
    assert (full["event"], full["state"]) == ("Message", "sent")
    assert not ours.staff.get(asked)["needs_attention"]


def test_a_renewal_that_bounces_needs_attention(ours: Office, asked: str) -> None:
    ours.take(mail(f"ITEM SHIPPED\nNO.:{asked}\nDUE:2026-02-28"))
    for action in ("receive", "check_out", "renew"):
        ours.staff.act(asked, action)
    ours.engine.run_due()
    taken = ours.take(bounced(ours))
    assert (taken["event"], taken["state"]) == ("effect:given_up", "renew_pending")
    assert [one["reason"] for one in ours.staff.get(asked)["attention"]] == ["undeliverable"]


def test_staff_correct_the_address_and_send_the_same_mail_again(ours: Office, asked: str) -> None:
    ours.staff.act(asked, "message", text="请尽快 To: x")
    ours.engine.run_due()
    first = ours.last()
    ours.take(bounced(ours))
    knows(ours, THEIRS, "new@theirs.example.org")
    ours.staff.act(asked, "retry_effect")
    ours.engine.run_due()
    again = ours.last()
    assert (first["To"], again["To"]) == (THEIR_BOX, "new@theirs.example.org")
    assert again["Message-ID"] == first["Message-ID"]
    assert ours.sent[-1].replace(b"To: new@", b"To: ill@") == ours.sent[-2], "but for the address it is the same mail"
    assert ours.staff.get(asked)["attention"] == []


def test_a_bounce_that_comes_twice_counts_once(ours: Office) -> None:
    knows(ours, OTHER, OTHER_BOX)
    id = ours.staff.submit({**BOOK, "suppliers": [THEIRS, OTHER]})
    ours.engine.run_due()
    first, version = ours.take(bounced(ours)), ours.staff.get(id)["version"]
    assert ours.take(bounced(ours)) == first
    assert ours.take(b"Received: by another way\n" + bounced(ours)) == first
    assert ours.staff.get(id)["version"] == version


def test_a_bounce_that_names_only_the_signed_address_finds_the_one_mail_of_the_conversation(ours: Office) -> None:
    id = submitted(ours, BOOK)
    token = str(ours.last()["Reply-To"])
    lost = mail("550 5.1.1 user unknown", sender="MAILER-DAEMON@mx.example.org", to=token, subject="failure notice")
    assert ours.take(lost)["event"] == "effect:given_up"
    assert ours.state(id) == "review"
