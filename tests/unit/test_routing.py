"""The rota says whom to ask, in what order and why, and why somebody is left out."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from illcore.model import BilingualText, CalendarDays, Closure, Money, Partner
from illcore.reasons import in_chinese
from illcore.request import Attempt, Request
from illcore.routing import PartnerStats, closed_now, rank

steady = settings(deadline=None, derandomize=True, max_examples=150)

NOW = datetime(2026, 2, 18, 20, tzinfo=UTC)  # Thursday 19 February in Shanghai
HOME = "ISIL:CN-110001"
HOLIDAY = CalendarDays(
    time_zone="Asia/Shanghai",
    closures=(Closure(first=date(2026, 2, 15), last=date(2026, 2, 23), why="春节"),),
    extra=(date(2026, 2, 14),),
)


def partner(name: str, **changes) -> Partner:
    plain = {"symbol": f"ISIL:{name}", "account": "iso18626:main", "status": "active"}
    return Partner.model_validate(plain | changes)


def request(**changes) -> Request:
    plain = Request(
        id="R1",
        library=HOME,
        role="requester",
        service_type="loan",
        created_at=NOW,
        updated_at=NOW,
        state_since=NOW,
    )
    return replace(plain, **changes)


def naming(*symbols: str) -> Request:
    attempts = tuple(Attempt(n, f"ISIL:{symbol}", status="waiting") for n, symbol in enumerate(symbols, 1))
    return request(named_suppliers=True, attempts=attempts)


def yuan(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="CNY")


def order(rows) -> list[str]:
    return [row.partner.removeprefix("ISIL:") + ("-" if row.skip else "") for row in rows]


@pytest.mark.parametrize(
    ("one", "asked", "skip"),
    [
        pytest.param({"symbol": HOME}, {}, "This is the library itself.", id="the library itself"),
        pytest.param({"other_symbols": (HOME,)}, {}, "This is the library itself.", id="itself under another symbol"),
        pytest.param({"status": "prospect"}, {}, "Only a prospect so far: no agreement yet.", id="a prospect"),
        pytest.param({"status": "suspended"}, {}, "Suspended.", id="suspended"),
        pytest.param({"status": "ended"}, {}, "The partnership has ended.", id="ended"),
        pytest.param({"services": ("copy",)}, {}, "Does not offer loans.", id="copies only, and a loan is wanted"),
        pytest.param(
            {"services": ("loan",)}, {"service_type": "copy"}, "Does not offer copies.", id="loans only, a copy wanted"
        ),
        pytest.param(
            {"services": ()}, {"service_type": "copy_or_loan"}, "Does not offer loans or copies.", id="offers nothing"
        ),
        pytest.param({"account": ""}, {}, "No account leads to it: set the partner's account.", id="no account"),
        pytest.param(
            {"cost": yuan("30")},
            {"max_cost": yuan("20")},
            "Charges CNY 30; the request allows CNY 20.",
            id="dearer than allowed",
        ),
        pytest.param({"calendar": HOLIDAY}, {}, "Closed until 2026-02-24 (春节).", id="closed over the holiday"),
        pytest.param(
            {"calendar": CalendarDays(weekdays=())},
            {},
            "Closed (no reason given).",
            id="a calendar without working days",
        ),
        pytest.param(
            {"calendar": CalendarDays(time_zone="Asia/Peking")},
            {},
            "Its calendar is wrong: The calendar's time zone 'Asia/Peking' is not known; "
            "use an IANA name such as Asia/Shanghai.",
            id="a wrong calendar leaves out that partner alone",
        ),
    ],
)
def test_a_partner_is_left_out_with_the_reason(one: dict, asked: dict, skip: str) -> None:
    rows = rank([partner("X", **one), partner("GOOD")], request(**asked), NOW)
    assert order(rows)[0] == "GOOD"
    assert (rows[1].skip, rows[1].why) == (skip, "")


@pytest.mark.parametrize(
    ("one", "asked", "words"),
    [
        pytest.param({}, {}, "Offers loans; rank 100.", id="an ordinary partner"),
        pytest.param({}, {"service_type": "copy"}, "Offers copies; rank 100.", id="a copy"),
        pytest.param({}, {"service_type": "copy_or_loan"}, "Offers loans and copies; rank 100.", id="either"),
        pytest.param(
            {"services": ("copy",)}, {"service_type": "copy_or_loan"}, "Offers copies; rank 100.", id="one of the two"
        ),
        pytest.param({"kind": "broker"}, {}, "Offers loans; rank 100.", id="a broker"),
        pytest.param({"cost": yuan("20")}, {"max_cost": yuan("20")}, "Offers loans; rank 100.", id="just affordable"),
        pytest.param({"cost": yuan("20")}, {}, "Offers loans; rank 100.", id="no maximum cost"),
        pytest.param(
            {"cost": yuan("99")},
            {"max_cost": Money(amount=Decimal(1), currency="EUR")},
            "Offers loans; rank 100.",
            id="another currency is not compared",
        ),
    ],
)
def test_a_partner_is_asked_with_the_reason(one: dict, asked: dict, words: str) -> None:
    (row,) = rank([partner("X", **one)], request(**asked), NOW)
    assert (row.why, row.skip, row.score) == (words, "", None)


def test_partners_stand_by_rank_then_symbol_and_those_left_out_last() -> None:
    rows = rank(
        [
            partner("C"),
            partner("B", rank=200),
            partner("A"),
            partner("TOP", rank=1),
            partner("OUT", rank=0, status="suspended"),
        ],
        request(),
        NOW,
    )
    assert order(rows) == ["TOP", "A", "C", "B", "OUT-"]
    assert [row.rank for row in rows] == [1, 100, 100, 200, 0]


def test_among_equals_the_quicker_and_surer_comes_first_but_never_before_a_better_rank() -> None:
    stats = {
        "ISIL:SURE": PartnerStats(asked=10, filled=9, days=3.0),
        "ISIL:SLOW": PartnerStats(asked=10, filled=9, days=20.0),
        "ISIL:NEVER": PartnerStats(asked=10, filled=0),
        "ISIL:LAST": PartnerStats(asked=10, filled=10, days=1.0),
    }
    known = [partner(name) for name in ("NEVER", "NEW", "SLOW", "SURE")] + [partner("LAST", rank=101)]
    rows = rank(known, request(), NOW, stats)
    assert order(rows) == ["SURE", "NEW", "SLOW", "NEVER", "LAST"]
    assert {row.partner.removeprefix("ISIL:"): row.why for row in rows} == {
        "SURE": "Offers loans; rank 100; filled 9 of 10 requests, in 3.0 days on average.",
        "SLOW": "Offers loans; rank 100; filled 9 of 10 requests, in 20.0 days on average.",
        "NEVER": "Offers loans; rank 100; filled 0 of 10 requests.",
        "NEW": "Offers loans; rank 100; not asked before.",
        "LAST": "Offers loans; rank 101; filled 10 of 10 requests, in 1.0 days on average.",
    }


def test_one_lucky_request_does_not_beat_a_long_good_record() -> None:
    assert PartnerStats(asked=1, filled=1, days=3.0).score < PartnerStats(asked=100, filled=95, days=3.0).score


def test_answers_within_the_hour_do_not_outweigh_everything() -> None:
    assert PartnerStats(asked=10, filled=1, days=0.01).score < PartnerStats(asked=10, filled=9, days=2.0).score


def test_named_suppliers_keep_their_order_and_nobody_else_is_asked() -> None:
    known = [partner("A"), partner("B", rank=1), partner("C", status="ended")]
    rows = rank(known, naming("C", "A", "GHOST", "B"), NOW)
    assert order(rows) == ["C-", "A", "GHOST-", "B"]
    assert [row.rank for row in rows] == [1, 2, 3, 4]
    assert rows[1].why == "Named in the request as number 2."
    assert rows[2].skip.startswith("Named in the request but not among the partners")
    assert order(rank(known[:2], naming("B"), NOW)) == ["B"]


def test_a_supplier_named_twice_or_under_another_symbol_is_asked_once() -> None:
    known = [partner("A", other_symbols=("ISIL:ALSO-A",)), partner("B")]
    assert order(rank(known, naming("ALSO-A", "B", "A", "B"), NOW)) == ["A", "B"]


def test_a_library_cannot_name_itself() -> None:
    (row,) = rank([], naming("CN-110001"), NOW)
    assert row.skip == "This is the library itself."


def test_names_given_apart_win_over_those_of_the_request() -> None:
    known = [partner("A"), partner("B"), partner("C")]
    assert order(rank(known, naming("A"), NOW, named=["ISIL:C", "ISIL:B"])) == ["C", "B"]
    assert order(rank(known, naming("A"), NOW, named=[])) == ["A", "B", "C"]


def test_when_all_named_suppliers_were_asked_nobody_else_is() -> None:
    asked = naming("A")
    asked.attempts[0].status = "ended"
    assert rank([partner("A"), partner("B")], asked, NOW) == ()


@pytest.mark.parametrize(
    ("at", "words"),
    [
        pytest.param(datetime(2026, 2, 13, 4, tzinfo=UTC), None, id="the Friday before"),
        pytest.param(datetime(2026, 2, 14, 4, tzinfo=UTC), None, id="the Saturday that is worked instead"),
        pytest.param(datetime(2026, 2, 14, 17, tzinfo=UTC), "Closed until 2026-02-24 (春节).", id="Sunday in Shanghai"),
        pytest.param(datetime(2026, 2, 23, 15, tzinfo=UTC), "Closed until 2026-02-24 (春节).", id="the last evening"),
        pytest.param(datetime(2026, 2, 23, 16, tzinfo=UTC), None, id="midnight in Shanghai: open again"),
        pytest.param(datetime(2026, 3, 7, 4, tzinfo=UTC), None, id="a plain weekend is no closure"),
    ],
)
def test_a_partner_is_closed_by_its_own_calendar_and_time_zone(at: datetime, words: str | None) -> None:
    assert closed_now(partner("X", calendar=HOLIDAY), at) == words


partners = st.lists(
    st.builds(
        Partner,
        symbol=st.sampled_from([f"ISIL:P{n}" for n in range(8)] + [HOME]),
        name=st.just(BilingualText()),
        services=st.sampled_from([("loan",), ("copy",), ("loan", "copy"), ()]),
        account=st.sampled_from(["", "a:b"]),
        status=st.sampled_from(["prospect", "active", "suspended", "ended"]),
        rank=st.integers(0, 3),
        calendar=st.sampled_from([CalendarDays(), HOLIDAY]),
        cost=st.sampled_from([None, yuan("5"), yuan("50")]),
    ),
    max_size=8,
    unique_by=lambda one: one.symbol,
)
histories = st.none() | st.dictionaries(
    st.sampled_from([f"ISIL:P{n}" for n in range(8)]),
    st.integers(0, 20).flatmap(
        lambda asked: st.builds(
            PartnerStats, asked=st.just(asked), filled=st.integers(0, asked), days=st.none() | st.floats(0, 90)
        )
    ),
)


@steady
@given(partners, histories, st.sampled_from(["loan", "copy", "copy_or_loan"]), st.randoms(use_true_random=False))
def test_every_partner_stands_once_explained_whatever_order_they_came_in(known, stats, service, shuffler) -> None:
    asked = request(service_type=service, max_cost=yuan("20"))
    rows = rank(known, asked, NOW, stats)
    assert sorted(row.partner for row in rows) == sorted(one.symbol for one in known)
    shuffled = list(known)
    shuffler.shuffle(shuffled)
    assert rank(shuffled, asked, NOW, stats) == rows
    for row in rows:
        assert bool(row.why) is not bool(row.skip)
        sentence = row.why or row.skip
        assert sentence.endswith(".")
        assert re.search("[一-鿿]", in_chinese(sentence))
        assert in_chinese(sentence) != sentence
