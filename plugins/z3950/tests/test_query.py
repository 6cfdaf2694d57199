"""From a citation to queries: both forms of a number, and other attributes to fall back on."""

from __future__ import annotations

import pytest

from illcore_z3950.errors import QueryError
from illcore_z3950.pqf import to_pqf
from illcore_z3950.query import AccessPoints, queries
from illcore_z3950.rpn import Attribute


def pqf(**asked):
    return [to_pqf(query) for query in queries(**asked)]


def test_isbn_goes_from_exact_to_common_and_asks_for_both_forms_without_hyphens():
    assert pqf(isbn="978-0-7653-7706-7")[:3] == [
        "@or @attr 1=7 9780765377067 @attr 1=7 0765377063",
        "@attr 1=7 9780765377067",
        "@attr 1=7 0765377063",
    ]
    assert [query for query in pqf(isbn="0-7653-7706-3") if query.startswith("@or")] == [
        f"@or @attr 1={use} 9780765377067 @attr 1={use} 0765377063" for use in (7, 1007, 1016)
    ]


def test_isbn_with_prefix_979_has_one_form():
    assert pqf(isbn="9791090636071") == [f"@attr 1={use} 9791090636071" for use in (7, 1007, 1016)]


def test_a_wrong_check_digit_is_searched_as_printed():
    assert pqf(isbn="9780765377068")[0] == "@attr 1=7 9780765377068"


def test_issn_with_and_without_hyphen():
    assert pqf(issn="00280836")[0] == "@or @attr 1=8 0028-0836 @attr 1=8 00280836"


def test_title_and_author_step_down_together():
    assert pqf(title="  three   body ", author="Liu") == [
        '@and @attr 1=4 @attr 4=6 "three body" @attr 1=1003 @attr 4=6 Liu',
        '@and @attr 1=4 "three body" @attr 1=1003 Liu',
        '@and @attr 1=1016 "three body" @attr 1=1004 Liu',
        '@and @attr 1=1016 "three body" @attr 1=1016 Liu',
    ]


def test_a_target_can_have_its_own_access_points():
    points = AccessPoints(title=((Attribute(1, 5),),))
    assert [to_pqf(q) for q in queries(title="三体", access_points=points)] == ["@attr 1=5 三体"]


@pytest.mark.parametrize(
    ("asked", "what"),
    [
        ({}, "nothing to search for"),
        ({"title": "  "}, "nothing to search for"),
        ({"isbn": "12345"}, "'12345' is not an ISBN"),
        ({"issn": "12"}, "'12' is not an ISSN"),
    ],
)
def test_what_cannot_be_searched(asked, what):
    with pytest.raises(QueryError, match=what) as caught:
        queries(**asked)
    assert caught.value.zh
