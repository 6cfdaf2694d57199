"""The page on the command line says what the commands themselves say."""

from pathlib import Path

from illcore.cli.commands import COMMANDS
from illcore.cli.manual import render

PAGE = Path(__file__).resolve().parents[2] / "docs" / "cli.md"


def test_the_page_is_made_from_the_commands() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(), "run: python -m illcore.cli.manual > docs/cli.md"


def test_every_command_stands_there_with_its_options() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for name in COMMANDS:
        assert f"`ill {name}" in page
    for option in (
        "--json",
        "--library SYMBOL",
        "--as KIND:ID:ROLE",
        "--config FILE",
        "--attention [REASON]",
        "--once",
    ):
        assert f"`{option}`" in page
