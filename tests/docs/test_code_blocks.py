"""The Python blocks of the README and the docs run, page by page, from top to bottom."""

import importlib.util
from pathlib import Path

import pytest
from sybil import Document, Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*sorted(ROOT.glob("README*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def parsed(page: Path) -> Document:
    return Sybil(parsers=[PythonCodeBlockParser()], path=str(ROOT)).parse(page)


WITH_CODE = [page for page in PAGES if list(parsed(page))]


@pytest.mark.skipif(importlib.util.find_spec("illcore.engine") is None, reason="illcore.engine does not exist yet")
@pytest.mark.parametrize("page", WITH_CODE, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_python_blocks_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for block in parsed(page):
        block.evaluate()
