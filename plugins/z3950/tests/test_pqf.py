"""PQF: what YAZ documents is understood, what is wrong is named with its position."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from illcore_z3950.ber import decode, encode
from illcore_z3950.errors import QueryError
from illcore_z3950.oids import ATTRIBUTE_SETS, BIB1
from illcore_z3950.pqf import PqfError, parse_pqf, to_pqf
from illcore_z3950.rpn import Attribute, Operation, Proximity, Query, SetRef, Term, query_from_node, query_node

TITLE, AUTHOR = Attribute(1, 4), Attribute(1, 1003)

texts = st.text(st.characters(blacklist_categories=["Cs"]), max_size=12)
attributes = st.lists(
    st.builds(
        Attribute,
        st.integers(1, 20),
        st.integers(0, 5000) | st.sampled_from(["_ALLRECORDS", "题名"]),
        st.none() | st.sampled_from(sorted(ATTRIBUTE_SETS.values())),
    ),
    max_size=3,
    unique_by=lambda a: (a.set, a.type),
).map(tuple)
terms = st.one_of(
    st.builds(Term, texts, attributes, st.sampled_from(["general", "string"])),
    st.builds(Term, st.integers(0, 10**9).map(str), attributes, st.just("numeric")),
    st.builds(Term, st.just("1.2.840"), attributes, st.just("oid")),
    st.builds(SetRef, texts),
)
proximities = st.builds(
    Proximity,
    st.none() | st.booleans(),
    st.integers(0, 99),
    st.booleans(),
    st.integers(1, 6),
    st.integers(1, 11),
    st.booleans(),
)
rpns = st.recursive(
    terms,
    lambda inner: (
        st.builds(Operation, st.sampled_from(["and", "or", "not"]), inner, inner)
        | st.builds(Operation, st.just("prox"), inner, inner, proximities)
    ),
    max_leaves=8,
)
all_queries = st.builds(Query, rpns, st.sampled_from([BIB1, *ATTRIBUTE_SETS.values()]))


@given(all_queries)
def test_a_query_survives_being_written_as_pqf(query):
    assert parse_pqf(to_pqf(query)) == query


@given(all_queries)
def test_a_query_survives_the_wire(query):
    _, content = decode(encode(query_node(query)))
    assert query_from_node(content) == query


@given(st.text(alphabet='@andortse =41"{}\\ x三', max_size=40))
def test_any_text_is_a_query_or_an_error_with_a_position(text):
    try:
        parse_pqf(text)
    except PqfError as caught:
        error = caught
    else:
        return
    assert 1 <= error.position <= len(text) + 1
    assert f"position {error.position}" in str(error)
    assert f"第 {error.position} 个字符" in error.zh


@pytest.mark.parametrize(
    ("text", "rpn"),
    [
        ("dylan", Term("dylan")),
        ('"bob dylan"', Term("bob dylan")),
        ("{bob dylan}", Term("bob dylan")),
        ('"say \\"no\\""', Term('say "no"')),
        ('"@and"', Term("@and")),
        ('"\\xe4\\xb8\\x89"', Term("三")),
        ('"\\344\\270\\211"', Term("三")),
        ("@attr 1=4 x", Term("x", (TITLE,))),
        ("@attr bib-1 1=4 x", Term("x", (Attribute(1, 4, BIB1),))),
        ("@attr 1=1003 @attr 1=4 x", Term("x", (TITLE,))),
        (
            "@attr 4=1 @and @attr 1=4 a b",
            Operation("and", Term("a", (Attribute(4, 1), TITLE)), Term("b", (Attribute(4, 1),))),
        ),
        ("@or @and a b @set Result-1", Operation("or", Operation("and", Term("a"), Term("b")), SetRef("Result-1"))),
        ("@term numeric 5", Term("5", kind="numeric")),
        ("@prox 0 3 1 2 k 2 a b", Operation("prox", Term("a"), Term("b"), Proximity(False, 3, True, 2, 2))),
        ("  @and\ta\nb ", Operation("and", Term("a"), Term("b"))),
    ],
)
def test_examples(text, rpn):
    assert parse_pqf(text) == Query(rpn)


def test_the_attribute_set_of_the_query():
    assert parse_pqf("@attrset gils x") == Query(Term("x"), ATTRIBUTE_SETS["gils"])
    assert parse_pqf("@attrset 1.2.3.4 x") == Query(Term("x"), "1.2.3.4")


@pytest.mark.parametrize(
    ("text", "position", "what"),
    [
        ("", 1, "ends where a term"),
        ("@and a", 7, "ends where a term"),
        ("a b", 3, "'b' is left over"),
        ("@attr 1:4 x", 7, "'1:4' is not known"),
        ("@attr x=4 x", 7, "not an attribute"),
        ("@attr 1= x", 7, "not an attribute"),
        ("@attr nosuch 1=4 x", 7, "'nosuch' is not known"),
        ("@attrset nosuch x", 10, "'nosuch' is not known"),
        ("@near a b", 1, "'@near' is not an operator"),
        ('@and a "b', 8, "not closed"),
        ("@term date x", 7, "not a term type"),
        ("@prox 0 x 1 2 k 2 a b", 9, "not a number for the distance"),
        ("@prox 2 1 1 2 k 2 a b", 7, "not a value for exclusion"),
        ("@and " * 60 + "a", 251, "nested deeper than 50"),
    ],
)
def test_errors_say_what_and_where(text, position, what):
    with pytest.raises(PqfError, match=what) as caught:
        parse_pqf(text)
    assert caught.value.position == position


def test_a_term_that_the_charset_cannot_write_is_an_error_and_not_a_question_mark():
    with pytest.raises(QueryError, match="cannot be written in iso8859-1; set query_charset"):
        query_node(parse_pqf("三体"), "iso8859-1")
    assert "三体".encode("gbk") in encode(query_node(parse_pqf("三体"), "gbk"))


def test_a_term_that_is_no_number_is_an_error_before_anything_is_sent():
    with pytest.raises(QueryError, match="'x' is not a number"):
        query_node(parse_pqf("@term numeric x"))
