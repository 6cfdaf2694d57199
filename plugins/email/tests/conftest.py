"""Libraries with an e-mail account each, whose mails are collected instead of sent."""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

import illcore_email
from illcore.engine import Engine
from illcore.store import create_schema
from illcore.testing.fakes import FakeClock, FakePlugin, given
from illcore.testing.network import TickingClock
from illcore_email.outgoing.smtp import deliver
from illcore_email.testing import (
    BOOK,
    BOX,
    OURS,
    SERVERS,
    START,
    THEIR_BOX,
    THEIRS,
    Office,
    Opened,
    account,
    knows,
    submitted,
)
from illcore_email.testing.servers import Dovecot, dovecot, why_no_dovecot


@pytest.fixture
def clock() -> FakeClock:
    return TickingClock(START)


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with all tables and nothing in them, to be copied."""
    path = tmp_path_factory.mktemp("template") / "empty.db"
    create_schema(f"sqlite:///{path}", {"email": "illcore_email:migrations"})
    return path


@pytest.fixture
def open_office(
    tmp_path: Path, empty_database: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Opened]:
    """`open_office(symbol, box, **account keys)`: what it sends is collected, unless `real` servers are named."""
    made: list[Office] = []

    def opened(
        symbol: str = OURS, box: str = BOX, *, real: bool = False, plugins: Sequence[FakePlugin] = (), **keys: Any
    ) -> Office:
        url = f"sqlite:///{shutil.copy(empty_database, tmp_path / f'office{len(made)}.db')}"
        desks = {f"{each.name}:desk": {"label": "desk"} for each in plugins}
        config = {
            "library": symbol,
            "synchronous": "NORMAL",
            "accounts": {"email:main": account(box, **keys), **desks},
            "documents": {"store": str(tmp_path / f"documents{len(made)}")},
            "libraries": {symbol: {"name_zh": "图书馆", "address": {"line1": "颐和园路5号", "locality": "北京"}}},
        }
        options: dict[str, Any] = {} if real else {"clock": clock, "executor": "inline", "chance": lambda: 0.5}
        engine = Engine.open(url, config, plugins=[given(illcore_email), *map(given, plugins)], **options)
        made.append(Office(engine, symbol, box))
        return made[-1]

    def handed_over(raw: bytes, recipient: str, config: Any, deadline: Any, tokens: Any) -> str:
        if config.smtp_port != SERVERS["smtp_port"]:
            return deliver(raw, recipient, config, deadline, tokens)
        office = next(one for one in made if one.box == config.mailbox)
        office.sent.append(raw)
        return "250 taken"

    monkeypatch.setattr("illcore_email.connector.deliver", handed_over)
    yield opened
    for office in made:
        office.engine.close()


@pytest.fixture
def ours(open_office: Opened) -> Office:
    """Our library, which knows one partner."""
    office = open_office()
    knows(office, THEIRS, THEIR_BOX, name={"en": "Nanjing Library", "zh": "南京图书馆"})
    return office


@pytest.fixture
def asked(ours: Office) -> str:
    """A loan that the partner was asked for; its id."""
    return submitted(ours, BOOK)


@pytest.fixture(scope="session")
def started_dovecot() -> Iterator[Dovecot]:
    """A real mail server, started once."""
    reason = why_no_dovecot()
    if reason:
        pytest.skip(reason)
    with dovecot() as server:
        yield server


@pytest.fixture
def mail_server(started_dovecot: Dovecot) -> Dovecot:
    """A real IMAP server whose mailboxes are empty."""
    started_dovecot.empty()
    return started_dovecot
