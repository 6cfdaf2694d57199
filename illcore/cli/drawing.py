"""The states of a request as a Mermaid diagram, drawn from the table: one edge per pair of states, with its events."""

from illcore.model import Role
from illcore.request import TERMINAL
from illcore.states import TABLE
from illcore.states.row import BY_OUTCOME, PLACE, RESUME, SAVED, STAY, UNDO
from illcore.states.texts import STATE_TEXTS

_MEANT = {
    SAVED: ("the state it was entered from", "进入前的状态"),
    PLACE: ("the state named by the place of the item", "按实物所在确定的状态"),
    RESUME: ("the state it continues to", "继续到的状态"),
}
_ENDS = {"en": "completed or closed, by outcome", "zh": "按结果为已完成或已关闭"}


def mermaid(role: Role, language: str = "en") -> str:
    """The machine of one role; what stays in its state, and ``undo``, is left out."""
    zh = language.startswith("zh")
    lines = ["stateDiagram-v2"]
    lines += [f"    {state}: {text.best(language)} ({state})" for state, text in STATE_TEXTS[role].items()]
    edges = edges_of(role)
    targets = {target for _, target in edges}
    lines += [f'    state "{texts[zh]}" as {name}' for name, texts in _MEANT.items() if name in targets]
    if BY_OUTCOME in targets:
        lines.append(f'    state "{_ENDS["zh" if zh else "en"]}" as {BY_OUTCOME}')
    lines.append("    [*] --> new")
    for (state, target), events in edges.items():
        lines.append(f"    {state} --> {target}: {', '.join(event.replace(':', ' ') for event in events)}")
    lines += [f"    {state} --> [*]" for state in STATE_TEXTS[role] if state in TERMINAL]
    return "\n".join(lines) + "\n"


def edges_of(role: Role) -> dict[tuple[str, str], list[str]]:
    """The events that lead from one state to another, in the order of the table."""
    found: dict[tuple[str, str], list[str]] = {}
    for state, events in TABLE[role].items():
        for event, rows in events.items():
            for target in dict.fromkeys(row.next for row in rows):
                if target not in (STAY, UNDO, state):
                    found.setdefault((state, target), []).append(event)
    return found
