"""`ill demo`: three libraries lend to each other over real HTTP, and nothing is left behind however it ends."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib import metadata, resources
from pathlib import Path
from typing import Any

import pytest

from illcore.checks import completeness
from illcore.cli import app, demo
from illcore.cli.demo import region
from illcore.cli.demo.play import SCENES
from illcore.cli.faults import Failed
from illcore.model import NewRequest

pytestmark = pytest.mark.needs_plugin("iso18626")
PATIENCE = 120.0


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Path]:
    """An own temporary folder for the demo; afterwards no process may be left that works in it."""
    yield tmp_path
    assert _processes(tmp_path) == []


def _processes(folder: Path) -> list[int]:
    """Running processes whose command line names the folder; none are found where there is no /proc."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if os.fsencode(folder) in command:
            found.append(int(entry.name))
    return found


def _start(room: Path, *options: str) -> subprocess.Popen[str]:
    own = {**os.environ, "TMPDIR": str(room), "TEMP": str(room), "TMP": str(room), "PYTHONIOENCODING": "utf-8"}
    return subprocess.Popen(
        [sys.executable, "-m", "illcore", "demo", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=own,
        cwd=room,
    )


def _until(holds: Callable[[], Any]) -> Any:
    end = time.monotonic() + PATIENCE
    while not (found := holds()):
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)
    return found


def _serving(room: Path) -> list[Path]:
    """The folders of libraries whose servers listen."""
    return [path.parent for path in room.glob("illcore-demo-*/*/serve.out") if path.stat().st_size]


@pytest.mark.slow
@pytest.mark.needs_plugin("holdings")
def test_what_is_kept_can_be_gone_on_with_and_the_timeline_is_bilingual(
    room: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with _start(room, "--keep") as process:
        out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err
    for text in ("will_supply", "Received by the partner 对方已收到", "With the reader 已借给读者", "《三体》"):
        assert text in out
    assert "held by 馆藏于 HILL: 三楼文学书库, I247.55/7120 (available 可提供)" in out
    (folder,) = room.iterdir()
    assert str(folder) in err
    assert sorted(path.name for path in folder.iterdir()) == ["hill", "holdings", "lake", "river"]
    capsys.readouterr()
    assert app.run(["list", "--json", "--config", str(folder / "river" / "ill.toml")]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {(row["role"], row["state"]) for row in rows} == {("requester", "completed"), ("supplier", "completed")}
    loan = next(row for row in rows if row["role"] == "requester")
    assert app.run(["show", loan["id"], "--json", "--config", str(folder / "river" / "ill.toml")]) == 0
    passed = {event["state"] for event in json.loads(capsys.readouterr().out)["events"]}
    assert {"locating", "sent", "shipped", "received", "on_loan", "returned", "return_shipped", "completed"} <= passed
    wish = json.loads((resources.files("illcore.cli") / "examples" / "loan-science-and-civilisation.json").read_text())
    assert app.run(["list", "--json", "--role", "requester", "--config", str(folder / "lake" / "ill.toml")]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row["title"] == wish["citation"]["title"]
    assert app.run(["rota", "explain", row["id"], "--config", str(folder / "lake" / "ill.toml")]) == 0
    explained = capsys.readouterr().out
    assert explained.index("1. ISIL:CN-DEMO-HILL: ") < explained.index("2. ISIL:CN-DEMO-RIVER: ")
    assert app.run(["holdings", "list", "--json", "--config", str(folder / "lake" / "ill.toml")]) == 0
    assert {each["format"] for each in json.loads(capsys.readouterr().out)} == {"csv", "kbart", "marcxml"}
    assert app.run(["stats", "--json", "--config", str(folder / "hill" / "ill.toml")]) == 0
    lending = json.loads(capsys.readouterr().out)["roles"]["supplier"]
    assert lending["fill_rate"] == {"value": 0.5, "numerator": 1, "denominator": 2}
    assert [reason["key"] for reason in lending["reasons"]] == ["NotOnShelf"]


@pytest.mark.slow
def test_all_requests_are_completed_and_without_the_holdings_plugin_the_suppliers_are_named(
    room: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(room))
    monkeypatch.setattr(region, "can_locate", lambda: False)
    assert app.run(["demo", "--json"]) == 0
    out, err = capsys.readouterr()
    assert "pip install illcore-holdings" in err
    told = json.loads(out)
    assert set(told) == {"requests", "seconds"}
    shapes = [
        (each["service_type"], each["requester"]["state"], [supplier["state"] for supplier in each["suppliers"]])
        for each in told["requests"]
    ]
    assert shapes == [
        ("loan", "completed", ["completed"]),
        ("copy", "completed", ["completed"]),
        ("loan", "completed", ["unfilled", "completed"]),
    ]
    assert len({each["id"] for each in told["requests"]}) == 3
    for each in told["requests"]:
        libraries = [each["requester"]["library"], *(supplier["library"] for supplier in each["suppliers"])]
        assert len(set(libraries)) == len(libraries)
    assert list(room.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_and_leaves_no_process_and_no_folder(room: Path, number: signal.Signals) -> None:
    with _start(room, "--json") as process:
        _until(lambda: _serving(room) or process.poll() is not None)
        process.send_signal(number)
        out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 128 + number, err
    assert out == ""
    assert "stopped" in err
    assert list(room.iterdir()) == []


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="needs /proc to find the server")
def test_a_server_that_dies_is_told_with_its_last_words(room: Path) -> None:
    with _start(room, "--json") as process:
        (member, *_) = _until(lambda: _serving(room) or process.poll() is not None)
        (server,) = _processes(member)
        os.kill(server, signal.SIGKILL)
        out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert out == ""
    assert f"{member.name}: ill: listening on http://127.0.0.1:" in err
    assert f"the server of {member.name} ended" in err
    assert "Traceback" not in err
    assert list(room.iterdir()) == []


def test_what_is_missing_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(metadata, "entry_points", lambda **_: [])
        with pytest.raises(Failed, match="pip install illcore-iso18626"):
            demo._require()
    monkeypatch.setattr(demo.util, "find_spec", lambda name: None)
    with pytest.raises(Failed, match=r"pip install 'illcore\[serve\]'"):
        demo._require()


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.example)
def test_each_example_is_a_complete_request(scene: Any) -> None:
    asked = NewRequest.model_validate(scene.citation())
    assert completeness(asked.service_type, asked.citation) == []  # check digits too
    assert asked.citation.isbn or (asked.citation.issn and asked.citation.doi)


def test_the_examples_folder_shows_what_is_packaged() -> None:
    packaged = {path.name for path in resources.files("illcore.cli").joinpath("examples").iterdir()}
    assert packaged == {f"{scene.example}.json" for scene in SCENES}
    shown = Path(__file__).parents[2] / "examples"
    for name in packaged:
        assert (shown / name).read_bytes() == resources.files("illcore.cli").joinpath("examples", name).read_bytes()
