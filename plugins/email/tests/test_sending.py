"""What goes out: the mail server's answers, one mail per key, headers that nothing can forge, own wordings."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest

from illcore.clock import SystemClock
from illcore.connectors import Deadline
from illcore.errors import ConnectorError, Misconfigured, Refused, TryLater, Unknown
from illcore.message import Message, OfferedCondition, Signal
from illcore.model import Citation, Money, Partner
from illcore.testing.conformance import sample_message
from illcore_email.config import EmailConfig
from illcore_email.formats.kinds import KINDS, kind_of
from illcore_email.formats.reading import read_structured
from illcore_email.outgoing.compose import Conversation, compose, thread_of
from illcore_email.outgoing.smtp import deliver
from illcore_email.outgoing.texts import LEADS, SUBJECTS
from illcore_email.testing import BOOK, SERVERS, THEIR_BOX, THEIRS, Office, knows, submitted
from illcore_email.testing.servers import Sink, smtp_server


def config(**more: Any) -> EmailConfig:
    return EmailConfig.model_validate({"address": "ill@ours.example.org", **SERVERS, **more})


def written(message: Message, address: dict[str, Any] | None = None, **more: Any) -> EmailMessage:
    partner = Partner(symbol="ISIL:KIT-SUP", address={"email": "ill@sup.example.org", **(address or {})}, **more)
    thread = thread_of(message)
    raw = compose(message, partner, "kit:1:1", config(), Conversation(thread, f"{thread.ref}.abc"))
    found = message_from_bytes(raw, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


SUPPLIER: dict[str, Any] = {"kind": "SupplyingAgencyMessage", "service_type": None, "citation": None}
ALL = [
    sample_message(),
    sample_message(request_type="Retry", previous_id="KIT-0"),
    *(
        sample_message(kind="RequestingAgencyMessage", service_type=None, citation=None, action=action)
        for action in (
            "StatusRequest",
            "Received",
            "Cancel",
            "Renew",
            "ShippedReturn",
            "ShippedForward",
            "Notification",
        )
    ),
    *(
        sample_message(
            kind="RequestingAgencyMessage",
            service_type=None,
            citation=None,
            action="Notification",
            signal=Signal(name=name, number=1 if name == "accept" else None, reason="缺页" if name == "resend" else ""),
        )
        for name in ("accept", "resend", "lost", "closed")
    ),
    *(
        sample_message(**SUPPLIER, reason="StatusChange", status=status)
        for status in (
            "RequestReceived ExpectToSupply WillSupply Loaned Overdue Recalled RetryPossible Unfilled CopyCompleted "
            "LoanCompleted CompletedWithoutReturn Cancelled"
        ).split()
    ),
    *(
        sample_message(**SUPPLIER, reason=reason, answer=answer, status="Loaned")
        for reason in ("CancelResponse", "RenewResponse")
        for answer in (True, False)
    ),
    sample_message(**SUPPLIER, reason="StatusRequestResponse", status="Loaned"),
    sample_message(
        **SUPPLIER,
        reason="StatusChange",
        status="WillSupply",
        conditions=(OfferedCondition(number=1, text="馆内阅览", cost=Money(amount=5, currency="CNY")),),
    ),
]


@pytest.mark.parametrize("style", ["letter", "gsm", "form", "artemail"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_kind_of_message_is_a_mail_in_every_format(style: str, language: str) -> None:
    kinds = set()
    for message in ALL:
        mail = written(message, {"format": style, "language": language})
        kinds.add(kind_of(message))
        assert "KIT-1" in text(mail)
        assert "$" not in text(mail).replace("CO$:", "")
        assert "KIT-1" in mail["Subject"]
        assert mail["Auto-Submitted"] == "auto-generated"
        assert (mail.get_body(("html",)) is not None) == (style == "letter")
        if style != "letter":
            assert read_structured(text(mail)) is not None
    assert kinds == set(KINDS)


def test_every_letter_has_its_words_in_both_languages() -> None:
    assert set(SUBJECTS) == set(LEADS) == {*KINDS, "incomplete"}
    for pair in (*SUBJECTS.values(), *LEADS.values()):
        assert all(pair)
        assert pair[0] != pair[1]


def test_no_text_can_forge_a_header() -> None:
    evil = "x\r\nBcc: evil@example.net\r\n\r\nFrom: y\u2028\x00\u202e"
    message = sample_message(
        citation=Citation(title=evil, author=evil),
        note=evil,
        requesting_agency_request_id="1\r\nBcc: e@e",
        requesting_library_name=evil,
    )
    for style in ("letter", "gsm", "form", "artemail"):
        mail = written(message, {"format": style})
        assert mail["Bcc"] is None
        named = {
            *("From", "To", "Reply-To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress"),
            *("X-Illcore", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"),
        }
        assert set(mail.keys()) <= named


def test_no_text_can_forge_a_field() -> None:
    message = sample_message(citation=Citation(title="x\nSER:COPY\nNO.:9\n  y"), note="a\nACT:Cancel\nNO.:9")
    for style in ("gsm", "form", "artemail"):
        found = read_structured(text(written(message, {"format": style})))
        assert found is not None
        assert found.fields["number"] == ["KIT-1"]
        assert found.fields["service"] == ["LOAN"]
        assert "action" not in found.fields


def test_html_holds_no_markup_of_others() -> None:
    mail = written(sample_message(citation=Citation(title="<script>alert(1)</script>&")))
    page = mail.get_body(("html",))
    assert page is not None
    assert "&lt;script&gt;" in page.get_content()
    assert "<script>" not in page.get_content()


@pytest.mark.parametrize("email", ["", "a b@c", "a@b\r\nBcc: x@y", "<a@b>", "a@b, c@d", None, 5])
def test_a_partner_without_a_usable_address_is_named(email: Any) -> None:
    with pytest.raises(Misconfigured, match="ISIL:KIT-SUP") as caught:
        written(sample_message(), {"email": email})
    assert caught.value.code == "partner"


def test_an_unknown_format_is_named() -> None:
    with pytest.raises(Misconfigured, match="fax"):
        written(sample_message(), {"format": "fax"})


def test_a_partner_has_its_own_wording() -> None:
    own = {"request": {"en": {"subject": "Please: $title", "lead": "Hello $number"}}}
    mail = written(sample_message(), {"language": "en"}, profile={"email": {"templates": own}})
    assert mail["Subject"].startswith("Please: 红楼梦")
    assert "Hello KIT-1" in text(mail)
    with pytest.raises(Misconfigured, match="templates"):
        written(sample_message(), profile={"email": {"templates": {"request": {"fr": {}}}}})


def test_account_and_password_go_only_into_the_format_that_has_them() -> None:
    codes = {"account": "88-1", "password": "XYZZY"}
    assert "PASSWORD=XYZZY" in text(written(sample_message(), {"format": "artemail", **codes}))
    assert "A#C:88-1" in text(written(sample_message(), {"format": "gsm", **codes}))
    for style in ("letter", "gsm", "form"):
        assert "XYZZY" not in text(written(sample_message(), {"format": style, **codes}))


def test_artemail_subjects_carry_the_file_reference_number() -> None:
    assert "FILEREFNO KIT-1" in written(sample_message(), {"format": "artemail"})["Subject"]


def test_a_retry_is_the_same_mail_byte_for_byte_also_after_a_change_of_wording(ours: Office) -> None:
    id = submitted(ours, BOOK)
    with ours.engine.database.write() as connection:
        connection.exec_driver_sql("UPDATE ill_outbox SET status = 'pending', tries = 1, known = 'unknown'")
    knows(ours, THEIRS, THEIR_BOX, address={"format": "gsm"})
    ours.engine.run_due()
    first, second = ours.sent
    assert first == second
    assert ours.state(id) == "sent"


def test_mails_of_a_conversation_refer_to_each_other(ours: Office) -> None:
    id = submitted(ours, BOOK)
    first = ours.last()
    ours.staff.act(id, "message", text="急用")
    ours.engine.run_due()
    second = ours.last()
    assert second["In-Reply-To"] == first["Message-ID"]
    assert first["Message-ID"] in second["References"]
    assert second["Reply-To"] == first["Reply-To"]
    assert second["Message-ID"] != first["Message-ID"]


@pytest.mark.parametrize(
    ("rcpt", "data", "error"),
    [
        ("451 4.7.1 greylisted", "", TryLater),
        ("452 4.2.2 mailbox full", "", TryLater),
        ("550 5.1.1 no such user", "", Refused),
        ("", "451 4.3.0 later", TryLater),
        ("", "554 5.7.1 spam", Refused),
        ("530 5.7.0 log in first", "", Misconfigured),
    ],
)
def test_what_the_mail_server_says_is_told_apart(rcpt: str, data: str, error: type[ConnectorError]) -> None:
    sink = Sink()
    sink.rcpt.extend([rcpt] if rcpt else [])
    sink.data.extend([data] if data else [])
    with smtp_server(sink) as port, pytest.raises(error, match=(rcpt or data)[:3]):
        deliver(b"Subject: x\r\n\r\n.x\r\n", "a@b.example", config(smtp_port=port), Deadline(SystemClock(), 10))


def test_lines_that_begin_with_dots_arrive_as_they_are() -> None:
    sink = Sink()
    raw = b".Subject: x\r\n\r\n.\r\n..a\r\nend"
    with smtp_server(sink) as port:
        deliver(raw, "a@b.example", config(smtp_port=port), Deadline(SystemClock(), 10))
    assert sink.mails == [(["a@b.example"], raw + b"\r\n")]


def test_tls_that_is_not_offered_is_not_done_without() -> None:
    with smtp_server(Sink()) as port, pytest.raises(Misconfigured, match="STARTTLS"):
        deliver(b"x", "a@b.example", config(smtp_port=port, tls=True), Deadline(SystemClock(), 10))


def test_a_connection_that_breaks_after_the_mail_leaves_it_open_whether_it_arrived() -> None:
    class Breaking(Sink):
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
            server.transport.abort()
            return "250 never heard"

    with smtp_server(Breaking()) as port, pytest.raises(Unknown, match="may have been taken"):
        deliver(b"Subject: x\r\n\r\nx\r\n", "a@b.example", config(smtp_port=port), Deadline(SystemClock(), 10))


def test_no_time_left_is_later() -> None:
    with pytest.raises(TryLater):
        deliver(b"x", "a@b.example", config(), Deadline(SystemClock(), 0))
