"""A mailbox that is watched: what comes is taken in at once, whatever happens to the connection, and nothing twice."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from illcore.connectors import Deadline
from illcore_email.connector import EmailConnector
from illcore_email.testing import BOX, OURS, THEIR_BOX, THEIRS, Office, Opened, knows, mail
from illcore_email.testing.servers import PASSWORD, Dovecot, dovecot, why_no_dovecot

LONG = 20.0
KEYS: dict[str, Any] = {"password": PASSWORD, "token_key": "k"}


def watched(open_office: Opened, server: Dovecot, **keys: Any) -> Office:
    office = open_office(OURS, BOX, real=True, imap_port=server.imap, **KEYS, **keys)
    knows(office, THEIRS, THEIR_BOX)
    return office


def connector_of(office: Office) -> EmailConnector:
    found = office.engine._plugins.accounts["email:main"].connector
    assert isinstance(found, EmailConnector)
    return found


@contextmanager
def waiting(office: Office, cursor: str | None, patient: Callable[[], bool] = lambda: True) -> Iterator[list[Any]]:
    """A poll that waits in a thread of its own; what it gave, when it has ended."""
    given: list[Any] = []
    connector, deadline = connector_of(office), Deadline(office.engine.clock, LONG, patient)
    thread = threading.Thread(target=lambda: given.append(connector.illcore_receive(None, cursor, deadline)))
    thread.start()
    yield given
    thread.join(LONG + 5)
    assert not thread.is_alive()


@pytest.fixture
def idling(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Set as soon as somebody waits for mail."""
    import illcore_email.incoming.idle as idle

    begun, real = threading.Event(), idle._said_already

    def said(box: Any) -> bool:
        begun.set()
        return real(box)

    monkeypatch.setattr(idle, "_said_already", said)
    return begun


def cursor_of(office: Office) -> str | None:
    return connector_of(office).illcore_receive(None, None, Deadline(office.engine.clock, LONG)).cursor


def test_a_mail_that_comes_while_a_poll_waits_is_brought_at_once(
    open_office: Opened, mail_server: Dovecot, idling: threading.Event
) -> None:
    office = watched(open_office, mail_server)
    cursor = cursor_of(office)
    clock = office.engine.clock
    with waiting(office, cursor) as given:
        assert idling.wait(LONG)
        begun = clock.monotonic()
        mail_server.put(mail("来信"), BOX)
    assert clock.monotonic() - begun < LONG / 2, "it did not wait until the deadline"
    assert given[0].more
    assert given[0].cursor != cursor
    assert [row.kind for row in office.mails()] == ["unmatched"]


@pytest.mark.parametrize("heard", [False, True], ids=["told then", "told before"])
def test_a_mail_that_comes_between_looking_and_waiting_is_not_overlooked(
    open_office: Opened, mail_server: Dovecot, monkeypatch: pytest.MonkeyPatch, heard: bool
) -> None:
    import illcore_email.incoming.imap as imap

    office = watched(open_office, mail_server)
    cursor, real = cursor_of(office), imap.wait_for_mail

    def wait_for_mail(box: Any, deadline: Deadline) -> bool:
        if not office.mails():
            mail_server.put(mail("来信"), BOX)
            if heard:
                box.client.noop()
        return real(box, deadline)

    monkeypatch.setattr(imap, "wait_for_mail", wait_for_mail)
    begun = office.engine.clock.monotonic()
    with waiting(office, cursor):
        pass
    assert office.engine.clock.monotonic() - begun < LONG / 2
    assert len(office.mails()) == 1


def test_nobody_waits_when_the_worker_ends(open_office: Opened, mail_server: Dovecot, idling: threading.Event) -> None:
    office = watched(open_office, mail_server)
    ends = threading.Event()
    begun = office.engine.clock.monotonic()
    with waiting(office, cursor_of(office), lambda: not ends.is_set()) as given:
        assert idling.wait(LONG)
        ends.set()
    assert office.engine.clock.monotonic() - begun < LONG / 2
    assert given[0].messages == ()


def test_a_server_without_idle_is_only_looked_at(
    open_office: Opened, mail_server: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("illcore_email.incoming.imap.can_idle", lambda box: False)
    office = watched(open_office, mail_server)
    begun = office.engine.clock.monotonic()
    with waiting(office, None) as given:
        pass
    assert office.engine.clock.monotonic() - begun < LONG / 2
    assert not given[0].more, "so the next look comes in half a minute"


def test_a_server_that_dies_while_a_poll_waits_is_asked_again(open_office: Opened, idling: threading.Event) -> None:
    reason = why_no_dovecot()
    if reason:
        pytest.skip(reason)
    with dovecot() as server:
        office = watched(open_office, server)
        cursor = cursor_of(office)
        with waiting(office, cursor) as given:
            assert idling.wait(LONG)
            server.kill()
        assert (given[0].more, given[0].cursor) == (True, cursor)
        assert office.engine.run_due().failed == 1, "it is away"
        server.start()
        server.put(mail("来信"), BOX)
        assert office.engine.run_due().failed == 0
        assert len(office.mails()) == 1


def test_a_worker_takes_in_what_comes_and_marks_it_as_seen(
    open_office: Opened, mail_server: Dovecot, idling: threading.Event
) -> None:
    office = watched(open_office, mail_server, smtp_port=1)
    stop, came = threading.Event(), threading.Event()
    runner = threading.Thread(target=office.engine.run_forever, args=(stop,))
    runner.start()
    try:
        assert idling.wait(LONG)
        mail_server.put(mail("来信"), BOX)
        for _ in range(int(LONG * 20)):
            rows = office.mails()
            if rows and rows[0].marked:
                break
            came.wait(0.05)
        assert [row.marked for row in office.mails()] == [1]
    finally:
        stop.set()
        runner.join(LONG)
    assert not runner.is_alive()


def test_a_backlog_is_worked_off_at_one_go(open_office: Opened, mail_server: Dovecot) -> None:
    office = watched(open_office, mail_server, batch=2)
    for number in range(7):
        mail_server.put(mail(str(number)), BOX)
    office.engine.run_due()
    assert len(office.mails()) == 7


def test_several_folders_are_fetched_from(open_office: Opened, mail_server: Dovecot) -> None:
    from imap_tools import MailBoxUnencrypted

    with MailBoxUnencrypted("127.0.0.1", mail_server.imap).login(BOX, PASSWORD) as inbox:
        inbox.folder.create("借书")
        inbox.append(mail("一", subject="a"), "借书")
        inbox.append(mail("二", subject="b"), "INBOX")
    office = watched(open_office, mail_server, folders=["INBOX", "借书"])
    office.engine.run_due()
    assert sorted((row.folder, row.subject) for row in office.mails()) == [("INBOX", "b"), ("借书", "a")]
