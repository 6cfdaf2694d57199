"""The files of a new plugin: a connector that searches a catalogue over HTTP, and its tests."""

_PYPROJECT = """\
[build-system]
requires = ["hatchling>=1.27"]
build-backend = "hatchling.build"

[project]
name = "@DIST@"
version = "0.1.0"
description = "@NAME@ for illcore"
readme = "README.md"
requires-python = ">=3.11"
dependencies = ["illcore>=0.1,<0.2", "httpx>=0.28"]

[project.entry-points."illcore.plugins"]
@NAME@ = "illcore_@NAME@"

[tool.hatch.build.targets.wheel]
packages = ["src/illcore_@NAME@"]

[tool.pytest.ini_options]
addopts = ["--import-mode=importlib"]
testpaths = ["tests"]
"""

_INIT = '''\
"""@NAME@ for illcore."""

from illcore import ConnectorType, Plugin, hookimpl

from illcore_@NAME@.connector import @CLASS@, @CLASS@Config


@hookimpl
def illcore_register() -> Plugin:
    """What this package offers."""
    return Plugin(name="@NAME@", connectors=(ConnectorType("@NAME@", @CLASS@Config, @CLASS@),))
'''

_CONNECTOR = '''\
"""The connector: one instance for each account ``[accounts."@NAME@:…"]`` of the configuration."""

from collections.abc import Sequence
from typing import Any

import httpx
from pydantic import BaseModel, ConfigDict, SecretStr

from illcore import Deadline, Holding, Host, Misconfigured, Query, Refused, TryLater, Unknown, hookimpl


class @CLASS@Config(BaseModel):
    """The keys of an account. ``url`` is the address of the catalogue's search."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str
    token: SecretStr = SecretStr("")


class @CLASS@:
    """Asks a catalogue that answers ``GET url?q=…`` with a JSON list of ``{"title", "isbn", "call_number"}``."""

    def __init__(self, config: @CLASS@Config, host: Host) -> None:
        self._config = config

    @hookimpl
    def illcore_search(self, query: Query, deadline: Deadline) -> Sequence[Holding]:
        """Find who holds what is wanted."""
        words = query.isbn or query.issn or f"{query.title} {query.author} {query.keyword}".strip()
        return [_holding(record) for record in self._get(words, deadline)][: query.maximum]

    def _get(self, words: str, deadline: Deadline) -> list[dict[str, Any]]:
        left = deadline.remaining()
        if left <= 0:
            raise Unknown("there is no time left")
        token = self._config.token.get_secret_value()
        headers = {"authorization": f"Bearer {token}"} if token else {}
        try:
            answer = httpx.get(self._config.url, params={"q": words}, headers=headers, timeout=left)
        except httpx.InvalidURL as error:
            raise Misconfigured(f"url is not an address: {error}") from error
        except httpx.ConnectError as error:
            raise TryLater(f"cannot connect: {error}") from error
        except httpx.TimeoutException as error:
            raise TryLater("no answer in time") from error
        except httpx.HTTPError as error:
            raise TryLater(f"no answer: {error}") from error
        if answer.status_code in (401, 403):
            raise Misconfigured("the catalogue does not accept the token")
        if answer.is_server_error:
            raise TryLater(f"HTTP {answer.status_code}")
        if answer.is_error:
            raise Refused(f"HTTP {answer.status_code}")
        try:
            records = answer.json()
        except ValueError as error:
            raise TryLater("the answer is not JSON") from error
        if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
            raise TryLater("the answer is not a list of records")
        return records


def _holding(record: dict[str, Any]) -> Holding:
    return Holding(
        title=str(record.get("title", "")),
        isbn=tuple(str(each) for each in record.get("isbn", ())),
        call_number=str(record.get("call_number", "")),
    )
'''

_TEST = '''\
"""The conformance kit, and what is special about this connector."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import illcore_@NAME@
from illcore import Query
from illcore.testing.conformance import SECRET, ConnectorConformance, Peer, Subject

from illcore_@NAME@.connector import @CLASS@

RECORDS = [{"title": "The Dream of the Red Chamber", "isbn": ["9787020002207"], "call_number": "I242.47"}]


class Catalogue(BaseHTTPRequestHandler):
    """A catalogue that knows one book."""

    def do_GET(self) -> None:
        body = json.dumps(RECORDS).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Tests are quiet."""


class TestConformance(ConnectorConformance):
    plugin = illcore_@NAME@
    connector = @CLASS@

    def make(self, host: str, port: int) -> Subject:
        config = {"url": f"http://{host}:{port}/search", "token": SECRET}
        return Subject(config=config, query=Query(title="red chamber"))

    @contextmanager
    def peer(self) -> Iterator[Peer]:
        with ThreadingHTTPServer(("127.0.0.1", 0), Catalogue) as server:
            thread = threading.Thread(target=server.serve_forever, daemon=True)
            thread.start()
            try:
                yield Peer("127.0.0.1", server.server_address[1])
            finally:
                server.shutdown()
                thread.join()
'''

_README = """\
# @DIST@

@NAME@ for [illcore](https://pypi.org/project/illcore/).

```toml
[accounts."@NAME@:main"]
url = "https://catalogue.example.org/search"
token = { env = "CATALOGUE_TOKEN" }
```

`pip install -e .` installs it, `ill plugins` shows it, `pytest` tests it.
"""

FILES = {
    "pyproject.toml": _PYPROJECT,
    "README.md": _README,
    "CHANGELOG.md": "# Changelog\n\n## 0.1.0\n\nFirst version.\n",
    "src/illcore_@NAME@/__init__.py": _INIT,
    "src/illcore_@NAME@/connector.py": _CONNECTOR,
    "src/illcore_@NAME@/py.typed": "",
    "tests/test_conformance.py": _TEST,
}
"""Path to text; ``@NAME@``, ``@DIST@`` and ``@CLASS@`` stand for the plugin's own."""
