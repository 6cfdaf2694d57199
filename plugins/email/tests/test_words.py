"""Dates, amounts, services and charsets as people write them; what a text is taken to say; the tables."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect

from illcore.model import Role
from illcore.store import create_schema
from illcore_email.addresses import checked, plus, tokens_in
from illcore_email.config import EmailConfig
from illcore_email.formats.values import date_in, money_in, service_in
from illcore_email.incoming.charset import decode, header_text
from illcore_email.incoming.suggestion import suggest
from illcore_email.tables import metadata
from illcore_email.testing import SERVERS

TODAY = date(2026, 1, 5)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-02-28", date(2026, 2, 28)),
        ("due 2026/2/8", date(2026, 2, 8)),
        ("应还日期：2026年2月8日", date(2026, 2, 8)),
        ("28 February 2026", date(2026, 2, 28)),
        ("Feb. 28th, 2026", date(2026, 2, 28)),
        ("2月8日归还", date(2026, 2, 8)),
        ("until 3 January", date(2027, 1, 3)),
        ("28/02/2026", date(2026, 2, 28)),
        ("02/28/2026", date(2026, 2, 28)),
        ("08.02.2026", date(2026, 2, 8)),
        ("20260208", date(2026, 2, 8)),
        ("02/03/2026", None),
        ("2026-02-31", None),
        ("SF2026020812345", None),
        ("soon", None),
    ],
)
def test_dates(text: str, day: date | None) -> None:
    assert date_in(text, TODAY) == day


@pytest.mark.parametrize(
    ("text", "money"),
    [
        ("12.50 CNY", "12.50 CNY"),
        ("¥30", "30 CNY"),
        ("费用 30元", "30 CNY"),
        ("USD 15,00", "15.00 USD"),
        ("7.5 XTS", "7.5 XTS"),
        ("ISIL:CN-110001 LSP", None),
        ("30", None),
    ],
)
def test_amounts(text: str, money: str | None) -> None:
    found = money_in(text)
    assert (f"{found.amount} {found.currency}" if found else None) == money


@pytest.mark.parametrize(
    ("text", "service"),
    [
        ("LOAN", "loan"),
        ("Photocopy", "copy"),
        ("借阅", "loan"),
        ("复制", "copy"),
        ("loan or copy", "copy_or_loan"),
        ("?", None),
    ],
)
def test_services(text: str, service: str | None) -> None:
    assert service_in(text) == service


@pytest.mark.parametrize(
    ("role", "text", "what"),
    [
        ("requester", "We cannot renew this loan.", "renew_refused"),
        ("requester", "同意续借至 2026-03-01", "renewed"),
        ("requester", "贵馆所借图书已逾期", "overdue"),
        ("requester", "请立即归还，读者急需", "recalled"),
        ("requester", "已收到贵馆归还的图书", "completed"),
        ("requester", "已取消", "cancelled"),
        ("requester", "Your request cannot be cancelled", "cancel_refused"),
        ("supplier", "图书已寄回，单号 123", "return_shipped"),
        ("supplier", "The book was lost by the reader", "lost"),
        ("supplier", "请取消此申请", "cancel_asked"),
        ("supplier", "Could we have it two weeks longer?", "renew_asked"),
        ("supplier", "扫描件缺第3页", "delivery_rejected"),
        ("supplier", "We accept the costs", "conditions_accepted"),
        ("supplier", "我们不接受", "conditions_rejected"),
        ("supplier", "你好", ""),
    ],
)
def test_what_a_text_seems_to_say(role: Role, text: str, what: str) -> None:
    assert suggest(text, role, "loan", TODAY).get("what", "") == what


def test_a_copy_is_supplied_not_shipped() -> None:
    assert suggest("全文已发送", "requester", "copy", TODAY)["what"] == "supplied"
    found = suggest("sent: https://x.example/a.pdf", "requester", "copy", TODAY)
    assert found == {"what": "supplied", "url": "https://x.example/a.pdf"}


@pytest.mark.parametrize(
    ("data", "declared", "text"),
    [
        ("镕".encode("gbk"), "gb2312", "镕"),
        ("馆际互借".encode("gbk"), "", "馆际互借"),
        ("馆际互借".encode(), "us-ascii", "馆际互借"),
        ("馆".encode(), "x-nope", "馆"),
        ("Größe".encode("latin-1"), "iso-8859-1", "Größe"),
        ("Größe".encode("latin-1"), "", "Größe"),
        (b"\x93quoted\x94", "iso-8859-1", "“quoted”"),
    ],
)
def test_charsets(data: bytes, declared: str, text: str) -> None:
    assert decode(data, declared) == text


def test_encoded_words_in_headers() -> None:
    assert header_text("=?utf-8?B?6aaG?= =?utf-8?B?6ZmF?=") == "馆际"
    assert header_text("=?utf-8?B?6aY=?=\r\n =?utf-8?B?hg==?=") == "馆"
    assert header_text("=?gb2312?B?ud28yg==?=") == "馆际"
    assert header_text("=?broken?X?zz?=") == "=?broken?X?zz?="


def test_plus_addresses() -> None:
    token = "a" * 16 + "." + "b" * 16
    address = plus("ill@x.example", token)
    assert address == f"ill+{token}@x.example"
    assert tokens_in([address.upper()], "ill@x.example") == [("a" * 16, "b" * 16)]
    assert tokens_in([address], "other@x.example") == []
    assert plus("a" * 40 + "@x.example", token) == "a" * 40 + "@x.example"
    assert checked("a@b\r\nBcc: c@d") == ""


def test_tls_may_be_yes_or_no() -> None:
    base = {"address": "ill@x.example", **SERVERS}
    assert EmailConfig.model_validate({**base, "tls": True}).tls == "required"
    assert EmailConfig.model_validate({**base, "tls": False}).tls == "none"
    assert EmailConfig.model_validate(base).tls == "auto"


def test_the_migration_makes_the_tables_that_the_code_uses(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    create_schema(url, {"email": "illcore_email:migrations"})
    engine = create_engine(url)
    found = inspect(engine)
    for table in metadata.tables.values():
        assert {c["name"] for c in found.get_columns(table.name)} == set(table.c.keys())
        assert {i["name"] for i in found.get_indexes(table.name)} == {i.name for i in table.indexes}
    engine.dispose()
