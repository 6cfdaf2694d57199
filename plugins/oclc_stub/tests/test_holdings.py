"""Searching WorldCat: by number, by words, page by page, and what the holdings say."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from illcore.errors import Refused
from illcore.model import Citation, Query
from illcore.testing.fakes import FakeClock
from illcore_oclc_stub.config import OclcConfig
from illcore_oclc_stub.stub.catalog import bib
from illcore_oclc_stub.stub.faults import Fault
from illcore_oclc_stub.testing import Connect, Seconds, Served, host_with_tables

Ask = Callable[..., list[Any]]


@pytest.fixture
def ask(connect: Connect) -> Ask:
    def asked(query: Query, **keys: Any) -> list[Any]:
        return list(connect(**keys).illcore_search(query, Seconds()))

    return asked


def queries(stub: Served) -> list[str]:
    return [each["query"] for each in stub.stub.calls if each["path"].endswith("holdings")]


@pytest.mark.parametrize(
    "query",
    [
        Query(isbn="978-7-02-000220-7"),
        Query(isbn="702000220X"),
        Query(citation=Citation(oclc="(OCoLC)ocm41266045")),
        Query(title="红楼梦", author="曹雪芹"),
        Query(title='红楼梦" OR ti:"'),
    ],
    ids=["isbn 13", "isbn 10", "oclc number", "title", "a title that would break out of its quotes"],
)
def test_holders_are_found_as_symbols_that_partners_may_have(ask: Ask, query: Query) -> None:
    found = ask(query)
    if '"' in query.title:
        assert found == []
        return
    assert [each.library for each in found] == ["OCLC:XBB", "OCLC:XCC"]
    assert {each.record_id for each in found} == {"41266045"}
    assert found[0].title == "红楼梦"
    assert found[0].score >= 0.9
    assert found[0].location == "Stub Library XBB, 北京"


def test_another_title_with_the_same_words_is_not_taken_for_it(stub: Served, ask: Ask) -> None:
    other, same = bib(1, "红楼梦研究", "某人", ("XBB", 1002)), bib(2, "红楼梦 : 全本", "曹雪芹", ("XCC", 1003))
    stub.stub.bibs = [other, same]
    assert [each.library for each in ask(Query(title="红楼梦"))] == ["OCLC:XCC"]


def test_a_library_that_is_no_supplier_lends_and_copies_nothing(stub: Served, ask: Ask) -> None:
    stub.stub.bibs = [bib(1, "A", "B", ("XBB", 1002), isbns=("9787020002207",), status="N")]
    holding = ask(Query(isbn="9787020002207"))[0]
    assert (holding.loanable, holding.copyable) == (False, False)


@pytest.mark.parametrize("base", [0, 1])
@pytest.mark.parametrize("records", [1, 49, 50, 51, 120])
def test_all_pages_are_read_wherever_the_service_begins_to_count(
    stub: Served, ask: Ask, base: int, records: int
) -> None:
    stub.stub.offset_base = base
    stub.stub.bibs = [bib(n + 1, "A", "B", (f"L{n}", n + 1), isbns=("9787020002207",)) for n in range(records)]
    found = ask(Query(isbn="9787020002207", maximum=1000))
    assert len(found) == records
    assert len({each.library for each in found}) == records
    assert not any("offset=0" in each for each in queries(stub))


def test_no_more_is_fetched_than_was_wanted(stub: Served, ask: Ask) -> None:
    stub.stub.bibs = [bib(n + 1, "A", "B", (f"L{n}", n + 1), isbns=("9787020002207",)) for n in range(120)]
    assert len(ask(Query(isbn="9787020002207", maximum=10))) == 10
    assert len(queries(stub)) == 1


def test_symbols_are_asked_five_at_a_time(stub: Served, ask: Ask) -> None:
    holders = [(f"L{n:02}", n + 1) for n in range(30)]
    stub.stub.bibs = [bib(1, "A", "B", *holders, isbns=("9787020002207",))]
    wanted = tuple(symbol for symbol, _ in holders[:12])
    found = ask(Query(isbn="9787020002207", maximum=100), held_by_symbol=wanted, held_in_country="CN")
    assert tuple(each.library.removeprefix("OCLC:") for each in found) == wanted
    assert len(queries(stub)) == 3
    assert all("heldInCountry=CN" in each for each in queries(stub))


def test_a_part_of_the_answer_is_an_answer(stub: Served, ask: Ask) -> None:
    stub.stub.spoil(Fault(name="partial"))
    assert len(ask(Query(isbn="9787020002207"))) == 2


def test_nothing_found_is_no_error(ask: Ask) -> None:
    assert ask(Query(isbn="9780306406157")) == []
    assert ask(Query(title="没有这本书")) == []
    assert ask(Query(author="曹雪芹")) == []


def test_a_problem_is_told_with_its_title_and_detail(stub: Served, ask: Ask) -> None:
    stub.stub.spoil(Fault(name="bad_request", area="search"))
    with pytest.raises(Refused, match="Validation Failure: the switch bad_request is on") as caught:
        ask(Query(isbn="9787020002207"))
    assert caught.value.code == "INVALID_QUERY_PARAMETER_VALUE"


def test_other_query_languages_are_refused_by_name(ask: Ask) -> None:
    with pytest.raises(Refused, match="pqf"):
        ask(Query(raw={"pqf": "@attr 1=4 x"}))


def test_one_token_serves_until_shortly_before_its_end(stub: Served, connect: Connect) -> None:
    clock = FakeClock()
    connector = connect(host=host_with_tables(clock=clock))
    for seconds, tokens in ((0, 1), (600, 1), (568, 1), (2, 2), (1, 2)):
        clock.advance(seconds=seconds)
        connector.illcore_search(Query(isbn="9787020002207"), Seconds())
        assert len(stub.stub.members.issued) == tokens


def test_many_threads_fetch_one_token(stub: Served, connect: Connect) -> None:
    connector = connect()
    stub.stub.spoil(Fault(name="slow", area="token", seconds=0.2))
    ask = partial(connector.illcore_search, Query(isbn="9787020002207"))
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: ask(Seconds()), range(8)))
    assert [len(each) for each in found] == [2] * 8
    assert len(stub.stub.members.issued) == 1


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"ill_url": ""}, "ill_url is missing"),
        ({"token_url": "http://oauth.example.org/token"}, "not https"),
        ({"search_url": "ftp://example.org"}, "write a URL"),
        ({"ill_url": "https://user:password@example.org/ill"}, "without user, password"),
    ],
)
def test_a_wrong_url_is_named_in_a_sentence(stub: Served, keys: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        OclcConfig.model_validate({**stub.account(), **keys})


def test_an_account_may_only_search_or_only_lend(stub: Served) -> None:
    from illcore.testing.fakes import FakeHost
    from illcore_oclc_stub import _connector

    host = FakeHost()
    for services, hooks in ((["search"], {"search"}), (["ill"], {"send", "receive"})):
        made = _connector(OclcConfig.model_validate({**stub.account(), "services": services}), host)
        assert {name.removeprefix("illcore_") for name in dir(made) if name.startswith("illcore_")} == hooks
