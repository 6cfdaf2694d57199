"""The states of a request as a Mermaid diagram, drawn from the table: one edge per pair of states, with its events."""

from illcore.model import Role
from illcore.request import TERMINAL
from illcore.states import TABLE, Row
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


def states_page() -> str:
    """``docs/states.md``: both machines drawn, every state's name, and every row of the table."""
    parts = [_HEAD]
    for role, title in _SIDES:
        parts += [f"## {title}", "", "```mermaid", mermaid(role).rstrip(), "```", ""]
        parts += ["| state | English | 中文 | what may happen |", "|---|---|---|---|"]
        parts += [_summary(role, state) for state in STATE_TEXTS[role]]
        parts.append("")
        written: set[tuple[str, str]] = set()
        for heading, states in _groups(role):
            rows = [line for state in states for line in _rows(role, state, states, written)]
            if rows:
                parts += [
                    f"### {role}: {heading}",
                    "",
                    "| event | services | if | then | goes to |",
                    "|---|---|---|---|---|",
                ]
                parts += [*dict.fromkeys(rows), ""]
    return "\n".join(parts)


_TABLE_HEAD = ("| event | services | if | then | goes to |", "|---|---|---|---|---|")
_SIDES: tuple[tuple[Role, str], ...] = (("requester", "The requester 申请馆"), ("supplier", "The supplier 提供馆"))
_HEAD = """# States

This page is drawn from the table on which the engine runs; write it again with
`python -m illcore.diagram > docs/states.md`.

In each state the first row of an event whose condition holds is taken; an event without such a row is refused by name
and changes nothing. Events in `lower_case` are actions of staff and readers, in `CamelCase` what the partner said,
`timer:…` a wait that ran out, `effect:…` what became of something that the engine did, `check` and `choose` steps that
follow at once. `stays` means that the state stays; `SAVED`, `PLACE` and `RESUME` are the state that was saved, the one
named by the place of the item, and the one that the review or the conditions interrupted.
"""


def _summary(role: Role, state: str) -> str:
    text = STATE_TEXTS[role][state]
    moves = [event for event, rows in TABLE[role][state].items() if any(row.next not in (STAY, state) for row in rows)]
    named = ", ".join(f"`{event}`" for event in moves) or "nothing: it has ended"
    return f"| `{state}` | {text.en} | {text.zh} | {named} |"


def _groups(role: Role) -> list[tuple[str, tuple[str, ...]]]:
    """What is alike stands once: in every state, in every open state, in every ended state, then each state's own."""
    states = tuple(STATE_TEXTS[role])
    ended = tuple(state for state in states if state in TERMINAL)
    opened = tuple(state for state in states if state not in TERMINAL)
    alike = [("in every state", states), ("in every open state", opened), ("in every state that ended", ended)]
    return [*alike, *((f"`{state}`", (state,)) for state in states)]


def _rows(role: Role, state: str, group: tuple[str, ...], written: set[tuple[str, str]]) -> list[str]:
    found = []
    for event, rows in TABLE[role][state].items():
        alike = all(_lines(event, TABLE[role][other].get(event, ())) == _lines(event, rows) for other in group)
        if alike and (state, event) not in written:
            found += _lines(event, rows)
            written.update((other, event) for other in group)
    return found


def _lines(event: str, rows: tuple[Row, ...]) -> list[str]:
    found = []
    for row in rows:
        verbs = "; ".join(_said(verb.__name__) for verb in row.verbs)
        guard = _said(row.guard.__name__) if row.guard else ""
        target = "stays" if row.next == STAY else f"`{row.next}`"
        step = f", then `{row.then}`" if row.then else ""
        services = "" if row.services == "any" else row.services
        found.append(f"| `{event}` | {services} | {guard} | {verbs} | {target}{step} |")
    return found


def _said(name: str) -> str:
    return name.replace("_", " ").replace("|", "\\|")


if __name__ == "__main__":
    import sys

    sys.stdout.write(states_page())
