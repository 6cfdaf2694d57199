"""The schema: it comes and goes by migration, equals the tables, and an engine refuses any other."""

import sqlite3
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from illcore.errors import ConfigError, SchemaTooOld
from illcore.store import Store, current, head, migrate
from illcore.store.database import Database
from illcore.store.schema import CORE, scripts
from illcore.tables import metadata

VERSIONS = "illcore:migrations/versions"
BRANCH = """
import sqlalchemy as sa
from alembic import op
revision = "shelf_1"
down_revision = None
branch_labels = ("shelf",)
depends_on = None
def upgrade():
    op.create_table("shelf_book", sa.Column("id", sa.Integer, primary_key=True))
def downgrade():
    op.drop_table("shelf_book")
"""


def tables_of(url: str) -> set[str]:
    database = Database(url)
    with database.read() as connection:
        names = set(inspect(connection).get_table_names())
    database.close()
    return names


def test_migrating_makes_exactly_the_tables_that_the_engine_uses(db_url: str) -> None:
    assert current(db_url) is None
    migrate(db_url)
    assert current(db_url) == head()
    database = Database(db_url)
    with database.write() as connection:
        command.check(scripts(connection, CORE, VERSIONS))
    database.close()
    migrate(db_url)
    assert current(db_url) == head()


def test_up_down_up(db_url: str) -> None:
    migrate(db_url)
    database = Database(db_url, foreign_keys=False)
    with database.write() as connection:
        command.downgrade(scripts(connection, CORE, VERSIONS), "base")
    database.close()
    assert tables_of(db_url) <= {"ill_version"}
    migrate(db_url)
    assert tables_of(db_url) == set(metadata.tables) | {"ill_version"}


def test_the_constant_names_the_newest_revision(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    with database.read() as connection:
        newest = ScriptDirectory.from_config(scripts(connection, CORE, VERSIONS)).get_heads()
    database.close()
    assert newest == [head()]


def test_an_empty_an_old_and_a_newer_database_are_refused(db_url: str) -> None:
    with pytest.raises(SchemaTooOld, match="ill migrate"):
        Store.open(db_url)
    migrate(db_url)
    Store.open(db_url).close()
    database = Database(db_url)
    with database.write() as connection:
        connection.execute(text("UPDATE ill_version SET version_num = '9999'"))
    database.close()
    with pytest.raises(SchemaTooOld, match="revision 9999"):
        Store.open(db_url)
    with pytest.raises(SchemaTooOld, match="install a newer one"):
        migrate(db_url)


def test_asking_for_a_version_creates_no_file(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'none.db'}"
    assert current(url) is None
    with pytest.raises(SchemaTooOld, match=r"none\.db"):
        Store.open(url)
    assert list(tmp_path.iterdir()) == []


def test_a_plugin_has_its_own_branch_and_may_go_again(
    db_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / f"illshelf_{tmp_path.name.replace('-', '_')}"
    (package / "revisions").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "revisions" / "shelf_1.py").write_text(BRANCH)
    monkeypatch.syspath_prepend(str(tmp_path))
    migrate(db_url, {"shelf": f"{package.name}:revisions"})
    assert "shelf_book" in tables_of(db_url)
    assert current(db_url, "shelf") == "shelf_1"
    sys.modules.pop(package.name, None)
    migrate(db_url)
    Store.open(db_url).close()


def test_a_plugin_without_its_folder_is_named_and_nothing_changes(db_url: str) -> None:
    with pytest.raises(ConfigError, match="nowhere"):
        migrate(db_url, {"nowhere": "no_such_package:migrations"})
    assert current(db_url) is None


def test_sqlite_runs_as_promised(sqlite_url: str) -> None:
    migrate(sqlite_url)
    store = Store.open(sqlite_url)
    with store.write() as connection:
        names = ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")
        pragma = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names}
    assert pragma == {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 2, "busy_timeout": 5000}
    store.close()
    relaxed = Store.open(sqlite_url, synchronous="NORMAL")
    with relaxed.read() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 1
    relaxed.close()
    assert sqlite3.sqlite_version_info >= (3, 35)


@pytest.mark.parametrize("url", ["mysql://x/y", "nonsense", "sqlite:////no/such/folder/ill.db"])
def test_a_wrong_url_gets_one_sentence(url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Database(url)
    assert "\n" not in str(caught.value)
