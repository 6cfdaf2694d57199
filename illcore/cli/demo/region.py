"""Three libraries in a folder: made with ``ill init``, served by ``ill serve``, known to each other as partners.

Where the plugin for it is installed each of them loads what all three hold, from a file of each, as in a region that
exchanges its catalogues.
"""

import contextlib
import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from importlib import metadata, resources
from pathlib import Path
from types import TracebackType
from typing import Any

from illcore.cli.demo.waiting import Patience
from illcore.cli.faults import DONE, Failed
from illcore.cli.output import say

START_SECONDS = 30.0
STOP_SECONDS = 12.0
_LAST_LINES = 12
_SILENT = f"has not said within {START_SECONDS:.0f} s where it listens"
_LOOPBACK = "127.0.0.1,localhost"


@dataclass(slots=True)
class Member:
    """A library of the demo: its folder (``name``), symbol, names, the file of what it holds, and its server once that
    runs."""

    name: str
    symbol: str
    name_en: str
    name_zh: str
    catalogue: str
    folder: Path
    url: str = ""
    server: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    @property
    def config(self) -> Path:
        """Its ``ill.toml``."""
        return self.folder / "ill.toml"

    @property
    def log(self) -> Path:
        """What its server writes on stderr."""
        return self.folder / "serve.log"


# A catalogue as MARCXML, one kept in a spreadsheet, and a KBART list of journals that says what each licence permits.
_LIBRARIES = (
    ("river", "ISIL:CN-DEMO-RIVER", "Riverside University Library", "江畔大学图书馆", "river.xml"),
    ("hill", "ISIL:CN-DEMO-HILL", "Hillside College Library", "山前学院图书馆", "hill.csv"),
    ("lake", "ISIL:CN-DEMO-LAKE", "Lakeside City Library", "湖滨市图书馆", "lake.tsv"),
)
_HOLDINGS_ACCOUNT = """
# Searches what `ill holdings load` has loaded.
[accounts."holdings:region"]
"""


def can_locate() -> bool:
    """Whether holdings can be loaded and searched here."""
    return any(point.name == "holdings" for point in metadata.entry_points(group="illcore.plugins"))


class Region:
    """The libraries, served as long as the ``with`` block lasts. Raises Failed if one cannot be made or served."""

    def __init__(self, folder: Path, patience: Patience) -> None:
        self.members = [Member(*about, folder=folder / about[0]) for about in _LIBRARIES]
        self.locates = can_locate()
        self._folder = folder
        self._patience = patience

    def __enter__(self) -> "Region":
        try:
            for member in self.members:
                self._make(member)
            if self.locates:
                self._load_holdings()
            for member in self.members:
                self._serve(member)
            for member in self.members:
                self._patience.until(partial(self._listens, member), START_SECONDS, partial(_with_log, member, _SILENT))
            for member in self.members:
                self._introduce(member)
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def require_alive(self) -> None:
        """Raises Failed with the last lines of its log if a server has ended."""
        for member in self.members:
            if member.server is not None and member.server.poll() is not None:
                raise Failed(_with_log(member, f"ended with exit code {member.server.returncode}"))

    def _make(self, member: Member) -> None:
        self._patience.check()
        member.folder.mkdir()
        names = ["--name-en", member.name_en, "--name-zh", member.name_zh]
        _ill("init", "--library", member.symbol, *names, "--config", str(member.config))

    def _load_holdings(self) -> None:
        lists = self._folder / "holdings"
        lists.mkdir()
        for holder in self.members:
            packaged = resources.files("illcore.cli.demo").joinpath("holdings", holder.catalogue)
            (lists / holder.catalogue).write_bytes(packaged.read_bytes())
        for member in self.members:
            with member.config.open("a", encoding="utf-8") as config:
                config.write(_HOLDINGS_ACCOUNT)
            for holder in self.members:
                self._patience.check()
                licence = ["--licence-column", "licence"] if holder.catalogue.endswith(".tsv") else []
                named = ["--library", holder.symbol, "--config", str(member.config)]
                _ill("holdings", "load", str(lists / holder.catalogue), *licence, *named)

    def _serve(self, member: Member) -> None:
        self._patience.check()
        own = {name: value for name, value in os.environ.items() if name != "ILL_CONFIG"}
        # a proxy of this machine must not be asked for its own loopback
        for name in ("no_proxy", "NO_PROXY"):
            own[name] = ",".join(filter(None, (own.get(name), _LOOPBACK)))
        command = [sys.executable, "-m", "illcore", "serve", "--port", "0", "--json", "--config", str(member.config)]
        with (member.folder / "serve.out").open("wb") as out, member.log.open("wb") as log:
            member.server = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=log,
                cwd=member.folder,
                env=own,
                start_new_session=True,  # Ctrl-C reaches the demo alone, which then ends the servers
            )

    def _listens(self, member: Member) -> bool:
        self.require_alive()
        try:
            member.url = json.loads((member.folder / "serve.out").read_text(encoding="utf-8"))["url"]
        except ValueError:
            return False  # not written, or not to its end yet
        return True

    def _introduce(self, member: Member) -> None:
        self._patience.check()
        others = [_partner(other) for other in self.members if other is not member]
        path = member.folder / "partners.json"
        path.write_text(json.dumps(others, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        _ill("partners", "import", str(path), "--config", str(member.config))

    def _stop(self) -> None:
        servers = [member.server for member in self.members if member.server is not None]
        for server in servers:
            server.terminate()
        end = time.monotonic() + STOP_SECONDS
        for server in servers:
            try:
                server.wait(max(0.1, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _partner(other: Member) -> dict[str, Any]:
    return {
        "symbol": other.symbol,
        "kind": "library",
        "name": {"en": other.name_en, "zh": other.name_zh},
        "services": ["loan", "copy"],
        "account": "iso18626:main",
        "address": {"url": f"{other.url}/iso18626"},
        "status": "active",
    }


def _ill(*arguments: str) -> None:
    """Run a command of ``ill`` in this process; Failed with what it said if it does not end well."""
    from illcore.cli.app import run

    with _silence() as said:
        code = run(arguments)
    if code != DONE:
        raise Failed(f"ill {' '.join(arguments[:2])} ended with {code}: {' '.join(said.getvalue().split())}")


@contextlib.contextmanager
def _silence() -> Iterator[io.StringIO]:
    said = io.StringIO()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(said):
        yield said


def _with_log(member: Member, what: str) -> str:
    """Shows the last lines of a server's log on stderr; gives the sentence about it."""
    for line in member.log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LAST_LINES:]:
        say(f"{member.name}: {line}")
    return f"the server of {member.name} {what}; its last lines are above"
