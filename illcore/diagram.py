"""The two machines as people read them, drawn from the table: Mermaid diagrams and the page docs/states.md."""

from collections.abc import Iterator, Sequence

from illcore.model import Role
from illcore.request import TERMINAL
from illcore.states import TABLE, Row
from illcore.states.agree import AGREE
from illcore.states.row import BY_OUTCOME, PLACE, RESUME, SAVED, STAY, UNDO
from illcore.states.texts import STATE_TEXTS

_ROLES: tuple[Role, ...] = ("requester", "supplier")
_ROLE_TITLES: dict[Role, str] = {"requester": "Requester (申请馆)", "supplier": "Supplier (提供馆)"}
_MEANT = {
    SAVED: ("the state it was entered from", "进入前的状态"),
    PLACE: ("the state named by where the item is", "按实物所在确定的状态"),
    RESUME: ("picking, or will_supply", "取书中或同意提供"),
    BY_OUTCOME: ("completed or closed, by outcome", "按结果为已完成或已关闭"),
}
_STAYS = ("stays on {count} further events", "另有 {count} 种事件不改变状态")


def _all(rows: dict[str, tuple[Row, ...]]) -> Iterator[Row]:
    for own in rows.values():
        yield from own


def mermaid(role: Role, language: str = "en") -> str:
    """One machine as a Mermaid ``stateDiagram-v2``.

    One arrow per pair of states, labelled with its events. The ways back to a saved state, to where the item is and to
    an end by outcome lead to a box that says so. What keeps the state is counted in a note instead of drawn as loops.
    """
    zh = language.startswith("zh")
    lines = ["stateDiagram-v2"]
    lines += [f"    {state}: {text.best(language)} ({state})" for state, text in STATE_TEXTS[role].items()]
    used = {row.next for rows in TABLE[role].values() for row in _all(rows)}
    lines += [f'    state "{texts[zh]}" as {mark}' for mark, texts in _MEANT.items() if mark in used]
    lines.append("    [*] --> new")
    for state, rows in TABLE[role].items():
        arrows: dict[str, list[str]] = {}
        for event, own in rows.items():
            for target in dict.fromkeys(row.next for row in own):
                if target not in (STAY, UNDO, state):
                    arrows.setdefault(target, []).append(event)
        lines += [
            f"    {state} --> {target}: {', '.join(_readable(event) for event in events)}"
            for target, events in arrows.items()
        ]
        stays = len(rows) - len({event for events in arrows.values() for event in events})
        if state not in TERMINAL:
            lines += [f"    note right of {state}", f"        {_STAYS[zh].format(count=stays)}", "    end note"]
    lines += [f"    {state} --> [*]" for state in TABLE[role] if state in TERMINAL]
    return "\n".join(lines) + "\n"


def _readable(event: str) -> str:
    """Mermaid takes a colon for the beginning of the label."""
    return event.replace(":", " ")


# --- docs/states.md ---

_INTRODUCTION = """\
# States

This page is drawn from the table in `illcore/states/` by `illcore.diagram.states_page()`; do not edit it.

Everything that happens to a request is an *event*: an action of staff or a reader (`small_letters`), what a partner
says (`CapitalLetters`), the end of a wait (`timer:…`), what became of a message or another effect (`effect:…`). For
each role, state and event the table holds rows; the first whose *service* and *guard* hold is taken, its *verbs* are
done in order, and the request goes to *next*. An event without a row is refused by name and changes nothing.

`STAY` keeps the state. `SAVED` restores the state that a pending cancel or renewal was entered from. `PLACE` goes to
where the item is. `RESUME` goes to `picking` if conditions were added there, else to `will_supply`. `BY_OUTCOME` ends
in `completed` if the outcome counts as filled, else in `closed`. `UNDO` takes the last action back. *→ step* is taken
at once. `Repeated` is a status that was heard before; `Late…` comes from an attempt that is over, `Old…` asks of one.
"""


def states_page() -> str:
    """The text of docs/states.md: diagrams, what people read, which states go together, all rows."""
    parts = [_INTRODUCTION]
    for role in _ROLES:
        parts += [f"## {_ROLE_TITLES[role]}\n", f"```mermaid\n{mermaid(role)}```\n", _texts(role)]
    parts += ["## Which states go together\n", _agreement()]
    for role in _ROLES:
        parts += [f"## Rows: {_ROLE_TITLES[role]}\n"]
        for state, rows in TABLE[role].items():
            text = STATE_TEXTS[role][state]
            parts += [f"### {role} `{state}`: {text.en} · {text.zh}\n", _rows(rows)]
    return "\n".join(parts)


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(cells)} |" for cells in (head, ("---",) * len(head), *rows)]
    return "\n".join(lines) + "\n"


def _texts(role: Role) -> str:
    rows = [
        (f"`{state}`", text.en, text.zh, "end" if state in TERMINAL else "")
        for state, text in STATE_TEXTS[role].items()
    ]
    return _table(("state", "English", "中文", ""), rows)


def _agreement() -> str:
    star = "\\*"
    rows = []
    for kind, pairs in AGREE.items():
        for ours, theirs in pairs.items():
            told = ", ".join(f"`{state}`{star if surprising else ''}" for state, surprising in theirs.items())
            rows.append((kind, f"`{ours}`", told))
    told = _table(("supplied as", "requester", "supplier"), rows)
    return (
        "While an attempt is open, everything is confirmed and nothing waits for attention as `undeliverable` or "
        f"`refused`.\n\\* surprising, but right.\n\n{told}"
    )


def _rows(rows: dict[str, tuple[Row, ...]]) -> str:
    told = []
    for event, own in sorted(rows.items(), key=lambda pair: _order(pair[0])):
        for row in own:
            guard = row.guard.__name__.replace("_", " ") if row.guard is not None else ""
            verbs = "; ".join(verb.__name__.replace("_", " ") for verb in row.verbs)
            service = "" if row.services == "any" else row.services
            follows = f" → {row.then}" if row.then else ""
            told.append((f"`{event}`", service, guard, verbs, f"`{row.next}`{follows}{' ↺' if row.undoable else ''}"))
    return _table(("event", "service", "guard", "verbs", "next (↺: can be undone)"), told)


def _order(event: str) -> tuple[int, str]:
    """Actions, then what partners say, then waits and effects."""
    kind = 2 if ":" in event else (1 if event[0].isupper() else 0)
    return kind, event
