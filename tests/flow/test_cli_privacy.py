"""`ill privacy`, `ill readers` and `ill audit`: what a librarian, a reader and an auditor see and may do."""

import json
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from illcore.cli import app
from illcore.cli.init import config_text
from illcore.engine import Engine
from illcore.events import Actor

OURS = "ISIL:CN-110001"
READER = {"id": "R-1", "name": "李雷", "email": "lilei@example.org", "category": "student"}
BOOK = {
    "service_type": "loan",
    "citation": {"title": "红楼梦", "isbn": "9787020002207", "publication_type": "Book"},
    "reader": READER,
}
POLICY = "\n[policy.privacy]\ndays = 0\nautomatic = false\n"
Ill = Callable[..., tuple[str, str]]


@pytest.fixture(params=["en", "zh"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def desk(empty_database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str) -> Any:
    """A library in the current folder that keeps nothing longer than the day, one closed and one open request."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ILL_CONFIG", raising=False)
    shutil.copy(empty_database, tmp_path / "ill.db")
    written = config_text(OURS, "National Library", "国家图书馆", "sqlite:///ill.db", language, plugins=())
    (tmp_path / "ill.toml").write_text(written + POLICY, encoding="utf-8")
    engine = Engine.open(config=tmp_path / "ill.toml", plugins=[], executor="inline")
    staff = engine.as_(Actor(kind="staff", id="anna", library=OURS, role="admin"))
    closed = staff.submit({**BOOK, "note": "for 李雷"})
    staff.act(closed, "close", outcome="withdrawn")
    still = staff.submit({**BOOK, "citation": {**BOOK["citation"], "title": "西游记"}, "reader": {"id": "R-2"}})
    engine.run_due()
    yield engine, closed, still
    engine.close()


@pytest.fixture
def ill(capsys: pytest.CaptureFixture[str], desk: Any) -> Ill:
    def run(*arguments: str, code: int = 0) -> tuple[str, str]:
        capsys.readouterr()
        ended = app.run(arguments)
        said = capsys.readouterr()
        assert ended == code, said.err
        return said.out, said.err

    return run


def told(ill: Ill, *arguments: str, code: int = 0) -> Any:
    return json.loads(ill(*arguments, "--json", code=code)[0])


def test_a_dry_run_shows_and_a_run_does(ill: Ill, desk: Any, language: str) -> None:
    _, closed, _ = desk
    dry = told(ill, "privacy", "run", "--dry-run")
    assert dry["dry_run"] is True
    assert (dry["erased"]["requests"], dry["erased"]["readers"], dry["erased"]["texts"]) == (1, 1, 1)
    out, _ = ill("privacy", "run", "--dry-run")
    assert ("将删除" if language == "zh" else "Would be erased") in out
    assert told(ill, "show", closed)["reader"] == {"id": "R-1"}
    done = told(ill, "privacy", "run")
    assert (done["dry_run"], done["failed"]) == (False, {})
    assert done["erased"].items() >= dry["erased"].items()
    assert told(ill, "show", closed)["reader"] is None
    assert not any(told(ill, "privacy", "run")["erased"].values()), "there is nothing left"
    assert told(ill, "audit", "verify")["ok"] is True


def test_a_hold_stops_it_and_says_why(ill: Ill, desk: Any) -> None:
    _, closed, _ = desk
    assert told(ill, "privacy", "hold", closed, "--reason", "court order 17")["status"] == "held"
    (held,) = told(ill, "privacy", "holds")
    assert (held["kind"], held["subject"], held["reason"]) == ("request", closed, "court order 17")
    report = told(ill, "privacy", "run")
    assert (report["erased"]["requests"], report["kept"]["held"]) == (0, 1)
    assert "court order" not in ill("privacy", "hold", closed, "--reason", "again", code=1)[1]
    assert told(ill, "privacy", "release", closed)["status"] == "released"
    assert told(ill, "privacy", "run")["erased"]["requests"] == 1
    for wrong in (["hold", closed], ["hold", "--reader", "R-9", "--reason", "x"], ["release", closed]):
        assert ill("privacy", *wrong, code=1)[1].count("\n") == 1
    ill("privacy", "hold", "--reason", "x", code=2)


def test_readers_are_listed_shown_and_every_look_is_noted(ill: Ill, language: str) -> None:
    assert [each["id"] for each in told(ill, "readers", "list")] == ["R-1", "R-2"]
    shown = told(ill, "readers", "show", "R-1", "--as", "staff:mei:librarian")
    assert (shown["email"], shown["requests"], shown["open_requests"]) == ("lilei@example.org", 1, 0)
    lines = told(ill, "audit", "readers")
    assert (lines[0]["action"], lines[0]["actor"]["id"], lines[0]["reader"]) == ("look", "mei", "R-1")
    assert [line["action"] for line in told(ill, "audit", "readers", "--reader", "R-1")] == ["look"]
    assert ("类别" if language == "zh" else "Category") in ill("readers", "show", "R-1")[0]
    for arguments in (
        ("readers", "show", "R-1", "--as", "staff:tom:assistant"),
        ("readers", "list", "--as", "reader:R-2"),
        ("readers", "show", "R-1", "--as", "reader:R-2"),
        ("readers", "delete", "R-1", "--as", "staff:mei:librarian"),
        ("privacy", "run", "--as", "staff:mei:librarian"),
        ("audit", "verify", "--as", "staff:mei:librarian"),
    ):
        assert ill(*arguments, code=1)[1].startswith("ill: "), arguments


def test_an_export_is_one_private_file_and_never_overwrites(ill: Ill, tmp_path: Path, desk: Any) -> None:
    _, closed, _ = desk
    file = tmp_path / "R-1.json"
    assert told(ill, "readers", "export", "R-1", "--output", str(file))["requests"] == 1
    found = json.loads(file.read_text(encoding="utf-8"))
    assert found["reader"]["name"] == "李雷"
    assert [request["id"] for request in found["requests"]] == [closed]
    assert "for 李雷" in json.dumps(found, ensure_ascii=False)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = file.read_bytes()
    assert "there already" in ill("readers", "export", "R-1", "--output", str(file), code=1)[1]
    assert file.read_bytes() == before
    nobody = tmp_path / "R-9.json"
    assert "no reader R-9" in ill("readers", "export", "R-9", "--output", str(nobody), code=1)[1]
    assert not nobody.exists()
    out, _ = ill("readers", "export", "R-1", "--output", "-", "--as", "reader:R-1")
    assert json.loads(out)["reader"]["id"] == "R-1"


def test_a_reader_is_deleted_unless_something_is_open(ill: Ill, desk: Any) -> None:
    _, closed, still = desk
    assert f"open requests: {still}" in ill("readers", "delete", "R-2", code=1)[1]
    assert told(ill, "readers", "delete", "R-1")["erased"]["requests"] == 1
    assert told(ill, "show", closed)["reader"] is None
    assert "no reader R-1" in ill("readers", "show", "R-1", code=1)[1]
    assert "李雷" not in (Path("ill.db").read_bytes()).decode("utf-8", "replace")


def test_the_check_names_the_row_and_ends_with_1(ill: Ill, desk: Any, language: str) -> None:
    engine, closed, _ = desk
    sealed = told(ill, "audit", "checkpoint")
    assert len(sealed["hash"]) == 64
    assert told(ill, "audit", "verify", "--known", sealed["hash"])["ok"] is True
    with engine.database.write() as connection:
        connection.execute(text("UPDATE ill_event SET actor_id = 'nobody' WHERE seq = 2"))
    found = told(ill, "audit", "verify", code=1)
    assert {"code": "event_changed", "request": closed, "event": 2}.items() <= found["flaws"][0].items()
    out, _ = ill("audit", "verify", code=1)
    assert (f"申请 {closed} 的第 2 条记录被改动" if language == "zh" else f"event 2 of {closed} was changed") in out
    assert told(ill, "audit", "verify", "--known", "0" * 64, code=1)["flaws"][-1]["code"] == "hash_unknown"


def test_the_worker_does_it_once_a_day_by_itself(ill: Ill, desk: Any) -> None:
    engine, closed, _ = desk
    with engine.database.write() as connection:
        connection.execute(text("DELETE FROM ill_checkpoint_head"))
        connection.execute(text("DELETE FROM ill_checkpoint"))
    configured = Path("ill.toml").read_text(encoding="utf-8")
    ill("worker", "--once")
    assert told(ill, "show", closed)["reader"] == {"id": "R-1"}, "this library does it by hand"
    with engine.database.write() as connection:
        connection.execute(text("DELETE FROM ill_checkpoint_head"))
        connection.execute(text("DELETE FROM ill_checkpoint"))
    Path("ill.toml").write_text(configured.replace("automatic = false\n", ""), encoding="utf-8")
    ill("worker", "--once")
    assert told(ill, "show", closed)["reader"] is None
    assert told(ill, "audit", "verify")["checkpoints"] == 1
    ill("worker", "--once")
    assert told(ill, "audit", "verify")["checkpoints"] == 1, "the day is done"
