"""Several workers at once, as threads and as processes: no row is worked on twice while its holder lives."""

import json
import multiprocessing
import runpy
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from illcore import libraries, outbox, readers, tables
from illcore.clock import seeded_ids
from illcore.errors import Conflict
from illcore.model import Citation, Reader
from illcore.policy import Library, Policy
from illcore.store import Store, database
from tests.store.conftest import OWN, START, Desk

SCRIPT = Path(__file__).with_name("drain.py")
LANES = ("send/ISIL:S1", "send/ISIL:S2")
ROWS = 40
FORKS = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")

drain: Callable[[Store, str], list[str]] = runpy.run_path(str(SCRIPT))["drain"]


def url_of(desk: Desk) -> str:
    return desk.store.url.render_as_string(hide_password=False)


def together(work: Callable[[int], object], count: int) -> None:
    """Run it in so many threads that start at the same moment; what one raises, this raises."""
    start = threading.Barrier(count)

    def begin(n: int) -> object:
        start.wait()
        return work(n)

    with ThreadPoolExecutor(count) as pool:
        for one in [pool.submit(begin, n) for n in range(count)]:
            one.result()


def fill(desk: Desk) -> set[str]:
    made = [desk.request((f"ISIL:S{n % 2 + 1}",), citation=Citation(title=f"book {n}")) for n in range(ROWS)]
    return {key for applied in desk.apply(*map(desk.submitted, made)) for key in applied.effects_keys}


def test_threads_share_the_work_and_do_none_of_it_twice(desk: Desk) -> None:
    keys = fill(desk)
    done: list[str] = []
    together(lambda n: done.extend(drain(desk.store, f"t{n}")), 3)
    assert Counter(done) == Counter(keys)


def test_processes_share_the_work_and_do_none_of_it_twice(desk: Desk) -> None:
    keys = fill(desk)
    command = [sys.executable, str(SCRIPT), url_of(desk)]
    workers = [subprocess.Popen([*command, f"p{n}"], stdout=subprocess.PIPE, text=True) for n in range(2)]
    done = [key for worker in workers for key in json.loads(worker.communicate(timeout=120)[0])]
    assert Counter(done) == Counter(keys)


def test_of_all_who_want_a_lane_one_gets_it(desk: Desk) -> None:
    fill(desk)
    leases: list[outbox.Lease | None] = []

    def grab(n: int) -> None:
        with desk.store.write() as connection:
            leases.append(outbox.take_lane(connection, LANES[0], START, 30, f"token-{n}"))

    together(grab, 6)
    assert len([lease for lease in leases if lease]) == 1


def test_all_who_act_on_a_request_at_once_get_their_own_event(desk: Desk) -> None:
    id = desk.submit().id
    together(lambda n: [desk.apply(desk.done(id, "note", note=f"{n}.{number}")) for number in range(5)], 4)
    with desk.store.read() as connection:
        assert desk.store.verify_chain(connection, id) == []
        log = desk.store.events_of(connection, id)
    assert [entry.seq for entry in log] == list(range(1, 22))
    assert {entry.private for entry in log[1:]} == {f"{n}.{number}" for n in range(4) for number in range(5)}


def test_two_last_places_are_not_given_to_three_requests_at_once(desk: Desk) -> None:
    with desk.store.write() as connection:
        libraries.put(connection, Library(symbol=OWN, policy=Policy(open_requests_per_reader=2)), START)
        key = readers.record(connection, OWN, Reader(id="S-1"), START)
    made = [desk.request(reader_id=key, citation=Citation(title=f"book {n}")) for n in range(3)]
    together(lambda n: desk.apply(desk.submitted(made[n])), 3)
    assert sorted(row["state"] for row in desk.rows(tables.request)) == ["queued", "sent", "sent"]


@FORKS
@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="this system cannot fork")
def test_a_forked_child_has_locks_and_connections_of_its_own(sqlite_desk: Desk) -> None:
    id = sqlite_desk.submit().id
    write = sqlite_desk.done(id, "note", note="from the child")
    worker = multiprocessing.get_context("fork").Process(target=sqlite_desk.apply, args=(write,))
    assert sqlite_desk.store._lock is not None
    with sqlite_desk.store._lock:
        worker.start()
        worker.join(60)
    assert worker.exitcode == 0
    sqlite_desk.ids = seeded_ids(8)
    sqlite_desk.apply(sqlite_desk.done(id, "note", note="from the parent"))
    with sqlite_desk.store.read() as connection:
        log = sqlite_desk.store.events_of(connection, id)
    assert [entry.private for entry in log] == ["", "from the child", "from the parent"]


def test_a_reader_is_not_held_up_by_a_writer(sqlite_desk: Desk) -> None:
    id = sqlite_desk.submit().id
    with sqlite_desk.store.write() as connection:
        connection.execute(tables.guard.insert(), {"library": OWN, "reader_id": "x"})
        assert sqlite_desk.get(id).state == "sent"
        assert sqlite_desk.rows(tables.guard) == []
    assert len(sqlite_desk.rows(tables.guard)) == 1


def test_a_database_that_stays_locked_is_a_conflict_in_one_sentence(
    sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    command = [sys.executable, str(SCRIPT), url_of(sqlite_desk), "hold"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "locked\n"
        impatient = Store.open(url_of(sqlite_desk))
        with pytest.raises(Conflict, match="busy"), impatient.write():
            pass
        impatient.close()
        holder.communicate(timeout=60)
    assert sqlite_desk.submit().state == "sent"
