"""Setting up by command line: init, migrate, plugins, doctor, partners, new-plugin; each from an empty folder."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from illcore.cli import app


class Done(NamedTuple):
    """What a command wrote."""

    stdout: str
    stderr: str


Ill = Callable[..., Done]
OURS = "ISIL:CN-110001"
PARTNER = {
    "symbol": "ISIL:SUP1",
    "kind": "library",
    "name": {"en": "One", "zh": "一馆"},
    "services": ["loan"],
    "account": "iso18626:main",
    "address": {"url": "http://127.0.0.1:9/iso18626"},
    "status": "active",
}


@pytest.fixture
def ill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ill:
    """Runs `ill` in an empty folder, checks the exit code, and that no traceback and no broken JSON comes out."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ILL_CONFIG", raising=False)
    monkeypatch.delenv("ILL_DEBUG", raising=False)

    def run(*arguments: str, code: int = 0) -> Done:
        capsys.readouterr()
        ended = app.run(arguments)
        done = Done(*capsys.readouterr())
        assert ended == code, done.stderr
        assert "Traceback" not in done.stderr
        assert "fault of illcore" not in done.stderr
        if "--json" in arguments and done.stdout:
            json.loads(done.stdout)
        return done

    return run


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder where `ill init` ran."""
    folder = tmp_path_factory.mktemp("template")
    names = ("--name-en", "National Library", "--name-zh", "国家图书馆")
    subprocess.run([sys.executable, "-m", "illcore", "init", "--library", OURS, *names], cwd=folder, check=True)
    return folder


@pytest.fixture
def library(ill: Ill, template: Path, tmp_path: Path) -> Ill:
    """The same, where `ill init` ran."""
    shutil.copytree(template, tmp_path, dirs_exist_ok=True)
    return ill


def put(tmp_path: Path, name: str, value: Any) -> str:
    (tmp_path / name).write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
    return name


def test_init_writes_a_file_and_a_database_that_work(ill: Ill, tmp_path: Path) -> None:
    done = ill("init", "--library", OURS, "--name-en", 'The "National"\nLibrary\\', "--name-zh", "国家图书馆")
    assert "wrote ill.toml" in done.stdout
    assert "ill partners import" in done.stderr
    config = tomllib.loads((tmp_path / "ill.toml").read_text(encoding="utf-8"))
    assert config["library"] == OURS
    assert config["libraries"][OURS] == {"name_en": 'The "National"\nLibrary\\', "name_zh": "国家图书馆"}
    assert json.loads(ill("list", "--json").stdout) == []


@pytest.mark.needs_plugin("iso18626")
def test_init_adds_the_account_of_an_installed_iso18626(library: Ill, tmp_path: Path) -> None:
    assert "iso18626:main" in tomllib.loads((tmp_path / "ill.toml").read_text(encoding="utf-8"))["accounts"]
    rows = {row["name"]: row["status"] for row in json.loads(library("plugins", "--json").stdout)}
    assert rows["iso18626:main"] == "ok"


@pytest.mark.needs_plugin("delivery")
def test_init_shows_how_to_have_an_account_of_an_installed_delivery(library: Ill, tmp_path: Path) -> None:
    path = tmp_path / "ill.toml"
    text = path.read_text(encoding="utf-8")
    assert "delivery:main" not in tomllib.loads(text)["accounts"]  # its address is not known yet
    path.write_text(
        text.replace("# [accounts", "[accounts").replace('# url = "https', 'url = "https'), encoding="utf-8"
    )
    rows = {row["name"]: row["status"] for row in json.loads(library("plugins", "--json").stdout)}
    assert rows["delivery:main"] == "ok"


def test_init_overwrites_nothing(library: Ill, tmp_path: Path) -> None:
    before = (tmp_path / "ill.toml").read_bytes()
    done = library("init", "--library", "ISIL:OTHER", code=1)
    assert "ill.toml is there already" in done.stderr
    assert (tmp_path / "ill.toml").read_bytes() == before


@pytest.mark.parametrize(
    ("db", "sentence"),
    [
        ("mysql://x/y", "the database 'mysql' is not supported"),
        ("nonsense", "cannot be read; write sqlite:///ill.db or postgresql://"),
        ("sqlite:///no/such/folder/ill.db", "does not exist; create it first"),
        ("postgresql://nobody@127.0.0.1:9/ill", "the database cannot be used"),
    ],
)
def test_init_with_an_impossible_database_leaves_no_file(ill: Ill, tmp_path: Path, db: str, sentence: str) -> None:
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    assert sentence in ill("init", "--library", OURS, "--db", db, code=1).stderr
    assert not (tmp_path / "ill.toml").exists()


def test_init_on_postgresql(ill: Ill, pg_url: str) -> None:
    ill("init", "--library", OURS, "--db", pg_url)
    assert json.loads(ill("migrate", "--json").stdout)["before"] is not None
    assert json.loads(ill("list", "--json").stdout) == []


@pytest.mark.parametrize("command", [["list"], ["doctor"], ["migrate"], ["worker", "--once"]], ids=" ".join)
def test_without_a_configuration_it_says_how_to_make_one(ill: Ill, command: list[str]) -> None:
    done = ill(*command, "--json", code=1)
    assert "ill init --library" in done.stderr + done.stdout


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"library = ", "not valid TOML"),
        (b"\xff\xfe", "cannot be read"),
        (b'libary = "ISIL:X"', "libary: unknown field"),
        (b'library = "ISIL:X"\n[policy]\nloan_days = "many"', "policy of ISIL:X: loan_days"),
        (b'library = "ISIL:X"\n[accounts.iso18626]', 'such as "iso18626:main"'),
    ],
)
def test_a_wrong_configuration_is_a_sentence_that_names_it(
    ill: Ill, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, sentence: str
) -> None:
    (tmp_path / "mine.toml").write_bytes(content)
    monkeypatch.setenv("ILL_CONFIG", "mine.toml")
    done = ill("doctor", "--json", code=1)
    [row] = [row for row in json.loads(done.stdout) if row["status"] == "failed" and row["name"] == "config"]
    assert sentence in row["reason"]
    assert ill("list", "--json", "--config", "mine.toml", code=1).stdout == ""


def test_a_database_without_tables_names_migrate(library: Ill, tmp_path: Path) -> None:
    for file in tmp_path.glob("ill.db*"):
        file.unlink()
    assert "ill migrate" in library("list", code=1).stderr
    rows = {row["name"]: row for row in json.loads(library("doctor", "--json", code=1).stdout)}
    assert rows["database"]["status"] == "failed"
    assert "ill migrate" in rows["database"]["reason"]
    assert json.loads(library("migrate", "--json").stdout)["before"] is None
    library("list")


def test_a_file_that_is_no_database_is_a_sentence(library: Ill, tmp_path: Path) -> None:
    for file in tmp_path.glob("ill.db*"):
        file.unlink()
    (tmp_path / "ill.db").write_bytes(b"this is no database, whatever its name is " * 100)
    assert "the database cannot be used: file is not a database" in library("list", code=1).stderr


def test_plugins_shows_what_is_installed_even_without_a_configuration(ill: Ill) -> None:
    done = ill("plugins", "--json")
    assert isinstance(json.loads(done.stdout), list)
    assert "no accounts are shown" in done.stderr


def test_doctor_names_what_is_wrong_and_what_to_do(library: Ill, tmp_path: Path) -> None:
    with (tmp_path / "ill.toml").open("a", encoding="utf-8") as file:
        file.write('\n[accounts."nowhere:main"]\nurl = "x"\n')
    partners = [
        {**PARTNER, "symbol": "ISIL:NO-ACCOUNT", "account": ""},
        {**PARTNER, "symbol": "ISIL:UNKNOWN", "account": "email:main"},
        {**PARTNER, "symbol": "ISIL:BROKEN", "account": "nowhere:main"},
    ]
    library("partners", "import", put(tmp_path, "p.json", partners))
    done = library("doctor", "--json", code=1)
    rows = {row["name"]: row for row in json.loads(done.stdout)}
    assert all(set(row) == {"name", "distribution", "version", "status", "reason"} for row in rows.values())
    assert rows["config"]["status"] == rows["database"]["status"] == rows["clock"]["status"] == "ok"
    assert "connector type nowhere" in rows["nowhere:main"]["reason"]
    assert rows["partner ISIL:NO-ACCOUNT"]["status"] == "warning"
    assert "email:main is not in the configuration" in rows["partner ISIL:UNKNOWN"]["reason"]
    assert rows["partner ISIL:BROKEN"]["status"] == "failed"
    assert "nowhere:main" in done.stderr


@pytest.mark.needs_plugin("iso18626")
def test_doctor_finds_a_secret_that_is_not_there(library: Ill, tmp_path: Path) -> None:
    address = {"url": "http://127.0.0.1:9/", "headers": {"x-key": {"env": "NO_SUCH_SECRET_HERE"}}}
    library("partners", "import", put(tmp_path, "p.json", {**PARTNER, "address": address}))
    rows = {row["name"]: row for row in json.loads(library("doctor", "--json", code=1).stdout)}
    assert "NO_SUCH_SECRET_HERE is not set" in rows["partner ISIL:SUP1"]["reason"]


def test_doctor_finds_what_the_outbox_gave_up_and_a_lane_that_waits(library: Ill, tmp_path: Path) -> None:
    library("partners", "import", put(tmp_path, "p.json", {**PARTNER, "account": ""}))
    library(
        "submit", put(tmp_path, "r.json", {"service_type": "loan", "citation": {"title": "x"}, "reader": {"id": "R"}})
    )
    with sqlite3.connect(tmp_path / "ill.db") as connection:
        id = connection.execute("SELECT id FROM ill_request").fetchone()[0]
        connection.execute(
            "INSERT INTO ill_outbox (key, request_id, seq, n, lane, kind, payload, status, due, first_due)"
            " VALUES ('k', ?, 1, 9, 'send/ISIL:SUP1', 'send', '{}', 'dead', 0, 0)",
            (id,),
        )
        connection.execute("INSERT INTO ill_lane (name, failures, open_until) VALUES ('send/X', 5, 4102444800000000)")
        connection.execute("UPDATE ill_request SET updated_at = 4102444800000000")
    connection.close()
    rows = {row["name"]: row for row in json.loads(library("doctor", "--json", code=1).stdout)}
    assert "1 given up" in rows["outbox send/ISIL:SUP1"]["reason"]
    assert "did not answer 5 times" in rows["lane send/X"]["reason"]
    assert rows["clock"]["status"] == "failed"


def test_partners_are_imported_item_by_item_and_updated(library: Ill, tmp_path: Path) -> None:
    items = [PARTNER, {"symbol": "bad"}, 7, {**PARTNER, "symbol": "ISIL:SUP2", "acount": "x"}]
    done = library("partners", "import", put(tmp_path, "p.json", items), "--json", code=1)
    results = json.loads(done.stdout)
    assert [result["index"] for result in results] == [0, 1, 2, 3]
    assert results[0] == {"index": 0, "symbol": "ISIL:SUP1"}
    assert "symbol" in results[1]["error"]
    assert "is a number" in results[2]["error"]
    assert "acount: unknown field" in results[3]["error"]
    renamed = {**PARTNER, "name": {"en": "Renamed", "zh": ""}}
    assert library("partners", "import", put(tmp_path, "p.json", renamed)).stdout == "ISIL:SUP1\n"
    [found] = json.loads(library("partners", "list", "--json").stdout)
    assert (found["name"]["en"], found["account"]) == ("Renamed", "iso18626:main")
    assert json.loads(library("partners", "import", put(tmp_path, "p2.json", found), "--json").stdout) == [
        {"index": 0, "symbol": "ISIL:SUP1"}
    ]


def test_partners_come_and_go(library: Ill) -> None:
    assert library("partners", "list").stdout == "no partners\n"
    library("partners", "add", "ISIL:SUP1", "--name-zh", "一馆", "--service", "copy", "--url", "http://x/")
    assert "ISIL:SUP1 is a partner" in library("partners", "add", "ISIL:SUP1", code=1).stderr
    assert json.loads(library("partners", "show", "ISIL:SUP1", "--json").stdout)["services"] == ["copy"]
    assert "一馆" in library("partners", "list").stdout
    for command, status in (("suspend", "suspended"), ("activate", "active"), ("end", "ended")):
        assert json.loads(library("partners", command, "ISIL:SUP1", "--json").stdout)["status"] == status
    assert json.loads(library("partners", "list", "--status", "active", "--json").stdout) == []
    assert "ISIL:NOPE is not a partner" in library("partners", "suspend", "ISIL:NOPE", code=1).stderr


def test_only_a_supervisor_changes_partners(library: Ill) -> None:
    refused = library("partners", "add", "ISIL:SUP1", "--as", "staff:anna:librarian", code=1)
    assert "only a supervisor or an admin" in refused.stderr
    library("partners", "add", "ISIL:SUP1", "--as", "staff:anna:supervisor")


@pytest.mark.slow
def test_a_new_plugin_passes_its_own_tests(ill: Ill, tmp_path: Path) -> None:
    done = json.loads(ill("new-plugin", "my_catalogue", "--json").stdout)
    assert done["folder"] == "illcore-my-catalogue"
    package = tmp_path / done["folder"]
    project = tomllib.loads((package / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["entry-points"]["illcore.plugins"] == {"my_catalogue": "illcore_my_catalogue"}
    tests = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(package)],
        cwd=package,
        env={**os.environ, "PYTHONPATH": str(package / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert tests.returncode == 0, tests.stdout
    assert int(tests.stdout.split(" passed")[0].split()[-1]) >= 10
    assert "is there already" in ill("new-plugin", "my_catalogue", code=1).stderr
