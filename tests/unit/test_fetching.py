"""Documents are fetched from the web, never from the local network, within limits of time; errors are told apart."""

import socket
import threading

import pytest
from werkzeug import Response

from illcore.clock import SystemClock
from illcore.connectors import Deadline
from illcore.errors import Refused, TryLater
from illcore.fetching import fetched


def fetch(url, seconds=10.0, private=True):
    with fetched(url, Deadline(SystemClock(), seconds), private) as (chunks, name):
        return b"".join(chunks), name


def test_the_bytes_and_the_name_of_the_url(httpserver):
    httpserver.expect_request("/d/扫描件.pdf").respond_with_data(b"%PDF-1.7 scan")
    assert fetch(httpserver.url_for("/d/%E6%89%AB%E6%8F%8F%E4%BB%B6.pdf?token=1#page=2")) == (
        b"%PDF-1.7 scan",
        "扫描件.pdf",
    )
    (request, _) = httpserver.log[0]
    assert request.query_string == b"token=1"
    assert request.host.startswith("localhost:")


def test_redirects_are_followed_and_counted(httpserver):
    httpserver.expect_request("/a").respond_with_response(Response(status=302, headers={"Location": "/b.pdf"}))
    httpserver.expect_request("/b.pdf").respond_with_data(b"there")
    httpserver.expect_request("/loop").respond_with_response(Response(status=307, headers={"Location": "/loop"}))
    assert fetch(httpserver.url_for("/a")) == (b"there", "b.pdf")
    with pytest.raises(Refused, match="more than 5 times"):
        fetch(httpserver.url_for("/loop"))


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/a.pdf",
        "http://localhost/a.pdf",
        "http://[::1]/a.pdf",
        "http://10.0.0.8/a.pdf",
        "http://192.168.1.1/a.pdf",
        "http://172.20.0.1/a.pdf",
        "http://169.254.169.254/latest/meta-data",
        "http://[::ffff:127.0.0.1]/a.pdf",
        "http://0.0.0.0/a.pdf",
        "http://100.64.0.1/a.pdf",
        "http://2130706433/a.pdf",
        "http://[fe80::1]/a.pdf",
        "http://[2002:7f00:1::]/a.pdf",
    ],
)
def test_nothing_is_fetched_from_the_local_network(url):
    with pytest.raises(Refused, match="inside a private network"):
        fetch(url, private=False)


def test_a_redirect_into_the_local_network_is_refused(httpserver, monkeypatch):
    """The first name looks public; where it leads is not."""
    port = httpserver.port
    real = socket.getaddrinfo
    monkeypatch.setattr("illcore.fetching._is_public", lambda address: False)
    asked = []

    def looked_up(host, *more, **options):
        asked.append(host)
        return real("127.0.0.1", *more, **options)

    monkeypatch.setattr("illcore.fetching.socket.getaddrinfo", looked_up)
    with pytest.raises(Refused, match=r"supplier\.example is at 127\.0\.0\.1"):
        fetch(f"http://supplier.example:{port}/a.pdf", private=False)
    assert asked == ["supplier.example"]


def test_the_name_is_looked_up_once_so_that_it_cannot_change_in_between(httpserver, monkeypatch):
    httpserver.expect_request("/a.pdf").respond_with_data(b"one address")
    real, asked = socket.getaddrinfo, []

    def looked_up(host, *more, **options):
        asked.append(host)
        return real("127.0.0.1" if host == "supplier.example" else host, *more, **options)

    monkeypatch.setattr("illcore.fetching.socket.getaddrinfo", looked_up)
    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    assert fetch(f"http://supplier.example:{httpserver.port}/a.pdf")[0] == b"one address"
    assert asked.count("supplier.example") == 1
    (request, _) = httpserver.log[0]
    assert request.host == f"supplier.example:{httpserver.port}"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("file:///etc/passwd", "by http or https only, not by file"),
        ("ftp://example.org/a.pdf", "not by ftp"),
        ("gopher://example.org/", "not by gopher"),
        ("https:///a.pdf", "by http or https only"),
        ("https://user:secret@example.org/a.pdf", "holds a user name"),
        ("http://example.org:99999999/a.pdf", "cannot be read"),
        ("nonsense", "by http or https only"),
    ],
)
def test_other_urls_are_refused_and_secrets_in_them_not_repeated(url, said):
    with pytest.raises(Refused, match=said) as told:
        fetch(url)
    assert "secret" not in str(told.value)


@pytest.mark.parametrize(
    ("status", "error"),
    [(404, Refused), (410, Refused), (401, Refused), (403, Refused), (429, TryLater), (500, TryLater), (503, TryLater)],
)
def test_what_the_server_says_decides_whether_it_is_tried_again(httpserver, status, error):
    httpserver.expect_request("/a.pdf").respond_with_data(b"no", status=status)
    with pytest.raises(error, match=str(status)):
        fetch(httpserver.url_for("/a.pdf"))


def test_a_server_that_is_away_is_tried_again(httpserver):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(TryLater, match="cannot be reached"):
        fetch(f"http://127.0.0.1:{port}/a.pdf")
    with pytest.raises(TryLater, match="is not known now"):
        fetch("http://no-such-host.invalid/a.pdf")


def test_a_server_that_dribbles_is_left_at_the_deadline():
    with socket.create_server(("127.0.0.1", 0)) as server:
        done = threading.Event()

        def dribble():
            connection, _ = server.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
                while not done.wait(0.05):
                    try:
                        connection.sendall(b"x")
                    except OSError:
                        return

        thread = threading.Thread(target=dribble)
        thread.start()
        try:
            with pytest.raises(TryLater, match=r"too slow|broke off"):
                fetch(f"http://127.0.0.1:{server.getsockname()[1]}/a.pdf", seconds=0.5)
        finally:
            done.set()
            thread.join()


def test_a_server_that_dribbles_its_headers_is_left_at_the_deadline():
    with socket.create_server(("127.0.0.1", 0)) as server:
        done = threading.Event()

        def dribble():
            connection, _ = server.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
                for _ in range(60):
                    if done.wait(0.05):
                        return
                    try:
                        connection.sendall(b"x")
                    except OSError:
                        return
                connection.sendall(b"\r\nContent-Length: 4\r\n\r\nlate")

        thread = threading.Thread(target=dribble)
        thread.start()
        try:
            with pytest.raises(TryLater, match=r"cannot be reached: ReadTimeout"):
                fetch(f"http://127.0.0.1:{server.getsockname()[1]}/a.pdf", seconds=0.5)
        finally:
            done.set()
            thread.join()


@pytest.mark.parametrize(
    "url", ["http://example.org/\x7fscan.pdf", "http://example.org/\nscan.pdf", f"http://example.org/{'a' * 70_000}"]
)
def test_a_url_that_no_client_takes_is_refused(url, monkeypatch):
    public = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 80))]
    monkeypatch.setattr("illcore.fetching.socket.getaddrinfo", lambda *more, **options: public)
    with pytest.raises(Refused, match="cannot be read"):
        fetch(url)


def test_a_redirect_to_what_is_no_url_is_refused():
    with socket.create_server(("127.0.0.1", 0)) as server:

        def redirect():
            connection, _ = server.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: http://[bad/\r\nContent-Length: 0\r\n\r\n")

        thread = threading.Thread(target=redirect)
        thread.start()
        with pytest.raises(Refused, match="cannot be read"):
            fetch(f"http://127.0.0.1:{server.getsockname()[1]}/a")
        thread.join()


@pytest.mark.parametrize("address", ["64:ff9b::a00:8", "::a00:8", "fec0::1"])
def test_an_address_that_leads_to_a_private_one_is_private_too(address):
    """NAT64, IPv4-compatible and site-local addresses."""
    with pytest.raises(Refused, match="inside a private network"):
        fetch(f"http://[{address}]/a.pdf", private=False)
