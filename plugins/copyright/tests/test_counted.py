"""`ill copyright ledger | report | declare` in a library's folder: six articles of one title, a declaration."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from illcore.cli.faults import tell
from illcore.cli.plugged import as_command
from illcore.clock import SystemClock
from illcore.engine import Engine
from illcore.events import Actor
from illcore.model import Partner
from illcore.partners import put
from illcore.session import Session
from illcore_copyright.commands import app

Ill = Callable[..., tuple[int, str, str]]
LIBRARY = "ISIL:US-X"


@pytest.fixture
def ill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ill:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ILL_CONFIG", raising=False)

    def run(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        try:
            code = as_command("copyright", app).main(args=list(arguments), prog_name="ill", standalone_mode=False)
        except Exception as error:
            code = getattr(error, "exit_code", None) or tell(error, "illcore-copyright")
        out, err = capsys.readouterr()
        return int(code or 0), out, err

    return run


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Callable[[str], Session]]:
    """``desk("copyright_us")``: staff of a library in this folder that asks that policy, with one partner."""
    engines: list[Engine] = []

    def make(policy: str, **settings: Any) -> Session:
        lines = "".join(f"{name} = {json.dumps(value)}\n" for name, value in settings.items())
        (tmp_path / "ill.toml").write_text(
            f'library = "{LIBRARY}"\ndatabase = "sqlite:///ill.db"\n[accounts."{policy}:main"]\n{lines}'
        )
        Engine.migrate(config=tmp_path / "ill.toml")
        engine = Engine.open(config=tmp_path / "ill.toml")
        engines.append(engine)
        with engine.database.write() as connection:
            put(connection, LIBRARY, Partner(symbol="ISIL:S", account="wire:none"), engine.clock.now())
        return engine.as_(Actor(kind="staff", id="li", library=LIBRARY, role="admin"))

    yield make
    for engine in engines:
        engine.close()


def submit(staff: Session, number: int, **more: Any) -> str:
    year = SystemClock().now().year
    citation = {"title": "Nature", "issn": "0028-0836", "year": year, "volume": "600", "issue": "7", "pages": "12-19"}
    citation |= {"title_of_component": f"Article {number}", "publication_type": "Article"}
    asked = {"service_type": "copy", "citation": citation, "suppliers": ["ISIL:S"], "purpose": "study", **more}
    return staff.submit(asked)


def work(tmp_path: Path) -> None:
    with_engine = Engine.open(config=tmp_path / "ill.toml")
    with_engine.run_due()
    with_engine.close()


def test_five_articles_are_counted_the_sixth_waits_and_the_report_says_what_came(ill, desk, tmp_path):
    staff = desk("copyright_us")
    ids = []
    for number in range(6):
        ids.append(submit(staff, number))
        work(tmp_path)
    assert [staff.get(id)["state"] for id in ids] == ["sent"] * 5 + ["review"]
    assert staff.get(ids[5])["reasons"] == ["copyright"]
    assert staff.get(ids[0])["copyright"]["compliance"] == "US-CCG"
    for id in ids[:2]:
        staff.act(id, "receive")
    code, out, _ = ill("ledger", "--json")
    lines = json.loads(out)
    assert (code, len(lines)) == (0, 5)
    assert sorted(line["status"] for line in lines) == ["final"] * 2 + ["reserved"] * 3
    assert {(line["title"], line["issn"], line["limit"]) for line in lines} == {("Nature", "0028-0836", 5)}
    code, out, _ = ill("report")
    (row,) = csv.DictReader(io.StringIO(out))
    assert (row["title"], row["copies"], row["fees"]) == ("Nature", "2", "")
    code, out, _ = ill("ledger")
    assert "Nature" in out
    settings = (tmp_path / "ill.toml").read_text()
    (tmp_path / "ill.toml").write_text(f'language = "zh"\n{settings}')
    assert "题名" in ill("ledger")[1]
    assert ill("report", "--year", "1999", "--json")[1] == "[]\n"


def test_a_reader_declares_and_the_request_goes_on(ill, desk, tmp_path):
    staff = desk("copyright_uk")
    id = submit(staff, 1, reader={"id": "R-1", "name": "Li Lei"})
    work(tmp_path)
    shown = staff.get(id)
    assert (shown["state"], shown["reasons"]) == ("review", ["copyright"])
    code, _, err = ill("declare", id, "--as", "reader:R-2")
    assert (code, "another reader" in err) == (1, True)
    code, _, err = ill("declare", id, "--version", "nonsense")
    assert (code, "no declaration 'nonsense' is asked for here" in err) == (1, True)
    code, _, err = ill("declare", id, "--as", "reader:R-1", "--language", "zh")
    assert (code, "now in state sent" in err) == (0, True)
    after = staff.get(id)
    assert after["copyright"]["compliance"] == "UK-FairDealing"
    code, _, err = ill("declare", submit(staff, 2))
    assert (code, "asks for no declaration" in err) == (1, True)


def test_a_title_in_the_report_is_no_formula(ill, desk, tmp_path):
    staff = desk("copyright_us")
    citation = {"title": "=cmd|' /C calc'!A0", "year": "2025", "volume": "1", "pages": "1-2"}
    citation |= {"title_of_component": "x", "publication_type": "Article"}
    id = staff.submit({"service_type": "copy", "citation": citation, "suppliers": ["ISIL:S"]})
    work(tmp_path)
    if staff.get(id)["state"] == "review":
        staff.act(id, "override", reason="copyright", note="dated by hand")
    staff.act(id, "receive")
    _, out, _ = ill("report")
    rows = list(csv.reader(io.StringIO(out)))
    assert all(not cell.startswith("=") for row in rows for cell in row)
