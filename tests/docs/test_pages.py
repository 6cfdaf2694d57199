"""The pages agree with each other: links lead somewhere, and both languages show the same commands."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md")), *sorted(ROOT.glob("plugins/*/*.md"))]
LINK = re.compile(r"\]\(([^)\s]+)\)")
BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMENT = re.compile(r"\s+# .*$", re.MULTILINE)
TRANSLATED = [page for page in PAGES if page.with_suffix(".zh.md").exists()]


def blocks(page: Path) -> list[tuple[str, str]]:
    found = BLOCK.findall(page.read_text(encoding="utf-8"))
    return [(language, COMMENT.sub("", code)) for language, code in found]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    targets = (link.partition("#")[0] for link in LINK.findall(page.read_text(encoding="utf-8")))
    local = [target for target in targets if target and "://" not in target and not target.startswith("mailto:")]
    assert [target for target in local if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", TRANSLATED, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_both_languages_show_the_same_commands(page: Path) -> None:
    assert blocks(page)
    assert blocks(page.with_suffix(".zh.md")) == blocks(page)


def test_the_readme_is_translated() -> None:
    assert ROOT / "README.md" in TRANSLATED
