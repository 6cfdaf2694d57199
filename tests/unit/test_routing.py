"""The rota says whom to ask, in what order and why, and why somebody is left out."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from illcore.history import PartnerStats, expect, usual
from illcore.model import BilingualText, CalendarDays, Closure, Money, Partner
from illcore.policy import Policy, RoutingWeights
from illcore.reasons import in_chinese
from illcore.request import Attempt, Found, Request
from illcore.routing import closed_now, rank

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
        pytest.param(
            {"agreement_until": date(2026, 2, 17)},
            {},
            "The agreement ended on 2026-02-17.",
            id="the agreement ran out",
        ),
        pytest.param(
            {"formats": ("paper",)},
            {"service_type": "copy", "format": "digital"},
            "Delivers on paper only; a file is wanted.",
            id="paper only, a file is wanted",
        ),
        pytest.param(
            {"formats": ("digital",)},
            {"service_type": "copy", "format": "paper"},
            "Delivers files only; paper is wanted.",
            id="files only, paper is wanted",
        ),
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


NEWCOMER = "not asked for such before, so taken as an average partner (50 %, 5.0 days a try)"


@pytest.mark.parametrize(
    ("one", "asked", "words"),
    [
        pytest.param({}, {}, "Offers loans", id="an ordinary partner"),
        pytest.param({}, {"service_type": "copy"}, "Offers copies", id="a copy"),
        pytest.param({}, {"service_type": "copy_or_loan"}, "Offers loans and copies", id="either"),
        pytest.param({"services": ("copy",)}, {"service_type": "copy_or_loan"}, "Offers copies", id="one of the two"),
        pytest.param({"kind": "broker"}, {}, "Offers loans", id="a broker"),
        pytest.param({"agreement_until": date(2026, 2, 19)}, {}, "Offers loans", id="the last day of the agreement"),
        pytest.param({"formats": ("paper",)}, {"format": "paper"}, "Offers loans", id="the format that is wanted"),
        pytest.param({"formats": ("paper",)}, {"format": "digital"}, "Offers loans", id="a loan has no such format"),
    ],
)
def test_a_partner_is_asked_with_the_reason(one: dict, asked: dict, words: str) -> None:
    (row,) = rank([partner("X", **one)], request(**asked), NOW)
    assert (row.why, row.skip, row.rank) == (f"{words}; {NEWCOMER}.", "", 1)


@pytest.mark.parametrize(
    ("cost", "limit"),
    [
        pytest.param(yuan("20"), yuan("20"), id="just affordable"),
        pytest.param(yuan("20"), None, id="no maximum cost"),
        pytest.param(yuan("99"), Money(amount=Decimal(1), currency="EUR"), id="another currency is not compared"),
    ],
)
def test_a_price_that_may_be_asked_is_told(cost: Money, limit: Money | None) -> None:
    (row,) = rank([partner("X", cost=cost)], request(max_cost=limit), NOW)
    assert row.why == f"Offers loans; {NEWCOMER}; charges CNY {cost.amount}."
    assert row.numbers["cost"] == {"amount": str(cost.amount), "currency": "CNY"}


# --- what a search found ---

HELD = Found(call_number="I247.5/12", score=1.0)
ONLINE = Found(url="https://e.example.org/1", score=1.0)
PRINT_ONLY = replace(ONLINE, loanable=False, copyable=True, formats=("paper",))


@pytest.mark.parametrize(
    ("found", "asked", "skip"),
    [
        pytest.param(replace(HELD, loanable=False), {}, "Holds it but does not lend it.", id="for use on site"),
        pytest.param(
            replace(HELD, copyable=False),
            {"service_type": "copy"},
            "Holds it but makes no copies of it.",
            id="not to be copied",
        ),
        pytest.param(
            replace(ONLINE, copyable=False, loanable=False),
            {"service_type": "copy"},
            "Holds it online, but its licence forbids interlibrary loan.",
            id="the licence forbids it",
        ),
        pytest.param(ONLINE, {"format": "paper"}, "Holds it online only; paper is wanted.", id="a file, a book wanted"),
        pytest.param(
            HELD, {"format": "digital"}, "Holds it on paper only; an online loan is wanted.", id="a book, a file wanted"
        ),
        pytest.param(replace(HELD, loanable=False), {"service_type": "copy_or_loan"}, "", id="a copy will do"),
        pytest.param(
            replace(ONLINE, loanable=False, copyable=True), {"service_type": "copy"}, "", id="the licence allows it"
        ),
        pytest.param(
            PRINT_ONLY,
            {"service_type": "copy", "format": "digital"},
            "Holds it online, but its licence permits copies on paper only; a file is wanted.",
            id="the licence allows print-outs, a file wanted",
        ),
        pytest.param(PRINT_ONLY, {"service_type": "copy", "format": "paper"}, "", id="a print-out is what is wanted"),
        pytest.param(PRINT_ONLY, {"service_type": "copy"}, "", id="a print-out will do"),
        pytest.param(
            replace(PRINT_ONLY, formats=("digital",)),
            {"service_type": "copy", "format": "paper"},
            "May send copies of it as files only; paper is wanted, or all that it delivers.",
            id="files alone may be sent",
        ),
        pytest.param(
            replace(HELD, formats=("paper",)),
            {"service_type": "copy_or_loan", "format": "paper"},
            "",
            id="copy or loan, on paper",
        ),
        pytest.param(HELD, {"service_type": "copy", "format": "digital"}, "", id="paper can be scanned"),
        pytest.param(HELD, {}, "", id="nothing is known against it"),
    ],
)
def test_what_is_known_of_a_holding_rules_it_out(found: Found, asked: dict, skip: str) -> None:
    (row,) = rank([partner("X")], request(found={"ISIL:X": found}, searched=True, **asked), NOW)
    assert row.skip == skip
    assert row.numbers["available"] is None


def test_a_print_only_licence_leaves_out_a_partner_that_delivers_files_only() -> None:
    asked = request(found={"ISIL:X": PRINT_ONLY, "ISIL:Y": PRINT_ONLY}, searched=True, service_type="copy")
    rows = rank([partner("X", formats=("digital",)), partner("Y")], asked, NOW)
    assert order(rows) == ["Y", "X-"]
    assert rows[1].skip == (
        "Holds it online, but its licence permits copies on paper only, and it delivers files only."
    )


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        pytest.param("yes", ["HAS", "OUT-OF-SIGHT", "LAST", "AWAY"], id="others are asked too, before the last resort"),
        pytest.param(
            "last_resort", ["HAS", "LAST", "OUT-OF-SIGHT", "AWAY"], id="others are asked after the last resort"
        ),
        pytest.param("no", ["HAS", "LAST", "AWAY", "OUT-OF-SIGHT-"], id="others are not asked"),
    ],
)
def test_holders_first_and_last_what_is_known_to_be_out(policy: str, expected: list[str]) -> None:
    found = {"ISIL:HAS": HELD, "ISIL:AWAY": replace(HELD, available=False)}
    known = [
        partner("AWAY", rank=1),
        partner("HAS"),
        partner("LAST", last_resort=True, rank=1),
        partner("OUT-OF-SIGHT"),
    ]
    rows = rank(
        known,
        request(found=found, searched=True),
        NOW,
        {"ISIL:AWAY": PartnerStats(tries=50, fills=50, days=50)},
        policy=Policy(ask_without_holdings=policy),
    )
    assert order(rows) == expected
    assert [row.rank for row in rows] == [1, 2, 3, 4]
    assert rows[0].why == f"Holds it, perhaps available; not asked for such before{rows[0].why.split('before')[1]}"
    away = next(row for row in rows if row.partner == "ISIL:AWAY")
    assert away.why.startswith("Holds it, but it is not available now, so it comes last; ")


def test_a_broker_is_asked_though_no_catalogue_names_it() -> None:
    rows = rank(
        [partner("B", kind="broker"), partner("X")],
        request(searched=True),
        NOW,
        policy=Policy(ask_without_holdings="no"),
    )
    assert order(rows) == ["B", "X-"]
    assert rows[1].skip == "No catalogue says that it holds it, and policy asks nobody else."


def test_without_a_search_policy_on_holdings_leaves_out_nobody() -> None:
    rows = rank([partner("X")], request(), NOW, policy=Policy(ask_without_holdings="no"))
    assert order(rows) == ["X"]


def test_what_is_on_the_shelf_comes_before_what_may_be() -> None:
    found = {"ISIL:MAYBE": HELD, "ISIL:THERE": replace(HELD, available=True)}
    rows = rank([partner("MAYBE"), partner("THERE")], request(found=found, searched=True), NOW)
    assert order(rows) == ["THERE", "MAYBE"]
    assert rows[0].numbers["available"] is True
    assert rows[0].numbers["chance"] == pytest.approx(2 / 3, abs=0.001)


def test_staff_who_name_a_supplier_know_better_than_the_catalogue() -> None:
    asked = replace(naming("X"), found={"ISIL:X": replace(HELD, loanable=False)}, searched=True)
    assert order(rank([partner("X")], asked, NOW)) == ["X"]


# --- the order ---


def test_partners_alike_stand_by_rank_then_symbol_and_those_left_out_last() -> None:
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
    assert [row.rank for row in rows] == [1, 2, 3, 4, 5]
    assert rows[0].why == f"Offers loans; {NEWCOMER}; rank 1."


def tried(tries: float, fills: float, each: float) -> PartnerStats:
    """So many tries and fills, each try of so many days."""
    return PartnerStats(tries, fills, tries * each)


def test_the_quicker_and_surer_comes_first() -> None:
    stats = {
        "ISIL:SURE": tried(100, 90, 3),
        "ISIL:SLOW": tried(100, 90, 20),
        "ISIL:NEVER": tried(100, 0, 5),
        "ISIL:OFTEN-QUICK": tried(100, 30, 2),
    }
    rows = rank([partner(name) for name in ("NEVER", "NEW", "SLOW", "SURE", "OFTEN-QUICK")], request(), NOW, stats)
    assert order(rows) == ["SURE", "OFTEN-QUICK", "NEW", "SLOW", "NEVER"]
    assert rows[0].why == "Offers loans; likely to fill 89 % of such requests, 3.2 days a try (100.0 known)."
    assert rows[0].score == pytest.approx(1 / (3.2 / 0.886), rel=0.02)
    assert rows[0].numbers | {"chance": 0, "days": 0, "days_per_fill": 0, "weighed_days": 0} == {
        "place": "open",
        "chance": 0,
        "days": 0,
        "tries": 100,
        "days_per_fill": 0,
        "cost": None,
        "balance": 0.0,
        "preference": 100,
        "available": None,
        "weighed_days": 0,
    }


QUICK_A = {"ISIL:A": tried(90, 80, 1), "ISIL:B": tried(90, 80, 9)}
ALIKE = {"ISIL:A": tried(90, 80, 3), "ISIL:B": tried(90, 79, 3)}


@pytest.mark.parametrize(
    ("one", "stats", "weights", "first"),
    [
        pytest.param({"cost": yuan("10")}, {}, {}, "B", id="what is free comes before what costs"),
        pytest.param({"cost": yuan("10")}, {}, {"cost": 0}, "A", id="unless money does not count"),
        pytest.param({"cost": yuan("10")}, QUICK_A, {}, "A", id="quick and dear before slow and free"),
        pytest.param({}, {"ISIL:A": PartnerStats(borrowed=20)}, {}, "B", id="whom we owe is spared"),
        pytest.param({}, {"ISIL:A": PartnerStats(borrowed=20)}, {"balance": 0}, "A", id="unless that does not count"),
        pytest.param({"rank": 110}, ALIKE, {}, "B", id="of two alike the one that staff prefer"),
        pytest.param({"rank": 110}, ALIKE, {"preference": 0}, "A", id="unless their wish does not count"),
        pytest.param({"rank": 110}, QUICK_A, {}, "A", id="ten steps of rank are one day"),
        pytest.param({"rank": 110}, QUICK_A, {"preference": 20}, "B", id="or as many as staff want"),
        pytest.param({"rank": 101}, QUICK_A, {"time": 0}, "B", id="where time does not count, rank does"),
    ],
)
def test_what_else_counts_is_weighed(one: dict, stats: dict, weights: dict, first: str) -> None:
    policy = Policy(routing=RoutingWeights(**weights))
    rows = rank([partner("A", **one), partner("B")], request(), NOW, stats, policy=policy)
    assert order(rows)[0] == first


def test_the_balance_is_told_where_it_counts() -> None:
    stats = {"ISIL:A": PartnerStats(borrowed=20, lent=2), "ISIL:B": PartnerStats(borrowed=2, lent=20)}
    whys = {row.partner: row.why for row in rank([partner("A"), partner("B")], request(), NOW, stats)}
    assert whys["ISIL:A"].endswith("; lent us more than we lent it.")
    assert whys["ISIL:B"].endswith("; borrowed from us more than it lent us.")


def test_the_order_needs_least_time_of_all_orders() -> None:
    """All orders of five suppliers, tried one after the other, with what the rota expects of them."""
    stats = {
        "ISIL:A": tried(40, 10, 2),
        "ISIL:B": tried(40, 35, 9),
        "ISIL:C": tried(40, 20, 4),
        "ISIL:D": tried(40, 4, 1),
        "ISIL:E": tried(40, 39, 30),
    }
    rows = rank([partner(name) for name in "ABCDE"], request(), NOW, stats)
    all_of_them = usual(stats.values())
    expected = {symbol: expect(past, all_of_them) for symbol, past in stats.items()}

    def days(symbols: Iterable[str]) -> float:
        total, unfilled = 0.0, 1.0
        for symbol in symbols:
            total += unfilled * expected[symbol].days
            unfilled *= 1 - expected[symbol].chance
        return total

    best = min(days(one) for one in permutations(stats))
    assert days([row.partner for row in rows]) == pytest.approx(best)
    assert max(days(one) for one in permutations(stats)) > 2 * best


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
        last_resort=st.booleans(),
        kind=st.sampled_from(["library", "broker"]),
    ),
    max_size=8,
    unique_by=lambda one: one.symbol,
)
histories = st.none() | st.dictionaries(
    st.sampled_from([f"ISIL:P{n}" for n in range(8)]),
    st.integers(0, 20).flatmap(
        lambda tries: st.builds(
            PartnerStats,
            tries=st.just(tries),
            fills=st.integers(0, tries),
            days=st.floats(0, 90 * tries),
            borrowed=st.floats(0, 50),
            lent=st.floats(0, 50),
        )
    ),
)
unknown = st.none() | st.booleans()
holdings = st.dictionaries(
    st.sampled_from([f"ISIL:P{n}" for n in range(8)]),
    st.builds(
        Found,
        available=unknown,
        loanable=unknown,
        copyable=unknown,
        url=st.sampled_from(["", "https://e.example.org"]),
        call_number=st.sampled_from(["", "TP31"]),
    ),
)
policies = st.builds(
    Policy,
    ask_without_holdings=st.sampled_from(["yes", "no", "last_resort"]),
    routing=st.builds(RoutingWeights, time=st.floats(0, 9), cost=st.floats(0, 9), preference=st.floats(0, 9)),
)
asked_for = st.builds(
    request,
    service_type=st.sampled_from(["loan", "copy", "copy_or_loan"]),
    format=st.sampled_from(["any", "digital", "paper"]),
    max_cost=st.just(yuan("20")),
    found=holdings,
    searched=st.booleans(),
)


@steady
@given(partners, histories, asked_for, policies, st.randoms(use_true_random=False))
def test_every_partner_stands_once_explained_whatever_order_they_came_in(known, stats, asked, policy, shuffler) -> None:
    rows = rank(known, asked, NOW, stats, policy=policy)
    assert sorted(row.partner for row in rows) == sorted(one.symbol for one in known)
    assert [row.rank for row in rows] == list(range(1, len(rows) + 1))
    shuffled = list(known)
    shuffler.shuffle(shuffled)
    assert rank(shuffled, asked, NOW, stats, policy=policy) == rows
    for row in rows:
        assert bool(row.why) is not bool(row.skip)
        sentence = row.why or row.skip
        assert sentence.endswith(".")
        chinese = in_chinese(sentence)
        assert re.search("[一-鿿]", chinese)
        assert not re.search("[a-z]{4}", chinese.replace("iso18626", ""))
