"""CQL for targets that speak Z39.50 only, and CQL built for servers that speak SRU."""

from __future__ import annotations

import pytest

from illcore_z3950.cql import cql_to_rpn
from illcore_z3950.errors import QueryError
from illcore_z3950.pqf import to_pqf
from illcore_z3950.query import DEFAULT_ACCESS_POINTS
from illcore_z3950.sru.cql import cql_queries, quoted


@pytest.mark.parametrize(
    ("cql", "pqf"),
    [
        ("river", "@attr 1=1016 @attr 4=6 river"),
        ("dc.title = river", "@attr 1=4 @attr 4=6 river"),
        ('title = "three body"', '@attr 1=4 @attr 4=6 "three body"'),
        ("title == 三体", "@attr 1=4 @attr 4=1 @attr 6=3 三体"),
        ('title adj "three body"', '@attr 1=4 @attr 4=1 "three body"'),
        ('title any "a b"', "@or @attr 1=4 @attr 4=6 a @attr 1=4 @attr 4=6 b"),
        ('title all "a b"', "@and @attr 1=4 @attr 4=6 a @attr 1=4 @attr 4=6 b"),
        ("a and b or c", "@or @and {0}a {0}b {0}c".replace("{0}", "@attr 1=1016 @attr 4=6 ")),
        ("a and (b or c)", "@and {0}a @or {0}b {0}c".replace("{0}", "@attr 1=1016 @attr 4=6 ")),
        ("a NOT b", "@not @attr 1=1016 @attr 4=6 a @attr 1=1016 @attr 4=6 b"),
        ("title = lib*", "@attr 1=4 @attr 5=1 lib"),
        ("title = *rary", "@attr 1=4 @attr 5=2 rary"),
        ("title = ^river", "@attr 1=4 @attr 4=6 @attr 3=1 river"),
        (r'title = "a\*"', "@attr 1=4 @attr 4=6 a*"),
        ("dc.date >= 2000", "@attr 1=31 @attr 2=4 2000"),
        ("subject =/relevant x", "@attr 1=21 x"),
        ("bath.isbn = 978-0-7653-7706-7", "@or @attr 1=7 9780765377067 @attr 1=7 0765377063"),
        ("a prox/distance<=3/ordered b", "@prox 0 3 1 2 known 2 @attr 1=1016 @attr 4=6 a @attr 1=1016 @attr 4=6 b"),
        ("a sortby dc.date/sort.descending", "@attr 1=1016 @attr 4=6 a"),
        ('"and"', "@attr 1=1016 @attr 4=6 and"),
    ],
)
def test_to_z3950(cql, pqf):
    assert to_pqf(cql_to_rpn(cql, DEFAULT_ACCESS_POINTS)) == pqf


@pytest.mark.parametrize(
    ("cql", "what"),
    [
        ("", "a search term is missing"),
        ("a and", "a search term is missing"),
        ("(a", "a closing parenthesis is missing"),
        ("a)", r"'\)' was not expected"),
        ('title = "a', "a quotation mark is not closed"),
        ("title =", "a search term is missing"),
        ("nosuch = a", "the index nosuch is not known"),
        ("title = a*b", "may stand at the ends"),
        ("title within a", "has no counterpart"),
        ("isbn = 123", "'123' is not an ISBN"),
        ("(" * 60 + "a" + ")" * 60, "nested too deep"),
    ],
)
def test_what_is_wrong_is_said(cql, what):
    with pytest.raises(QueryError, match=what) as caught:
        cql_to_rpn(cql, DEFAULT_ACCESS_POINTS)
    assert caught.value.zh


INDEXES = {
    "isbn": ("bath.isbn", "cql.serverChoice"),
    "title": ("dc.title", "title", "cql.serverChoice"),
    "author": ("dc.creator",),
}


def test_built_for_sru():
    assert cql_queries({"isbn": "978-0-7653-7706-7"}, INDEXES) == (
        'bath.isbn = "9780765377067" or bath.isbn = "0765377063"',
        'cql.serverChoice = "9780765377067" or cql.serverChoice = "0765377063"',
    )
    assert (
        cql_queries({"title": "三体", "author": "刘"}, INDEXES)[0] == '(dc.title all "三体") and (dc.creator all "刘")'
    )


@pytest.mark.parametrize(
    ("term", "written"),
    [('a "b"', r'"a \"b\""'), ("a\\", r'"a\\"'), ("a* b? ^c", r'"a\* b\? \^c"'), (" a\n b ", '"a b"')],
)
def test_terms_mean_themselves(term, written):
    assert quoted(term) == written


def test_nothing_to_ask():
    with pytest.raises(QueryError, match="nothing to search for"):
        cql_queries({"title": " "}, INDEXES)
