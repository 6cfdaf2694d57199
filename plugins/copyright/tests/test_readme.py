"""The README names every setting with its default and meaning, and every text."""

from pathlib import Path

import pytest

from illcore_copyright.policies import POLICIES
from illcore_copyright.shown import settings_of
from illcore_copyright.texts import TEXTS

README = (Path(__file__).resolve().parents[1] / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("policy", sorted(POLICIES))
def test_every_setting_stands_there_with_its_default_and_meaning(policy: str) -> None:
    for row in settings_of(POLICIES[policy]):
        shown = f"`{row['shown']}`" if row["shown"] else ""
        assert f"| `{row['name']}` | {shown} | {row['meaning']} |" in README


def test_every_text_stands_there() -> None:
    assert [version for version in TEXTS if f"| `{version}` |" not in README] == []


def test_it_says_that_it_is_no_legal_advice() -> None:
    assert "This is no legal advice." in README
