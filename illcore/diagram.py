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
_MARKS = {"SAVED": "saved", "PLACE": "place"}
_NOTES: dict[str, dict[str, str]] = {
    "en": {
        "saved": "back to the saved state",
        "place": "to where the item is",
        "stay": "stays on {count} further events",
        "close": "close: from every open state",
    },
    "zh": {
        "saved": "恢复原状态",
        "place": "回到文献所在状态",
        "stay": "另有 {count} 种事件不改变状态",
        "close": "close：任何未结束状态均可",
    },
}
_RESUMES = ("will_supply", "picking")
_ENDS_BY_OUTCOME = ("completed", "closed")
_PLACES: dict[Role, tuple[str, ...]] = {
    "requester": ("shipped", "received", "on_loan", "returned"),
    "supplier": ("shipped", "received"),
}


def targets(role: Role, state: str, row: Row) -> tuple[str, ...]:
    """The states to which a row may lead; none for one that stays or takes back the last action."""
    if row.next in (STAY, UNDO):
        return _after_steps(role, state, row) if row.then else ()
    if row.next == BY_OUTCOME:
        return _ENDS_BY_OUTCOME
    if row.next == RESUME:
        return _RESUMES
    if row.next == PLACE:
        return _PLACES[role]
    if row.next == SAVED:
        return saved_states(role, state)
    return (row.next, *_after_steps(role, row.next, row)) if row.then else (row.next,)


def _after_steps(role: Role, state: str, row: Row) -> tuple[str, ...]:
    """Where a step that follows at once may lead on from there."""
    found: list[str] = []
    for following in TABLE[role][state].get(row.then, ()):
        found += targets(role, state, following)
    return tuple(dict.fromkeys(found))


def saved_states(role: Role, pending: str) -> tuple[str, ...]:
    """The states that a pending state may have saved: those from which it is entered, and those put in their place."""
    found = [state for state, rows in TABLE[role].items() for row in _all(rows) if row.next == pending != state]
    for row in _all(TABLE[role][pending]):
        found += [v.__name__.removeprefix("saved := ") for v in row.verbs if v.__name__.startswith("saved := ")]
    if pending == "cancel_requested":
        found += _RESUMES
    return tuple(dict.fromkeys(found))


def _all(rows: dict[str, tuple[Row, ...]]) -> Iterator[Row]:
    for own in rows.values():
        yield from own


def mermaid(role: Role, language: str = "en") -> str:
    """One machine as a Mermaid ``stateDiagram-v2``.

    One arrow per pair of states, labelled with its events. Rows that keep the state are counted in a note instead of
    drawn as loops; so are ``close`` and the ways back to the saved state and to where the item is.
    """
    words = _NOTES["zh" if language.startswith("zh") else "en"]
    lines = ["stateDiagram-v2"]
    for state in TABLE[role]:
        lines.append(f'    state "{_label(role, state, language)}" as {state}')
    lines.append("    [*] --> new")
    for state, rows in TABLE[role].items():
        arrows: dict[str, list[str]] = {}
        marks: dict[str, list[str]] = {}
        stays = 0
        for event, own in rows.items():
            nexts = [row.next for row in own]
            stays += all(n in (STAY, UNDO) for n in nexts) and not any(row.then for row in own)
            for row in own:
                if row.next in _MARKS:
                    marks.setdefault(_MARKS[row.next], []).append(event)
                else:
                    for target in _drawn(state, row):
                        arrows.setdefault(target, []).append(event)
        for target, events in arrows.items():
            lines.append(f"    {state} --> {target}: {', '.join(dict.fromkeys(_readable(e) for e in events))}")
        notes = [
            f"{', '.join(dict.fromkeys(_readable(e) for e in events))}: {words[mark]}" for mark, events in marks.items()
        ]
        if state not in TERMINAL:
            notes.append(words["stay"].format(count=stays))
        elif state == "closed":
            notes.append(words["close"])
        if notes:
            lines += [f"    note right of {state}", *(f"        {note}" for note in notes), "    end note"]
    lines += [f"    {state} --> [*]" for state in TABLE[role] if state in TERMINAL]
    return "\n".join(lines) + "\n"


def _label(role: Role, state: str, language: str) -> str:
    text = STATE_TEXTS[role][state]
    return f"{state}<br/>{text.best(language)}"


def _drawn(state: str, row: Row) -> tuple[str, ...]:
    """The arrows of a row: a step that follows has rows, and so arrows, of its own."""
    if row.next in (STAY, UNDO, BY_OUTCOME):
        return ()
    if row.next == RESUME:
        return _RESUMES
    return (row.next,) if row.next != state else ()


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
