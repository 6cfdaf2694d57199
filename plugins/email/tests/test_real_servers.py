"""Through a real SMTP server and a real Dovecot: whole lives of a loan and a copy in Chinese, crashes, marks."""

from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from imap_tools import MailBoxUnencrypted

from illcore.store import account_of, set_cursor
from illcore_email.testing import ARTICLE, BOOK, BOX, OURS, THEIR_BOX, THEIRS, Office, Opened, knows, mail
from illcore_email.testing.servers import PASSWORD, Dovecot, Sink, smtp_server


@dataclass
class Town:
    """Two libraries with a mailbox each on one Dovecot."""

    a: Office
    b: Office
    sink: Sink
    server: Dovecot

    def run(self) -> None:
        for _ in range(30):
            reports = [office.engine.run_due() for office in (self.a, self.b)]
            assert not any(report.failed for report in reports), reports
            if not any(report.sent or report.events for report in reports):
                return
        raise AssertionError("the libraries never come to rest")

    def states(self, ours: str, theirs: str) -> tuple[str, str]:
        return self.a.state(ours), self.b.state(theirs)

    def put(self, raw: bytes, to: str) -> None:
        self.server.put(raw, to)

    def flags(self, box: str) -> list[bool]:
        """Whether each mail in a mailbox is marked as seen."""
        with MailBoxUnencrypted("127.0.0.1", self.server.imap).login(box, PASSWORD) as inbox:
            return ["\\Seen" in found.flags for found in inbox.fetch(mark_seen=False)]


@pytest.fixture
def town(open_office: Opened, mail_server: Dovecot) -> Iterator[Town]:
    sink = Sink()
    with smtp_server(sink) as smtp:
        sink.lmtp = mail_server.lmtp
        keys: dict[str, Any] = {"smtp_port": smtp, "imap_port": mail_server.imap, "password": PASSWORD, "format": "gsm"}
        a, b = open_office(OURS, BOX, real=True, **keys), open_office(THEIRS, THEIR_BOX, real=True, **keys)
        made = Town(a, b, sink, mail_server)
        knows(made.a, THEIRS, THEIR_BOX, name={"zh": "南京图书馆"})
        knows(made.b, OURS, BOX, name={"zh": "国家图书馆"})
        yield made


def ask(town: Town, what: dict[str, Any]) -> tuple[str, str]:
    ours = town.a.staff.submit(what)
    town.run()
    return ours, str(town.b.staff.find()[0]["id"])


def test_a_loan_in_chinese_goes_out_and_comes_back(town: Town) -> None:
    ours, theirs = ask(town, BOOK)
    a, b = town.a.staff, town.b.staff
    for who, id, action, details, after in (
        (b, theirs, "will_supply", {}, ("will_supply", "will_supply")),
        (b, theirs, "ship", {"barcode": "B-77", "due_date": "2099-01-31"}, ("shipped", "shipped")),
        (a, ours, "receive", {}, ("received", "received")),
        (a, ours, "check_out", {}, ("on_loan", "received")),
        (a, ours, "check_in", {}, ("returned", "received")),
        (a, ours, "ship_return", {}, ("return_shipped", "return_shipped")),
        (b, theirs, "check_in", {}, ("completed", "completed")),
    ):
        who.act(id, action, **details)
        town.run()
        assert town.states(ours, theirs) == after, action
    assert b.get(theirs)["citation"]["title"] == "红楼梦"
    assert all("李雷".encode() not in raw and b"lilei" not in raw for _, raw in town.sink.mails)
    ids = [message_from_bytes(raw)["Message-ID"] for _, raw in town.sink.mails]
    assert len(ids) == len(set(ids)), "no mail went out twice"


def test_a_copy_in_chinese_is_answered_by_hand_and_recorded(town: Town) -> None:
    ours, _ = ask(town, ARTICLE)
    asked = message_from_bytes(town.sink.mails[0][1], policy=policy.default)
    answer = EmailMessage(policy=policy.SMTP)
    answer["From"], answer["To"], answer["Subject"] = THEIR_BOX, asked["Reply-To"], "回复: 馆际互借"
    answer["Message-ID"], answer["Date"] = "<by-hand@theirs>", asked["Date"]
    answer.set_content("您好，全文见附件。\n\n------------------ 原始邮件 ------------------\n无馆藏", charset="gb2312")
    answer.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="扫描件.pdf")
    town.put(answer.as_bytes(), str(asked["Reply-To"]))
    town.run()
    shown = town.a.staff.get(ours)
    assert shown["state"] == "sent", "words alone move nothing"
    assert "扫描件.pdf" in shown["events"][-1]["text"]
    row = town.a.mails()[0]
    assert '"what": "supplied"' in row.suggestion
    town.a.staff.act(ours, "record", what="supplied")
    town.a.staff.act(ours, "receive") if town.a.state(ours) == "shipped" else None
    town.a.staff.act(ours, "deliver")
    assert town.a.state(ours) == "completed"


def test_a_mail_is_marked_seen_only_when_a_committed_cursor_covers_it(town: Town) -> None:
    ask(town, BOOK)
    ours = town.a.staff.find()[0]["id"]
    town.put(mail("ok", subject=f"[ILL#{ours}]"), BOX)
    room = town.a.engine
    connector: Any = room._plugins.accounts["email:main"].connector
    from illcore.connectors import Deadline

    before = connector.illcore_receive(None, None, Deadline(room.clock, 20))
    assert len(before.messages) == 1
    assert town.flags(BOX) == [False], "it was handed over, but nothing is committed"
    room.run_due()
    assert len([e for e in town.a.staff.get(ours)["events"] if e["type"] == "Message"]) == 1, "taken once"
    assert town.flags(BOX) == [True]


def test_a_lost_cursor_takes_nothing_twice(town: Town) -> None:
    ours, theirs = ask(town, BOOK)
    town.b.staff.act(theirs, "ship", barcode="B-1")
    town.run()
    version = town.a.staff.get(ours)["version"]
    for cursor in (None, "junk", '{"INBOX": [1, 0]}', "[]"):
        with town.a.engine.database.write() as connection:
            set_cursor(connection, "email:main", cursor, town.a.engine.clock.now())
        town.run()
    assert town.a.staff.get(ours)["version"] == version
    with town.a.engine.database.read() as connection:
        assert "INBOX" in str(account_of(connection, "email:main").cursor)


def test_a_request_and_its_cancellation_in_one_fetch_are_both_understood(town: Town) -> None:
    ours = town.a.staff.submit(BOOK)
    town.a.engine.run_due()
    town.a.staff.act(ours, "cancel")
    town.a.engine.run_due()
    assert len(town.sink.mails) == 2
    town.run()
    [lent] = town.b.staff.find()
    assert lent["state"] in ("cancel_requested", "cancelled")


def test_a_server_that_is_away_costs_no_mail(town: Town) -> None:
    town.sink.rcpt.extend(["451 4.3.0 try later"])
    ours = town.a.staff.submit(BOOK)
    report = town.a.engine.run_due()
    assert report.failed == 1
    assert (town.a.state(ours), len(town.sink.mails)) == ("sent", 0)


def test_a_wrong_password_is_a_matter_for_a_person(town: Town, open_office: Opened) -> None:
    office = open_office(
        "ISIL:WRONG",
        "wrong@ours.example.org",
        real=True,
        imap_port=town.server.imap,
        password="no",
        library="ISIL:WRONG",
    )
    assert office.engine.run_due().failed == 1
    paused = [row for row in office.engine.report() if row["status"] == "paused"]
    assert "refuses the login" in paused[0]["reason"]
    assert '"no"' not in paused[0]["reason"]


def test_a_mail_that_is_too_large_waits_for_staff_and_stays_unseen(town: Town, open_office: Opened) -> None:
    box = "small@ours.example.org"
    keys: dict[str, Any] = {"imap_port": town.server.imap, "password": PASSWORD, "max_mail": 10_000}
    office = open_office("ISIL:SMALL", box, real=True, library="ISIL:SMALL", **keys)
    town.put(mail("x" * 50_000, to=box), box)
    town.put(mail("small", to=box), box)
    for _ in range(3):
        assert office.engine.run_due().failed == 0
    assert [row.reason.partition(" bytes")[0] for row in office.mails()][1] == "the mail is larger than 10000"
    assert [row.kind for row in office.mails()] == ["unmatched", "unmatched"]
    assert town.flags(box) == [False, True]
