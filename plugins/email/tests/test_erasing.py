"""When a request is anonymised nothing of its mails stays but that they were; a late reply still finds its request."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from illcore import privacy
from illcore.events import Actor
from illcore_email.incoming.mime import parse
from illcore_email.testing import BOOK, OURS, Office, mail, submitted

NAME, MAIL = "Zebulon Quixworth", "zq@reader.example"


TABLES = ("email_sent", "email_mail", "email_answer", "ill_payload", "ill_inbox", "ill_outbox", "ill_reader")


def reply(office: Office, words: str) -> bytes:
    out = office.last()
    back = str(out["Reply-To"] or out["From"])
    return mail(words, subject=f"Re: {out['Subject']}", In_Reply_To=str(out["Message-ID"]), to=back)


def held(office: Office, word: str) -> set[str]:
    """Tables and columns that hold the word, the mails decoded, and the file itself."""
    found = set()
    with office.engine.database.read() as connection:
        for name in TABLES:
            for row in connection.execute(text(f"SELECT * FROM {name}")).mappings():
                found |= {f"{name}.{column}" for column, value in row.items() if word in plain(value)}
    if word.encode() in Path(office.engine.database.path).read_bytes():
        found.add("the file")
    return found


def plain(value: Any) -> str:
    return parse(bytes(value), 25_000_000).text if isinstance(value, bytes | memoryview) else str(value)


def test_the_mails_of_an_anonymised_request_are_emptied(ours: Office) -> None:
    id = submitted(ours, {**BOOK, "reader": {"id": "R-77", "name": NAME, "email": MAIL}})
    ours.staff.act(id, "message", text=f"It is for {NAME}")
    ours.engine.run_due()
    ours.take(reply(ours, f"We have nothing for {NAME} <{MAIL}>"))
    ours.take(mail(f"Who is {NAME}?", sender="stranger@example.net", subject=f"{NAME}"))
    ours.staff.act(id, "close", outcome="unfilled")
    ours.engine.run_due()
    assert {"email_sent.raw", "email_mail.raw"} <= held(ours, NAME)
    with ours.engine.database.write() as connection:
        staff = Actor(kind="staff", id="mei", library=OURS, role="admin")
        told = privacy.export(connection, staff, "R-77", ours.engine.context.tellers, ours.engine.clock.now())
    assert [one["direction"] for one in told["email"]].count("received") == 1
    assert any(f"It is for {NAME}" in one["text"] for one in told["email"])
    ours.engine.clock.advance(days=32)
    ours.engine.run_due()
    still = {place for place in held(ours, NAME) if place != "the file"}
    assert still <= {"email_mail.raw", "email_mail.subject"}, "the stranger's mail is nobody's and waits longer"
    assert still
    ours.engine.clock.advance(days=60)
    ours.engine.run_due()
    assert held(ours, NAME) == set()
    assert held(ours, MAIL) == set()
    late = ours.take(reply(ours, "sorry for the delay"))
    assert late["request"] == id


def test_a_plugin_that_was_never_used_has_nothing_to_erase(ours: Office) -> None:
    with ours.engine.database.write() as connection:
        for name in ("email_sent", "email_mail", "email_answer", "email_box"):
            connection.execute(text(f"DROP TABLE {name}"))
    library = ours.engine.libraries[OURS]
    actor = Actor(kind="system", id="test", library=OURS)
    now = ours.engine.clock.now() + timedelta(days=100)
    report = privacy.run(
        ours.engine.database, ours.engine.context.blobs, library, ours.engine.context.erasers, actor, now
    )
    assert (report.failed, report.erased["email"]) == ({}, 0)
