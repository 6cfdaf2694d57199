"""Reports: figures that a librarian can check by hand, the same on both databases, from the stamped columns alone."""

import csv
import io
import json
import random
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert

from illcore import tables
from illcore.errors import Invalid
from illcore.reports import Figures, Period, Rate, Report, Span, report, report_csv, report_json
from illcore.store import Database, migrate
from tests.store.conftest import OWN, Desk

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NOW = datetime(2026, 6, 1, tzinfo=UTC)
DAY = timedelta(days=1)
NOT_JSON = "the report must not look in here"


class Shelf:
    """Puts rows into the tables as requests would leave them, and reports on them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._number = 0

    def request(
        self,
        role: str = "requester",
        state: str = "completed",
        outcome: str = "filled",
        created: datetime = MONDAY,
        tries: Sequence[dict[str, Any]] = (),
        **columns: Any,
    ) -> str:
        """A request; stamps are given in days after its creation, as ``sent=1``."""
        self._number += 1
        id = f"{self._number:016d}"
        days = {f"{name}_at": columns.pop(name, None) for name in "sent answered shipped received closed".split()}
        row = {
            "id": id,
            "library": OWN,
            "role": role,
            "service_type": "loan",
            "state": state,
            "outcome": outcome,
            "partner": "ISIL:S1",
            "publication_type": "Book",
            "not_wanted": False,
            "created_at": created,
            "updated_at": created,
            "state_since": created,
            "body": NOT_JSON,
        }
        row |= {name: None if value is None else created + value * DAY for name, value in days.items()} | columns
        with self._database.write() as connection:
            connection.execute(insert(tables.request), row)
            for n, one in enumerate(tries, start=1):
                self._attempt(connection, row, n, **one)
        return id

    def _attempt(self, connection: Connection, row: dict[str, Any], n: int, **one: Any) -> None:
        begin = row["created_at"] + one.pop("started", 0) * DAY
        stamps = {f"{name}_at": one.pop(name, None) for name in ("answered", "ended")}
        attempt = {
            "request_id": row["id"],
            "n": n,
            "library": row["library"],
            "role": row["role"],
            "partner": row["partner"],
            "requesting_agency_request_id": f"{row['id']}-{n}",
            "status": "ended",
            "shipped": False,
            "started_at": begin,
        }
        attempt |= {name: None if value is None else begin + value * DAY for name, value in stamps.items()} | one
        connection.execute(insert(tables.attempt), attempt)

    def report(self, by: Any = None, library: str = OWN, **period: Any) -> Report:
        with self._database.read() as connection:
            return report(connection, library, Period(**period), NOW, by=by)

    def borrowing(self, **period: Any) -> Figures:
        return self.report(**period).roles[0]

    def lending(self, **period: Any) -> Figures:
        return self.report(**period).roles[1]


@pytest.fixture
def shelf(db_url: str) -> Iterator[Shelf]:
    migrate(db_url)
    database = Database(db_url, synchronous="NORMAL")
    yield Shelf(database)
    database.close()


def test_an_empty_library_has_zeros_and_no_rates(shelf: Shelf) -> None:
    for by in (None, "partner", "month", "service_type", "publication_type"):
        found = shelf.report(by=by)
        assert found.groups == ()
        for figures in found.roles:
            assert figures.requests.total() == figures.attempts.total() == 0
            assert {rate.value for rate in figures.rates().values()} == {None}
            assert set(figures.times.values()) == {Span()}
        written = report_json(found)
        assert written["roles"]["requester"]["fill_rate"] == {"value": None, "numerator": 0, "denominator": 0}
        assert written["roles"]["supplier"]["times"]["submitted_shipped"]["median"] is None


def test_the_fill_rate_counts_outcomes_and_leaves_out_what_was_cancelled(shelf: Shelf) -> None:
    for outcome, state in [
        *[("filled", "completed")] * 3,
        ("partly_filled", "completed"),
        ("filled_locally", "completed"),
        ("unfilled", "unfilled"),
        ("expired", "closed"),
        ("cancelled_by_reader", "cancelled"),
        ("cancelled_by_staff", "cancelled"),
        ("purchased", "closed"),
        ("duplicate", "closed"),
        ("", "sent"),
    ]:
        shelf.request(outcome=outcome, state=state)
    shelf.request(library="ISIL:OTHER", outcome="unfilled", state="unfilled")
    found = shelf.borrowing()
    assert found.requests == {"filled": 5, "unfilled": 1, "expired": 1, "cancelled": 2, "other": 2, "open": 1}
    rates = found.rates()
    assert rates["fill_rate"] == Rate(5, 7)
    assert rates["fill_rate_with_cancelled"] == Rate(5, 9)
    assert rates["fill_rate_from_partners"] == Rate(4, 6)
    assert found.outcomes["filled"] == 3
    assert "" not in found.outcomes


def test_a_reopened_request_counts_as_open_whatever_its_outcome_was(shelf: Shelf) -> None:
    shelf.request(outcome="unfilled", state="sent")
    assert shelf.borrowing().requests == {"open": 1}


def test_a_lender_who_let_the_partner_wait_until_it_withdrew_did_not_respond(shelf: Shelf) -> None:
    lending = {"role": "supplier", "outcome": "withdrawn", "state": "cancelled"}
    shelf.request(**lending, closed=3)
    shelf.request(**lending, answered=3, closed=3)  # the answer to the Cancel is the only one
    shelf.request(**lending, answered=1, closed=3)
    shelf.request(role="supplier", answered=1, shipped=2)
    shelf.request(role="supplier", outcome="lost", state="closed", shipped=2)
    shelf.request(role="supplier", outcome="lost", state="closed")
    found = shelf.lending()
    assert found.requests == {"no_response": 2, "cancelled": 1, "filled": 2, "other": 1}
    assert found.rates()["fill_rate"] == Rate(2, 4)
    assert "fill_rate_from_partners" not in found.rates()


def test_each_attempt_counts_for_itself_and_tells_its_reason(shelf: Shelf) -> None:
    def unfilled(reason: str) -> dict[str, Any]:
        return {"outcome": "unfilled", "reason": reason, "answered": 1, "ended": 1}

    shelf.request(
        tries=[unfilled("NotHeld"), {"outcome": "silent", "ended": 5}, {"outcome": "filled", "shipped": True}]
    )
    shelf.request(
        tries=[unfilled("NotHeld"), unfilled("NotOnShelf"), unfilled("")], state="unfilled", outcome="unfilled"
    )
    shelf.request(
        tries=[{"outcome": "retried", "answered": 2, "ended": 2}, {"status": "open", "shipped": True}], state="on_loan"
    )
    shelf.request(tries=[{"outcome": "undeliverable", "ended": 2}, {"status": "open"}], state="sent")
    shelf.request(tries=[{"outcome": "skipped", "ended": 2}, {"outcome": "skipped", "answered": 1, "ended": 2}])
    shelf.request(tries=[{"outcome": "refused", "ended": 0}, {"outcome": "cancelled_by_reader", "ended": 1}])
    found = shelf.borrowing()
    expected = {"supplied": 2, "unfilled": 5, "no_response": 3, "retried": 1, "open": 1, "cancelled": 2}
    assert found.attempts == expected
    assert found.rates()["attempt_fill_rate"] == Rate(2, 10)
    assert found.rates()["attempt_fill_rate_with_cancelled"] == Rate(2, 12)
    assert [(share.key, share.count, share.of) for share in found.reasons] == [
        ("", 2, 5),
        ("NotHeld", 2, 5),
        ("NotOnShelf", 1, 5),
    ]


def test_turnaround_in_calendar_days(shelf: Shelf) -> None:
    for answered, shipped, received in [(1, 2, 4), (2, 4, 8), (3, 6, 16), (None, None, None)]:
        shelf.request(sent=0.5, answered=answered, shipped=shipped, received=received, state="received", outcome="")
    times = shelf.borrowing().times
    assert times["submitted_sent"] == Span(4, 0.5, 0.5, 0.5)
    assert times["sent_answered"] == Span(3, pytest.approx(1.5), 1.5, pytest.approx(2.3))
    assert times["sent_shipped"] == Span(3, pytest.approx(3.5), 3.5, pytest.approx(5.1))
    assert times["shipped_received"] == Span(3, pytest.approx(16 / 3), 4.0, pytest.approx(8.8))
    assert times["submitted_received"] == Span(3, pytest.approx(28 / 3), 8.0, pytest.approx(14.4))
    assert list(times)[:2] == ["submitted_sent", "sent_answered"]


def test_a_clock_that_was_set_back_spoils_no_mean(shelf: Shelf) -> None:
    shelf.request(role="supplier", answered=1, shipped=2, received=1)
    shelf.request(role="supplier", answered=1, shipped=2, received=5)
    assert shelf.lending().times["shipped_received"] == Span(1, 3.0, 3.0, 3.0)
    assert shelf.lending().times["submitted_answered"].n == 2


def test_both_ends_of_a_period_belong_to_it_in_the_librarys_own_time(shelf: Shelf) -> None:
    shelf.request(created=datetime(2026, 2, 28, 15, 59, tzinfo=UTC))  # 23:59 in Shanghai
    shelf.request(created=datetime(2026, 2, 28, 16, 0, tzinfo=UTC))  # midnight, March
    shelf.request(created=datetime(2026, 3, 31, 15, 59, tzinfo=UTC))
    shelf.request(created=datetime(2026, 3, 31, 16, 0, tzinfo=UTC))
    march = {"since": date(2026, 3, 1), "until": date(2026, 3, 31)}
    assert shelf.borrowing(**march, time_zone="Asia/Shanghai").requests == {"filled": 2}
    assert shelf.borrowing(**march).requests == {"filled": 2}
    assert shelf.borrowing(since=date(2026, 4, 1), time_zone="Asia/Shanghai").requests == {"filled": 1}
    assert shelf.borrowing(until=date(2026, 2, 28), time_zone="Asia/Shanghai").requests == {"filled": 1}
    assert shelf.borrowing(until=date.max).requests == {"filled": 4}


def test_by_month_every_month_is_there_and_begins_at_local_midnight(shelf: Shelf) -> None:
    shelf.request(created=datetime(2025, 12, 31, 15, 59, tzinfo=UTC))
    shelf.request(created=datetime(2025, 12, 31, 16, 0, tzinfo=UTC), outcome="unfilled", state="unfilled")
    shelf.request(created=datetime(2026, 3, 1, tzinfo=UTC))
    groups = shelf.report(by="month", time_zone="Asia/Shanghai").groups
    borrowing = {group.key: group.requests for group in groups if group.role == "requester"}
    assert borrowing == {"2025-12": {"filled": 1}, "2026-01": {"unfilled": 1}, "2026-02": {}, "2026-03": {"filled": 1}}
    assert [group.key for group in groups if group.role == "supplier"] == list(borrowing)


def test_summer_time_moves_the_border_of_a_month(shelf: Shelf) -> None:
    shelf.request(created=datetime(2026, 3, 31, 21, 59, tzinfo=UTC))  # 23:59 in Berlin, summer time
    shelf.request(created=datetime(2026, 3, 31, 22, 0, tzinfo=UTC))
    groups = shelf.report(by="month", time_zone="Europe/Berlin").groups
    assert [(g.key, g.requests.total()) for g in groups if g.role == "requester"] == [("2026-03", 1), ("2026-04", 1)]


def test_the_cohort_of_what_was_closed_leaves_out_what_is_open(shelf: Shelf) -> None:
    shelf.request(created=MONDAY - 40 * DAY, closed=40, tries=[{"outcome": "filled", "shipped": True, "ended": 40}])
    shelf.request(state="sent", outcome="", tries=[{"status": "open"}])
    found = shelf.borrowing(cohort="closed", since=date(2026, 3, 1))
    assert (found.requests, found.attempts) == ({"filled": 1}, {"supplied": 1})
    assert shelf.borrowing(since=date(2026, 3, 1)).requests == {"open": 1}


def test_by_partner_a_request_counts_for_the_last_one_and_an_attempt_for_its_own(shelf: Shelf) -> None:
    no = {"outcome": "unfilled", "partner": "ISIL:S1", "answered": 2, "ended": 2, "reason": "NotHeld"}
    yes = {"outcome": "filled", "partner": "ISIL:S2", "shipped": True, "answered": 1, "started": 2}
    shelf.request(partner="ISIL:S2", tries=[no, yes], sent=0, answered=2, shipped=4, received=5)
    groups = {group.key: group for group in shelf.report(by="partner").groups}
    assert (groups["ISIL:S1"].requests, groups["ISIL:S1"].attempts) == ({}, {"unfilled": 1})
    assert (groups["ISIL:S2"].requests, groups["ISIL:S2"].attempts) == ({"filled": 1}, {"supplied": 1})
    assert groups["ISIL:S1"].times["attempt_answered"].median == 2.0
    assert groups["ISIL:S2"].times["attempt_answered"].median == 1.0
    assert [share.key for share in groups["ISIL:S1"].reasons] == ["NotHeld"]
    assert groups["ISIL:S2"].reasons == ()


def test_shares_and_groups_of_service_and_document_types_agree(shelf: Shelf) -> None:
    no = {"outcome": "unfilled", "reason": "NotHeld"}
    shelf.request(service_type="copy", publication_type="Article")
    shelf.request(service_type="copy", publication_type="Chapter", outcome="unfilled", state="unfilled", tries=[no])
    shelf.request(publication_type="", state="sent", outcome="")
    whole = shelf.borrowing()
    assert [(s.key, s.count, s.of, s.fill_rate) for s in whole.service_types] == [
        ("copy", 2, 3, Rate(1, 2)),
        ("loan", 1, 3, Rate(0, 0)),
    ]
    assert {share.key: share.share for share in whole.publication_types} == pytest.approx(
        {"Article": 1 / 3, "Chapter": 1 / 3, "": 1 / 3}
    )
    for by, key in (("service_type", "copy"), ("publication_type", "Chapter")):
        group = next(g for g in shelf.report(by=by).groups if g.key == key)
        assert group.requests["unfilled"] == group.attempts["unfilled"] == 1


def test_many_requests_give_what_counting_by_hand_gives(shelf: Shelf) -> None:
    chance = random.Random(20260302)
    took: dict[str, list[float]] = {}
    filled = {"ISIL:S1": 0, "ISIL:S2": 0, "ISIL:S3": 0}
    for _ in range(150):
        partner = chance.choice(list(filled))
        ended = chance.choice([("filled", "completed"), ("unfilled", "unfilled")])
        days = round(chance.uniform(0.01, 30), 4)
        shelf.request(outcome=ended[0], state=ended[1], partner=partner, received=days)
        took.setdefault(partner, []).append(days)
        filled[partner] += ended[0] == "filled"
    groups = {group.key: group for group in shelf.report(by="partner").groups}
    for partner, values in took.items():
        values.sort()
        span = groups[partner].times["submitted_received"]
        assert groups[partner].rates()["fill_rate"] == Rate(filled[partner], len(values))
        assert span.n == len(values)
        assert span.mean == pytest.approx(sum(values) / len(values), abs=1e-4)
        assert span.median == pytest.approx(_interpolated(values, 0.5), abs=1e-4)
        assert span.p90 == pytest.approx(_interpolated(values, 0.9), abs=1e-4)


def _interpolated(values: list[float], part: float) -> float:
    place = (len(values) - 1) * part
    low = int(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (place - low)


def test_a_real_request_that_goes_on_to_the_second_supplier(desk: Desk) -> None:
    request = desk.submit(("ISIL:S1", "ISIL:S2"))
    desk.later(days=1)
    no = {"status": "Unfilled", "reason": "NotHeld", "reason_unfilled": "NotHeld", "last_change": desk.now}
    desk.apply(desk.said(request.id, "Unfilled", **no))
    desk.later(days=2)
    desk.apply(desk.said(request.id, "Loaned", "ISIL:S2", 2, status="Loaned", last_change=desk.now))
    desk.later(days=3)
    desk.apply(desk.done(request.id, "receive"))
    with desk.store.read() as connection:
        found = report(connection, OWN, Period(), desk.now, by="partner")
    whole = found.roles[0]
    assert (whole.requests, whole.attempts) == ({"open": 1}, {"unfilled": 1, "supplied": 1})
    assert whole.times["sent_answered"] == Span(1, 1.0, 1.0, 1.0)
    assert whole.times["submitted_received"] == Span(1, 6.0, 6.0, 6.0)
    assert [share.key for share in whole.reasons] == ["NotHeld"]
    rates = {group.key: group.rates()["attempt_fill_rate"] for group in found.groups}
    assert rates == {"ISIL:S1": Rate(0, 1), "ISIL:S2": Rate(1, 1)}


def test_csv_has_every_figure_with_its_basis_and_no_formulas(shelf: Shelf) -> None:
    shelf.request(partner="=HYPERLINK(1)", received=2, tries=[{"outcome": "unfilled", "reason": " @SUM(A1)"}])
    text = report_csv(shelf.report(by="partner"), "zh")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert {row["key"] for row in rows} == {"", "'=HYPERLINK(1)", "ISIL:S1"} - {"ISIL:S1"}
    assert {row["detail"] for row in rows if row["figure"] == "reasons"} == {"' @SUM(A1)"}
    assert not [cell for row in rows for cell in row.values() if cell.lstrip()[:1] in ("=", "+", "-", "@")]
    assert all(row["basis"] for row in rows)
    rate = next(row for row in rows if row["figure"] == "fill_rate" and row["role"] == "requester")
    assert (rate["value"], rate["numerator"], rate["denominator"]) == ("1.000000", "1", "1")
    mean = next(row for row in rows if row["figure"] == "submitted_received" and row["detail"] == "mean")
    assert (mean["value"], mean["unit"], mean["denominator"]) == ("2.000000", "days", "1")
    assert "\r\n" in text


def test_every_figure_of_the_json_says_what_it_is_made_of(shelf: Shelf) -> None:
    shelf.request()
    written = json.loads(json.dumps(report_json(shelf.report(by="partner")), default=str))
    definitions = written["definitions"]
    for role in ("requester", "supplier"):
        figures = {name for name in written["roles"][role] if name not in ("requests", "outcomes", "attempts")}
        assert figures <= definitions.keys()
    assert all(text["en"] and text["zh"] for text in definitions.values())
    assert written["groups"][0]["key"] == "ISIL:S1"


def test_wrong_periods_and_keys_are_refused_in_a_sentence(shelf: Shelf) -> None:
    with pytest.raises(Invalid, match="begins on 2026-03-02, after its end on 2026-03-01"):
        Period(since=date(2026, 3, 2), until=date(2026, 3, 1))
    with pytest.raises(Invalid, match="Asia/Shanghai"):
        Period(time_zone="Asia/Nowhere")
    with pytest.raises(Invalid, match="use one of partner, month"):
        shelf.report(by="colour")
