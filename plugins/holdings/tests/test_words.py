"""The words and numbers under which records are found."""

import pytest

from illcore_holdings.words import index_of, sought_words, whole_title_key


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("三体", "t三体"),
        ("三体问题", "t三体 t体问 t问题"),
        ("家", "t家"),
        ("C语言程序设计", "tc t语言 t言程 t程序 t序设 t设计"),
        ("C++ primer & C#", "tc++ tprimer tc#"),
        ("Don't look back", "tdont tlook tback"),
        ("Müller’s Straße", "tmuller tstrasse"),
        ("Rock 'n' roll, l'été de O'Reilly", "trock tn troll tete tde toreilly"),
        ("ＡＢＣ 百科", "tabc t百科"),
        ("がん", "tがん"),
    ],
)
def test_words_of_a_title(title: str, words: str) -> None:
    assert index_of([title], [])[0] == words.split()


def test_words_of_titles_and_authors_do_not_mix() -> None:
    assert index_of(["Rose"], ["Rose, A."])[0] == ["trose", "arose", "aa"]


def test_empty_words_are_not_looked_for_unless_there_are_no_others() -> None:
    assert sought_words("The name of the rose", "t") == ["tname", "trose"]
    assert sought_words("The", "t") == ["tthe"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The Name of the Rose", "name of the rose"),
        ("三体 : 地球往事", "三体：地球往事"),
        ("Un été", "ete"),
    ],
)
def test_one_title_in_two_spellings_has_one_number(one: str, other: str) -> None:
    assert whole_title_key(one) == whole_title_key(other)


def test_numbers_of_titles_are_below_those_of_isbn_and_issn() -> None:
    keys = [whole_title_key(f"title {number}") for number in range(500)]
    assert len(set(keys)) == 500
    assert all(key is not None and -(2**63) <= key < 0 for key in keys)
    assert whole_title_key(" … ") is None
