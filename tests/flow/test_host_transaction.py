"""A host application's own transaction: the engine joins it, and neither commits nor sends anything by itself."""

import pytest
from sqlalchemy import create_engine, event, text

from illcore.engine import Engine
from illcore.errors import Conflict, Invalid, NotAllowed
from illcore.events import Actor
from illcore.model import Partner
from illcore.partners import put
from illcore.store import create_schema
from illcore.testing.fakes import FakePlugin, given

pytestmark = pytest.mark.filterwarnings("error")


class House:
    """A library system with a table of its own in the engine's database."""

    def __init__(self, url):
        create_schema(url)
        self.fake = FakePlugin(hooks=["send"])
        config = {"library": "ISIL:A", "accounts": {"fake:main": {}}, "synchronous": "NORMAL"}
        self.engine = Engine.open(url, config, executor="inline", plugins=[given(self.fake)])
        self.staff = self.engine.as_(Actor(kind="staff", id="anna", library="ISIL:A", role="admin"))
        with self.engine.database.write() as connection:
            put(connection, "ISIL:A", Partner(symbol="ISIL:B", account="fake:main"), self.engine.clock.now())
        self.own = create_engine(self.engine.database.url)
        with self.own.begin() as connection:
            connection.execute(text("CREATE TABLE booking (what TEXT)"))

    def bookings(self):
        with self.own.connect() as connection:
            return list(connection.execute(text("SELECT what FROM booking")).scalars())

    def close(self):
        self.own.dispose()
        self.engine.close()


@pytest.fixture
def house(db_url):
    made = House(db_url)
    yield made
    made.close()


BOOKING = text("INSERT INTO booking VALUES ('desk 4')")


def test_both_are_committed_together_by_the_host(house, book):
    with house.own.begin() as connection:
        connection.execute(BOOKING)
        id = house.staff.submit(book, connection=connection)
        assert house.staff.act(id, "note", note="from the host", connection=connection)["version"] == 2
        assert house.staff.get(id, connection=connection)["state"] == "sent"
        assert house.staff.find() == [], "nobody else sees it yet"
    assert house.bookings() == ["desk 4"]
    assert house.staff.get(id)["version"] == 2
    assert house.fake.calls == [], "nothing is sent inside the host's transaction"
    house.engine.run_due()
    assert [call.key for call in house.fake.calls] == [f"{id}:1:1"]


@pytest.mark.parametrize("first", ["booking", "submit"])
def test_what_the_host_rolls_back_never_was(house, book, first):
    with house.own.connect() as connection:
        if first == "booking":
            connection.execute(BOOKING)
        house.staff.submit(book, connection=connection)
        if first == "submit":
            connection.execute(BOOKING)
        connection.rollback()
    assert house.bookings() == []
    assert house.staff.find() == []
    house.engine.run_due()
    assert house.fake.calls == []


def test_the_engine_commits_nothing_by_itself(house, book):
    commits = []
    event.listen(house.own, "commit", lambda connection: commits.append(1))
    with house.own.connect() as connection:
        id = house.staff.submit(book, connection=connection)
        house.staff.act(id, "note", note="x", connection=connection)
        assert commits == []
        connection.rollback()
    assert house.staff.find() == []


def test_a_refusal_undoes_its_own_part_alone(house, book):
    with house.own.begin() as connection:
        connection.execute(BOOKING)
        id = house.staff.submit(book, connection=connection)
        with pytest.raises(NotAllowed):
            house.staff.act(id, "check_out", connection=connection)
        with pytest.raises(Invalid):
            house.staff.submit({"service_type": "theft"}, connection=connection)
    assert house.bookings() == ["desk 4"]
    assert house.staff.get(id)["version"] == 1


def test_a_lost_race_is_told_to_the_host_instead_of_tried_again(house, book, monkeypatch):
    """The host decides whether its whole transaction is done again."""
    id = house.staff.submit(book)
    tries = []

    def lost(*given, **more):
        tries.append(1)
        raise Conflict("somebody else changed the same request meanwhile; read it again and decide again")

    monkeypatch.setattr(house.engine.context.store, "apply", lost, raising=False)
    with house.own.begin() as connection:
        connection.execute(BOOKING)
        with pytest.raises(Conflict):
            house.staff.act(id, "note", note="x", connection=connection)
    assert (tries, house.bookings()) == ([1], ["desk 4"])
    with pytest.raises(Conflict):
        house.staff.act(id, "note", note="x")
    assert len(tries) > 2, "on its own connection the engine tries again"


def test_an_idempotency_key_counts_only_if_the_host_commits(house, book):
    with house.own.connect() as connection:
        house.staff.submit(book, connection=connection, idempotency_key="k")
        connection.rollback()
    with house.own.begin() as connection:
        id = house.staff.submit(book, connection=connection, idempotency_key="k")
        assert house.staff.submit(book, connection=connection, idempotency_key="k") == id
    assert [r["id"] for r in house.staff.find()] == [id]
