"""A served stub, connectors against it on a host with the plugin's tables, and libraries that lend through it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from illcore.connectors import Deadline
from illcore.testing.fakes import FakeHost
from illcore_oclc_stub.config import OclcConfig
from illcore_oclc_stub.connector import OclcConnector
from illcore_oclc_stub.stub.app import Stub
from illcore_oclc_stub.stub.members import Member
from illcore_oclc_stub.tables import metadata
from illcore_oclc_stub.testing import A, B, Region, Served, database_in, open_library, served

Connect = Callable[..., OclcConnector]


class Seconds(Deadline):
    """A deadline on the machine's own clock."""

    def __init__(self, seconds: float = 10.0) -> None:
        from illcore.clock import SystemClock

        super().__init__(SystemClock(), seconds)


@pytest.fixture
def stub() -> Iterator[Served]:
    with served(Stub()) as made:
        yield made


@pytest.fixture
def connect(stub: Served) -> Iterator[Connect]:
    """`connect(member, host=…, **account keys)`: a connector of that institution; A by default."""
    made: list[OclcConnector] = []

    def connected(member: Member = A, host: FakeHost | None = None, **more: Any) -> OclcConnector:
        config = OclcConfig.model_validate(stub.account(member, **more))
        made.append(OclcConnector(config, host or host_with_tables()))
        return made[-1]

    yield connected
    for each in made:
        each.close()


def host_with_tables(**options: Any) -> FakeHost:
    """A host whose database has the plugin's tables."""
    host = FakeHost(**options)
    with host.transaction("") as connection:
        metadata.create_all(connection)
    return host


@pytest.fixture
def region(tmp_path: Path, stub: Served) -> Iterator[Region]:
    """A borrows from B through OCLC."""
    made = Region(stub)
    for member in (A, B):
        made.libraries.append(open_library(database_in(tmp_path, member), member, stub.account(member)))
    made.libraries[0].knows(B)
    made.libraries[1].knows(A)
    yield made
    made.close()
