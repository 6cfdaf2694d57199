"""Libraries for the flow tests: on SQLite, and on PostgreSQL with one database each."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from illcore.testing.network import Town, build_town


@pytest.fixture(params=["sqlite", "postgresql"])
def town(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Town]:
    """Three libraries that know each other; B comes before C in A's rota."""
    symbols = ("ISIL:A", "ISIL:B", "ISIL:C")
    if request.param == "sqlite":
        urls = {symbol: f"sqlite:///{tmp_path / symbol[-1]}.db" for symbol in symbols}
    else:
        fresh: Callable[[], str] = request.getfixturevalue("pg_database")
        urls = {symbol: fresh() for symbol in symbols}
    made = build_town(urls)
    yield made
    made.close()
