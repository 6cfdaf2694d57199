"""The names of conversations: a short reference for each, and its signature, so that nobody can invent one."""

import hashlib
import hmac
from base64 import b32encode
from dataclasses import dataclass

from illcore.model import Role


@dataclass(slots=True, frozen=True)
class Thread:
    """All mails about one attempt: our library, our role, the partner, and the id that the requesting side gave."""

    library: str
    role: Role
    partner: str
    number: str

    @property
    def ref(self) -> str:
        """16 small letters and digits that stand for it."""
        text = "\0".join((self.library, self.role, self.partner, self.number))
        return _short(hashlib.sha256(text.encode()).digest())


def signature(key: bytes, mailbox: str, ref: str) -> str:
    """HMAC-SHA-256 over mailbox and reference, cut to 80 bits."""
    return _short(hmac.new(key, f"{mailbox}\0{ref}".encode(), hashlib.sha256).digest())


def genuine(key: bytes, mailbox: str, ref: str, mac: str) -> bool:
    """Whether we signed this reference."""
    return hmac.compare_digest(signature(key, mailbox, ref).encode(), mac.lower().encode())


def message_id(mailbox: str, key: str) -> str:
    """The Message-ID of the mail for one outbox key: the same over all tries and restarts."""
    digest = hashlib.sha256(f"{mailbox}\0{key}".encode()).digest()
    return f"<ill.{b32encode(digest[:20]).decode().lower()}@{mailbox.rpartition('@')[2]}>"


def _short(digest: bytes) -> str:
    return b32encode(digest[:10]).decode().lower()
