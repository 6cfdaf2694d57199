"""A load: nothing half visible, killed and gone on with, replaced, with bad records kept aside."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from illcore.store import Database
from illcore_holdings.faults import CannotLoad
from illcore_holdings.loading import BATCH, Watch
from illcore_holdings.sets import drop, live_sets, remove_dropped

MORTAL = """
import os, signal, sys
from pathlib import Path
from illcore.clock import SystemClock
from illcore.store import Database
from illcore_holdings.formats import FileOptions, reader_for
from illcore_holdings.loading import Order, Watch, load
from illcore_holdings.opened import SourceFile

url, path, batches = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
seen = []

def done(octets, read, bad):
    seen.append(read)
    if len(seen) == batches:
        os.kill(os.getpid(), signal.SIGKILL)

file, options = SourceFile.at(path), FileOptions()
order = Order("ISIL:CN-110001", "catalogue", file, repr(options))
load(Database(url), reader_for(file, options), order, SystemClock(), "mortal", Watch(done=done))
"""


class Stopped(Exception):
    pass


def stop_after(batches: int) -> Watch:
    seen: list[int] = []

    def done(octets: int, read: int, bad: int) -> None:
        seen.append(read)
        if len(seen) == batches:
            raise Stopped

    return Watch(done=done)


def test_a_dump_is_found_after_it_is_loaded(shelf: Any, marc21: Any) -> None:
    path = shelf.file("dump.mrc", marc21(1, "三体", "9787536692930", "刘慈欣") + marc21(2, "红楼梦"))
    done = shelf.load(path)
    assert (done.progress.read, done.progress.loaded, done.progress.bad, done.replaced) == (2, 2, 0, False)
    (found,) = shelf.search(isbn="7-5366-9293-5")
    assert (found.library, found.title, found.location, found.call_number) == ("ISIL:CN-110001", "三体", "Main", "A 1")
    assert not (shelf.folder / "dump.mrc.bad").exists()


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
def test_a_killed_load_goes_on_where_it_stopped(
    shelf: Any, many: Callable[[int], bytes], marc21: Any, tmp_path: Path
) -> None:
    junk = b"x" * 40 + b"\x1d"
    path = shelf.file("dump.mrc", junk + many(BATCH * 2) + junk + many(BATCH) + junk)
    (tmp_path / "mortal.py").write_text(MORTAL)
    command = [sys.executable, str(tmp_path / "mortal.py"), shelf.url, str(path), "2"]
    killed = subprocess.run(command, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert shelf.search(title="Record number") == []
    done = shelf.load(path)
    assert done.resumed == BATCH * 2
    assert (done.progress.loaded, done.progress.bad) == (BATCH * 3, 3)
    assert shelf.rows()["holdings_record"] == BATCH * 3
    assert shelf.rows()["holdings_words"] == BATCH * 3
    assert (shelf.folder / "dump.mrc.bad").read_bytes() == junk * 3
    assert len((shelf.folder / "dump.mrc.bad.txt").read_text().splitlines()) == 3


def test_until_the_end_searches_find_what_was_there_before(shelf: Any, many: Any, marc21: Any) -> None:
    shelf.load(shelf.file("old.mrc", marc21(1, "Old title")))
    path = shelf.file("new.mrc", marc21(2, "New title") + many(BATCH * 2))
    with pytest.raises(Stopped):
        shelf.load(path, watch=stop_after(2))
    assert len(shelf.search(title="Old title")) == 1
    assert shelf.search(title="New title") == []
    done = shelf.load(path)
    assert done.replaced
    assert shelf.search(title="Old title") == []
    assert len(shelf.search(title="New title")) == 1


def test_loading_again_replaces_and_leaves_nothing_behind(shelf: Any, marc21: Any) -> None:
    shelf.load(shelf.file("one.mrc", marc21(1, "First") + marc21(2, "Second")))
    shelf.load(shelf.file("partner.mrc", marc21(1, "First")), library="ISIL:PARTNER")
    shelf.load(shelf.file("two.mrc", marc21(2, "Second") + marc21(3, "Third") + marc21(4, "Fourth")))
    assert [one.library for one in shelf.search(title="First")] == ["ISIL:PARTNER"]
    assert shelf.rows() == {"holdings_set": 2, "holdings_record": 4, "holdings_key": 4, "holdings_words": 4}


def test_one_percent_of_junk_stops_nothing_and_is_kept(desk: Any, marc21: Any) -> None:
    pieces = [marc21(number, f"Record {number}") for number in range(1000)]
    junk = {number: pieces[number][: len(pieces[number]) // 2] + b"\x1d" for number in range(50, 1000, 100)}
    done = desk.load(desk.file("dump.mrc", b"".join(junk.get(n, piece) for n, piece in enumerate(pieces))))
    assert (done.progress.loaded, done.progress.bad) == (990, 10)
    assert done.bad_file is not None
    assert done.bad_file.read_bytes() == b"".join(junk.values())
    told = done.reasons.read_text().splitlines()
    assert len(told) == 10
    assert told[0].startswith(f"octet {sum(map(len, pieces[:50]))}: ")


def test_bad_records_that_were_mended_can_be_loaded(desk: Any) -> None:
    kbart = "publication_title\tprint_identifier\tonline_identifier\tdate_first_issue_online\n"
    path = desk.file("list.tsv", (kbart + "Good\t0028-0836\t\t1999\nBad\t0028-0836\t\tMay\n").encode())
    done = desk.load(path, "electronic")
    assert (done.progress.loaded, done.progress.bad) == (1, 1)
    mended = desk.file("mended.tsv", done.bad_file.read_bytes().replace(b"May", b"1999-05"))
    assert desk.load(mended, "mended").progress.loaded == 1


def test_a_file_of_nothing_but_junk_replaces_nothing(desk: Any, marc21: Any, chinese: Any) -> None:
    desk.load(desk.file("good.mrc", marc21(1, "Good")))
    with pytest.raises(CannotLoad, match=r"not one of the 1 records .* could be read"):
        desk.load(desk.file("wrong.mrc", chinese("三体", "刘", "9787536692930", "gbk")))
    assert len(desk.search(title="Good")) == 1
    assert "gb18030" in (desk.folder / "wrong.mrc.bad.txt").read_text()
    with desk.database.read() as connection:
        assert [(one.file, one.status) for one in live_sets(connection)] == [(str(desk.folder / "good.mrc"), "visible")]


def test_a_changed_file_or_another_option_begins_anew(desk: Any, many: Any, marc21: Any) -> None:
    path = desk.file("dump.mrc", many(BATCH * 2))
    with pytest.raises(Stopped):
        desk.load(path, watch=stop_after(1))
    assert desk.load(path, schema="marc21").resumed == 0
    with pytest.raises(Stopped):
        desk.load(path, watch=stop_after(1))
    desk.file("dump.mrc", marc21(1, "Other"))
    done = desk.load(path)
    assert (done.resumed, done.progress.loaded) == (0, 1)
    assert desk.rows() == {"holdings_set": 1, "holdings_record": 1, "holdings_key": 1, "holdings_words": 1}


def test_a_load_whose_source_another_process_takes_over_ends_itself(desk: Any, many: Any) -> None:
    path = desk.file("dump.mrc", many(BATCH * 3))
    seen: list[int] = []

    def done(octets: int, read: int, bad: int) -> None:
        seen.append(read)
        if len(seen) == 1:
            desk.clock.advance(seconds=1)
            desk.load(path, anew=True)

    with pytest.raises(CannotLoad, match="another load"):
        desk.load(path, watch=Watch(done=done))
    assert desk.rows()["holdings_record"] == BATCH * 3


def test_a_dropped_source_is_gone_and_its_removal_can_be_stopped(shelf: Any, many: Any) -> None:
    shelf.load(shelf.file("dump.mrc", many(5000)))
    with shelf.database.write() as connection:
        assert drop(connection, "ISIL:CN-110001", "catalogue") == 1
        assert drop(connection, "ISIL:CN-110001", "nothing") == 0
    assert shelf.search(title="Record number") == []

    def stop(count: int) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        remove_dropped(shelf.database, shelf.clock, stop)
    assert shelf.rows()["holdings_record"] == 1000
    assert remove_dropped(shelf.database, shelf.clock) == 1000
    assert set(shelf.rows().values()) == {0}


def test_without_tables_the_answer_names_the_remedy(tmp_path: Path, desk: Any, marc21: Any) -> None:
    desk.database = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    with pytest.raises(CannotLoad, match="ill migrate"):
        desk.load(desk.file("dump.mrc", marc21(1, "First")))


def test_sources_tell_how_far_they_are(desk: Any, many: Any) -> None:
    path = desk.file("dump.mrc", many(BATCH * 2))
    with pytest.raises(Stopped):
        desk.load(path, watch=stop_after(1))
    with desk.database.read() as connection:
        (one,) = live_sets(connection)
    assert (one.status, one.records, one.finished_at) == ("loading", BATCH, None)
    desk.load(path)
    with desk.database.read() as connection:
        (one,) = live_sets(connection)
    assert (one.status, one.records, one.finished_at) == ("visible", BATCH * 2, desk.clock.now())
