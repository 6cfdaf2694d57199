"""What the demo shows: every event of every request as it happens, states in English and Chinese."""

import time
from typing import TYPE_CHECKING, Any

from illcore.cli.output import console, safe
from illcore.locating import found_in, where
from illcore.states.texts import STATE_TEXTS

if TYPE_CHECKING:
    from illcore.cli.demo.play import Result
    from illcore.cli.demo.region import Member

_STYLES = ("cyan", "green", "magenta")
_FAILED = "red"
_AVAILABLE = {True: " (available 可提供)", False: " (not available 不可提供)", None: ""}


class Timeline:
    """Lines on stdout, one per event; ``quiet`` shows nothing. ``began`` is a reading of the monotonic clock."""

    def __init__(self, began: float, quiet: bool) -> None:
        self._began = began
        self._quiet = quiet
        self._out = console()
        self._seen: dict[tuple[str, str], int] = {}
        self._styles: dict[str, str] = {}
        self._labels: dict[str, str] = {}

    def open(self, members: "list[Member]") -> None:
        """Introduce the libraries."""
        for member, style in zip(members, _STYLES, strict=False):
            self._styles[member.symbol] = style
            self._line("", member.symbol, f"{member.name_en} {member.name_zh}  {member.url}")

    def show(self, member: "Member", shown: dict[str, Any]) -> None:
        """Show those events of a request that were not shown yet."""
        key = (member.symbol, shown["id"])
        title = _title(shown["citation"])
        for event in shown["events"]:
            if event["seq"] > self._seen.get(key, 0):
                self._seen[key] = event["seq"]
                self._event(member.symbol, shown["role"], title, event)

    def _event(self, symbol: str, role: str, title: str, event: dict[str, Any]) -> None:
        if event["type"].startswith("effect:"):
            return
        texts = STATE_TEXTS[role].get(event["state"])  # type: ignore[index]
        state = f"→ {texts.en} {texts.zh}" if texts else ""
        sent = "←" if (event["actor"] or {}).get("kind") == "partner" else "·"
        self._line(
            f"{time.monotonic() - self._began:5.1f}s", symbol, f"{sent} {event['type']:<16} {state}  《{title}》"
        )
        if event["type"] == "located":
            for holder, found in found_in(event["data"]).items():
                known = _AVAILABLE[found.available]
                self._line("", symbol, f"    held by 馆藏于 {_name(holder)}: {where(found)}{known}")

    def close(self, results: "list[Result]", seconds: float) -> None:
        """How it ended."""
        from rich.text import Text

        self._out.print()
        for result in results:
            mark = "✓" if result.completed else "✗"
            self._out.print(Text(safe(f"{mark} {result}"), style="green" if result.completed else _FAILED))
        ended = all(result.completed for result in results)
        told = "all three completed on both sides 三份申请双方均已完成" if ended else "not all completed 未全部完成"
        self._out.print(Text(f"{told}  ({seconds:.1f} s)", style="bold" if ended else _FAILED))

    def _line(self, at: str, symbol: str, text: str) -> None:
        from rich.text import Text

        if not self._quiet:
            line = (
                Text(f"{at:>6}  ")
                .append(f"{_name(symbol):<6}", style=self._styles.get(symbol, ""))
                .append(f" {safe(text)}")
            )
            self._out.print(line, overflow="ellipsis", no_wrap=True)


def _name(symbol: str) -> str:
    return symbol.rpartition("-")[2]


def _title(citation: dict[str, Any]) -> str:
    whole = str(citation.get("title_of_component") or citation.get("title") or "")
    return whole if len(whole) < 40 else f"{whole[:38]}…"
