"""Partners, readers, libraries, calendars, accounts, inbox and idempotency keys."""

from dataclasses import asdict

import pytest

from illcore import libraries, partners, readers
from illcore.errors import Conflict, Invalid, NotFound
from illcore.model import CalendarDays, Closure, Partner, Reader
from illcore.policy import Library, Policy
from illcore.store import forget_keys
from tests.store.conftest import OWN, START, Desk

# --- partners ------------------------------------------------------------------------------------------------------


def test_a_partner_is_found_by_every_symbol_it_goes_by(desk: Desk) -> None:
    given = Partner(symbol="ISIL:X", other_symbols=("OCLC:XYZ",), profile={"signals": {"lost": "LOST"}})
    with desk.store.write() as connection:
        assert partners.add(connection, OWN, given, START) == given
        assert partners.get(connection, OWN, "OCLC:XYZ") == partners.find(connection, OWN, "ISIL:X") == given
        assert partners.find(connection, "ISIL:OTHER", "ISIL:X") is None
        with pytest.raises(NotFound, match="ill partners import"):
            partners.get(connection, OWN, "ISIL:NOBODY")
        renamed = given.model_copy(update={"other_symbols": ("ISIL:NEW",)})
        partners.put(connection, OWN, renamed, START)
        assert partners.find(connection, OWN, "OCLC:XYZ") is None
        assert partners.find(connection, OWN, "ISIL:NEW") == renamed
        assert partners.version_of(connection, OWN, "ISIL:X") == 2


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"symbol": "ISIL:S1"}, "already"),
        ({"symbol": "ISIL:Y", "other_symbols": ["ISIL:S2"]}, "ISIL:S2 is a symbol of the partner ISIL:S2"),
        ({"symbol": "ISIL:Y", "other_symbols": ["ISIL:Y"]}, "named twice"),
        ({"symbol": "nonsense"}, "symbol"),
        ({"symbol": "ISIL:Y", "servces": ["loan"]}, "servces: unknown field"),
        ({"symbol": "ISIL:Y", "calendar": "holidays"}, "no calendar named 'holidays'"),
        ({}, "symbol"),
    ],
)
def test_a_wrong_partner_is_refused_in_one_sentence(desk: Desk, given: dict[str, object], says: str) -> None:
    with desk.store.write() as connection, pytest.raises(Invalid) as caught:
        partners.add(connection, OWN, given, START)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_import_takes_what_is_right_and_names_what_is_wrong(desk: Desk) -> None:
    items = [{"symbol": "ISIL:A"}, {"symbol": "bad"}, {"symbol": "ISIL:S1", "rank": 7}, "text"]
    with desk.store.write() as connection:
        results = partners.import_list(connection, OWN, items, START)  # type: ignore[arg-type]
        known = [one.symbol for one in partners.listed(connection, OWN)]
        assert partners.get(connection, OWN, "ISIL:S1").rank == 7
    assert [asdict(one) | {"error": bool(one.error)} for one in results] == [
        {"index": 0, "symbol": "ISIL:A", "error": False},
        {"index": 1, "symbol": "", "error": True},
        {"index": 2, "symbol": "ISIL:S1", "error": False},
        {"index": 3, "symbol": "", "error": True},
    ]
    assert known == ["ISIL:A", "ISIL:S1", "ISIL:S2", "ISIL:S3"]


def test_a_status_changes_alone_and_partners_are_listed_by_it(desk: Desk) -> None:
    with desk.store.write() as connection:
        partners.set_status(connection, OWN, "ISIL:S2", "suspended", START)
        assert [one.symbol for one in partners.listed(connection, OWN, "active")] == ["ISIL:S1", "ISIL:S3"]
        assert partners.get(connection, OWN, "ISIL:S2").rank == 2
        with pytest.raises(NotFound):
            partners.set_status(connection, OWN, "ISIL:NOBODY", "active", START)
        with pytest.raises(Invalid, match="prospect, active"):
            partners.set_status(connection, OWN, "ISIL:S2", "gone", START)  # type: ignore[arg-type]


def test_an_edit_of_an_old_copy_is_a_conflict(desk: Desk) -> None:
    with desk.store.write() as connection:
        partners.put(connection, OWN, Partner(symbol="ISIL:S1", rank=5), START, version=1)
        with pytest.raises(Conflict):
            partners.put(connection, OWN, Partner(symbol="ISIL:S1", rank=6), START, version=1)
        assert partners.get(connection, OWN, "ISIL:S1").rank == 5


# --- calendars and libraries ---------------------------------------------------------------------------------------


def test_one_change_of_a_shared_calendar_reaches_all_who_refer_to_it(desk: Desk) -> None:
    holidays = CalendarDays(closures=(Closure(first="2026-10-01", last="2026-10-07"),), time_zone="Asia/Shanghai")  # type: ignore[arg-type]
    with desk.store.write() as connection:
        libraries.put_calendar(connection, OWN, "cn", CalendarDays(), START)
        for symbol in ("ISIL:S1", "ISIL:S2"):
            partners.put(connection, OWN, {"symbol": symbol, "calendar": "cn"}, START)
        libraries.put(connection, Library(symbol=OWN, policy=Policy(loan_days=14)), START, calendar="cn")
        libraries.put_calendar(connection, OWN, "cn", holidays, START)
        assert partners.get(connection, OWN, "ISIL:S2").calendar == holidays
        assert libraries.get(connection, OWN).policy == Policy(loan_days=14, calendar=holidays)
        assert libraries.calendars(connection, OWN) == {"cn": holidays}
        partners.set_status(connection, OWN, "ISIL:S1", "suspended", START)
        assert partners.get(connection, OWN, "ISIL:S1").calendar == holidays
        with pytest.raises(Invalid, match="ISIL:OWN, ISIL:S1, ISIL:S2"):
            libraries.drop_calendar(connection, OWN, "cn")


def test_a_calendar_that_nobody_uses_can_go(desk: Desk) -> None:
    with desk.store.write() as connection:
        libraries.put_calendar(connection, OWN, "old", {"weekdays": [0, 1]}, START)
        libraries.drop_calendar(connection, OWN, "old")
        assert libraries.calendars(connection, OWN) == {}
        with pytest.raises(NotFound, match="old"):
            libraries.drop_calendar(connection, OWN, "old")
        with pytest.raises(Invalid, match="weekdays"):
            libraries.put_calendar(connection, OWN, "bad", {"weekdays": [9]}, START)
        with pytest.raises(Invalid, match="name"):
            libraries.put_calendar(connection, OWN, " ", {}, START)


def test_libraries_are_kept_with_their_policies(desk: Desk) -> None:
    other = Library(symbol="ISIL:TWO", name_zh="二馆", policy=Policy(open_requests_per_reader=3))
    with desk.store.write() as connection:
        assert libraries.put(connection, other, START) == other
        assert set(libraries.listed(connection)) == {OWN, "ISIL:TWO"}
        assert libraries.version_of(connection, "ISIL:TWO") == 1
        with pytest.raises(Conflict):
            libraries.put(connection, other, START, version=0)
        with pytest.raises(NotFound, match="ISIL:NONE"):
            libraries.get(connection, "ISIL:NONE")
        with pytest.raises(Invalid, match="loan_days"):
            libraries.put(connection, {"symbol": OWN, "policy": {"loan_days": 0}}, START)
        with pytest.raises(Invalid, match="no calendar"):
            libraries.put(connection, other, START, calendar="none")


# --- readers -------------------------------------------------------------------------------------------------------


def test_a_reader_has_one_key_and_what_was_known_stays_known(desk: Desk) -> None:
    with desk.store.write() as connection:
        key = readers.record(connection, OWN, Reader(id="S-1", name="王芳", email="w@example.org"), START)
        assert readers.record(connection, OWN, Reader(id="S-1", category="staff"), START) == key
        assert readers.record(connection, OWN, Reader(id="S-1"), START) == key
        assert readers.record(connection, "ISIL:TWO", Reader(id="S-1"), START) != key
        assert readers.key_of(connection, OWN, "S-1") == key
        assert readers.by_key(connection, OWN, key) == readers.get(connection, OWN, "S-1")
        assert readers.by_key(connection, "ISIL:TWO", key) is None
        assert readers.get(connection, OWN, "S-1") == Reader(
            id="S-1", name="王芳", email="w@example.org", category="staff"
        )


def test_an_erased_reader_is_gone_and_the_key_is_never_given_again(desk: Desk) -> None:
    with desk.store.write() as connection:
        key = readers.record(connection, OWN, Reader(id="S-1", name="王芳"), START)
        assert readers.erase(connection, OWN, "S-1")
        assert not readers.erase(connection, OWN, "S-1")
        assert readers.by_key(connection, OWN, key) is None
        assert readers.key_of(connection, OWN, "S-1") is None
        assert readers.record(connection, OWN, Reader(id="S-2"), START) != key
        with pytest.raises(NotFound):
            readers.get(connection, OWN, "S-1")
        with pytest.raises(NotFound):
            readers.block(connection, OWN, "S-1", "card expired", START)


def test_readers_are_listed_a_page_at_a_time(desk: Desk) -> None:
    with desk.store.write() as connection:
        for number in range(5):
            readers.record(connection, OWN, Reader(id=f"S-{number}"), START)
        page = readers.listed(connection, OWN, limit=2, after="S-1")
        assert [one.id for one in page] == ["S-2", "S-3"]
        assert readers.count(connection, OWN) == 5


@pytest.mark.parametrize("key", ["", "x", "9" * 40, "²"])
def test_a_key_that_was_never_given_leads_nowhere(desk: Desk, key: str) -> None:
    with desk.store.read() as connection:
        assert readers.by_key(connection, OWN, key) is None


# --- accounts, inbox, idempotency keys -----------------------------------------------------------------------------


def test_an_account_keeps_its_cursor_and_pauses_once(desk: Desk) -> None:
    store = desk.store
    with store.write() as connection:
        assert store.account_of(connection, "email:main").paused_at is None
        store.set_cursor(connection, "email:main", "uid:7", START)
        assert store.pause(connection, "email:main", "password wrong", START)
        assert not store.pause(connection, "email:main", "another", START)
        state = store.account_of(connection, "email:main")
        assert (state.cursor, state.paused_reason, state.paused_at) == ("uid:7", "password wrong", START)
        assert store.account_states(connection) == [state]
        assert store.resume(connection, "email:main", START)
        assert not store.resume(connection, "email:main", START)
        assert store.account_of(connection, "email:main").cursor == "uid:7"


def test_the_same_message_is_known_again_with_its_answer(desk: Desk) -> None:
    store = desk.store
    id = desk.submit().id
    content = {"kind": "Request", "status": "applied", "now": START, "result": {"ok": True}, "body": {"note": "题名"}}
    with store.write() as connection:
        store.inbox_put(connection, OWN, "ISIL:S1", "d1", request_id=id, seq=3, **content)
        found = store.inbox_get(connection, OWN, "ISIL:S1", "d1")
        assert found is not None
        assert (found.result, found.body, found.request_id, found.seq) == ({"ok": True}, {"note": "题名"}, id, 3)
        assert store.inbox_get(connection, OWN, "ISIL:S2", "d1") is None
        assert store.inbox_get(connection, "ISIL:TWO", "ISIL:S1", "d1") is None
    with pytest.raises(Conflict, match="ISIL:S1"), store.write() as connection:
        store.inbox_put(connection, OWN, "ISIL:S1", "d1", **content)


def test_messages_without_a_request_wait_for_staff(desk: Desk) -> None:
    store = desk.store
    id = desk.submit().id
    with store.write() as connection:
        for digest, status in (("d1", "unmatched"), ("d2", "applied"), ("d3", "unmatched")):
            store.inbox_put(
                connection, OWN, "ISIL:S1", digest, kind="Request", status=status, now=START, result={}, body={}
            )
        rows = store.unmatched(connection, OWN)
        assert [row.digest for row in rows] == ["d3", "d1"]
        assert [row.digest for row in store.unmatched(connection, OWN, before=rows[0].id)] == ["d1"]
        assert store.settle_unmatched(connection, rows[0].id, "applied", id, 2)
        assert not store.settle_unmatched(connection, rows[0].id, "refused")
        assert [row.digest for row in store.unmatched(connection, OWN)] == ["d1"]


def test_an_idempotency_key_gives_the_first_answer_again_to_the_same_question_only(desk: Desk) -> None:
    store = desk.store
    with store.write() as connection:
        assert store.remembered(connection, OWN, "staff:wang", "k", "digest") is None
        store.remember(connection, OWN, "staff:wang", "k", "digest", {"id": "X"}, START)
        assert store.remembered(connection, OWN, "staff:wang", "k", "digest") == {"id": "X"}
        assert store.remembered(connection, OWN, "staff:li", "k", "digest") is None
        with pytest.raises(Invalid, match="new key"):
            store.remembered(connection, OWN, "staff:wang", "k", "other")
    with pytest.raises(Conflict), store.write() as connection:
        store.remember(connection, OWN, "staff:wang", "k", "digest", {}, START)
    desk.later(days=30)
    with store.write() as connection:
        assert forget_keys(connection, desk.now) == 1
        assert store.remembered(connection, OWN, "staff:wang", "k", "digest") is None
