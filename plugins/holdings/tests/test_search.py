"""What is found and how it is told, alike on both databases."""

from typing import Any

import pytest

from illcore.connectors import Deadline
from illcore.errors import Refused, TryLater, Unknown
from illcore.model import Citation, Query
from illcore_holdings.sets import Terms

TITLES = {
    1: ("三体", "刘慈欣"),
    2: ("三体问题导论", "王"),
    3: ("人体三维解剖", "李"),
    4: ("C语言程序设计", "谭浩强"),
    5: ("Python编程：从入门到实践", "Matthes, Eric"),
    6: ("The name of the rose", "Eco, Umberto"),
    7: ("A rose by any other name", "Doe, Jane"),
    8: ("Müller’s theory of numbers", "Müller, Ernst"),
    9: ("图书馆", "吴"),
    10: ("家", "巴金"),
    11: ("Nature : an essay", "Emerson, R. W."),
    12: ("Nature", "Doe, John"),
}


@pytest.fixture
def stocked(shelf: Any, marc21: Any) -> Any:
    records = (marc21(number, title, author=author) for number, (title, author) in TITLES.items())
    shelf.load(shelf.file("stock.mrc", b"".join(records)))
    return shelf


def numbers(found: Any) -> list[int]:
    return [int(one.record_id.removeprefix("r")) for one in found]


WORDS: list[tuple[dict[str, str], set[int]]] = [
    ({"title": "三体"}, {1, 2}),
    ({"title": "图书馆"}, {9}),
    ({"title": "书馆"}, {9}),
    ({"title": "家"}, {10}),
    ({"title": "C语言"}, {4}),
    ({"title": "python 编程"}, {5}),
    ({"title": "ＰＹＴＨＯＮ"}, {5}),
    ({"title": "name rose"}, {6, 7}),
    ({"title": "NAME of the ROSE", "author": "eco"}, {6}),
    ({"title": "muller theory"}, {8}),
    ({"author": "刘慈欣"}, {1}),
    ({"author": "Eco"}, {6}),
    ({"author": "eric matthes"}, {5}),
    ({"keyword": "Matthes"}, {5}),
    ({"keyword": "rose"}, {6, 7}),
    ({"title": "nothing like it"}, set()),
    ({"title": "'; DROP TABLE holdings_record; -- \"*"}, set()),
    ({"title": "rose OR 1 NEAR( \" ) & | ! :* '"}, set()),
    ({"isbn": "9787536692930"}, set()),
    ({"isbn": "no number"}, set()),
]


def test_words(stocked: Any) -> None:
    found = {str(query): set(numbers(stocked.search(**query))) for query, _ in WORDS}
    assert found == {str(query): expected for query, expected in WORDS}


def test_the_best_stands_first_and_says_why(stocked: Any) -> None:
    found = stocked.cited(title="三体", author="刘慈欣", year="2008")
    assert numbers(found) == [1]
    assert found[0].why == "The title agrees, the author agrees, the year agrees."
    zh = stocked.search({"language": "zh"}, citation=Citation(title="三体", author="刘慈欣"))
    assert zh[0].why == "题名一致，责任者一致。"


def test_a_short_title_finds_the_work_of_that_name_not_others_that_hold_the_word(stocked: Any) -> None:
    found = stocked.cited(title="Nature", author="Doe, John")
    assert numbers(found)[0] == 12
    assert found[0].score > 0.95


def test_a_cited_title_with_a_subtitle_that_the_catalogue_lacks(stocked: Any) -> None:
    found = stocked.cited(title="The name of the rose : a novel of the middle ages", author="Eco, U.")
    assert numbers(found)[:1] == [6]
    assert found[0].score < 1


def test_another_number_makes_the_same_title_doubtful(shelf: Any, marc21: Any) -> None:
    shelf.load(shelf.file("dump.mrc", marc21(1, "三体", "9787020002207")))
    (found,) = shelf.cited(title="三体", isbn="9787536692930")
    assert found.score == 0.6
    assert found.why == "The title agrees, but the ISBN is another (9787020002207)."


@pytest.mark.parametrize("isbn", ["9787020002207", "978-7-02-000220-7", "7-02-000220-X", "702000220x"])
def test_both_forms_of_an_isbn(shelf: Any, marc21: Any, isbn: str) -> None:
    shelf.load(shelf.file("dump.mrc", marc21(1, "红楼梦", "7-02-000220-X (平装)")))
    (found,) = shelf.search(isbn=isbn)
    assert (found.score, found.isbn) == (1.0, ("9787020002207",))


def test_libraries_and_sources_can_be_chosen(shelf: Any, marc21: Any) -> None:
    path = shelf.file("dump.mrc", marc21(1, "三体"))
    for library, source in (("ISIL:CN-110001", "catalogue"), ("ISIL:A", "catalogue"), ("ISIL:A", "rare")):
        shelf.load(path, source, library)
    assert len(shelf.search(title="三体")) == 3
    assert {one.library for one in shelf.search({"libraries": ["ISIL:A"]}, title="三体")} == {"ISIL:A"}
    assert len(shelf.search({"sources": ["catalogue"]}, title="三体")) == 2
    assert len(shelf.search({"libraries": ["ISIL:NONE"]}, title="三体")) == 0
    assert len(shelf.search(title="三体", maximum=2)) == 2


def test_a_union_catalogue_names_the_libraries_itself(desk: Any, made: Any) -> None:
    record = made(
        [("245", {"a": "T"}), *(("852", {"a": symbol, "h": "A 1"}) for symbol in ("CN-1", "ISIL:CN-2", "?" * 99))]
    )
    path = desk.file("union.mrc", bytes(record.as_marc()))
    desk.load(path, "union", "ISIL:UNION", terms=Terms(union=True))
    assert sorted(one.library for one in desk.search(title="T")) == ["ISIL:CN-1", "ISIL:CN-2", "ISIL:UNION"]
    desk.load(path, "union", "ISIL:UNION")
    assert [one.library for one in desk.search(title="T")] == ["ISIL:UNION"]


def test_copies_of_one_place_are_one_holding(desk: Any, made: Any) -> None:
    items = [{"c": "Main", "o": "A 1", "p": "1", "q": "2026-02-01"}, {"c": "Main", "o": "A 1", "p": "2"}]
    record = made([("245", {"a": "T"}), *(("952", item) for item in [*items, {"c": "Annex", "o": "A 1", "p": "3"}])])
    desk.load(desk.file("dump.mrc", bytes(record.as_marc())))
    found = {one.location: one for one in desk.search(title="T")}
    assert (found["Main"].copies, found["Main"].available, found["Main"].barcode) == (2, True, "2")
    assert (found["Annex"].copies, found["Annex"].available) == (1, True)


def test_what_a_dump_says_of_availability_is_not_believed_for_long(desk: Any, marc21: Any) -> None:
    desk.load(desk.file("dump.mrc", marc21(1, "T")))
    assert desk.search(title="T")[0].available is True
    desk.clock.advance(days=3)
    assert desk.search(title="T")[0].available is None
    assert desk.search({"availability_days": 30}, title="T")[0].available is True


def test_a_volume_on_the_shelf_does_not_answer_for_the_one_that_is_cited(desk: Any, made: Any) -> None:
    record = made([("022", {"a": "0028-0836"}), ("245", {"a": "Nature"}), ("952", {"o": "A 1"})])
    desk.load(desk.file("dump.mrc", bytes(record.as_marc())))
    assert desk.cited(issn="0028-0836")[0].available is True
    assert desk.cited(issn="0028-0836", year="1950")[0].available is None


def test_loans_and_copies_by_record_then_source_then_account(desk: Any, made: Any) -> None:
    silent, stays = (
        made([("245", {"a": "Silent"}), ("852", {"h": "1"})]),
        made([("245", {"a": "Stays"}), ("952", {"7": "1", "o": "2"})]),
    )
    path = desk.file("dump.mrc", bytes(silent.as_marc()) + bytes(stays.as_marc()))
    desk.load(path)
    assert desk.search(title="Silent")[0].loanable is None
    account = {"loanable": True, "copyable": False}
    assert (desk.search(account, title="Silent")[0].loanable, desk.search(account, title="Silent")[0].copyable) == (
        True,
        False,
    )
    assert desk.search(account, title="Stays")[0].loanable is False
    desk.load(path, terms=Terms(loanable=False, copyable=True))
    found = desk.search(account, title="Silent")[0]
    assert (found.loanable, found.copyable) == (False, True)


def test_queries_in_other_languages_are_refused(desk: Any) -> None:
    with pytest.raises(Refused, match="PQF"):
        desk.search(raw={"pqf": "@attr 1=4 x"})


def test_no_tables_no_time_too_much_time(tmp_path: Any, desk: Any, marc21: Any) -> None:
    desk.load(desk.file("dump.mrc", marc21(1, "T")))
    connector = desk.connector()
    with pytest.raises(TryLater):
        connector.illcore_search(Query(title="T"), Deadline(desk.clock, 0))

    class Late(Deadline):
        def passed(self) -> bool:
            self.asked = getattr(self, "asked", 0) + 1
            return self.asked > 1

    with desk.database.write() as connection:
        many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000) "
        connection.exec_driver_sql(
            f"INSERT INTO holdings_words (rowid, words) {many} SELECT (9 << 32) + i, 'tt' FROM n"
        )
    with pytest.raises(Unknown):
        connector.illcore_search(Query(title="T t"), Late(desk.clock, 30))
    with desk.database.write() as connection:
        connection.exec_driver_sql("DROP TABLE holdings_set")
    with pytest.raises(TryLater, match="ill migrate"):
        connector.illcore_search(Query(title="T"), Deadline(desk.clock, 30))
