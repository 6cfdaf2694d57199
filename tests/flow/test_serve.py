"""`ill serve` and `ill worker` as processes: they say where they listen, log nothing personal, and end cleanly."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from illcore.cli.init import config_text
from illcore.store.schema import migrate

pytest.importorskip("uvicorn", reason="the extra serve is not installed: pip install 'illcore[serve]'")
pytest.importorskip("starlette", reason="the extra serve is not installed: pip install 'illcore[serve]'")

ILL = (sys.executable, "-m", "illcore")
END_SECONDS = 20


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a configuration and a database, and no accounts."""
    text = config_text("ISIL:CN-110001", "National Library", "国家图书馆", "sqlite:///ill.db", "en", plugins=())
    (tmp_path / "ill.toml").write_text(text, encoding="utf-8")
    migrate(f"sqlite:///{tmp_path / 'ill.db'}")
    return tmp_path


def environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in ("ILL_CONFIG", "ILL_DEBUG")}


@contextmanager
def started(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [*ILL, *arguments],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def listening(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    for line in process.stderr:
        if "listening on" in line:
            return line.split()[-1]
    raise AssertionError("the server ended before it listened")


def ended(process: subprocess.Popen[str], number: int) -> tuple[int, str, str]:
    begun = time.monotonic()
    process.send_signal(number)
    out, err = process.communicate(timeout=END_SECONDS)
    assert time.monotonic() - begun < END_SECONDS
    return process.returncode, out, err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_listens_answers_and_ends_cleanly(folder: Path, number: int) -> None:
    with started(folder, "serve", "--port", "0") as process:
        url = listening(process)
        health = httpx.get(f"{url}/healthz")
        nothing = httpx.get(f"{url}/nobody/王小明?token=secret-token")
        code, out, err = ended(process, number)
    assert health.status_code == 200
    assert health.json()["database"] == "ok"
    assert health.json()["worker"] == "running"
    assert (nothing.status_code, nothing.json()) == (404, {"error": "there is nothing at this address"})
    assert (code, out) == (0, "")
    assert "GET /healthz 200" in err
    assert "GET (unknown path) 404" in err
    assert "secret-token" not in err
    assert "nobody" not in err
    assert "Traceback" not in err


def test_json_says_where_it_listens_and_the_worker_may_be_elsewhere(folder: Path) -> None:
    with started(folder, "serve", "--port", "0", "--no-worker", "--json") as process:
        url = listening(process)
        health = httpx.get(f"{url}/healthz").json()
        code, out, _ = ended(process, signal.SIGTERM)
    assert code == 0
    assert json.loads(out)["url"] == url
    assert health["worker"] == "none"


def test_an_open_connection_does_not_keep_it_alive(folder: Path) -> None:
    with started(folder, "serve", "--port", "0") as process:
        url = httpx.URL(listening(process))
        with socket.create_connection((url.host, url.port or 80)) as half_a_request:
            half_a_request.sendall(b"POST /healthz HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nhalf")
            code, _, err = ended(process, signal.SIGTERM)
    assert code == 0
    assert "Traceback" not in err


def test_a_port_that_is_taken_is_refused_in_a_sentence(folder: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with started(folder, "serve", "--port", str(port)) as process:
            out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (1, "")
    assert f"cannot listen on 127.0.0.1 port {port}" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_worker_ends_cleanly(folder: Path, number: int) -> None:
    with started(folder, "worker", "--json") as process:
        assert process.stderr is not None
        assert "working" in process.stderr.readline()
        code, out, err = ended(process, number)
    assert (code, json.loads(out)) == (0, {"stopped": True})
    assert "Traceback" not in err
