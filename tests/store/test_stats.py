"""What partners did is counted with the commit, fades with age, and orders the rota; the old counts are taken over."""

from datetime import timedelta

import pytest
from alembic import command
from sqlalchemy import insert, text

from illcore.history import HALF_LIFE, LANDMARK, PartnerStats
from illcore.partners import owners
from illcore.store.database import Database
from illcore.store.schema import CORE, migrate, scripts
from illcore.store.stats import read_stats
from illcore.tables import partner_stats
from tests.store.conftest import OWN, Desk

VERSIONS = "illcore:migrations/versions"


def known(desk: Desk, service: str = "loan") -> dict[str, PartnerStats]:
    with desk.store.read() as connection:
        return read_stats(connection, OWN, desk.now)[service]


def test_a_try_counts_with_the_days_it_took_whatever_its_end(desk: Desk) -> None:
    id = desk.submit(("ISIL:S1", "ISIL:S2")).id
    assert "ISIL:S2" not in known(desk)
    desk.later(days=1)
    desk.apply(desk.said(id, "Unfilled", status="Unfilled"))
    desk.later(days=3)
    desk.apply(desk.said(id, "Loaned", "ISIL:S2", 2, status="Loaned"))
    desk.later(days=2)
    desk.apply(desk.done(id, "receive"))
    found = known(desk)
    assert (found["ISIL:S1"].tries, found["ISIL:S1"].fills, found["ISIL:S1"].days) == pytest.approx((1, 0, 1), rel=0.02)
    assert (found["ISIL:S2"].tries, found["ISIL:S2"].fills, found["ISIL:S2"].days) == pytest.approx((1, 1, 5), rel=0.02)


def test_what_is_still_open_or_was_given_up_by_us_is_no_try(desk: Desk) -> None:
    id = desk.submit(("ISIL:S1", "ISIL:S2")).id
    desk.apply(desk.done(id, "cancel"), desk.said(id, "CancelYes"))
    desk.submit(("ISIL:S2",))
    assert [one.tries for one in known(desk).values()] == [0, 0]


def test_a_year_later_it_counts_half(desk: Desk) -> None:
    id = desk.submit().id
    desk.later(days=4)
    desk.apply(desk.said(id, "Loaned", status="Loaned"))
    desk.later(days=HALF_LIFE.days)
    found = known(desk)["ISIL:S1"]
    assert (found.tries, found.fills, found.days) == pytest.approx((0.5, 0.5, 2.0))


def test_what_we_lent_and_borrowed_makes_the_balance_of_all_services(desk: Desk) -> None:
    id = desk.submit().id
    desk.apply(desk.said(id, "Loaned", status="Loaned"))
    lent = desk.apply(desk.demand(desk.lending("77", "ISIL:S1")))[0].request.id
    desk.apply(desk.done(lent, "ship"))
    assert known(desk)["ISIL:S1"].balance == 0.0
    other = desk.apply(desk.demand(desk.lending("78", "ISIL:S2")))[0].request.id
    desk.apply(desk.done(other, "ship"))
    assert known(desk, "copy")["ISIL:S2"] == PartnerStats(lent=pytest.approx(1.0))
    assert known(desk, "copy")["ISIL:S2"].balance < 0


def test_who_failed_before_is_asked_later_next_time(desk: Desk) -> None:
    first = desk.submit(()).id
    assert desk.get(first).partner == "ISIL:S1"
    desk.later(days=6)
    desk.apply(desk.said(first, "Unfilled", status="Unfilled"))
    assert desk.submit(()).partner == "ISIL:S2"


def test_whatever_a_catalogue_calls_libraries_the_partners_among_them_are_found(desk: Desk) -> None:
    names = ["ISIL:S1", "ISIL:S\0", "", "'; --", *(f"ISIL:{n}" for n in range(2500))]
    with desk.store.read() as connection:
        assert owners(connection, OWN, names) == {"ISIL:S1": "ISIL:S1"}
        assert owners(connection, OWN, []) == {}


def test_counts_from_before_are_taken_over(db_url: str) -> None:
    migrate(db_url)
    database = Database(db_url, foreign_keys=False)
    with database.write() as connection:
        command.downgrade(scripts(connection, CORE, VERSIONS), "0001")
    with database.write() as connection:
        columns = "library, partner, service_type, asked, filled, unfilled, days_total"
        values = "'ISIL:OWN', 'ISIL:S1', 'loan', 9, 6, 2, 30"
        connection.execute(text(f"INSERT INTO ill_partner_stats ({columns}) VALUES ({values})"))
    database.close()
    migrate(db_url)
    database = Database(db_url)
    with database.read() as connection:
        at_the_landmark = read_stats(connection, OWN, LANDMARK)["loan"]["ISIL:S1"]
        later = read_stats(connection, OWN, LANDMARK + timedelta(days=730))["loan"]["ISIL:S1"]
    assert at_the_landmark == PartnerStats(8, 6, 40, 6, 0)
    assert later == PartnerStats(2, 1.5, 10, 1.5, 0)
    with database.write() as connection:
        connection.execute(insert(partner_stats).values(library=OWN, partner="ISIL:S9", service_type="copy"))
        assert read_stats(connection, OWN, LANDMARK)["copy"]["ISIL:S9"] == PartnerStats()
    database.close()
