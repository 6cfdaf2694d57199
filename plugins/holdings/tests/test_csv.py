"""CSV of special collections, as spreadsheets write it."""

from typing import Any

import pytest

from illcore_holdings.charset import Charset
from illcore_holdings.faults import CannotLoad

CHINESE = (
    "题名,作者,索书号,馆藏地,ISBN,可外借\n永乐大典,解缙,善甲1,古籍部,,否\n三体,刘慈欣,I247,书库,9787536692930,是\n"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
def test_chinese_headings_in_any_usual_encoding(desk: Any, encoding: str) -> None:
    path = desk.file("rare.csv", CHINESE.encode(encoding))
    done = desk.load(path, "special", charset=Charset.named("gb18030"), format="csv")
    assert (done.progress.loaded, done.progress.bad) == (2, 0)
    (found,) = desk.search(title="永乐大典")
    assert (found.author, found.call_number, found.location, found.loanable) == ("解缙", "善甲1", "古籍部", False)
    assert desk.search(isbn="9787536692930")[0].loanable is True


def test_gbk_without_its_name_is_refused_with_advice(desk: Any) -> None:
    with pytest.raises(CannotLoad, match="gb18030"):
        desk.load(desk.file("rare.csv", CHINESE.encode("gbk")), "special")


def test_columns_are_mapped_by_their_headings(desk: Any) -> None:
    path = desk.file("letters.csv", b"Nr;Was;Wer;Wo\n1;Letters from Peking;Doe;Box 4\n")
    desk.load(path, "special", mapping={"title": "Was", "author": "wer", "location": "Wo", "number": "Nr"})
    (found,) = desk.search(title="letters peking")
    assert (found.title, found.author, found.location, found.record_id) == ("Letters from Peking", "Doe", "Box 4", "1")


def test_quotes_lines_within_them_and_one_that_never_closes(desk: Any) -> None:
    text = 'title,note\n"Maps, ""old"" and new","two\nlines"\n5" gun drawings,plain\n"Never closed,x\n' + "".join(
        f"Sheet {number},\n" for number in range(200)
    )
    done = desk.load(desk.file("maps.csv", text.encode()), "special")
    assert (done.progress.loaded, done.progress.bad) == (202, 1)
    assert (desk.folder / "maps.csv.bad").read_text() == 'title,note\n"Never closed,x\n'
    (found,) = desk.search(title='Maps "old" new')
    assert (found.title, found.note) == ('Maps, "old" and new', "two lines")
    assert len(desk.search(title="Sheet 199")) == 1


def test_formulas_are_what_they_show_and_nothing_is_worked_out(desk: Any) -> None:
    text = (
        "title,isbn,url,call number\n"
        'Escaped,"=""9787536692930""",,"=""0123"""\n'
        '"=HYPERLINK(""https://example.org/1"",""Linked"")",,,\n'
        "=cmd|'/c calc'!A0,,javascript:alert(1),+1\n"
    )
    desk.load(desk.file("list.csv", text.encode()), "special")
    (found,) = desk.search(isbn="9787536692930")
    assert (found.title, found.call_number) == ("Escaped", "0123")
    assert desk.search(title="Linked")[0].url == "https://example.org/1"
    (odd,) = desk.search(title="cmd calc")
    assert (odd.title, odd.url, odd.call_number) == ("=cmd|'/c calc'!A0", "", "+1")


def test_an_isbn_that_a_spreadsheet_has_rounded_is_counted_as_wrong(desk: Any) -> None:
    done = desk.load(
        desk.file("list.csv", b"title,isbn\nRounded,9.78754E+12\nTwo,978-7-5366-9293-0; 702000220X\n"), "s"
    )
    assert (done.progress.loaded, done.progress.wrong_numbers) == (2, 1)
    assert desk.search(isbn="9787020002207")[0].title == "Two"


def test_wrong_octets_spoil_one_row(desk: Any) -> None:
    done = desk.load(desk.file("list.csv", b"title,author\nOne,A\nTw\xff\xfeo,B\nThree,C\n"), "special")
    assert (done.progress.loaded, done.progress.bad) == (2, 1)
    assert (desk.folder / "list.csv.bad").read_bytes() == b"title,author\nTw\xff\xfeo,B\n"
    text = "题名,作者\n三体,刘慈欣\n".encode("gbk") + b"\xff\xff\xff,x\n" + "红楼梦,曹雪芹\n".encode("gbk")
    done = desk.load(desk.file("list.csv", text), "special", charset=Charset.named("gbk"))
    assert (done.progress.loaded, done.progress.bad) == (2, 1)
    assert (desk.folder / "list.csv.bad").read_bytes() == "题名,作者\n".encode("gbk") + b"\xff\xff\xff,x\n"


def test_availability_in_words(desk: Any) -> None:
    text = "title,status,call number\nIn,在架,1\nOut,借出,2\nOdd,perhaps,3\n"
    desk.load(desk.file("list.csv", text.encode()), "special")
    assert [desk.cited(title=title)[0].available for title in ("In", "Out", "Odd")] == [True, False, None]


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        ("Was,Wer\n1,2\n", {}, "--map title=COLUMN"),
        ("title,x\n1,2\n", {"mapping": {"author": "Wer"}}, "no column Wer"),
    ],
)
def test_a_heading_that_names_no_title_is_refused(desk: Any, text: str, options: dict[str, Any], said: str) -> None:
    with pytest.raises(CannotLoad, match=said):
        desk.load(desk.file("list.csv", text.encode()), "special", **options)
