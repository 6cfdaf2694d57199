"""SRU: Zebra and yaz-ztest answer, and so do servers that answer oddly, badly, or not at all."""

from __future__ import annotations

import contextlib
import socket
import threading

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from illcore.errors import Misconfigured, Refused, TryLater, Unknown
from illcore.model import Citation, Query
from illcore_z3950.config import SruConfig
from illcore_z3950.sru.connector import SruConnector
from illcore_z3950.sru.response import diagnostics_in, envelope

TITLE = Query(title="三体")
OLD = "http://www.loc.gov/zing/srw/"
NEW = "http://docs.oasis-open.org/ns/search-ws/sruResponse"
BOOK = "<dc><title xmlns='http://purl.org/dc/elements/1.1/'>三体</title></dc>"


def sru_at(url, **keys):
    return contextlib.closing(SruConnector(SruConfig.model_validate({"url": url, **keys})))


def answer(hits, *records, namespace=OLD, said=""):
    wrapped = "".join(f"<record><recordSchema>dc</recordSchema><recordData>{r}</recordData></record>" for r in records)
    return (
        f'<s:searchRetrieveResponse xmlns:s="{namespace}" xmlns="{namespace}"><s:numberOfRecords>{hits}'
        f"</s:numberOfRecords><records>{wrapped}</records>{said}</s:searchRetrieveResponse>"
    )


def diagnostic(code, details="", message="", uri="info:srw/diagnostic/1/"):
    return (
        f"<diagnostics><diagnostic><message>{message}</message><uri>{uri}{code}</uri><details>{details}</details>"
        "</diagnostic></diagnostics>"
    )


@pytest.fixture
def server():
    with HTTPServer(host="127.0.0.1") as running:
        yield running


def reply(server, *bodies, status=200, kind="text/xml", headers=None):
    """Answers in turn, the last one again and again; gives the list of what was asked."""
    asked = []
    waiting = list(bodies)

    def handler(request):
        asked.append(request.args.to_dict())
        body = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return Response(body, status, headers, content_type=kind)

    server.expect_request("/db").respond_with_handler(handler)
    return asked


@pytest.mark.parametrize("version", ["1.1", "1.2", "2.0"])
@pytest.mark.parametrize("schema", ["marcxml", "mods", "dc"])
def test_zebra(version, schema, sru, deadline):
    with sru_at(f"http://127.0.0.1:{sru.port}/main", version=version, schema=schema) as connector:
        (holding,) = connector.illcore_search(TITLE, deadline)
        assert holding.title == "三体"
        assert holding.score == 1.0
        found = connector.ask(Query(raw={"cql": "dc.title = volume"}, maximum=25), deadline)
        assert (found.hits, len(found.records)) == (35, 25)


@pytest.mark.parametrize(
    ("cql", "pqf"),
    [
        ("dc.title = library", "@attr 1=4 library"),
        ("dc.title = history and dc.title = music", "@and @attr 1=4 history @attr 1=4 music"),
        ("dc.title = history not dc.title = music", "@not @attr 1=4 history @attr 1=4 music"),
        ('dc.title = "Über"', "@attr 1=4 Über"),
        ("dc.title = nothingofthekind", "@attr 1=4 nothingofthekind"),
    ],
)
def test_the_same_hits_as_by_z3950(cql, pqf, sru, yaz_client, deadline):
    with sru_at(f"http://127.0.0.1:{sru.port}/main") as connector:
        found = connector.ask(Query(raw={"cql": cql}), deadline)
    assert found.hits == yaz_client.ask(sru, pqf, ["main"]).hits


@pytest.mark.parametrize(("cql", "code"), [("dc.title = (", 10), ("nosuch.index = x", 15), ("dc.nosuch = x", 16)])
def test_zebra_refuses(cql, code, sru, deadline):
    with sru_at(f"http://127.0.0.1:{sru.port}/main") as connector:
        found = connector.ask(Query(raw={"cql": cql}), deadline)
        assert [said.code for said in found.all_diagnostics] == [f"info:srw/diagnostic/1/{code}"]
        assert isinstance(found.refusal, Refused)
        with pytest.raises(Refused, match="refused the search"):
            connector.illcore_search(Query(raw={"cql": cql}), deadline)


def test_explain_and_scan(sru, deadline):
    with sru_at(f"http://127.0.0.1:{sru.port}/main") as connector:
        told = connector._client.explain(deadline)
        terms = connector._client.scan("dc.title = library", deadline, count=3)
    assert (told.title, told.database) == ("Test catalogue", "main")
    assert told.schemas == {"marcxml": "info:srw/schema/1/marcxml-v1.1"}
    assert told.indexes == ("dc.title",)
    assert (terms.terms[0].value.lower(), terms.terms[0].records) == ("library", 14)
    assert len(terms.terms) == 3


def test_basic_authentication(sru_with_login, deadline):
    url = f"http://127.0.0.1:{sru_with_login.port}/main"
    with sru_at(url, user="ill", password="secret") as connector:
        assert [each.title for each in connector.illcore_search(TITLE, deadline)] == ["三体"]
    for keys in ({}, {"user": "ill", "password": "wrong"}):
        with sru_at(url, **keys) as connector, pytest.raises(Misconfigured, match="refused the search"):
            connector.illcore_search(TITLE, deadline)


def test_ztest_by_host_port_and_database(ztest, deadline):
    keys = {"host": "127.0.0.1", "port": ztest.port, "database": "Default"}
    with contextlib.closing(SruConnector(SruConfig.model_validate(keys))) as connector:
        found = connector.ask(Query(title="computer", maximum=2), deadline)
    assert (found.hits > 0, len(found.records)) == (True, 2)
    assert found.records[0].book.title == "How to program a computer"


@pytest.mark.parametrize("namespace", [OLD, NEW, ""])
@pytest.mark.parametrize("packed", [BOOK, BOOK.replace("<", "&lt;")], ids=["xml", "string"])
def test_both_namespaces_and_both_packings(namespace, packed, server, deadline):
    reply(server, answer(1, packed, namespace=namespace or "urn:other"))
    with sru_at(server.url_for("/db")) as connector:
        assert [each.title for each in connector.illcore_search(TITLE, deadline)] == ["三体"]


def test_an_answer_in_soap(server, deadline):
    reply(
        server, f"<Envelope xmlns='http://schemas.xmlsoap.org/soap/envelope/'><Body>{answer(1, BOOK)}</Body></Envelope>"
    )
    with sru_at(server.url_for("/db")) as connector:
        assert len(connector.illcore_search(TITLE, deadline)) == 1


def test_fewer_records_than_asked_are_asked_for_again(server, deadline):
    asked = reply(server, answer(5, BOOK, BOOK), answer(5, BOOK, BOOK), answer(5))
    with sru_at(server.url_for("/db")) as connector:
        found = connector.ask(TITLE, deadline)
    assert (found.hits, len(found.records)) == (5, 4)
    assert [(each["startRecord"], each["maximumRecords"]) for each in asked] == [("1", "10"), ("3", "8"), ("5", "6")]


def test_indexes_and_schemas_are_stepped_down(server, deadline):
    no_index, no_schema = answer(0, said=diagnostic(16, "bath.isbn")), answer(1, said=diagnostic(66, "marcxml"))
    asked = reply(server, no_index, no_schema, answer(1, BOOK))
    with sru_at(server.url_for("/db")) as connector:
        (holding,) = connector.illcore_search(Query(isbn="9787536692930"), deadline)
    assert holding.title == "三体"
    assert [each["query"].partition(" ")[0] for each in asked] == ["bath.isbn", "dc.identifier", "dc.identifier"]
    assert [each["recordSchema"] for each in asked] == ["marcxml", "marcxml", "mods"]


def test_the_version_is_changed_once_and_kept(server, deadline):
    asked = reply(server, answer(0, said=diagnostic(5, "1.1")), answer(1, BOOK))
    with sru_at(server.url_for("/db")) as connector:
        connector.illcore_search(TITLE, deadline)
        connector.illcore_search(TITLE, deadline)
    assert [each.get("version") for each in asked] == ["1.2", "1.1", "1.1"]


def test_version_2_sends_no_operation(server, deadline):
    asked = reply(server, answer(1, BOOK, namespace=NEW))
    with sru_at(server.url_for("/db?x-key=1"), version="2.0") as connector:
        connector.illcore_search(TITLE, deadline)
    assert {"version", "operation", "recordPacking"} & set(asked[0]) == set()
    assert asked[0]["x-key"] == "1"


def test_a_citation_is_asked_by_number_and_then_by_title(server, deadline):
    asked = reply(server, answer(0), answer(1, BOOK))
    cited = Citation(isbn="9787536692930", title="三体")
    with sru_at(server.url_for("/db")) as connector:
        assert len(connector.illcore_search(Query(citation=cited), deadline)) == 1
    assert [each["query"] for each in asked][1] == 'dc.title all "三体"'


def test_surrogate_diagnostics_stand_among_the_records(server, deadline):
    surrogate = diagnostic(64, "7").replace("<diagnostics>", "").replace("</diagnostics>", "")
    reply(server, answer(2, BOOK, surrogate))
    with sru_at(server.url_for("/db")) as connector:
        found = connector.ask(TITLE, deadline)
    assert found.refusal is None
    assert found.as_json()["diagnostics"] == [{"code": "info:srw/diagnostic/1/64", "addinfo": "7"}]
    assert [each.record is not None for each in found.found] == [True, False]


def test_hits_beside_a_refusal_count_for_nothing(server, deadline):
    reply(server, answer(1, said=diagnostic(48, "too complex", "Query feature unsupported")))
    with sru_at(server.url_for("/db")) as connector:
        found = connector.ask(TITLE, deadline)
    assert found.hits == 0
    assert "Query feature unsupported: " not in str(found.refusal)
    assert "Query feature unsupported; too complex" in str(found.refusal)


def test_diagnostics_are_read_by_name_and_not_by_place():
    said = diagnostics_in(envelope(answer(0, said=diagnostic(7, "d", "m")).encode(), "p"))
    assert [(each.code, each.addinfo, each.message) for each in said] == [("info:srw/diagnostic/1/7", "d", "m")]


@pytest.mark.parametrize(
    ("body", "status", "kind", "error", "what"),
    [
        ("no", 401, "text/plain", Misconfigured, "refused access .HTTP 401.; check user and password"),
        ("no", 404, "text/html", Misconfigured, "answers HTTP 404, there is no SRU server"),
        ("no", 503, "text/html", TryLater, "cannot answer now .HTTP 503"),
        (answer(0, said=diagnostic(1, "x")), 500, "text/xml", Refused, "refused the search"),
        ("<html><body>Hello</body></html>", 200, "text/html", TryLater, "not SRU: its root element is html"),
        ("junk", 200, "text/xml", TryLater, "not SRU: it is not well-formed"),
        ("", 200, "text/xml", TryLater, "not SRU"),
        ("<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", 200, "text/xml", TryLater, "DOCTYPE"),
        (answer("many"), 200, "text/xml", TryLater, "numberOfRecords is 'many'"),
        (answer(1, "x" * 200_000), 200, "text/xml", TryLater, "longer than 100000 bytes"),
        (answer(1, "<foo/>"), 200, "text/xml", Misconfigured, "of a kind that is not known here"),
        (answer(1, "&lt;foo"), 200, "text/xml", TryLater, "packed as a string is not XML"),
    ],
)
def test_what_servers_do_badly(body, status, kind, error, what, server, deadline):
    reply(server, body, status=status, kind=kind)
    with sru_at(server.url_for("/db"), max_bytes=100_000) as connector, pytest.raises(error, match=what) as caught:
        connector.illcore_search(TITLE, deadline)
    assert str(caught.value).count("\n") == 0


def test_a_server_that_has_moved(server, deadline):
    reply(server, "", status=302, headers={"Location": "https://elsewhere.example/sru"})
    with (
        sru_at(server.url_for("/db")) as connector,
        pytest.raises(Misconfigured, match=r"it has moved to https://elsewhere\.example/sru; check url"),
    ):
        connector.illcore_search(TITLE, deadline)


@contextlib.contextmanager
def listening(behave):
    """A port where each connection is given to `behave(socket, stop)`."""
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve():
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    with connection, contextlib.suppress(OSError):
                        connection.recv(4096)
                        behave(connection, stop)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/db"
        finally:
            stop.set()
            listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def dribble(connection, stop):
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while not stop.wait(0.05):
        connection.sendall(b"x")


@pytest.mark.parametrize(
    ("behave", "error", "what"),
    [
        (lambda connection, stop: stop.wait(60), Unknown, "did not answer the search within 0.5 s"),
        (dribble, Unknown, "did not answer the search within 0.5 s"),
        (lambda connection, stop: None, TryLater, "closed the connection before its answer was complete"),
        (
            lambda connection, stop: connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n<a>"),
            TryLater,
            "closed the connection before its answer was complete",
        ),
        (
            lambda connection, stop: connection.sendall(b"\xb5\x03junk\r\n\r\n"),
            Misconfigured,
            "does not answer in HTTP",
        ),
    ],
    ids=["stalled", "dribbling", "closing", "cut off", "not http"],
)
def test_bad_connections(behave, error, what, deadline):
    with (
        listening(behave) as url,
        sru_at(url, timeouts={"connect": 0.25, "answer": 0.25}) as connector,
        pytest.raises(error, match=what),
    ):
        connector.illcore_search(TITLE, deadline)


def test_no_server(deadline):
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{bound.getsockname()[1]}/db"
        with sru_at(url) as connector, pytest.raises(TryLater, match="refused the connection; check url"):
            connector.illcore_search(TITLE, deadline)


def test_the_password_is_in_no_error(deadline):
    with listening(lambda connection, stop: None) as url:
        url = url.replace("//", "//user:hidden-one@")
        with sru_at(url) as connector, pytest.raises(TryLater) as caught:
            connector.illcore_search(TITLE, deadline)
    assert "hidden-one" not in str(caught.value)
