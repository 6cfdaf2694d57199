"""The same query through us and through yaz-client gives the same hits, diagnostics and records."""

from __future__ import annotations

import pytest

from illcore_z3950 import oids
from illcore_z3950.client import Target, connect
from illcore_z3950.pqf import parse_pqf

ZEBRA_QUERIES = {
    "word": "@attr 1=4 library",
    "any": "@attr 1=1016 river",
    "no attribute": "garden",
    "and": "@and @attr 1=4 history @attr 1=4 music",
    "or": "@or @attr 1=4 river @attr 1=4 music",
    "not": "@not @attr 1=4 history @attr 1=4 music",
    "nested": "@and @or @attr 1=4 garden @attr 1=4 history @not @attr 1=1003 author @attr 1=4 library",
    "right truncation": "@attr 1=4 @attr 5=1 libr",
    "no truncation": "@attr 1=4 @attr 5=100 libr",
    "left truncation": "@attr 1=4 @attr 5=2 rary",
    "regular expression": '@attr 1=4 @attr 5=102 "li.*y"',
    "phrase": '@attr 1=4 @attr 4=1 "three-body problem"',
    "complete field": '@attr 1=4 @attr 4=1 @attr 6=3 "the three-body problem"',
    "word list": '@attr 1=4 @attr 4=6 "problem three"',
    "empty result": "@attr 1=4 nothingofthekind",
    "empty term": '@attr 1=4 ""',
    "chinese": "@attr 1=4 三体",
    "chinese author": "@attr 1=1003 曹雪芹",
    "umlaut": "@attr 1=4 Über",
    "accents": "@attr 1=1003 Lefèvre",
    "isbn": "@attr 1=7 9787536692930",
    "isbn with hyphens": "@attr 1=7 978-7-5366-9293-0",
    "unsupported use": "@attr 1=9999 x",
    "unsupported use name": "@attr 1=nosuchfield x",
    "unsupported relation": "@attr 1=4 @attr 2=77 x",
    "unsupported structure": "@attr 1=4 @attr 4=77 x",
    "unsupported truncation": "@attr 1=4 @attr 5=77 x",
    "unsupported type": "@attr 1=4 @attr 77=1 x",
    "wrong set": "@set nosuchset",
    "numeric term": "@attr 1=4 @term numeric 12",
    "proximity": "@prox 0 2 0 2 known 2 @attr 1=4 three @attr 1=4 problem",
}


@pytest.mark.parametrize("name", ZEBRA_QUERIES)
def test_zebra_answers_us_as_it_answers_yaz_client(name, zebra, yaz_client, deadline):
    query = ZEBRA_QUERIES[name]
    heard = yaz_client.ask(zebra, query, ["main"])
    session = connect(Target(zebra.host, zebra.port), deadline)
    answer = session.search(parse_pqf(query), ["main"], deadline)
    assert answer.hits == heard.hits
    assert [d.code for d in answer.records.diagnostics] == heard.codes
    shown = min(answer.hits, 3)
    if shown:
        heard = yaz_client.ask(zebra, query, ["main"], f"1+{shown}")
        records = session.fetch(answer.hits, deadline, count=shown, syntax=oids.USMARC)
        assert records.diagnostics == ()
        assert b"".join(r.data for r in records.records) == heard.marc
    session.close()


def test_the_queries_find_what_they_should(zebra, deadline):
    expected = {"word": 14, "and": 7, "not": 7, "right truncation": 14, "no truncation": 0, "phrase": 1, "word list": 1}
    expected |= {"empty result": 0, "chinese": 1, "chinese author": 1, "umlaut": 1, "accents": 1, "isbn": 1}
    session = connect(Target(zebra.host, zebra.port), deadline)
    found = {name: session.search(parse_pqf(ZEBRA_QUERIES[name]), ["main"], deadline).hits for name in expected}
    session.close()
    assert found == expected


@pytest.mark.parametrize(
    "databases",
    [["main", "serials"], ["serials"], ["nosuchdb"], ["main", "nosuchdb"]],
    ids=["two", "one", "unknown", "half unknown"],
)
def test_databases(databases, zebra, yaz_client, deadline):
    heard = yaz_client.ask(zebra, "@attr 1=4 history", databases)
    session = connect(Target(zebra.host, zebra.port), deadline)
    answer = session.search(parse_pqf("@attr 1=4 history"), databases, deadline)
    session.close()
    assert answer.hits == heard.hits
    assert [d.code for d in answer.records.diagnostics] == heard.codes


@pytest.mark.parametrize("start", [30, 1000])
def test_present_beyond_the_end(start, zebra, yaz_client, deadline):
    query = "@attr 1=4 volume"
    heard = yaz_client.ask(zebra, query, ["main"], f"{start}+20")
    session = connect(Target(zebra.host, zebra.port), deadline)
    answer = session.search(parse_pqf(query), ["main"], deadline)
    assert answer.hits == 35
    part = session.present(start, 20, deadline, syntax=oids.USMARC)
    assert [d.code for d in part.diagnostics] == heard.codes == [13]
    assert part.records == ()
    # fetch() knows the hits and asks for no more than there are.
    assert len(session.fetch(answer.hits, deadline, start=30, count=20, syntax=oids.USMARC).records) == 6
    session.close()


@pytest.mark.parametrize("query", ["7", "@and 7 3", "@attr 1=4 computer", "@attr 1=4 三体", "@or 0 0"])
@pytest.mark.parametrize("database", ["Default", "nosuch"])
def test_ztest_answers_us_as_it_answers_yaz_client(query, database, ztest, yaz_client, deadline):
    heard = yaz_client.ask(ztest, query, [database])
    session = connect(Target(ztest.host, ztest.port), deadline)
    answer = session.search(parse_pqf(query), [database], deadline)
    session.close()
    assert answer.hits == heard.hits
    assert [d.code for d in answer.records.diagnostics] == heard.codes
