"""What opens a link: the token in its address, the ticket of one download, the password."""

import hashlib
import hmac
import re
from base64 import b32encode, urlsafe_b64encode

from ..cabinet import Cabinet

TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")
"""24 bytes in base 64 without padding: 192 bits."""

_TICKET = re.compile(r"([1-9][0-9]{0,8})-([A-Za-z0-9_-]{22})")
_SCRYPT = {"n": 2**14, "r": 8, "p": 1, "maxmem": 64 * 1024 * 1024, "dklen": 32}


def token_of(cabinet: Cabinet, library: str, key: str) -> str:
    """The token for an outbox key: always the same, so that it need not be stored to be told again."""
    return _text(cabinet.sign("token", library, key)[:24])


def hash_of(token: str) -> str:
    """What is stored of a token. It has too many bits to be tried out, so a plain SHA-256 does."""
    return hashlib.sha256(token.encode()).hexdigest()


def ticket_of(cabinet: Cabinet, token: str, n: int) -> str:
    """What lets the n-th download of a link go on after its page was confirmed."""
    return f"{n}-{_text(cabinet.sign('ticket', token, str(n))[:16])}"


def ticket_number(cabinet: Cabinet, token: str, ticket: str) -> int:
    """The number in a ticket; 0 if we did not make it for this link."""
    found = _TICKET.fullmatch(ticket)
    if found is None:
        return 0
    n = int(found[1])
    return n if hmac.compare_digest(ticket_of(cabinet, token, n).encode(), ticket.encode()) else 0


def password_of(cabinet: Cabinet, library: str, key: str) -> str:
    """Ten letters and digits that can be read aloud, 50 bits; the same again for the same key."""
    text = b32encode(cabinet.sign("password", library, key)).decode()[:10]
    return f"{text[:5]}-{text[5:]}"


def salt_of(cabinet: Cabinet, library: str, key: str) -> str:
    """The salt of a link's password, hexadecimal."""
    return cabinet.sign("salt", library, key)[:16].hex()


def password_hash(password: str, salt: str) -> str:
    """scrypt (RFC 7914) over the password as people type it: capitals, blanks and hyphens do not matter."""
    plain = re.sub(r"[\s-]+", "", password).upper().encode()[:128]
    return hashlib.scrypt(plain, salt=bytes.fromhex(salt), **_SCRYPT).hex()


def right_password(password: str, salt: str, expected: str) -> bool:
    """Compared without telling by the time how much of it fits."""
    return hmac.compare_digest(password_hash(password, salt), expected)


def _text(octets: bytes) -> str:
    return urlsafe_b64encode(octets).decode().rstrip("=")
