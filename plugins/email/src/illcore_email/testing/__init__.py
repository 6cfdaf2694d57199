"""For tests and benchmarks: a library with an e-mail account whose mails go into a list, and mails by hand."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from hashlib import sha256
from typing import Any

from illcore.engine import Engine
from illcore.events import Actor
from illcore.model import Partner
from illcore.partners import put
from illcore.session import Session

from ..incoming.mime import parse
from ..shown import Outcome, outcome_of
from ..store import known_mails, listed_mails

OURS, THEIRS = "ISIL:CN-110001", "ISIL:CN-320006"
BOX, THEIR_BOX = "ill@ours.example.org", "ill@theirs.example.org"
BOOK = {
    "service_type": "loan",
    "citation": {"title": "红楼梦", "author": "曹雪芹", "isbn": "9787020002207", "publication_type": "Book"},
    "reader": {"id": "R-1", "name": "李雷", "email": "lilei@example.org"},
}
ARTICLE = {
    "service_type": "copy",
    "citation": {
        "title": "图书馆学报",
        "title_of_component": "馆际互借研究",
        "year": "2024",
        "issue": "3",
        "pages": "12-20",
        "publication_type": "Article",
    },
}
SERVERS: dict[str, Any] = {"smtp_host": "127.0.0.1", "smtp_port": 9, "imap_host": "127.0.0.1", "imap_port": 9}
START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


def account(address: str, **more: Any) -> dict[str, Any]:
    """The least that an account needs, and what a test adds."""
    return {"address": address, **SERVERS, **more}


@dataclass
class Office:
    """One library with an e-mail account, and all mails that it handed to its mail server."""

    engine: Engine
    symbol: str
    box: str
    sent: list[bytes] = field(default_factory=list)

    @property
    def staff(self) -> Session:
        return self.engine.as_(Actor(kind="staff", id="anna", library=self.symbol, role="admin"))

    def last(self) -> EmailMessage:
        """The last mail that went out."""
        found = message_from_bytes(self.sent[-1], policy=policy.default)
        assert isinstance(found, EmailMessage)
        return found

    def take(self, raw: bytes) -> Outcome:
        """Take a mail in; what it was taken for."""
        self.engine.ingest(raw, "email:main")
        with self.engine.database.read() as connection:
            digest = parse(raw, 25_000_000).digest
            return outcome_of(connection, known_mails(connection, self.box, [digest])[digest])

    def mails(self) -> list[Any]:
        with self.engine.database.read() as connection:
            return listed_mails(connection, self.symbol)

    def state(self, id: str) -> str:
        return str(self.staff.get(id)["state"])


def knows(office: Office, symbol: str, email: str, **more: Any) -> None:
    """Make a partner known to a library."""
    address = {"email": email, **more.pop("address", {})}
    partner = Partner(symbol=symbol, account="email:main", address=address, **more)
    with office.engine.database.write() as connection:
        put(connection, office.symbol, partner, office.engine.clock.now())


Opened = Callable[..., Office]


def submitted(office: Office, what: dict[str, Any]) -> str:
    id = office.staff.submit({**what, "suppliers": [THEIRS]})
    office.engine.run_due()
    assert office.state(id) == "sent"
    return id


def _digest(*texts: str) -> str:
    return sha256("\0".join(texts).encode()).hexdigest()[:20]


def mail(body: str = "", *, sender: str = THEIR_BOX, to: str = BOX, subject: str = "馆际互借", **headers: str) -> bytes:
    """A plain mail as a partner's program writes it; underscores in header names stand for hyphens."""
    made = EmailMessage(policy=policy.SMTP)
    made["From"] = sender
    made["To"] = to
    made["Subject"] = subject
    made["Date"] = headers.pop("Date", "Mon, 05 Jan 2026 16:00:00 +0800")
    made["Message-ID"] = headers.pop("Message_ID", f"<{_digest(body, subject, sender, to)}@theirs.example.org>")
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content(body)
    return made.as_bytes()
