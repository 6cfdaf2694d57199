"""What `ill` does before any command runs: help without weight, wrong usage in one sentence, no traceback ever."""

import json
import subprocess
import sys
from importlib import metadata
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import typer

from illcore.cli import app, plugged
from illcore.cli.commands import COMMANDS
from illcore.states import TABLE
from illcore.states.texts import STATE_TEXTS

HEAVY = ("sqlalchemy", "pydantic", "pluggy", "rich", "alembic", "illcore_iso18626", "illcore_z3950", "illcore.plugins")


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = app.run(arguments)
    said = capsys.readouterr()
    return code, said.out, said.err


def loaded_after(code: str) -> set[str]:
    report = f"import sys\n{code}\nsys.stderr.write(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", report], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


def test_the_help_loads_neither_database_nor_models_nor_plugins() -> None:
    loaded = loaded_after("from illcore.cli.app import run\nassert run(['--help']) == 0")
    assert "illcore.cli.app" in loaded
    assert loaded.isdisjoint(HEAVY)


def test_importing_illcore_loads_almost_nothing() -> None:
    assert loaded_after("import illcore").isdisjoint({*HEAVY, "typer", "illcore.engine"})


def test_the_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "--help")
    assert code == 0
    for name, entry in COMMANDS.items():
        assert f"  {name} " in out
        assert entry.help.split()[0] in out


def test_ill_alone_shows_the_help_as_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys)
    assert (code, out) == (2, "")
    assert "submit" in err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["sho"], "did you mean show?"),
        (["nonsense"], "there is no command nonsense"),
        (["--nonsense"], "No such option: --nonsense"),
        (["show"], "Missing argument 'ID'"),
        (["show", "X", "Y"], "unexpected extra argument"),
        (["list", "--limit", "0"], "--limit"),
        (["list", "--limit", "many"], "--limit"),
        (["list", "--role", "reader"], "--role reader: write requester or supplier"),
        (["list", "--state", "gone"], "--state gone: there is no such state"),
        (["list", "--as", "staff:anna"], "--as staff:anna: write staff:ID:ROLE"),
        (["list", "--as", "staff:anna:boss"], "assistant, librarian, supervisor, admin"),
        (["list", "--as", "ghost:1"], "KIND is one of staff, reader"),
        (["list", "--as", "reader:"], "write reader:ID"),
        (["act", "X", "ship", "nonsense"], "'nonsense' is no detail; write KEY=VALUE"),
        (["act", "X", "ship", "=1"], "'=1' is no detail"),
        (["act", "X", "ship", "a=1", "a=2"], "a is given twice"),
        (["act", "X", "ship", "connection=1"], "connection is no detail of an action"),
        (["act", "X", "ship", "items=[1,"], "the value of items is not JSON: line 1"),
        (["act", "X", "note", "note=a", "--note", "b"], "the note is given twice"),
        (["search"], "say what to search for"),
        (["init"], "name your library"),
        (["init", "--library", "nonsense"], "write TYPE:VALUE"),
        (["init", "--library", "ISIL:X", "--language", "fr"], "write en or zh"),
        (["new-plugin", "Bad-Name"], "cannot name a plugin"),
        (["new-plugin", "class"], "a name of the core or of Python"),
        (["new-plugin", "doctor"], "a name of the core or of Python"),
        (["diagram", "--role", "reader"], "write requester or supplier"),
        (["serve", "--port", "70000"], "--port"),
        (["partners"], "suspend"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_usage_is_one_sentence_and_2(
    capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert sentence in err
    assert arguments == ["partners"] or err.count("\n") == 1
    assert "Traceback" not in err


def command_of(monkeypatch: pytest.MonkeyPatch, *points: tuple[str, str, object]) -> None:
    """Entry points of plugins that are not installed: (command, package, what it names or what loading raises)."""

    class Point(SimpleNamespace):
        def load(self) -> object:
            if isinstance(self.found, Exception):
                raise self.found
            return self.found

    made = [
        Point(name=name, value=package, found=found, dist=SimpleNamespace(name=package, version="1.0"))
        for name, package, found in points
    ]

    def entry_points(**asked: str) -> list[Any]:
        return made if asked["group"] == plugged.GROUP else []

    monkeypatch.setattr(plugged, "metadata", SimpleNamespace(entry_points=entry_points, EntryPoint=metadata.EntryPoint))


def test_a_plugin_brings_a_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    theirs = typer.Typer()

    @theirs.command()
    def probe() -> None:
        typer.echo("probed")

    @theirs.command()
    def other() -> None:
        raise ValueError("odd\nthing")

    command_of(monkeypatch, ("z9950", "illcore-z9950", theirs))
    assert "From illcore-z9950 1.0." in run(capsys, "--help")[1]
    assert run(capsys, "z9950", "probe") == (0, "probed\n", "")
    code, out, err = run(capsys, "z9950", "other")
    assert (code, out) == (1, "")
    assert err.startswith("ill: this is a fault of illcore-z9950 1.0: ValueError: odd thing")


@pytest.mark.parametrize("found", [ImportError("no module named yaz"), ModuleType("junk"), 7])
def test_a_plugins_command_that_does_not_load_names_its_package(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], found: object
) -> None:
    command_of(monkeypatch, ("z9950", "illcore-z9950", found))
    assert run(capsys, "--help")[0] == 0
    code, out, err = run(capsys, "z9950")
    assert (code, out) == (1, "")
    assert "the command z9950 of illcore-z9950 1.0 cannot be loaded" in err


def test_two_plugins_cannot_share_a_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command_of(monkeypatch, ("probe", "one", typer.Typer()), ("probe", "two", typer.Typer()))
    code, _, err = run(capsys, "probe")
    assert code == 1
    assert "one 1.0 and two 1.0 both name a command probe" in err


def test_a_plugin_cannot_take_a_command_of_the_core(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command_of(monkeypatch, ("diagram", "thief", typer.Typer()))
    assert "thief" not in run(capsys, "--help")[1]
    [(name, package, version, reason)] = plugged.PluggedCommands().faults()
    assert (name, package, version) == ("diagram", "thief", "1.0")
    assert "the core's own command" in reason


def test_a_fault_is_named_and_its_place_only_on_request(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> None:
        raise RuntimeError("\x1b[31mboom")

    monkeypatch.setattr(app, "load_core", lambda name: plugged.as_command(name, broken))
    monkeypatch.delenv("ILL_DEBUG", raising=False)
    code, out, err = run(capsys, "doctor")
    assert (code, out) == (1, "")
    assert "this is a fault of illcore: RuntimeError: \ufffd[31mboom" in err
    assert "Traceback" not in err
    monkeypatch.setenv("ILL_DEBUG", "1")
    assert "Traceback" in run(capsys, "doctor")[2]


@pytest.mark.parametrize(("raised", "code"), [(BrokenPipeError(), 1), (KeyboardInterrupt(), 130)])
def test_an_early_end_is_quiet(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], raised: BaseException, code: int
) -> None:
    def ended() -> None:
        raise raised

    monkeypatch.setattr(app, "load_core", lambda name: plugged.as_command(name, ended))
    assert app.run(["doctor"]) == code
    assert "Traceback" not in capsys.readouterr().err


def test_the_diagram_shows_every_state_and_move_of_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "diagram", "--json", "--language", "zh")
    assert code == 0
    drawn = json.loads(out)
    for role, states in STATE_TEXTS.items():
        lines = drawn[role].splitlines()
        assert lines[0] == "stateDiagram-v2"
        edges = dict(line.strip().split(": ", 1) for line in lines if " --> " in line and ": " in line)
        for state, text in states.items():
            assert f"    {state}: {text.zh} ({state})" in lines
        for state, events in TABLE[role].items():
            for event, rows in events.items():
                for row in rows:
                    if row.next not in ("STAY", "UNDO", state):
                        assert event.replace(":", " ") in edges[f"{state} --> {row.next}"].split(", ")
    assert run(capsys, "diagram", "--role", "supplier", "--language", "zh")[1] == drawn["supplier"]
