"""A reader's data stand in one place, and once a request is anonymised nothing holds them any more, anywhere."""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, text

from illcore import audit, privacy
from illcore.connectors import ConnectorType, Deadline, Erasure, Plugin
from illcore.engine import Engine
from illcore.errors import Misconfigured, NotAllowed
from illcore.events import Actor
from illcore.hookspecs import hookimpl
from illcore.hooktypes import Notice
from illcore.message import Receipt
from illcore.privacy import running
from illcore.testing.network import Town, build_town

NAME, MAIL, ID, HOME = "Zebulon Quixworth", "zq@reader.example", "RDR-77431", "9 Wistful Lane"
PERSON = (NAME, MAIL, ID, HOME, "wistful.example/private")
READER = {"id": ID, "name": NAME, "email": MAIL, "category": "PhD student", "department": "Heraldry"}
BOOK = {
    "service_type": "loan",
    "citation": {"title": "三体", "author": "刘慈欣", "isbn": "9787536692930", "publication_type": "Book"},
    "reader": READER,
    "delivery": {"method": "post", "place": HOME},
    "note": f"{NAME} needs it soon",
}


class Quiet(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Letters:
    """A plugin with a table of its own: it keeps the notices that it sends, and fails with the reader's address."""

    def __init__(self) -> None:
        self.broken = False
        self.asked: list[Erasure] = []

    @hookimpl
    def illcore_register(self) -> Plugin:
        return Plugin(
            "letters", connectors=(ConnectorType("letters", Quiet, self._make),), erase=self.erase, tell=self.tell
        )

    def _make(self, config: Quiet, host: Any) -> "LettersConnector":
        return LettersConnector(host)

    def erase(self, connection: Connection, what: Erasure) -> int:
        self.asked.append(what)
        if self.broken:
            connection.execute(text("DELETE FROM letters_kept"))
            raise RuntimeError(f"no such table of {NAME}")
        gone = 0
        for id in what.requests:
            gone += connection.execute(text("DELETE FROM letters_kept WHERE request_id = :id"), {"id": id}).rowcount
        return gone

    def tell(self, connection: Connection, library: str, requests: Sequence[str]) -> list[Mapping[str, Any]]:
        rows = connection.execute(text("SELECT request_id, receiver FROM letters_kept")).mappings()
        return [dict(row) for row in rows if row["request_id"] in requests]


class LettersConnector:
    def __init__(self, host: Any) -> None:
        self._host = host

    @hookimpl
    def illcore_notify(self, notice: Notice, key: str, deadline: Deadline) -> Receipt:
        with self._host.transaction(notice.library) as connection:
            connection.execute(
                text("INSERT INTO letters_kept VALUES (:id, :to)"), {"id": notice.request_id, "to": notice.email}
            )
        if notice.code == "arrived":
            raise Misconfigured(f"550 5.1.1 <{notice.email}> ({notice.name}): mailbox unavailable", code="reader")
        return Receipt()


@pytest.fixture
def letters() -> Letters:
    return Letters()


@pytest.fixture(params=["sqlite", "postgresql"])
def town(request: pytest.FixtureRequest, tmp_path: Path, letters: Letters) -> Any:
    symbols = ("ISIL:A", "ISIL:B")
    if request.param == "sqlite":
        urls = {symbol: f"sqlite:///{tmp_path / symbol[-1]}.db" for symbol in symbols}
    else:
        fresh = request.getfixturevalue("pg_database")
        urls = {symbol: fresh() for symbol in symbols}
    config = {
        "accounts": {"wire:main": {}, "letters:main": {}},
        "policy": {"open_requests_per_reader": 5},
        "documents": {"store": str(tmp_path / "documents")},
    }
    made = build_town(urls, config=config, plugins=[letters])
    for engine in made.engines.values():
        with engine.database.write() as connection:
            connection.execute(text("CREATE TABLE letters_kept (request_id TEXT, receiver TEXT)"))
    yield made
    made.close()


def reader_of(town: Town) -> Any:
    return town.engines["ISIL:A"].as_(Actor(kind="reader", id=ID, library="ISIL:A"))


def lend(town: Town) -> str:
    """One loan from asking to giving back, with the reader's name wherever people write words; its id."""
    reader, a, b = reader_of(town), town.staff("ISIL:A"), town.staff("ISIL:B")
    id: str = reader.submit(BOOK, idempotency_key="k-1")
    town.run()
    theirs = next(r["id"] for r in b.find() if r["requesting_agency_request_id"] == id)
    reader.act(id, "message", text=f"please send it to {HOME}, yours {NAME}")
    a.act(id, "note", note=f"{NAME} called from {MAIL}", idempotency_key="k-2")
    a.act(id, "escalate", reason=f"{NAME} is impatient")
    b.act(theirs, "add_conditions", text=f"only for {NAME}")
    town.run()
    a.act(id, "accept_conditions")
    town.run()
    b.act(theirs, "ship", condition=f"handle with care, {NAME}")
    town.run()
    a.act(id, "receive")
    town.run()
    for step in ("check_out", "check_in"):
        if step in a.get(id)["actions"]:
            a.act(id, step)
    if "ship_return" in a.get(id)["actions"]:
        a.act(id, "ship_return")
    town.run()
    if "check_in" in b.get(theirs)["actions"]:
        b.act(theirs, "check_in")
    town.run()
    for who, one in ((a, id), (b, theirs)):
        if who.get(one)["state"] not in ("completed", "closed"):
            who.act(one, "close", outcome="filled", note=f"{NAME} has it")
        if who.get(one)["attention"]:
            who.act(one, "done_by_hand")
    town.run()
    return id


def copy_by_link(town: Town) -> None:
    """A copy that the partner sends as a link, and a reader who has two and cancels one."""
    a, b = town.staff("ISIL:A"), town.staff("ISIL:B")
    article = {
        "title": "图书馆学报",
        "title_of_component": "馆际互借研究",
        "year": "2024",
        "issue": "3",
        "pages": "1-9",
    }
    wanted = {"service_type": "copy", "citation": {**article, "publication_type": "Article"}, "reader": READER}
    id = a.submit(wanted)
    a.add_document(id, b"%PDF-1.4 for " + NAME.encode(), f"{NAME}.pdf")
    town.run()
    theirs = next(r["id"] for r in b.find() if r["requesting_agency_request_id"] == id)
    b.act(theirs, "supply_document", url="https://wistful.example/private")
    town.run()
    a.act(id, "deliver")
    town.run()
    assert a.get(id)["state"] == "completed"
    other = a.submit({**wanted, "citation": {"title": "文献传递", "publication_type": "Book"}})
    a.act(other, "edit", delivery={"method": "post", "place": HOME}, reader=READER)
    a.act(other, "close", outcome="cancelled_by_reader", note=f"{NAME} says so")
    town.run()


def where_it_stands(engine: Engine, words: Sequence[str] = PERSON) -> list[str]:
    """Every table and column that holds one of the words, and the raw database file if it is one."""
    found = []
    with engine.database.read() as connection:
        for name in tables_of(connection):
            for row in connection.execute(text(f'SELECT * FROM "{name}"')).mappings():
                for column, value in row.items():
                    if any(word in str(value) for word in words):
                        found.append(f"{name}.{column}")
    if engine.database.sqlite:
        for path in (Path(engine.database.path), Path(f"{engine.database.path}-wal")):
            content = path.read_bytes() if path.exists() else b""
            found += [f"{path.name}: {word}" for word in words if word.encode() in content]
    for path in engine.context.blobs.folder.rglob("*"):  # type: ignore[attr-defined]
        content = path.read_bytes() if path.is_file() else b""
        found += [f"documents: {word}" for word in words if word.encode() in content or word in path.name]
    return sorted(set(found))


def tables_of(connection: Connection) -> list[str]:
    from sqlalchemy import inspect

    return [str(name) for name in inspect(connection).get_table_names()]


def test_while_a_request_lives_a_readers_data_stand_in_one_place(town: Town) -> None:
    """Whoever acts, fails and retries; only words that people write may stand elsewhere, where they can be erased."""
    engine, reader = town.engines["ISIL:A"], reader_of(town)
    id = reader.submit({**BOOK, "note": ""}, idempotency_key="k-1")
    assert reader.submit({**BOOK, "note": ""}, idempotency_key="k-1") == id
    town.run()
    theirs = town.staff("ISIL:B").find()[0]["id"]
    town.staff("ISIL:B").act(theirs, "ship")
    town.run()
    town.staff("ISIL:A").act(id, "receive")
    town.run()
    reader.act(id, "renew", idempotency_key="k-2")
    town.run()
    assert any("***" in a["detail"] for a in town.staff("ISIL:A").get(id)["attention"]), "a notice failed"
    who = (NAME, MAIL, ID)
    assert tables_with(engine, who) == {"ill_reader.id", "ill_reader.body", "letters_kept.receiver"}
    reader.act(id, "message", text=f"yours {NAME}")
    town.run()
    assert tables_with(engine, who) - {"ill_reader.id", "ill_reader.body", "letters_kept.receiver"} == {
        "ill_payload.body",
        "ill_outbox.payload",
    }


def tables_with(engine: Engine, words: Sequence[str]) -> set[str]:
    return {place for place in where_it_stands(engine, words) if ":" not in place}


def test_after_anonymisation_nothing_holds_the_reader(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        id = lend(town)
        copy_by_link(town)
        engine = town.engines["ISIL:A"]
        assert {"ill_document.name", f"documents: {NAME}"} <= set(where_it_stands(engine))
        town.clock.advance(days=32)
        town.run()
    assert where_it_stands(engine) == []
    assert where_it_stands(town.engines["ISIL:B"], (NAME, HOME, "wistful.example/private")) == []
    assert [word for word in PERSON if word in caplog.text] == []
    shown = town.staff("ISIL:A").get(id)
    assert shown["reader"] is None
    assert shown["anonymised_at"]
    assert shown["delivery"] == {"method": "post", "place": ""}
    assert shown["citation"]["title"] == "三体"
    assert not any("text" in event for event in shown["events"])
    with engine.database.read() as connection:
        row = connection.execute(text("SELECT DISTINCT reader_category, reader_department FROM ill_request")).one()
        assert engine.database.verify_chain(connection, id) == []
    assert tuple(row) == ("PhD student", "Heraldry")
    assert audit.verify(engine.database, "ISIL:A").flaws == []


def test_nothing_goes_a_day_too_early(town: Town) -> None:
    id = lend(town)
    town.clock.advance(days=29)
    town.run()
    assert town.staff("ISIL:A").get(id)["reader"] == {"id": ID}
    town.clock.advance(days=2)
    town.run()
    assert town.staff("ISIL:A").get(id)["reader"] is None


def test_a_dry_run_says_what_would_go_and_changes_nothing(town: Town) -> None:
    lend(town)
    engine = town.engines["ISIL:A"]
    town.clock.advance(days=40)
    library = engine.libraries["ISIL:A"]
    before = everything(engine)
    with engine.database.read() as connection:
        shown = privacy.preview(connection, library, town.clock.now(), engine.context.tellers)
    assert everything(engine) == before
    done = privacy.run(
        engine.database, engine.context.blobs, library, engine.context.erasers, staff(), town.clock.now()
    )
    assert shown.erased["requests"] == 1
    assert shown.erased["readers"] == 1
    assert shown.erased == done.erased
    assert done.erased["letters"] > 0


def everything(engine: Engine) -> dict[str, list[str]]:
    with engine.database.read() as connection:
        return {
            name: sorted(str(tuple(row)) for row in connection.execute(text(f'SELECT * FROM "{name}"')))
            for name in tables_of(connection)
        }


def staff(role: str = "supervisor") -> Actor:
    return Actor(kind="staff", id="mei", library="ISIL:A", role=role)  # type: ignore[arg-type]


def test_a_plugin_that_fails_is_asked_again_and_holds_up_nothing_else(town: Town, letters: Letters) -> None:
    id = lend(town)
    engine = town.engines["ISIL:A"]
    letters.broken = True
    town.clock.advance(days=40)
    town.run()
    assert town.staff("ISIL:A").get(id)["reader"] is None
    assert "letters_kept.receiver" in where_it_stands(engine, (MAIL,)), "its own failed work was undone"
    letters.broken = False
    town.clock.advance(days=1)
    town.run()
    assert where_it_stands(engine) == []
    assert any(what.requests == () and what.before for what in letters.asked), "what belongs to no request is asked for"


@pytest.mark.parametrize("kind", ["request", "reader"])
def test_a_hold_keeps_everything_until_it_is_released(town: Town, kind: str) -> None:
    id = lend(town)
    engine = town.engines["ISIL:A"]
    subject = id if kind == "request" else ID
    with engine.database.write() as connection:
        privacy.hold(connection, staff(), kind, subject, "court order 17", town.clock.now())  # type: ignore[arg-type]
    town.clock.advance(days=400)
    town.run()
    assert town.staff("ISIL:A").get(id)["reader"] == {"id": ID}
    with engine.database.read() as connection:
        assert privacy.preview(connection, engine.libraries["ISIL:A"], town.clock.now()).kept["held"] == 1
        assert [h.subject for h in privacy.holds(connection, "ISIL:A")] == [subject]
    with pytest.raises(NotAllowed, match="held"), engine.database.write() as connection:
        privacy.delete(connection, staff(), ID, {}, town.clock.now())
    with engine.database.write() as connection:
        privacy.release(connection, staff(), kind, subject, town.clock.now())  # type: ignore[arg-type]
    town.clock.advance(days=1)
    town.run()
    assert where_it_stands(engine) == []


def test_an_export_holds_all_that_is_known_and_is_noted(town: Town) -> None:
    id = lend(town)
    engine = town.engines["ISIL:A"]
    with engine.database.write() as connection:
        privacy.look(connection, staff("librarian"), ID, town.clock.now())
        found = privacy.export(connection, staff(), ID, engine.context.tellers, town.clock.now())
    assert found["reader"]["email"] == MAIL
    (request,) = found["requests"]
    assert request["id"] == id
    said = str(request)
    for words in (f"{NAME} needs it soon", f"{NAME} called", HOME, f"only for {NAME}"):
        assert words in said, words
    assert {letter["receiver"] for letter in found["letters"]} == {MAIL, ""}, "those to staff are about it, too"
    assert [(line["action"], line["actor"]["id"]) for line in found["looked_at"]] == [
        ("export", "mei"),
        ("look", "mei"),
    ]
    with pytest.raises(NotAllowed), engine.database.write() as connection:
        privacy.export(connection, staff("librarian"), ID, {}, town.clock.now())
    with engine.database.write() as connection:
        own = Actor(kind="reader", id=ID, library="ISIL:A")
        assert privacy.export(connection, own, ID, {}, town.clock.now())["requests"]
    with pytest.raises(NotAllowed), engine.database.write() as connection:
        privacy.look(connection, Actor(kind="reader", id="R-2", library="ISIL:A"), ID, town.clock.now())


def test_a_reader_with_open_requests_is_not_deleted_else_at_once(town: Town) -> None:
    id = lend(town)
    engine, a = town.engines["ISIL:A"], town.staff("ISIL:A")
    other = a.submit({**BOOK, "citation": {"title": "球状闪电", "author": "刘慈欣", "publication_type": "Book"}})
    with pytest.raises(NotAllowed, match=f"open requests: {other}"), engine.database.write() as connection:
        privacy.delete(connection, staff(), ID, engine.context.erasers, town.clock.now())
    assert a.get(id)["reader"] == {"id": ID}
    town.run()
    a.act(other, "cancel")
    town.run()
    for r in town.staff("ISIL:B").find():
        if "accept_cancel" in town.staff("ISIL:B").get(r["id"])["actions"]:
            town.staff("ISIL:B").act(r["id"], "accept_cancel")
    town.run()
    with engine.database.write() as connection:
        erased = privacy.delete(connection, staff(), ID, engine.context.erasers, town.clock.now())
    engine.database.forget()
    assert (erased.counts["requests"], erased.counts["readers"]) == (2, 1)
    assert where_it_stands(engine) == []
    with engine.database.read() as connection:
        (last,) = audit.entries(connection, "ISIL:A", limit=1)
    assert (last.action, last.data["counts"]["requests"]) == ("delete", 2)
    new = a.submit({**BOOK, "citation": {"title": "流浪地球", "author": "刘慈欣", "publication_type": "Book"}})
    assert a.get(new)["reader"] == {"id": ID}
    assert a.get(id)["reader"] is None, "who comes again is somebody new"


def test_what_a_partner_says_later_is_anonymised_in_its_turn(town: Town) -> None:
    id = lend(town)
    engine, b = town.engines["ISIL:A"], town.staff("ISIL:B")
    theirs = b.find()[0]["id"]
    town.clock.advance(days=32)
    town.run()
    b.act(theirs, "message", text=f"a letter for {NAME} lay in the book")
    town.run()
    assert where_it_stands(engine, (NAME,))
    town.clock.advance(days=32)
    town.run()
    assert where_it_stands(engine) == []
    assert audit.verify(engine.database, "ISIL:A").flaws == []
    assert town.staff("ISIL:A").get(id)["anonymised_at"]


def test_partners_never_get_who_asks(town: Town) -> None:
    """Whatever goes over the wire by itself, in the whole life of a loan, names no reader and no key of one."""
    reader, a, b = reader_of(town), town.staff("ISIL:A"), town.staff("ISIL:B")
    id = reader.submit(BOOK)
    town.run()
    theirs = next(r["id"] for r in b.find() if r["requesting_agency_request_id"] == id)
    a.act(id, "ask_status", note=f"for {NAME}")
    a.act(id, "note", note=NAME)
    town.run()
    b.act(theirs, "ship")
    town.run()
    reader.act(id, "renew") if "renew" in reader.get(id)["actions"] else None
    a.act(id, "receive", note=f"{NAME} was told")
    town.run()
    a.act(id, "ship_return")
    town.run()
    assert len(town.network.sent) >= 6
    for sent in town.network.sent:
        said = sent.message.model_dump_json()
        assert not any(word in said for word in (*PERSON, "PhD student", "Heraldry")), said
        assert "reader" not in said
    with town.engines["ISIL:B"].database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM ill_reader")).scalar() == 0


def test_a_declaration_keeps_its_reader_for_as_long_as_it_is_kept_itself(town: Town) -> None:
    id = lend(town)
    engine = town.engines["ISIL:A"]
    said = {"id": id, "at": int(town.clock.now().timestamp() * 1e6)}
    with engine.database.write() as connection:
        key = connection.execute(text("SELECT reader_id FROM ill_request WHERE id = :id"), {"id": id}).scalar()
        connection.execute(
            text(
                "INSERT INTO ill_declaration (request_id, version, library, reader_id, text, at)"
                " VALUES (:id, 'uk-1', 'ISIL:A', :key, 'I declare', :at)"
            ),
            {**said, "key": key},
        )
    town.clock.advance(days=40)
    town.run()
    assert town.staff("ISIL:A").get(id)["reader"] is None, "the request knows nobody any more"
    assert tables_with(engine, (NAME, MAIL)) == {"ill_reader.body"}
    with engine.database.write() as connection:
        assert privacy.export(connection, staff(), ID, {}, town.clock.now())["declarations"][0]["request"] == id
        assert privacy.preview(connection, engine.libraries["ISIL:A"], town.clock.now()).kept["declared_readers"] == 1
    with pytest.raises(NotAllowed, match=f"declaration for request {id}"), engine.database.write() as connection:
        privacy.delete(connection, staff(), ID, {}, town.clock.now())
    town.clock.advance(days=6 * 365)
    town.run()
    assert where_it_stands(engine) == []


def test_two_runs_at_once_anonymise_each_request_once(pg_database: Callable[[], str]) -> None:
    from threading import Thread

    town = build_town({"ISIL:A": pg_database()})
    engine, a = town.engines["ISIL:A"], town.staff("ISIL:A")
    for number in range(120):
        id = a.submit({"service_type": "copy", "citation": {"title": f"T{number}"}, "reader": {"id": f"R{number}"}})
        a.act(id, "close", outcome="withdrawn")
    engine.run_due()
    now = town.clock.now() + timedelta(days=40)
    reports: list[privacy.Report] = []

    def run() -> None:
        reports.append(privacy.run(engine.database, engine.context.blobs, engine.libraries["ISIL:A"], {}, staff(), now))

    threads = [Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(report.erased["requests"] for report in reports) == 120
    assert sum(report.erased["readers"] for report in reports) == 120
    assert audit.verify(engine.database, "ISIL:A").flaws == []
    town.close()


def test_what_began_again_while_a_run_looked_is_left_for_the_next(town: Town) -> None:
    """On PostgreSQL a partner's word may come between finding a request and locking it."""
    engine, a = town.engines["ISIL:A"], town.staff("ISIL:A")
    id = a.submit({**BOOK, "suppliers": ["ISIL:B"]})
    town.run()
    a.act(id, "close", outcome="withdrawn")
    town.run()
    town.clock.advance(days=100)
    values = running._values(engine.libraries["ISIL:A"], town.clock.now())
    with engine.database.read() as connection:
        due = running._due(connection, values, None)
    assert [found for found, _ in due] == [id]
    a.act(id, "message", text="thank you all the same")
    with engine.database.write() as connection:
        assert running._ready(connection, due, values) == []
    town.run()
    assert [m.note for m in (each.message for each in town.network.sent)][-1] == "thank you all the same"
