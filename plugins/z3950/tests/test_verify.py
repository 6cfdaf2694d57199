"""What a catalogue returns is compared with what was asked for: a score, and why in one sentence."""

from __future__ import annotations

import pytest

from illcore.model import Citation, Query
from illcore_z3950.records.book import Book
from illcore_z3950.records.holding import holdings_from
from illcore_z3950.records.read import ReadRecord
from illcore_z3950.records.verify import verify

THREE_BODY = Book(
    "三体", "刘慈欣", ("9787536692930", "7536692935"), (), "", "2008", titles=("三体",), authors=("刘慈欣",)
)
PROBLEM = Book(
    "The three-body problem", "Liu, Cixin", ("9780765377067",), year="2014", titles=("The three-body problem",)
)


@pytest.mark.parametrize(
    ("book", "query", "low", "high", "why"),
    [
        (THREE_BODY, Query(isbn="7-5366-9293-5"), 1, 1, "The ISBN 9787536692930 is the same."),
        (THREE_BODY, Query(isbn="9787020002207"), 0, 0.3, "The ISBN is another (9787536692930)."),
        (THREE_BODY, Query(title="三体"), 1, 1, "The title agrees."),
        (THREE_BODY, Query(title="体三"), 0, 0.5, "The title differs (50%)."),
        (THREE_BODY, Query(title="红楼梦"), 0, 0.1, "The title differs (0%)."),
        (
            THREE_BODY,
            Query(citation=Citation(title="三体", author="刘慈欣", year="2008")),
            1,
            1,
            "The title agrees, the author is the same and the year is the same.",
        ),
        (
            THREE_BODY,
            Query(citation=Citation(title="三体", author="刘慈欣", isbn="9787020002207")),
            0.6,
            0.6,
            "The title agrees and the author is the same, but the ISBN is another (9787536692930).",
        ),
        (PROBLEM, Query(title="three body"), 1, 1, "The title agrees."),
        (PROBLEM, Query(title="body garden"), 0.5, 0.5, "The title differs (50%)."),
        (PROBLEM, Query(citation=Citation(title="Three-body problem", author="Cixin Liu")), 1, 1, "The title agrees"),
        (PROBLEM, Query(citation=Citation(title="The dark forest", author="Cixin Liu")), 0, 0.6, "The title differs"),
        (
            PROBLEM,
            Query(citation=Citation(title="Three-body problems", year="2015")),
            0.9,
            1,
            "the year differs by one.",
        ),
        (PROBLEM, Query(keyword="liu"), 0.5, 0.5, "It was found by a word from anywhere, which is not compared."),
        (PROBLEM, Query(raw={"pqf": "x"}), 0.5, 0.5, "It was found by a query in the catalogue's own language"),
        (Book(title="Nature", issn=("0028-0836",)), Query(issn="00280836"), 1, 1, "The ISSN 0028-0836 is the same."),
        (Book(), Query(keyword="liu"), 0, 0, "The record has no title that can be read."),
        (Book(title="三体", author="王"), Query(title="三体", author="刘慈欣"), 0.6, 0.8, "the author differs (0%)."),
    ],
)
def test_verdicts(book, query, low, high, why):
    verdict = verify(book, query)
    assert low <= verdict.score <= high, verdict
    assert why in verdict.why
    assert verdict.why.endswith(".")
    assert verdict.why.count(". ") == 0


def test_false_hits_of_a_chinese_index_are_dropped_and_the_right_one_comes_first():
    titles = ("体育三国志", "三体", "三国志", "量子力学")
    records = [ReadRecord(Book(title, titles=(title,)), ()) for title in titles]
    query = Query(citation=Citation(title="三体"))
    found = holdings_from(records, query, min_score=0.4)
    assert found[0].title == "三体"
    assert all(holding.score < 0.7 for holding in found[1:])
    assert "量子力学" not in [holding.title for holding in found]
