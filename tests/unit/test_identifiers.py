"""Identifiers are understood as people write them, and the same thing has the same key."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import ean

from illcore.identifiers import (
    KINDS,
    Kind,
    doi,
    fault,
    isbn10,
    isbn13,
    issn,
    match_key,
    match_keys,
    normal,
    oclc,
    pmid,
    problem_of,
    title_key,
)
from illcore.model import Citation, ServiceType

steady = settings(deadline=None, derandomize=True, max_examples=150)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        pytest.param("9780306406157", "9780306406157", id="thirteen bare digits"),
        pytest.param("978-0-306-40615-7", "9780306406157", id="hyphens"),
        pytest.param("978–0–306–40615–7", "9780306406157", id="dashes from a word processor"),
        pytest.param("９７８０３０６４０６１５７", "9780306406157", id="full-width digits"),
        pytest.param("0306406152", "9780306406157", id="the old ten digits"),
        pytest.param("0-8044-2957-x", "9780804429573", id="a check digit x"),
        pytest.param("306406152", "9780306406157", id="nine digits of a British SBN"),
        pytest.param("ISBN: 0-306-40615-2", "9780306406157", id="a label"),
        pytest.param("ISBN-13: 978-0-306-40615-7", "9780306406157", id="a label with 13"),
        pytest.param("ISBN 10 0306406152", "9780306406157", id="a label with 10"),
        pytest.param("urn:isbn:0306406152", "9780306406157", id="a URN"),
        pytest.param("0306406152 (pbk.)", "9780306406157", id="a binding after it"),
        pytest.param("7-02-000220-X : CNY59.70", "9787020002207", id="a price after it, as Chinese MARC has it"),
        pytest.param("979-10-90636-07-1", "9791090636071", id="the range 979"),
        pytest.param("9780306406158", None, id="a wrong check digit"),
        pytest.param("9770306406157", None, id="the barcode of something else"),
        pytest.param("10019·2979", None, id="a Chinese book number from before ISBN"),
        pytest.param("", None, id="nothing"),
        pytest.param("not known", None, id="words"),
    ],
)
def test_isbn(text: str, number: str | None) -> None:
    assert isbn13(text) == number


def test_the_ten_digit_form_of_an_isbn() -> None:
    assert isbn10("978-7-02-000220-7") == "702000220X"
    assert isbn10("979-10-90636-07-1") is None
    assert isbn10("nonsense") is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        pytest.param("0028-0836", "0028-0836", id="as printed"),
        pytest.param("00280836", "0028-0836", id="without hyphen"),
        pytest.param("2434-561x", "2434-561X", id="a check digit x"),
        pytest.param("eISSN: 2049-3630", "2049-3630", id="a label"),
        pytest.param("ISSN-L 0028-0836", "0028-0836", id="the linking ISSN"),
        pytest.param("0028-0837", None, id="a wrong check digit"),
        pytest.param("CN 11-1234/K", None, id="a Chinese serial number"),
    ],
)
def test_issn(text: str, number: str | None) -> None:
    assert issn(text) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        pytest.param("10.1038/171737a0", "10.1038/171737a0", id="bare"),
        pytest.param("10.1000/ABC", "10.1000/abc", id="case does not matter"),
        pytest.param("doi: 10.1000/182", "10.1000/182", id="a label"),
        pytest.param("https://doi.org/10.1000/182", "10.1000/182", id="a link"),
        pytest.param("http://dx.doi.org/10.1002/%28SICI%291097", "10.1002/(sici)1097", id="an escaped link"),
        pytest.param("info:doi/10.1000/182", "10.1000/182", id="an OpenURL identifier"),
        pytest.param("10.1016/S0140-6736(05)67890-1.", "10.1016/s0140-6736(05)67890-1", id="the end of a sentence"),
        pytest.param("10.1000/182)", "10.1000/182", id="the end of a parenthesis"),
        pytest.param("10.1000.10/123", "10.1000.10/123", id="a prefix with parts"),
        pytest.param("11.1000/182", None, id="another handle"),
        pytest.param("10.1000", None, id="a prefix alone"),
        pytest.param("10.1000/18 2", None, id="a gap inside"),
    ],
)
def test_doi(text: str, number: str | None) -> None:
    assert doi(text) == number


@pytest.mark.parametrize(
    ("read", "text", "number"),
    [
        pytest.param(pmid, "PMID: 00123", "123", id="a labelled PubMed number"),
        pytest.param(pmid, "https://pubmed.ncbi.nlm.nih.gov/31452104/", "31452104", id="a PubMed link"),
        pytest.param(pmid, "PMC123", None, id="a PMC number is no PubMed number"),
        pytest.param(pmid, "123456789", None, id="a PubMed number is never that long"),
        pytest.param(pmid, "0", None, id="zero is no PubMed number"),
        pytest.param(oclc, "(OCoLC)ocm00012345", "12345", id="an OCLC number as in MARC 035"),
        pytest.param(oclc, "on1234567890", "1234567890", id="an OCLC number as in MARC 001"),
        pytest.param(oclc, "OCLC no. 12345", "12345", id="a labelled OCLC number"),
        pytest.param(oclc, "B12345", None, id="a local record number"),
    ],
)
def test_numbers_of_catalogues(read, text: str, number: str | None) -> None:
    assert read(text) == number


@pytest.mark.parametrize(
    ("kind", "text", "code", "words"),
    [
        pytest.param("isbn", "9780306406158", "isbn_check_digit", "mistyped digit", id="an ISBN with a wrong digit"),
        pytest.param("isbn", "97803064061", "isbn_length", "11 characters", id="an ISBN that is too short"),
        pytest.param("isbn", "9770028083002", "isbn_prefix", "978 or 979", id="a magazine's barcode"),
        pytest.param("isbn", "red cover", "isbn_characters", "red cover", id="words for an ISBN"),
        pytest.param("issn", "0028-0837", "issn_check_digit", "0028-0837", id="an ISSN with a wrong digit"),
        pytest.param("issn", "0028-083", "issn_length", "not 8", id="an ISSN that is too short"),
        pytest.param("issn", "11-1234/K", "issn_characters", "8 digits", id="a Chinese serial number for an ISSN"),
        pytest.param("doi", "doi", "doi_form", "10.1000/182", id="a word for a DOI"),
        pytest.param("pmid", "PMC1", "pmid_form", "1 to 8 digits", id="a PMC number for a PMID"),
        pytest.param("oclc", "x", "oclc_form", "digits only", id="a word for an OCLC number"),
    ],
)
def test_what_is_wrong_with_an_identifier(kind: Kind, text: str, code: str, words: str) -> None:
    found = fault(kind, text)
    assert found is not None
    assert found[0] == code
    assert words in found[1].en
    assert text in found[1].zh
    assert problem_of(kind, text) == found[1].en


def test_a_very_long_wrong_identifier_is_shortened_in_the_sentence() -> None:
    problem = problem_of("doi", "x" * 2000)
    assert problem is not None
    assert len(problem) < 150


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_identifier_is_no_problem(kind: Kind) -> None:
    assert problem_of(kind, "  ") is None


@steady
@given(st.integers(0, 10**9 - 1))
def test_every_isbn_reads_the_same_in_both_lengths(number: int) -> None:
    body = f"978{number:09d}"
    long = body + ean.calc_check_digit(body)
    short = isbn10(long)
    assert short is not None
    assert isbn13(short) == isbn13(long) == long


@steady
@given(st.integers(0, 10**9 - 1), st.integers(0, 12), st.integers(1, 9))
def test_every_single_wrong_digit_of_an_isbn_is_found(number: int, place: int, shift: int) -> None:
    body = f"978{number:09d}"
    right = body + ean.calc_check_digit(body)
    wrong = right[:place] + str((int(right[place]) + shift) % 10) + right[place + 1 :]
    assert problem_of("isbn", wrong) is not None


@steady
@given(st.sampled_from(KINDS), st.text(max_size=40))
def test_any_text_is_either_normal_or_a_problem_and_normal_forms_stay(kind: Kind, text: str) -> None:
    number = normal(kind, text)
    if number is None:
        assert (problem_of(kind, text) is None) is (not text.strip())
    else:
        assert normal(kind, number) == number
        assert problem_of(kind, text) is None


@pytest.mark.parametrize(
    ("text", "key"),
    [
        pytest.param(
            "The Hobbit, or, There and Back Again", "hobbit or there and back again", id="article, commas, case"
        ),
        pytest.param("L’Étranger", "étranger", id="an elided article; accents stay"),
        pytest.param("Die Verwandlung.", "verwandlung", id="a German article"),
        pytest.param("A", "a", id="nothing but an article"),
        pytest.param("《红楼梦》", "红楼梦", id="Chinese title marks"),
        pytest.param("红楼梦（上）", "红楼梦上", id="the volume in a Chinese title stays"),
        pytest.param("中国 文学史", "中国文学史", id="no spaces between Chinese characters"),
        pytest.param("紅樓夢", "紅樓夢", id="traditional characters stay traditional"),
        pytest.param("ＡＢＣ　概論", "abc概論", id="full-width letters"),
        pytest.param("C++ in Depth", "c++ in depth", id="C++ is not C"),
        pytest.param("Don't   Panic!", "dont panic", id="apostrophes and spaces"),
        pytest.param("Straße", "strasse", id="sharp s"),
        pytest.param("???", "???", id="nothing but signs"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_titles_as_they_are_compared(text: str, key: str) -> None:
    assert title_key(text) == key


@steady
@given(st.text(min_size=1, max_size=60))
def test_case_and_unicode_form_never_change_a_title_key(text: str) -> None:
    assert title_key(unicodedata.normalize("NFD", text)) == title_key(text)
    assert bool(title_key(text)) is bool(unicodedata.normalize("NFKC", text).strip())


BOOK = Citation(
    title="红楼梦", author="曹雪芹", year="1996", isbn="978-7-02-000220-7", oclc="12345", publication_type="Book"
)
ARTICLE = Citation(
    title="Nature",
    title_of_component="Molecular structure of nucleic acids",
    author_of_component="Watson, J. D.",
    issn="0028-0836",
    year="1953",
    volume="171",
    issue="4356",
    pages="737-738",
    doi="10.1038/171737a0",
    publication_type="Article",
)
CHAPTER = Citation(title="Handbook", isbn="0306406152", pages="12-30", year="2001", publication_type="Chapter")


def but(citation: Citation, **changes: str) -> Citation:
    return citation.model_copy(update=changes)


def only(**fields: str) -> Citation:
    return Citation(**fields)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        pytest.param(BOOK, only(isbn="7-02-000220-X", title="Hong lou meng"), id="ISBN in ten or thirteen digits"),
        pytest.param(BOOK, only(oclc="(OCoLC)ocm00012345"), id="the OCLC number alone"),
        pytest.param(
            BOOK, only(title="《红楼梦》", author="(清)曹雪芹著", year="1996年"), id="title, author and year alone"
        ),
        pytest.param(
            only(title="The Hobbit", author="Tolkien, J. R. R.", year="1937"),
            only(title="Hobbit.", author="J.R.R. Tolkien", year="c1937"),
            id="the author's name the other way round",
        ),
        pytest.param(
            only(title="E-mail etiquette", year="2001"), only(title="Email Etiquette", year="2001"), id="a hyphen more"
        ),
        pytest.param(
            ARTICLE, only(doi="https://doi.org/10.1038/171737A0", publication_type="Article"), id="a DOI link"
        ),
        pytest.param(
            ARTICLE, but(ARTICLE, doi="", issn="", pages="", volume="Vol. 171"), id="journal title and article"
        ),
        pytest.param(but(ARTICLE, doi=""), but(ARTICLE, doi="", title="Nature (London)"), id="ISSN, volume and issue"),
        pytest.param(
            but(ARTICLE, doi="", title_of_component=""),
            but(ARTICLE, doi="", title_of_component="", pages="pp. 737–8"),
            id="the first page",
        ),
        pytest.param(CHAPTER, but(CHAPTER, title="", isbn="9780306406157"), id="a chapter by ISBN and page"),
    ],
)
def test_the_same_thing_shares_a_key(a: Citation, b: Citation) -> None:
    assert set(match_keys(a)) & set(match_keys(b))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        pytest.param(BOOK, but(BOOK, volume="2"), id="another volume of the set"),
        pytest.param(BOOK, only(title="红楼梦", author="曹雪芹", year="2008"), id="another edition by title and year"),
        pytest.param(
            BOOK, only(title="紅樓夢", author="曹雪芹", year="1996"), id="traditional characters are not folded"
        ),
        pytest.param(
            but(BOOK, publication_type=""), but(BOOK, title_of_component="第一回"), id="the book and its chapter"
        ),
        pytest.param(CHAPTER, but(CHAPTER, pages="31-40"), id="two chapters of one book"),
        pytest.param(
            but(CHAPTER, doi="10.1007/9780306406157"),
            but(CHAPTER, doi="10.1007/9780306406157", pages="31-40"),
            id="two chapters under the DOI of their book",
        ),
        pytest.param(
            but(ARTICLE, doi=""), but(ARTICLE, doi="", title_of_component="Editorial"), id="two articles of one issue"
        ),
        pytest.param(
            but(ARTICLE, doi="", title_of_component="Editorial"),
            but(ARTICLE, doi="", title_of_component="Editorial", issue="4357"),
            id="the editorials of two issues",
        ),
        pytest.param(
            only(issn="0028-0836", volume="171"), only(issn="0028-0836", volume="172"), id="two volumes of a journal"
        ),
        pytest.param(
            but(ARTICLE, doi="", title_of_component="", pages="S12"),
            but(ARTICLE, doi="", title_of_component="", pages="12"),
            id="a page of the supplement",
        ),
        pytest.param(only(title="C"), only(title="C++"), id="C and C++"),
    ],
)
def test_different_things_share_no_key(a: Citation, b: Citation) -> None:
    assert not set(match_keys(a)) & set(match_keys(b))


@pytest.mark.parametrize(
    ("service", "other", "same"),
    [
        pytest.param("loan", "copy_or_loan", True, id="a loan and a loan-or-copy of one book"),
        pytest.param("loan", "loan", True, id="two loans of one book"),
        pytest.param("loan", "copy", False, id="the loan of a book and the copy of its chapter"),
    ],
)
def test_the_service_decides_whether_pages_mean_a_part(service: ServiceType, other: ServiceType, same: bool) -> None:
    paged = but(BOOK, pages="3-9") if other == "copy" else BOOK
    assert bool(set(match_keys(but(BOOK, pages="3-9"), service)) & set(match_keys(paged, other))) is same


def test_the_copy_of_a_doi_is_a_part_with_and_without_the_article_title() -> None:
    bare = only(doi="10.1038/171737a0")
    assert match_key(bare, "copy") == match_key(ARTICLE, "copy") == "part|doi|10.1038/171737a0"


def test_a_citation_that_names_nothing_has_no_key() -> None:
    assert match_keys(Citation(year="1999")) == ()
    assert match_key(Citation(year="1999")) == ""


def test_a_wrong_isbn_is_no_key_but_the_title_still_is() -> None:
    assert [key.split("|")[1] for key in match_keys(only(title="X", isbn="9780306406158"))] == ["title"]


citations = st.builds(
    Citation,
    **{
        name: st.text(max_size=30)
        for name in ("title", "author", "title_of_component", "year", "volume", "issue", "pages", "doi")
    },
    isbn=st.sampled_from(["", "0306406152", "9787020002207"]),
    issn=st.sampled_from(["", "0028-0836"]),
    publication_type=st.sampled_from(["", "Book", "Article", "Chapter"]),
)


@steady
@given(citations, st.sampled_from([None, "loan", "copy", "copy_or_loan"]))
def test_keys_are_short_steady_and_strongest_first(citation: Citation, service: ServiceType | None) -> None:
    keys = match_keys(citation, service)
    assert keys == match_keys(citation.model_copy(), service)
    assert len(set(keys)) == len(keys)
    assert all(0 < len(key) <= 80 for key in keys)
    assert match_key(citation, service) == (keys[0] if keys else "")
    assert {key.split("|")[0] for key in keys} <= ({"whole"} if service == "loan" else {"whole", "part"})
