"""Tokens, tickets and passwords for any key: the same again, never another's, nothing in common."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from illcore_delivery.cabinet import Cabinet
from illcore_delivery.links.headers import attachment
from illcore_delivery.links.tokens import (
    TOKEN,
    password_hash,
    password_of,
    right_password,
    ticket_number,
    ticket_of,
    token_of,
)

ONE = Cabinet(Path("/nowhere"), "the secret of one")
OTHER = Cabinet(Path("/nowhere"), "the secret of another")
KEYS = st.text(max_size=40)


@given(KEYS, KEYS)
def test_a_token_is_the_same_for_the_same_key_and_fits_an_address(library: str, key: str) -> None:
    token = token_of(ONE, library, key)
    assert token == token_of(ONE, library, key)
    assert TOKEN.fullmatch(token)
    assert token != token_of(OTHER, library, key)


@given(st.sets(st.tuples(st.text(max_size=5), st.text(max_size=5)), min_size=2, max_size=50))
def test_different_keys_have_different_tokens(keys: set[tuple[str, str]]) -> None:
    assume_plain = {(a.replace("\0", ""), b.replace("\0", "")) for a, b in keys}
    assert len({token_of(ONE, *key) for key in assume_plain}) == len(assume_plain)


@given(KEYS, st.integers(1, 10**6), st.integers(1, 10**6))
def test_a_ticket_opens_its_own_download_alone(token: str, n: int, m: int) -> None:
    ticket = ticket_of(ONE, token, n)
    assert ticket_number(ONE, token, ticket) == n
    assert ticket_number(OTHER, token, ticket) == 0
    assert ticket_number(ONE, token + "x", ticket) == 0
    forged = f"{m}-{ticket.partition('-')[2]}"
    assert ticket_number(ONE, token, forged) in ((n,) if m == n else (0,))


@given(st.text(max_size=60))
def test_nothing_else_is_a_ticket(text: str) -> None:
    assert ticket_number(ONE, "A" * 32, text) == 0


@pytest.mark.parametrize("key", ["r:1:1", "r:2:1"])
def test_a_password_is_right_only_whole(key: str) -> None:
    password = password_of(ONE, "ISIL:X", key)
    stored = password_hash(password, "00" * 16)
    assert right_password(password.lower().replace("-", ""), "00" * 16, stored)
    assert not right_password(password[:-1], "00" * 16, stored)
    assert not right_password("", "00" * 16, stored)
    assert password_hash(password, "01" * 16) != stored


@given(st.text(max_size=300))
def test_any_name_makes_a_header_of_one_line_in_ascii(name: str) -> None:
    header = attachment(name)
    assert header.isascii()
    assert header.isprintable()
    assert header.count('"') == 2
    assert "/" not in header.partition("filename*=")[0]
    header.encode("latin-1")
