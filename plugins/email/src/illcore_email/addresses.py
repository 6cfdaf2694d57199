"""E-mail addresses: what may be written to, whose they are, and the plus-address that answers come back to."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from illcore.model import Partner

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_LONGEST_LOCAL = 64
_PLUS = re.compile(r"\+([a-z2-7]{16})\.([a-z2-7]{16})$", re.IGNORECASE)


def checked(text: object) -> str:
    """The address without blanks around it, or empty if it is none that a header can hold safely."""
    found = str(text or "").strip()
    return found if _ADDRESS.fullmatch(found) and ".." not in found else ""


def plus(address: str, token: str) -> str:
    """`ill@example.org` and a token → `ill+<token>@example.org`; the address itself if that became too long."""
    local, _, domain = address.rpartition("@")
    return address if len(local) + 1 + len(token) > _LONGEST_LOCAL else f"{local}+{token}@{domain}"


def tokens_in(addresses: Iterable[str], own: str) -> list[tuple[str, str]]:
    """`(ref, mac)` of every plus-address of ours among these."""
    own_local, _, own_domain = own.lower().rpartition("@")
    found = []
    for address in addresses:
        local, _, domain = address.lower().rpartition("@")
        token = _PLUS.search(local)
        if token and domain == own_domain and local[: token.start()] == own_local:
            found.append((token[1], token[2]))
    return found


def mail_of(partner: Partner) -> str:
    """Where mail to this partner goes; empty if its record has no usable `email`."""
    return checked(partner.address.get("email"))


def belongs_to(sender: str, address: Mapping[str, Any]) -> bool:
    """Whether a sender is one of the addresses, or in one of the domains, that a partner's record names.

    Keys: `email`, `emails` (more addresses), `domains`. A domain counts only if it is named: others write from the
    same one.
    """
    sender = sender.lower()
    named = {str(each).strip().lower() for each in (address.get("email"), *_list(address.get("emails"))) if each}
    domains = {str(each).strip().lower().removeprefix("@") for each in _list(address.get("domains"))}
    return bool(sender) and (sender in named or sender.rpartition("@")[2] in domains)


def _list(value: Any) -> list[Any]:
    if isinstance(value, str):
        return [value]
    return list(value) if isinstance(value, list | tuple) else []
