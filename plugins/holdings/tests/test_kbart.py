"""KBART lists: coverage decides what is held, the licence what may be copied."""

from collections.abc import Sequence
from typing import Any

import pytest

from illcore_holdings.charset import Charset
from illcore_holdings.faults import CannotLoad

NAMES = (
    "publication_title print_identifier online_identifier date_first_issue_online num_first_vol_online "
    "num_first_issue_online date_last_issue_online num_last_vol_online num_last_issue_online title_url first_author "
    "title_id embargo_info coverage_depth notes publisher_name publication_type date_monograph_published_print "
    "date_monograph_published_online monograph_volume monograph_edition first_editor parent_publication_title_id "
    "preceding_publication_title_id access_type"
).split()
NATURE = {
    "publication_title": "Nature",
    "print_identifier": "0028-0836",
    "online_identifier": "1476-4687",
    "date_first_issue_online": "1997",
    "num_first_vol_online": "385",
    "num_first_issue_online": "6611",
    "title_url": "https://www.nature.com/nature",
    "coverage_depth": "fulltext",
    "publication_type": "serial",
    "access_type": "P",
}


def kbart(rows: Sequence[dict[str, str]], *more: str) -> str:
    names = [*NAMES, *more]
    return "\r\n".join(["\t".join(names), *("\t".join(row.get(name, "") for name in names) for row in rows), ""])


def test_year_and_volume_decide_whether_an_article_is_held(desk: Any) -> None:
    desk.load(desk.file("list.tsv", kbart([NATURE]).encode()), "electronic", licence="ill")

    def held(**cited: str) -> Any:
        found = desk.cited(title="Nature", issn="1476-4687", publication_type="Article", **cited)
        return found[0].available if found else False

    assert held(year="1996", volume="384") is False
    assert held(year="1997", volume="385", issue="6610") is False
    assert held(year="1997", volume="385", issue="6611") is True
    assert held(year="1997") is None
    assert held(year="2003", volume="421") is True
    (found,) = desk.cited(issn="00280836", year="2003")
    assert (found.url, found.loanable, found.copyable) == ("https://www.nature.com/nature", False, True)
    assert found.why == "The ISSN 0028-0836 is the same. The issue cited is within 1997 v.385 no.6611–."


def test_gaps_are_rows_of_their_own(desk: Any) -> None:
    rows = [
        NATURE | {"date_first_issue_online": "1990", "date_last_issue_online": "1995", "title_id": "a"},
        NATURE | {"date_first_issue_online": "2001", "title_id": "b"},
    ]
    desk.load(desk.file("list.tsv", kbart(rows).encode()), "electronic")
    held = {
        year: [one.record_id for one in desk.cited(issn="0028-0836", year=year)] for year in ("1992", "1998", "2010")
    }
    assert held == {"1992": ["a"], "1998": [], "2010": ["b"]}


@pytest.mark.parametrize(
    ("said", "copyable", "note"),
    [
        ("Yes", True, "The licence permits interlibrary loan."),
        ("print only", True, "The licence permits interlibrary loan from a print-out only."),
        ("仅纸本", True, "The licence permits interlibrary loan from a print-out only."),
        ("Prohibited", False, "The licence forbids interlibrary loan."),
        ("", None, "The licence is not known."),
    ],
)
def test_a_column_says_what_the_licence_permits(desk: Any, said: str, copyable: bool | None, note: str) -> None:
    path = desk.file("list.tsv", kbart([NATURE | {"ILL": said}], "ILL").encode())
    desk.load(path, "electronic", licence_column="ILL")
    (found,) = desk.cited(issn="0028-0836", year="2005")
    assert (found.copyable, found.loanable) == (copyable, False)
    assert found.formats == (("paper",) if said in ("print only", "仅纸本") else ())
    assert found.note.startswith(note)
    assert (note in found.why) is (said in ("print only", "仅纸本", "Prohibited"))


def test_a_serial_without_dates_may_have_any_issue(desk: Any) -> None:
    row = NATURE | {"date_first_issue_online": "", "num_first_vol_online": "", "num_first_issue_online": ""}
    desk.load(desk.file("list.tsv", kbart([row]).encode()), "electronic")
    assert desk.cited(issn="0028-0836", year="2005")[0].available is None


def test_the_column_wins_over_the_option_where_it_says_something(desk: Any) -> None:
    rows = [NATURE | {"ILL": "no"}, NATURE | {"print_identifier": "0036-8075", "online_identifier": "", "ILL": ""}]
    desk.load(desk.file("list.tsv", kbart(rows, "ILL").encode()), "e", licence="ill", licence_column="ill")
    assert [desk.search(issn=issn)[0].copyable for issn in ("0028-0836", "0036-8075")] == [False, True]


def test_free_titles_need_no_licence_and_abstracts_are_not_enough(desk: Any) -> None:
    rows = [
        NATURE | {"access_type": "F", "print_identifier": "0028-0836", "online_identifier": ""},
        NATURE | {"coverage_depth": "abstracts", "print_identifier": "0036-8075", "online_identifier": ""},
        NATURE | {"coverage_depth": "selected articles", "print_identifier": "0140-6736", "online_identifier": ""},
    ]
    desk.load(desk.file("list.tsv", kbart(rows).encode()), "electronic", licence="none")
    found = [desk.cited(issn=issn, year="2005")[0] for issn in ("0028-0836", "0036-8075", "0140-6736")]
    assert [(one.available, one.copyable) for one in found] == [(True, True), (False, False), (None, False)]


def test_an_embargo_moves_with_the_calendar(desk: Any) -> None:
    desk.load(desk.file("list.tsv", kbart([NATURE | {"embargo_info": "P1Y"}]).encode()), "electronic")
    assert desk.clock.now().year == 2026
    assert desk.cited(issn="0028-0836", year="2026") == []
    assert desk.cited(issn="0028-0836", year="2024")[0].available is True
    desk.clock.advance(days=800)
    assert desk.cited(issn="0028-0836", year="2026")[0].available is True


def test_e_books_have_no_coverage(desk: Any) -> None:
    book = {
        "publication_title": "三体",
        "online_identifier": "978-7-5366-9293-0",
        "title_url": "https://example.org/1",
        "first_author": "刘慈欣",
        "publication_type": "monograph",
        "date_monograph_published_online": "2010-05-01",
    }
    desk.load(desk.file("list.tsv", kbart([book]).encode()), "electronic", licence="none")
    (found,) = desk.cited(isbn="9787536692930", year="2008")
    assert (found.title, found.year, found.available, found.copyable) == ("三体", "2010", True, False)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_encodings_that_excel_and_providers_write(desk: Any, encoding: str) -> None:
    path = desk.file("list.tsv", kbart([NATURE | {"publication_title": "图书馆学刊"}]).encode(encoding))
    desk.load(path, "electronic", charset=Charset.named("gbk"), format="kbart")
    assert desk.search(issn="0028-0836")[0].title == "图书馆学刊"


def test_wrong_rows_are_bad_and_the_others_are_loaded(desk: Any) -> None:
    rows = [
        NATURE,
        NATURE | {"date_first_issue_online": "01/05/1997"},
        NATURE | {"date_first_issue_online": "1997", "date_last_issue_online": "1990"},
        NATURE | {"publication_title": ""},
        NATURE | {"publication_title": '"Quoted ""title"""', "print_identifier": "0036-8075", "online_identifier": ""},
        NATURE | {"publication_title": 'An "open quote', "print_identifier": "0140-6736", "online_identifier": ""},
    ]
    text = kbart(rows) + "one\tcell\ttoo many" + "\tx" * 30 + "\r\n" + "Short\t1474-547X\r\n"
    done = desk.load(desk.file("list.tsv", text.encode()), "electronic")
    assert (done.progress.loaded, done.progress.bad) == (4, 4)
    assert desk.search(issn="0036-8075")[0].title == 'Quoted "title"'
    assert desk.search(issn="0140-6736")[0].title == 'An "open quote'
    told = done.reasons.read_text().splitlines()
    assert [line.partition(":")[0] for line in told] == ["line 3", "line 4", "line 5", "line 8"]
    assert "01/05/1997" in told[0]


def test_a_licence_that_is_not_understood_is_bad_and_not_a_permission(desk: Any) -> None:
    rows = [NATURE, NATURE | {"ILL": "see contract § 4"}]
    done = desk.load(desk.file("list.tsv", kbart(rows, "ILL").encode()), "e", licence="ill", licence_column="ILL")
    assert done.progress.bad == 1
    assert "see contract" in done.reasons.read_text()


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        ("a\tb\tc\n1\t2\t3\n", {"format": "kbart"}, "publication_title"),
        (kbart([NATURE]), {"licence_column": "ILL"}, "no column ILL"),
        ("\n", {"format": "kbart"}, "no heading"),
    ],
)
def test_a_list_that_is_none_is_refused(desk: Any, text: str, options: dict[str, str], said: str) -> None:
    with pytest.raises(CannotLoad, match=said):
        desk.load(desk.file("list.tsv", text.encode()), "electronic", **options)
