"""A stored request is the request: nothing is lost, changed or added between dump and load."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from illcore.model import Citation, Delivery, Money, Partner
from illcore.request import Attempt, Attention, Condition, Document, Item, Request, Timer, Undo
from illcore.store.codec import dump, dump_request, load, load_partner, load_request, request_columns, search_key
from illcore.tables import EPOCH, Instant, microseconds

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
trimmed = texts.map(str.strip)
instants = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
days = st.dates(date(1900, 1, 1), date(2200, 1, 1))
money = st.builds(Money, amount=st.decimals(0, 10**6, places=2), currency=st.from_regex(r"[A-Z]{3}", fullmatch=True))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
json_objects = st.dictionaries(texts, json_values, max_size=3)


def maybe(strategy):  # type: ignore[no-untyped-def]
    return st.none() | strategy


citations = st.builds(Citation, title=trimmed, author=trimmed, isbn=trimmed, year=trimmed)
attempts = st.builds(
    Attempt,
    n=st.integers(1, 9),
    partner=texts,
    rank=st.integers(0, 200),
    score=maybe(st.floats(allow_nan=False, allow_infinity=False)),
    why=texts,
    requesting_agency_request_id=texts,
    shipped=st.booleans(),
    last_change=maybe(instants),
    retry_offer=maybe(json_objects),
    started_at=maybe(instants),
)
items = st.builds(Item, n=st.integers(1, 9), label=texts, barcode=texts, due_date=maybe(days), sent_at=maybe(instants))
requests = st.builds(
    Request,
    id=texts,
    library=texts,
    role=st.sampled_from(["requester", "supplier"]),
    service_type=st.sampled_from(["loan", "copy", "copy_or_loan"]),
    created_at=instants,
    updated_at=instants,
    state_since=instants,
    waiting_since=maybe(instants),
    citation=citations,
    state=texts,
    version=st.integers(0, 1000),
    head=texts,
    attempt=st.just(0),
    needed_by=maybe(days),
    max_cost=maybe(money),
    delivery=maybe(st.builds(Delivery, method=st.sampled_from(["pickup", "post"]), place=trimmed)),
    any_edition=maybe(st.booleans()),
    reasons=st.tuples() | st.tuples(texts, texts),
    located=st.booleans(),
    unread=st.integers(0, 5),
    undo=maybe(
        st.builds(
            Undo,
            seq=st.integers(1, 99),
            action=texts,
            state=texts,
            saved=texts,
            place=texts,
            resume=texts,
            reasons=st.tuples(texts),
            overrides=st.tuples(),
            items=st.lists(items, max_size=2).map(tuple),
        )
    ),
    attention=st.lists(st.builds(Attention, reason=texts, since=instants, effect=texts), max_size=2).map(tuple),
    attempts=st.lists(attempts, max_size=3).map(tuple),
    items=st.lists(items, max_size=3).map(tuple),
    conditions=st.lists(st.builds(Condition, number=st.integers(1, 9), text=texts, cost=maybe(money)), max_size=2).map(
        tuple
    ),
    documents=st.lists(st.builds(Document, url=texts, at=instants), max_size=2).map(tuple),
    charges=st.lists(json_objects, max_size=2).map(tuple),
    refusals=st.dictionaries(texts, st.integers(0, 30), max_size=2),
    timers=st.dictionaries(texts, st.builds(Timer, due=instants, fired=st.booleans()), max_size=3),
)


@given(requests)
@settings(deadline=None)
def test_a_request_comes_back_as_it_was(request: Request) -> None:
    assert load_request(dump_request(request)) == request


@given(requests)
@settings(deadline=None)
def test_every_request_has_a_row_that_all_databases_take(request: Request) -> None:
    row = request_columns(request)
    assert all(
        "\0" not in value
        for name, value in row.items()
        if isinstance(value, str) and name not in ("id", "library", "state")
    )
    assert row["needs_attention"] == (1 if request.attention else 0)


def test_what_is_at_its_default_takes_no_room() -> None:
    at = datetime(2026, 3, 2, 9, 30, 0, 5, tzinfo=UTC)
    request = Request("X", "ISIL:A", "requester", "loan", at, at, at)
    assert load(dump_request(request)) == {
        "id": "X",
        "library": "ISIL:A",
        "role": "requester",
        "service_type": "loan",
        "created_at": "2026-03-02T09:30:00.000005Z",
        "updated_at": "2026-03-02T09:30:00.000005Z",
        "state_since": "2026-03-02T09:30:00.000005Z",
    }


def test_data_of_an_event_keeps_money_exact_and_days_readable() -> None:
    data = {"cost": Money(amount=Decimal("12.50"), currency="CNY"), "due_date": date(2026, 5, 1), "题名": "红楼梦"}
    assert load(dump(data)) == {
        "cost": {"amount": "12.50", "currency": "CNY"},
        "due_date": "2026-05-01",
        "题名": "红楼梦",
    }


def test_a_shared_calendar_replaces_the_own_one_of_a_partner() -> None:
    body = Partner(symbol="ISIL:S1", rank=3).model_dump_json(exclude_defaults=True)
    partner = load_partner(body, '{"closures":[{"first":"2026-10-01","last":"2026-10-07","why":"国庆节"}]}')
    assert partner.rank == 3
    assert partner.calendar.closures[0].why == "国庆节"


@given(instants)
def test_instants_are_numbers_that_order_and_come_back(at: datetime) -> None:
    number = microseconds(at)
    assert Instant().process_result_value(number, None) == at  # type: ignore[arg-type]
    assert (number < 0) == (at < EPOCH)


def test_an_instant_elsewhere_is_the_same_instant() -> None:
    at = datetime(2026, 3, 2, 17, 0, tzinfo=timezone(timedelta(hours=8)))
    assert microseconds(at) == microseconds(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        microseconds(datetime(2026, 3, 2, 9, 0))  # noqa: DTZ001


def test_titles_are_found_however_they_are_typed() -> None:
    assert search_key("Ａ Dream  of RED Mansions") == search_key("A dream of red mansions")
