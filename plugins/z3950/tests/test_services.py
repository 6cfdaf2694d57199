"""Every service against real servers: login, record syntaxes, named sets, scan, sort, delete, orders."""

from __future__ import annotations

import contextlib

import pymarc
import pytest

from illcore_z3950 import oids
from illcore_z3950.client import Target, connect
from illcore_z3950.errors import ConnectionLost, InitRefused
from illcore_z3950.pdus import Contact, External, IdPassLogin, ItemOrderRequest, OpenLogin, SortKey
from illcore_z3950.pqf import parse_pqf
from illcore_z3950.rpn import Attribute, Term

TITLE = (Attribute(1, 4),)


@pytest.fixture
def session(zebra, deadline):
    with contextlib.closing(connect(Target(zebra.host, zebra.port), deadline)) as session:
        yield session


@pytest.fixture
def toy(ztest, deadline):
    with contextlib.closing(connect(Target(ztest.host, ztest.port), deadline)) as session:
        yield session


@pytest.mark.parametrize("login", [IdPassLogin("ill", "secret"), OpenLogin("ill/secret")], ids=["idPass", "open"])
def test_login(login, zebra_with_login, deadline):
    session = connect(Target(zebra_with_login.host, zebra_with_login.port, login=login), deadline)
    assert session.search(parse_pqf("@attr 1=4 library"), ["main"], deadline).hits == 14
    session.close()


def test_wrong_password_says_so(zebra_with_login, deadline):
    target = Target(zebra_with_login.host, zebra_with_login.port, login=IdPassLogin("ill", "wrong"))
    with pytest.raises(InitRefused) as caught:
        connect(target, deadline)
    assert [d.code for d in caught.value.diagnostics] == [1011]
    assert "Wrong user name or password" in str(caught.value)


def test_no_login_where_one_is_needed(zebra_with_login, deadline):
    with pytest.raises((InitRefused, ConnectionLost)):
        connect(Target(zebra_with_login.host, zebra_with_login.port), deadline)


def test_records_are_those_that_were_loaded(session, books, deadline):
    answer = session.search(parse_pqf("@attr 1=4 三体"), ["main"], deadline)
    record = session.fetch(answer.hits, deadline, syntax=oids.USMARC).records[0]
    read = pymarc.Record(record.data, force_utf8=True)
    assert (record.database, read["001"].data, read.title) == ("main", "rec00001", "三体")


def test_all_records_of_a_large_result(session, deadline):
    answer = session.search(parse_pqf("@attr 1=4 volume"), ["main"], deadline)
    records = session.fetch(answer.hits, deadline, count=1000, syntax=oids.USMARC).records
    assert len({pymarc.Record(r.data)["001"].data for r in records}) == answer.hits == 35


def test_several_databases_at_once_say_where_each_record_stands(session, deadline):
    answer = session.search(parse_pqf("@attr 1=4 history"), ["main", "serials"], deadline)
    records = session.fetch(answer.hits, deadline, count=100, syntax=oids.USMARC).records
    assert {record.database for record in records} == {"main", "serials"}


def test_sutrs_and_xml(session, deadline):
    session.search(parse_pqf("@attr 1=4 三体"), ["main"], deadline)
    sutrs = session.present(1, 1, deadline, syntax=oids.SUTRS).records[0]
    assert (sutrs.syntax, "三体" in sutrs.data.decode()) == (oids.SUTRS, True)
    xml = session.present(1, 1, deadline, syntax=oids.XML).records[0]
    assert xml.data.lstrip().startswith(b"<")


def test_an_unsupported_syntax_is_a_diagnostic(session, deadline):
    answer = session.search(parse_pqf("@attr 1=4 三体"), ["main"], deadline)
    part = session.fetch(answer.hits, deadline, syntax=oids.OPAC)
    found = [*part.diagnostics, *(d for record in part.records for d in record.diagnostics)]
    assert found
    assert all(d.asks_for_other_syntax for d in found)


def test_piggybacked_records(session, toy, deadline):
    for talking, query, database in ((session, "@attr 1=4 volume", "main"), (toy, "7", "Default")):
        answer = talking.search(parse_pqf(query), [database], deadline, piggyback=3, syntax=oids.USMARC)
        assert answer.returned == len(answer.records.records) == 3
        assert all(record.data for record in answer.records.records)


def test_named_result_sets_are_searched_within(session, deadline):
    session.search(parse_pqf("@attr 1=4 history"), ["main"], deadline, result_set="first")
    within = session.search(parse_pqf("@and @set first @attr 1=4 music"), ["main"], deadline, result_set="second")
    assert within.hits == 7
    assert len(session.fetch(7, deadline, result_set="first", syntax=oids.USMARC).records) == 7


def test_a_deleted_set_is_gone(toy, deadline):
    toy.search(parse_pqf("7"), ["Default"], deadline, result_set="1")
    assert toy.delete(["1"], deadline).statuses == (("1", 0),)


def test_scan(session, deadline):
    answer = session.scan(Term("library", TITLE), ["main"], deadline, count=3)
    assert answer.diagnostics == ()
    assert (answer.entries[0].term.lower(), answer.entries[0].occurrences) == ("library", 14)
    assert len(answer.entries) == 3


def test_scan_of_an_unknown_index(session, deadline):
    answer = session.scan(Term("x", (Attribute(1, 9999),)), ["main"], deadline)
    assert [d.code for d in answer.diagnostics] == [114]


def test_sort(session, toy, deadline):
    session.search(parse_pqf("@attr 1=4 volume"), ["main"], deadline)
    refused = session.sort([SortKey(TITLE)], deadline)
    assert refused.status == 2
    assert {d.code for d in refused.diagnostics} <= {114, 207}
    assert refused.diagnostics
    toy.search(parse_pqf("7"), ["Default"], deadline)
    assert toy.sort([SortKey(TITLE, descending=True)], deadline).status == 0


def test_opac_records_with_holdings_and_circulation(toy, deadline):
    toy.search(parse_pqf("3"), ["Default"], deadline)
    record = toy.present(1, 1, deadline, syntax=oids.OPAC).records[0]
    held = record.opac.holdings[0]
    assert held.call_number == "MLCM 89/00602 (N)"
    assert held.local_location.startswith("Main or Science")
    assert [(c.item_id, c.available_now, c.on_hold) for c in held.circulation] == [("1226176", True, False)]
    assert pymarc.Record(record.data).title
    assert record.data_syntax == oids.USMARC


@pytest.mark.parametrize("request_too", [False, True], ids=["record", "record and XML request"])
def test_item_order(request_too, toy, deadline):
    toy.search(parse_pqf("3"), ["Default"], deadline)
    order = ItemOrderRequest(
        "default",
        1,
        item_request=External(oids.XML, data=b"<request/>") if request_too else None,
        contact=Contact("李雷", "010-1234", "ill@example.org"),
        customer_reference="req-1",
    )
    answer = toy.order(order, deadline)
    assert (answer.status, answer.diagnostics, answer.target_reference) == (1, (), b"911")


def test_hits_beyond_31_bits(toy, deadline):
    assert toy.search(parse_pqf("3000000000"), ["Default"], deadline).hits == 3_000_000_000


def test_charset_negotiation_is_answered(ztest, deadline):
    session = connect(Target(ztest.host, ztest.port, negotiate=True), deadline)
    assert session.agreed.charset
    assert session.query_charset == session.agreed.charset
    session.close()
