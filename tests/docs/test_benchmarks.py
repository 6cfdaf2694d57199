"""Each benchmark runs and prints its table; how fast it is, is for docs/performance.md to tell."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).resolve().parents[2] / "bench"


def quick(name: str, *options: str) -> str:
    run = subprocess.run(
        [sys.executable, str(BENCH / f"{name}.py"), "--quick", *options],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_the_lifecycle_writes_what_the_raw_driver_writes() -> None:
    shown = quick("lifecycle", "--only", "sqlite")
    assert "| SQLite FULL " in shown
    assert "| SQLite NORMAL " in shown
    assert "calibration loop" in shown


@pytest.mark.needs_plugin("iso18626")
def test_messages_are_confirmed() -> None:
    shown = quick("iso18626")
    assert "| callers at once | messages/s " in shown


def test_starting_is_measured() -> None:
    shown = quick("startup")
    assert "| import illcore, ms " in shown
    assert "| ill --help, ms " in shown
    assert "| worker after 300 messages, MB " in shown


@pytest.mark.needs_plugin("delivery")
def test_documents_are_checked() -> None:
    """It ends with 1 if a sound scan does not pass."""
    shown = quick("quality")
    for kind in ("grey, 300 dpi, JPEG", "black and white, 300 dpi, fax group 4", "no scan, text alone"):
        assert f"| {kind} " in shown


def test_the_rota_is_quicker_than_other_orders() -> None:
    """It ends with 1 if it is not clearly so."""
    shown = quick("routing")
    for other in ("random", "fixed", "cheapest first", "load balanced"):
        assert f"| {other} " in shown


@pytest.mark.needs_plugin("delivery")
def test_downloads_through_links_are_measured() -> None:
    shown = quick("links")
    assert "| one file, whole " in shown
    assert "| 4 readers at once " in shown


@pytest.mark.needs_plugin("z3950")
@pytest.mark.skipif(shutil.which("yaz-ztest") is None, reason="yaz-ztest is not installed (Debian package yaz)")
def test_targets_are_measured_with_libyaz_or_without() -> None:
    shown = quick("z3950")
    assert "| records a second " in shown
    assert "| the same searched by the engine, s " in shown


def test_the_audit_trail_is_measured() -> None:
    shown = quick("audit", "--only", "sqlite")
    assert "| events checked/s |" in shown
    assert "| SQLite " in shown
