"""``kill -9`` at any point between claim and record loses nothing and doubles nothing."""

import itertools

import pytest

from illcore import outbox
from illcore.store import events_of, verify_chain

POINTS = [
    "claim not committed",
    "claimed",
    "while sending",
    "arrived, not answered",
    "dispatched",
    "record not committed",
    "recorded",
]
LEASE = 31
TITLES = itertools.count()


def asked(region, count):
    staff = region.staff("ISIL:A")
    citations = [
        {"title": f"三体 {next(TITLES)}", "author": "刘慈欣", "publication_type": "Book"} for _ in range(count)
    ]
    return [staff.submit({"service_type": "loan", "citation": citation}) for citation in citations]


def applied(region, symbol, id):
    with region.engines[symbol].database.read() as connection:
        assert verify_chain(connection, id) == []
        return [e.type for e in events_of(connection, id) if not e.refused and e.type != "StatusRequest"]


@pytest.mark.parametrize("point", POINTS)
def test_every_message_arrives_and_is_applied_once(region, point):
    ids = asked(region, 3)
    region.staff("ISIL:A").act(ids[-1], "cancel")
    region.start(point)
    pid, reached = region.reached()
    assert reached == point
    region.kill(pid)
    before = set(region.sent(ids))

    region.run(ahead=LEASE)

    sent = set(region.sent(ids))
    assert before <= sent
    assert len(sent) == 4, "three requests and a cancel, each under one key"
    lent = {r["requesting_agency_request_id"]: r["id"] for r in region.lent(ids)}
    assert sorted(lent) == sorted(ids), "each request once, none lost"
    assert len(region.lent(ids)) == 3
    for id in ids:
        came = ["submit", "Cancel"] if id == ids[-1] else ["submit"]
        assert applied(region, "ISIL:B", lent[id]) == came
        assert region.staff("ISIL:A").get(id)["attention"] == []
        with region.engines["ISIL:A"].database.read() as connection:
            assert {e.status for e in outbox.entries_of(connection, id)} == {"done"}
    with region.engines["ISIL:A"].database.read() as connection:
        assert outbox.status(connection) == []


def test_what_a_killed_worker_held_is_left_alone_until_its_lease_has_run_out(region):
    ids = asked(region, 1)
    region.start("claimed")
    pid, _ = region.reached()
    region.kill(pid)
    region.run(ahead=25)
    assert region.sent(ids) == []
    region.run(ahead=LEASE)
    assert len(region.lent(ids)) == 1


def test_a_supplier_killed_over_its_answer_gives_it_after_all(region):
    (ours,) = asked(region, 1)
    region.run()
    theirs = region.lent([ours])[0]["id"]
    region.staff("ISIL:B").act(theirs, "ship", barcode="B-7")
    region.start("arrived, not answered", library="ISIL:B")
    pid, _ = region.reached()
    region.kill(pid)
    assert region.staff("ISIL:A").get(ours)["state"] == "shipped", "it had arrived"
    region.run(ahead=LEASE, library="ISIL:B")
    shown = region.staff("ISIL:A").get(ours)
    assert applied(region, "ISIL:A", ours).count("Loaned") == 1
    assert [i["barcode"] for i in shown["items"]] == ["B-7"]
