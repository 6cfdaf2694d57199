"""The page of states is drawn from the table."""

from pathlib import Path

from illcore.diagram import states_page
from illcore.states import TABLE

PAGE = Path(__file__).resolve().parents[2] / "docs" / "states.md"


def test_the_page_is_made_from_the_table() -> None:
    assert PAGE.read_text(encoding="utf-8") == states_page(), "run: python -m illcore.diagram > docs/states.md"


def test_every_state_and_event_stands_there() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for states in TABLE.values():
        for state, events in states.items():
            assert f"| `{state}` |" in page
            for event in events:
                assert f"| `{event}` |" in page
