"""Fixtures for plugin authors and hosts, there as soon as illcore is installed beside pytest."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from illcore.engine import Engine
    from illcore.testing.fakes import FakeClock
    from illcore.testing.network import Town


pytest.register_assert_rewrite("illcore.testing.conformance")


@pytest.fixture
def illcore_clock() -> "FakeClock":
    """A clock that moves only when told to."""
    from illcore.testing.fakes import FakeClock

    return FakeClock()


@pytest.fixture
def illcore_engine(tmp_path: Path, illcore_clock: "FakeClock") -> Iterator[Callable[..., "Engine"]]:
    """``illcore_engine(config, plugins=…)``: an engine on a fresh SQLite database, run inline on the fake clock."""
    from illcore.engine import Engine
    from illcore.store import create_schema

    made: list[Engine] = []

    def make(config: dict[str, Any] | None = None, plugins: list[Any] | None = None, **options: Any) -> Engine:
        url = options.pop("url", f"sqlite:///{tmp_path / f'engine{len(made)}.db'}")
        create_schema(url)
        settings = {"clock": illcore_clock, "executor": "inline", "chance": lambda: 0.5, **options}
        made.append(Engine.open(url, config or {"library": "ISIL:A"}, plugins=plugins, **settings))
        return made[-1]

    yield make
    for engine in made:
        engine.close()


@pytest.fixture
def illcore_town(tmp_path: Path) -> Iterator[Callable[..., "Town"]]:
    """``illcore_town("ISIL:A", "ISIL:B")``: libraries that lend to each other over a wire that tests can break."""
    from illcore.testing.network import Town, build_town

    made: list[Town] = []

    def make(*symbols: str, **options: Any) -> Town:
        folder = tmp_path / f"town{len(made)}"
        folder.mkdir()
        urls = {s: f"sqlite:///{folder / s.replace(':', '-')}.db" for s in symbols or ("ISIL:A", "ISIL:B", "ISIL:C")}
        made.append(build_town(urls, **options))
        return made[-1]

    yield make
    for town in made:
        town.close()
