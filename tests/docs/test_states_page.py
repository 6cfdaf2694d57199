"""docs/states.md is what the table says, and the diagrams show every state."""

from pathlib import Path

import pytest

from illcore.diagram import mermaid, states_page
from illcore.request import TERMINAL
from illcore.states import TABLE
from illcore.states.texts import STATE_TEXTS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "states.md"
REMEDY = "python -c 'import illcore.diagram as d; print(d.states_page(), end=\"\")' > docs/states.md"


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text("utf-8") == states_page(), f"the table has changed; write the page anew: {REMEDY}"


@pytest.mark.parametrize("role", ["requester", "supplier"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_diagram_shows_every_state_by_name_and_text(role: str, language: str) -> None:
    drawn = mermaid(role, language)  # type: ignore[arg-type]
    assert drawn.startswith("stateDiagram-v2\n")
    lines = drawn.splitlines()
    assert len(lines) == len([line for line in lines if line.strip()])
    for state in TABLE[role]:  # type: ignore[index]
        text = STATE_TEXTS[role][state].best(language)  # type: ignore[index]
        assert f"    {state}: {text} ({state})" in lines
    ends = {line.split()[0] for line in lines if line.endswith("--> [*]")}
    assert ends == set(TERMINAL)
    arrows = [line.split(":")[0] for line in lines if " --> " in line]
    assert len(arrows) == len(set(arrows)), "two arrows between the same two states"
    assert not any(line.count(":") > 1 for line in lines if " --> " in line), "Mermaid takes one colon"


def test_the_page_tells_all_rows_and_texts() -> None:
    page = states_page()
    for role, states in TABLE.items():
        for state in states:
            text = STATE_TEXTS[role][state]
            assert f"### {role} `{state}`: {text.en} · {text.zh}" in page
    rows = sum(len(own) for states in TABLE.values() for events in states.values() for own in events.values())
    assert page.count("\n| `") > rows
