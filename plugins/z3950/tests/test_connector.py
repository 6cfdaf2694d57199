"""The connector `z3950`: fall-backs, errors with their cause, and many targets at once."""

from __future__ import annotations

import contextlib
import socket
import tracemalloc

import pytest

import illcore_z3950
from illcore.clock import SystemClock
from illcore.config import resolve_secret
from illcore.dispatch import Dispatch
from illcore.errors import Misconfigured, Refused, TryLater, Unknown
from illcore.model import Citation, Query
from illcore.plugins import Plugins
from illcore.testing.fakes import FakeHost, given
from illcore_z3950 import values as v
from illcore_z3950.ber import ctx, encode
from illcore_z3950.config import Z3950Config
from illcore_z3950.connector import Z3950Connector
from illcore_z3950.oids import SUTRS, UNIMARC, USMARC, XML, record_syntax_name
from illcore_z3950.pqf import to_pqf
from illcore_z3950.rpn import query_from_node
from illcore_z3950.testing import (
    ScriptedTarget,
    answering,
    answering_http,
    catalogue,
    closing,
    dribbling,
    lying_about_length,
)
from illcore_z3950.testing.answers import close_apdu, init_answer, present_answer, record, search_answer
from illcore_z3950.testing.samples import DREAM_CNMARC, THREE_BODY_CNMARC, gbk, iso2709

THREE_BODY = iso2709(THREE_BODY_CNMARC, str.encode)
DREAM = iso2709(DREAM_CNMARC, str.encode)
TITLE = Query(title="三体")
_SEARCH, _PRESENT, _INIT = ctx(22), ctx(24), ctx(20)


@contextlib.contextmanager
def connector(target, **keys):
    config = {"host": target.host, "port": target.port, "database": "main", **keys}
    made = Z3950Connector(Z3950Config.model_validate(config))
    try:
        yield made
    finally:
        made.close()


class Choosy:
    """A target that refuses what it does not like, and remembers what it was asked."""

    def __init__(
        self, *, uses=(), databases=1, syntaxes=(USMARC,), element_sets=("F", ""), data=THREE_BODY, found=None
    ):
        self.uses, self.databases, self.syntaxes, self.element_sets = uses, databases, syntaxes, element_sets
        self.data, self.found = data, found
        self.queries, self.presents, self.names = [], [], []

    def __call__(self, talk):
        while (request := talk.read()) is not None:
            key, content = request
            if key == _INIT:
                talk.send(init_answer())
            elif key == _SEARCH:
                talk.send(self._search(v.fields(content)))
            elif key == _PRESENT:
                talk.send(self._present(v.fields(content)))
            else:
                return

    def _search(self, asked):
        names = [v.to_text(name) for _, name in v.children(asked[ctx(18)])]
        query = to_pqf(query_from_node(asked[ctx(21)]))
        self.names.append(names)
        self.queries.append(query)
        if len(names) > self.databases:
            return search_answer(0, succeeded=False, diagnoses=[(23, "")])
        if self.uses and not any(f"@attr 1={use} " in query for use in self.uses):
            return search_answer(0, succeeded=False, diagnoses=[(114, "1")])
        return search_answer(1 if self.found is None or self.found in query else 0)

    def _present(self, asked):
        syntax = v.to_oid(asked[ctx(104)])
        name = v.to_text(v.the_only(asked[ctx(19)])[1]) if ctx(19) in asked else ""
        self.presents.append((record_syntax_name(syntax), name))
        if syntax not in self.syntaxes:
            return present_answer(status=5, diagnoses=[(239, syntax)])
        if name not in self.element_sets:
            return present_answer(status=5, diagnoses=[(25, name)])
        return present_answer([record(self.data, syntax=syntax)])


@pytest.mark.parametrize(
    ("uses", "asked"),
    [((), ["7"]), ((1007,), ["7", "7", "7", "1007"]), ((1016,), ["7", "7", "7", "1007", "1007", "1007", "1016"])],
)
def test_an_isbn_is_asked_with_other_attributes_while_they_are_refused(uses, asked, deadline):
    choosy = Choosy(uses=uses)
    with ScriptedTarget(choosy) as target, connector(target) as z3950:
        (holding,) = z3950.illcore_search(Query(isbn="9787536692930"), deadline)
    assert (holding.title, holding.score) == ("三体", 1.0)
    assert [query.partition("1=")[2].partition(" ")[0] for query in choosy.queries] == asked


@pytest.mark.parametrize(
    ("syntaxes", "element_sets", "configured", "presents"),
    [
        ((USMARC,), ("F",), "usmarc", [("usmarc", "F")]),
        ((USMARC,), ("F",), "opac", [("opac", "F"), ("usmarc", "F")]),
        ((UNIMARC,), ("",), "cnmarc", [("unimarc", "F"), ("unimarc", "")]),
        ((XML,), ("F",), "usmarc", [("usmarc", "F"), ("unimarc", "F"), ("xml", "F")]),
        ((SUTRS,), ("",), "usmarc", [("usmarc", "F"), ("unimarc", "F"), ("xml", "F"), ("sutrs", "F"), ("sutrs", "")]),
    ],
)
def test_records_are_asked_for_in_other_ways_while_they_are_refused(
    syntaxes, element_sets, configured, presents, deadline
):
    data = {XML: b"<dc xmlns='http://purl.org/dc/elements/1.1/'><title>\xe4\xb8\x89\xe4\xbd\x93</title></dc>"}
    data |= {SUTRS: "三体".encode()}
    choosy = Choosy(syntaxes=syntaxes, element_sets=element_sets, data=data.get(syntaxes[0], THREE_BODY))
    with ScriptedTarget(choosy) as target, connector(target, syntax=configured) as z3950:
        assert [each.title for each in z3950.illcore_search(TITLE, deadline)] == ["三体"]
    assert choosy.presents == presents


def test_databases_that_cannot_be_searched_together_are_searched_one_by_one(deadline):
    choosy = Choosy()
    with ScriptedTarget(choosy) as target, connector(target, database="a+b") as z3950:
        assert len(z3950.illcore_search(TITLE, deadline)) == 2
    assert choosy.names == [["a", "b"], ["a"], ["b"]]


def test_a_citation_is_asked_by_number_and_then_by_title(deadline):
    choosy = Choosy(found="1=4 ")
    cited = Citation(isbn="9787536692930", title="三体", author="刘慈欣")
    with ScriptedTarget(choosy) as target, connector(target) as z3950:
        (holding,) = z3950.illcore_search(Query(isbn=cited.isbn, citation=cited), deadline)
    assert holding.score == 1.0
    assert len(choosy.queries) == 2


def test_terms_and_records_each_in_their_own_charset(deadline):
    seen = []

    def script(talk):
        talk.read()
        talk.send(init_answer())
        seen.append(encode(talk.read()))
        talk.send(search_answer(1))
        talk.read()
        talk.send(present_answer([record(iso2709(THREE_BODY_CNMARC, gbk))]))
        talk.read()

    with ScriptedTarget(script) as target, connector(target, query_charset="gbk", record_charset="gb2312") as z3950:
        (holding,) = z3950.illcore_search(TITLE, deadline)
    assert "三体".encode("gbk") in seen[0]
    assert (holding.title, holding.author, holding.available) == ("三体", "刘慈欣", None)


def test_a_wrong_record_charset_is_misconfigured_and_says_what_would_fit(deadline):
    with (
        ScriptedTarget(catalogue([record(iso2709(THREE_BODY_CNMARC, gbk))])) as target,
        connector(target) as z3950,
        pytest.raises(Misconfigured, match=r"No record of .* can be read.*set record_charset.*gb18030") as caught,
    ):
        z3950.illcore_search(TITLE, deadline)
    assert "\ufffd" not in str(caught.value)


def test_one_unreadable_record_does_not_cost_the_others(deadline):
    mixed = [record(iso2709(THREE_BODY_CNMARC, gbk)), record(THREE_BODY), record(b"junk")]
    with ScriptedTarget(catalogue(mixed)) as target, connector(target, min_score=0) as z3950:
        found = z3950.illcore_search(TITLE, deadline)
    assert found[0].title == "三体"
    assert [("record_charset" in each.note, "cannot be read" in each.note) for each in found[1:]] == [
        (True, False),
        (False, True),
    ]


def test_false_hits_are_dropped(deadline):
    with ScriptedTarget(catalogue([record(DREAM), record(THREE_BODY)])) as target, connector(target) as z3950:
        assert [each.title for each in z3950.illcore_search(TITLE, deadline)] == ["三体"]


SAID = {
    "temporary": ([init_answer(), search_answer(0, succeeded=False, diagnoses=[(2, "")])], TryLater),
    "database": ([init_answer(), search_answer(0, succeeded=False, diagnoses=[(235, "main")])], Misconfigured),
    "too broad": ([init_answer(), search_answer(0, succeeded=False, diagnoses=[(12, "")])], Refused),
    "several": ([init_answer(), search_answer(0, succeeded=False, diagnoses=[(12, ""), (4, "")])], Refused),
    "login": ([init_answer(accepted=False, diagnoses=[(1011, "")])], Misconfigured),
    "busy": ([init_answer(accepted=False, diagnoses=[(1018, "")])], TryLater),
    "close": ([init_answer(), close_apdu(3)], TryLater),
    "broken": ([init_answer(), b"\xb7\x03\x02\x01\x01"], TryLater),
    "present": ([init_answer(), search_answer(1), present_answer(status=5, diagnoses=[(14, "")])], Refused),
}


@pytest.mark.parametrize("name", SAID)
def test_what_the_target_says_decides_who_must_act(name, deadline):
    answers, kind = SAID[name]
    with (
        ScriptedTarget(answering(*answers)) as target,
        connector(target) as z3950,
        pytest.raises(kind, match=rf"^127\.0\.0\.1:{target.port} ") as caught,
    ):
        z3950.illcore_search(TITLE, deadline)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(
    ("query", "what"),
    [
        (Query(isbn="123"), "'123' is not an ISBN"),
        (Query(raw={"pqf": "@and x"}), "the query ends"),
        (Query(raw={"sql": "x"}), "takes queries in PQF or CQL, not in sql"),
        (Query(), "There is nothing to search for"),
    ],
)
def test_a_query_that_cannot_be_asked_is_refused_before_anything_is_sent(query, what, deadline):
    with ScriptedTarget(catalogue([])) as target, connector(target) as z3950, pytest.raises(Refused, match=what):
        z3950.illcore_search(query, deadline)
    assert target.connections == 0


def test_a_term_that_the_query_charset_cannot_write_is_refused(deadline):
    with (
        ScriptedTarget(catalogue([])) as target,
        connector(target, query_charset="latin-1") as z3950,
        pytest.raises(Refused, match="cannot be written in iso8859-1; set query_charset"),
    ):
        z3950.illcore_search(TITLE, deadline)


def test_silence_is_unknown(within):
    with (
        ScriptedTarget(answering(init_answer())) as target,
        connector(target) as z3950,
        pytest.raises(Unknown, match="did not answer the search"),
    ):
        z3950.illcore_search(TITLE, within(0.3))


GOOD = 193
BAD = {
    "slow": (catalogue([record(THREE_BODY)], delay=60), "did not answer the search", "late"),
    "stalled": (answering(), "did not answer Init", "late"),
    "closing": (closing(), "closed the connection without an answer", "failed"),
    "dribbling": (dribbling(0.2, init_answer()), "did not answer Init", "late"),
    "lying": (lying_about_length(2**40), f"{2**40} octets is announced", "failed"),
    "http": (answering_http(), "answers HTTP, not Z39.50", "misconfigured"),
}


@pytest.mark.slow
def test_two_hundred_targets_at_once():
    """The good ones' results arrive by the deadline, each bad one is named with its cause, memory stays flat."""
    with contextlib.ExitStack() as stack:
        nobody = stack.enter_context(socket.socket())
        nobody.bind(("127.0.0.1", 0))
        good = stack.enter_context(ScriptedTarget(catalogue([record(THREE_BODY)])))
        short = {"timeouts": {"init": 1, "search": 1}}
        accounts = {f"z3950:good{n}": _keys(good.port) for n in range(GOOD)}
        for name, (script, _, _) in BAD.items():
            accounts[f"z3950:{name}"] = _keys(stack.enter_context(ScriptedTarget(script)).port) | short
        accounts["z3950:refusing"] = _keys(nobody.getsockname()[1])
        assert len(accounts) == 200
        plugins = Plugins([given(illcore_z3950)])
        plugins.build(accounts, FakeHost(), resolve_secret)
        stack.callback(plugins.close)
        dispatch = Dispatch(plugins, SystemClock())
        stack.callback(dispatch.close)
        dispatch.search(TITLE, 25)
        tracemalloc.start()
        stack.callback(tracemalloc.stop)
        dispatch.search(TITLE, 25)
        before = tracemalloc.get_traced_memory()[0]
        holdings, reports = dispatch.search(TITLE, 25)
        grown = tracemalloc.get_traced_memory()[0] - before
    assert grown < 5_000_000
    by_name = {report.name: report for report in reports}
    assert [h.title for h in holdings] == ["三体"] * GOOD
    assert {by_name[f"z3950:good{n}"].status for n in range(GOOD)} == {"ok"}
    for name, (_, cause, status) in BAD.items():
        report = by_name[f"z3950:{name}"]
        assert cause in report.error, report
        assert report.status == status, report
    assert "refused the connection" in by_name["z3950:refusing"].error


def _keys(port):
    return {"host": "127.0.0.1", "port": port, "database": "main"}
