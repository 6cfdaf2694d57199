"""The ASGI application of `ill serve`: mounts, limits, faults of plugins, health and metrics."""

import logging
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

pytest.importorskip("starlette", reason="the extra serve is not installed: pip install 'illcore[serve]'")

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from illcore.cli.web import application
from illcore.clock import SystemClock
from illcore.store import Store
from illcore.store.schema import migrate

LARGEST = 2000


async def echo(scope: Any, receive: Any, send: Any) -> None:
    body = await Request(scope, receive).body()
    answer = {"path": scope["path"], "root_path": scope["root_path"], "length": len(body), "method": scope["method"]}
    await JSONResponse(answer)(scope, receive, send)


async def broken(scope: Any, receive: Any, send: Any) -> None:
    raise ValueError("reader 王小明 broke it")


async def page(request: Request) -> Response:
    return JSONResponse({"page": request.path_params["name"]})


@dataclass
class FakeEngine:
    """As much of an engine as the application asks for."""

    mounted: dict[str, Any]
    clock: SystemClock = field(default_factory=SystemClock)
    database: Store | None = None
    health: Callable[[], dict[str, Any]] = lambda: {"status": "ok", "database": "ok"}
    config: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(serve=SimpleNamespace(max_body=LARGEST)))

    def mounts(self) -> dict[str, Any]:
        return self.mounted


async def asked(engine: FakeEngine, method: str, path: str, worker: str = "running", **options: Any) -> httpx.Response:
    app: Any = application(engine, lambda: worker)  # type: ignore[arg-type]
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://ill") as client:
        return await client.request(method, path, **options)


def ask(engine: FakeEngine, method: str, path: str, worker: str = "running", **options: Any) -> httpx.Response:
    import anyio

    async def run() -> httpx.Response:
        return await asked(engine, method, path, worker, **options)

    return anyio.run(run)


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/echo", {"path": "/echo", "root_path": "/echo"}),
        ("/echo/a/b?x=1", {"path": "/echo/a/b", "root_path": "/echo"}),
        ("/echo/deep/c", {"path": "/echo/deep/c", "root_path": "/echo/deep"}),
    ],
)
def test_a_plugin_is_reached_at_its_path_and_below(path: str, answer: dict[str, str]) -> None:
    found = ask(FakeEngine({"/echo": echo, "/echo/deep": echo}), "POST", path, content=b"12345")
    assert found.status_code == 200
    assert found.json() == {**answer, "length": 5, "method": "POST"}


def test_a_plugin_may_be_an_application_with_routes_of_its_own() -> None:
    app = Starlette(routes=[Route("/pages/{name}", page)])
    engine = FakeEngine({"/desk": app})
    assert ask(engine, "GET", "/desk/pages/new").json() == {"page": "new"}
    assert ask(engine, "GET", "/desk/nothing").status_code == 404


@pytest.mark.parametrize("path", ["/", "/ech", "/echoes", "/.env", "/echo/../healthz2"])
def test_elsewhere_there_is_nothing_in_json(path: str) -> None:
    found = ask(FakeEngine({"/echo": echo}), "GET", path)
    assert (found.status_code, found.json()) == (404, {"error": "there is nothing at this address"})


def test_a_body_that_is_announced_too_long_is_refused() -> None:
    found = ask(FakeEngine({"/echo": echo}), "POST", "/echo", content=b"x" * (LARGEST + 1))
    assert (found.status_code, found.json()) == (413, {"error": f"the body is longer than {LARGEST} bytes"})
    assert ask(FakeEngine({"/echo": echo}), "POST", "/echo", content=b"x" * LARGEST).status_code == 200


def test_a_body_that_turns_out_too_long_is_refused() -> None:
    async def stream() -> AsyncIterator[bytes]:
        for _ in range(5):
            yield b"x" * 1000

    found = ask(FakeEngine({"/echo": echo}), "POST", "/echo", content=stream())
    assert found.status_code == 413


def test_a_fault_of_a_plugin_is_its_own(caplog: pytest.LogCaptureFixture) -> None:
    engine = FakeEngine({"/broken": broken, "/echo": echo})
    found = ask(engine, "GET", "/broken?reader=王小明")
    assert found.status_code == 500
    assert "王小明" not in found.text
    assert "the application at /broken failed" in caplog.text
    assert ask(engine, "GET", "/echo").status_code == 200


def test_the_access_log_holds_neither_query_nor_the_rest_of_the_path(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="illcore.access"):
        ask(FakeEngine({"/d": echo}), "GET", "/d/token-of-a-document?reader=R1")
    assert caplog.messages[-1].startswith("GET /d 200 ")
    assert "token" not in caplog.text
    assert "R1" not in caplog.text


@pytest.mark.parametrize(
    ("health", "worker", "status"),
    [
        ({"status": "ok", "database": "ok"}, "running", 200),
        ({"status": "degraded", "database": "ok", "lanes_open": ["send/X"]}, "none", 200),
        ({"status": "failed", "database": "OperationalError"}, "running", 503),
        ({"status": "ok", "database": "ok"}, "stopped", 503),
    ],
)
def test_health_fails_only_if_this_process_cannot_work(health: dict[str, Any], worker: str, status: int) -> None:
    found = ask(FakeEngine({}, health=lambda: dict(health)), "GET", "/healthz", worker)
    assert found.status_code == status
    assert found.json() == {**health, "worker": worker}


def test_health_that_cannot_be_read_is_a_failure() -> None:
    def fails() -> dict[str, Any]:
        raise OSError("the disk is gone")

    found = ask(FakeEngine({}, health=fails), "GET", "/healthz")
    assert (found.status_code, found.json()["database"]) == (503, "OSError")


def test_a_plugin_cannot_take_the_cores_own_paths(caplog: pytest.LogCaptureFixture) -> None:
    found = ask(FakeEngine({"/healthz": broken}), "GET", "/healthz")
    assert found.status_code == 200
    assert "wants the path /healthz" in caplog.text


def test_metrics_count_without_names(db_url: str) -> None:
    pytest.importorskip("prometheus_client", reason="the extra metrics is not installed")
    migrate(db_url)
    store = Store.open(db_url)
    try:
        found = ask(FakeEngine({}, database=store), "GET", "/metrics")
    finally:
        store.close()
    assert found.status_code == 200
    assert "illcore_lanes_open 0.0" in found.text


def test_metrics_without_their_library_say_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    found = ask(FakeEngine({}), "GET", "/metrics")
    assert found.status_code == 501
    assert "pip install 'illcore[metrics]'" in found.json()["error"]
