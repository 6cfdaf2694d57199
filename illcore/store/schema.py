"""The schema's version in a database: brought up by `migrate`, checked whenever a store is opened."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from sqlalchemy import Connection, column, inspect, select, table, text

from illcore.errors import ConfigError, SchemaTooOld
from illcore.migrations import HEAD
from illcore.store.database import Database

if TYPE_CHECKING:
    from alembic.config import Config

CORE = "illcore"
_SCRIPTS = "illcore:migrations"
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(7236832)")


def head() -> str:
    """The newest revision of the core's own tables."""
    return HEAD


def version_table(branch: str = CORE) -> str:
    """Where a branch keeps its revision. Each has its own, so that removing a plugin blocks no later migration."""
    return "ill_version" if branch == CORE else f"ill_version_{branch}"


def migrate(url: str, branches: Mapping[str, str] | None = None) -> None:
    """Bring the core's tables, then those of each branch, to their newest revision; all or nothing.

    ``branches`` maps a plugin's name to its alembic folder, ``"package:folder"``. Creates what is missing, also a new
    database file. Raises ConfigError if the URL or a folder is wrong, SchemaTooOld if the database is newer.
    """
    database = Database(url, foreign_keys=False)
    try:
        with database.write() as connection:
            if not database.sqlite:
                connection.execute(_ONE_AT_A_TIME)
            _upgrade(connection, CORE, f"{_SCRIPTS}/versions")
            for branch, folder in (branches or {}).items():
                _upgrade(connection, branch, folder)
            if database.sqlite:
                _check_references(connection)
    finally:
        database.close()


create_schema = migrate


def current(url: str, branch: str = CORE) -> str | None:
    """The revision that a database is at; None if it has no such tables, or does not exist yet."""
    database = Database(url)
    try:
        if database.sqlite and not database.memory and not os.path.exists(database.path):
            return None
        with database.read() as connection:
            return revision_of(connection, branch)
    finally:
        database.close()


def revision_of(connection: Connection, branch: str = CORE) -> str | None:
    """The same on an open connection."""
    name = version_table(branch)
    if not inspect(connection).has_table(name):
        return None
    return connection.scalar(select(column("version_num")).select_from(table(name)))


def require_head(database: Database) -> None:
    """Raises SchemaTooOld unless the database has exactly the tables that this engine was written for."""
    if database.sqlite and not database.memory and not os.path.exists(database.path):
        raise SchemaTooOld(f"there is no database {database.path} yet; run `ill migrate` to create it")
    with database.read() as connection:
        found = revision_of(connection)
    if found is None:
        raise SchemaTooOld("the database has no illcore tables yet; run `ill migrate`")
    if found != HEAD:
        raise SchemaTooOld(
            f"the database is at revision {found}, this engine needs {HEAD}; run `ill migrate` with the newest illcore"
        )


def scripts(connection: Connection, branch: str, folder: str) -> Config:
    """The alembic configuration for one branch on this connection."""
    from alembic.config import Config

    config = Config(stdout=sys.stdout)  # alembic's own default is the stream of the moment when it was imported
    config.set_main_option("script_location", _SCRIPTS)
    config.set_main_option("version_locations", folder)
    config.set_main_option("path_separator", "newline")
    config.attributes["connection"] = connection
    config.attributes["version_table"] = version_table(branch)
    return config


def _upgrade(connection: Connection, branch: str, folder: str) -> None:
    from alembic import command
    from alembic.util.exc import CommandError

    upgrade: Callable[[Config, str], None] = command.upgrade
    try:
        upgrade(scripts(connection, branch, folder), "head")
    except CommandError as error:
        found = revision_of(connection, branch)
        if found is not None and "locate revision" in str(error):
            raise SchemaTooOld(
                f"the tables of {branch} are at revision {found}, which this version does not know; install a newer one"
            ) from None
        raise ConfigError(f"the migrations of {branch} in {folder} cannot run: {error}") from error
    except (ModuleNotFoundError, FileNotFoundError) as error:
        raise ConfigError(f"the migrations of {branch} in {folder} are not there: {error}") from error


def _check_references(connection: Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if broken:
        raise SchemaTooOld(f"the migration left {len(broken)} rows without what they refer to; nothing was changed")
