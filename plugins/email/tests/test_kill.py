"""``kill -9`` of the worker or of a mail server, at any moment: mails come in once and go out as the same mail."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import illcore_email
from illcore import outbox
from illcore.engine import Engine
from illcore.store import events_of, verify_chain
from illcore.testing.fakes import given
from illcore_email.testing import BOOK, BOX, OURS, THEIR_BOX, THEIRS, Office, account, knows, mail
from illcore_email.testing.servers import PASSWORD, Dovecot, dovecot, why_no_dovecot

HERE = Path(__file__).parent
LEASE = 31
INCOMING = [
    "fetched",
    "kept, not committed",
    "kept raw",
    "being understood",
    "understood, not committed",
    "understood",
    "applied, not committed",
    "applied",
    "marked there",
    "marked here, not committed",
]
OUTGOING = ["made, not committed", "made", "taken by the mail server"]
SERVER_DIES = ["connected", "receiver named", "mail came", "mail kept"]


class Forker:
    """The process that forks workers and mail servers; `job` gives a new one's id and what it says first."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._alive: set[int] = set()

    def job(self, **job: Any) -> tuple[int, str]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        pid, _, said = self._process.stdout.readline().strip().partition(" ")
        if said != "end":
            self._alive.add(int(pid))
        return int(pid), said

    def kill(self, pid: int) -> None:
        self._alive.discard(pid)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    def close(self) -> None:
        for pid in list(self._alive):
            self.kill(pid)


@dataclass
class House:
    """A library whose workers run in processes of their own; the test itself only asks and looks."""

    office: Office
    config: dict[str, Any]
    url: str
    log: Path
    forker: Forker

    def start(self, point: str = "", ahead: float = 0) -> tuple[int, str]:
        """Let a worker begin whose clock is ahead; its process and where it waits, or ``end``."""
        return self.forker.job(url=self.url, config=self.config, point=point, ahead=ahead)

    def kill_at(self, point: str) -> None:
        pid, reached = self.start(point)
        assert reached == point
        self.forker.kill(pid)

    def run(self, ahead: float = 0) -> None:
        assert self.start(ahead=ahead)[1] == "end"

    def sent(self) -> list[tuple[str, str]]:
        """Message-ID and all bytes of each mail that the mail server took."""
        lines = self.log.read_text("utf-8").splitlines() if self.log.exists() else []
        return [(id, text) for id, _, text in map(json.loads, lines)]

    def applied(self, id: str) -> list[str]:
        with self.office.engine.database.read() as connection:
            assert verify_chain(connection, id) == []
            return [one.type for one in events_of(connection, id) if not one.refused and one.type != "effect:done"]

    def unfinished(self, id: str) -> set[str]:
        with self.office.engine.database.read() as connection:
            return {one.status for one in outbox.entries_of(connection, id)} - {"done"}


@pytest.fixture(scope="module")
def forker() -> Iterator[Forker]:
    command = [sys.executable, str(HERE / "mortal.py")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n", "everything is imported once"
        made = Forker(process)
        yield made
        made.close()
        assert process.stdin is not None
        process.stdin.close()


@contextlib.contextmanager
def smtp(forker: Forker, log: Path, point: str = "", port: int = 0) -> Iterator[int]:
    """An SMTP server in a process of its own; its port."""
    pid, own = forker.job(smtp=str(log), point=point, port=port)
    try:
        yield int(own)
    finally:
        forker.kill(pid)


Opened = Callable[..., House]


@pytest.fixture
def opened(tmp_path: Path, empty_database: Path, forker: Forker) -> Iterator[Opened]:
    made: list[Engine] = []

    def open_house(**keys: Any) -> House:
        url = f"sqlite:///{shutil.copy(empty_database, tmp_path / 'house.db')}"
        accounts = {"email:main": account(BOX, token_key="k", **keys)}
        config = {"library": OURS, "synchronous": "NORMAL", "accounts": accounts}
        engine = Engine.open(url, config, plugins=[given(illcore_email)])
        made.append(engine)
        office = Office(engine, OURS, BOX)
        knows(office, THEIRS, THEIR_BOX)
        return House(office, config, url, tmp_path / "sent.jsonl", forker)

    yield open_house
    for engine in made:
        engine.close()


@pytest.fixture(scope="module")
def outgoing_server(forker: Forker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, int]]:
    """An SMTP server that lives on: its log and its port."""
    log = tmp_path_factory.mktemp("smtp") / "sent.jsonl"
    with smtp(forker, log) as port:
        yield log, port


@pytest.mark.parametrize("point", OUTGOING)
def test_a_worker_killed_over_a_mail_sends_the_same_mail(
    opened: Opened, outgoing_server: tuple[Path, int], point: str
) -> None:
    house = opened(smtp_port=outgoing_server[1])
    house.log = outgoing_server[0]
    house.log.unlink(missing_ok=True)
    id = house.office.staff.submit({**BOOK, "suppliers": [THEIRS]})
    house.kill_at(point)
    before = house.sent()
    assert len(before) == (point == "taken by the mail server")
    house.run(ahead=LEASE)
    sent = house.sent()
    assert len(sent) == len(before) + 1
    assert len(set(sent)) == 1, "it is the same mail byte for byte, so the partner sees a double as such"
    assert house.unfinished(id) == set()
    assert house.office.staff.get(id)["attention"] == []


@pytest.mark.parametrize("point", SERVER_DIES)
def test_a_mail_server_killed_over_a_mail_gets_the_same_mail_again(
    opened: Opened, forker: Forker, tmp_path: Path, point: str
) -> None:
    log = tmp_path / "sent.jsonl"
    with smtp(forker, log, point) as port:
        house = opened(smtp_port=port)
        id = house.office.staff.submit({**BOOK, "suppliers": [THEIRS]})
        house.run()
    assert len(house.sent()) == (point == "mail kept")
    assert house.unfinished(id) == {"pending"}
    with smtp(forker, log, port=port):
        house.run(ahead=LEASE)
    sent = house.sent()
    assert len(sent) == 1 + (point == "mail kept")
    assert len(set(sent)) == 1
    assert house.unfinished(id) == set()
    assert house.office.state(id) == "sent"


def answers(id: str) -> list[bytes]:
    """A word, the book, and a mail of somebody else's."""
    return [
        mail(f"GENERAL MESSAGE\nNO.:{id}\nNOT:请稍候", subject="1"),
        mail(f"ITEM SHIPPED\nNO.:{id}\nDUE:2099-02-28", subject="2"),
        mail("广告", sender="spam@example.net", subject="3"),
    ]


def asked(house: House) -> str:
    id = house.office.staff.submit({**BOOK, "suppliers": [THEIRS]})
    assert house.applied(id) == ["submit"]
    return str(id)


def each_came_once(house: House, id: str, server: Dovecot) -> None:
    assert house.applied(id) == ["submit", "Message", "Loaned"]
    assert house.office.state(id) == "shipped"
    kinds = [row.kind for row in house.office.mails()]
    assert sorted(kinds) == ["reply", "reply", "unmatched"]
    assert [row.status for row in house.office.mails()] == ["understood"] * 3
    from imap_tools import MailBoxUnencrypted

    with MailBoxUnencrypted("127.0.0.1", server.imap).login(BOX, PASSWORD) as inbox:
        assert ["\\Seen" in found.flags for found in inbox.fetch(mark_seen=False)] == [True] * 3


@pytest.mark.parametrize("point", INCOMING)
def test_a_worker_killed_over_incoming_mails_applies_each_once(
    opened: Opened, mail_server: Dovecot, outgoing_server: tuple[Path, int], point: str
) -> None:
    house = opened(imap_port=mail_server.imap, smtp_port=outgoing_server[1], password=PASSWORD)
    id = asked(house)
    for raw in answers(id):
        mail_server.put(raw, BOX)
    house.kill_at(point)
    house.run(ahead=LEASE)
    house.run(ahead=2 * LEASE)
    each_came_once(house, id, mail_server)


def test_a_piped_mail_whose_taker_was_killed_is_taken_with_the_next_poll(opened: Opened) -> None:
    house = opened()
    id = asked(house)
    raw = mail(f"ITEM SHIPPED\nNO.:{id}\nDUE:2099-02-28")
    pid, reached = house.forker.job(
        url=house.url, config=house.config, point="kept raw", ahead=0, raw=raw.decode("ascii")
    )
    assert reached == "kept raw"
    house.forker.kill(pid)
    house.run()
    assert house.applied(id) == ["submit"], "whoever takes it in may still be alive"
    house.run(ahead=200)
    assert house.applied(id) == ["submit", "Loaned"]
    assert house.office.take(raw) == {"class": "reply", "request": id, "event": "Loaned", "state": "shipped"}


@pytest.mark.parametrize("command", ["UID SEARCH", "UID FETCH", "UID STORE", "LOGOUT"])
def test_a_mailbox_server_killed_over_a_command_costs_no_mail_and_doubles_none(
    opened: Opened, outgoing_server: tuple[Path, int], monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    import imaplib

    reason = why_no_dovecot()
    if reason:
        pytest.skip(reason)
    with dovecot() as server:
        house = opened(imap_port=server.imap, smtp_port=outgoing_server[1], password=PASSWORD)
        id = asked(house)
        for raw in answers(id):
            server.put(raw, BOX)
        real, killed = imaplib.IMAP4._command, []

        def dying(self: Any, name: str, *args: Any) -> Any:
            if not killed and f"{name} {args[0] if name == 'UID' else ''}".strip() == command:
                killed.append(name)
                server.kill()
            return real(self, name, *args)

        monkeypatch.setattr(imaplib.IMAP4, "_command", dying)
        house.office.engine.run_due()
        assert killed
        server.start()
        for _ in range(2):
            assert house.office.engine.run_due().failed == 0
        each_came_once(house, id, server)
