"""What a note carries because version 1.2 has no element for it: further conditions, items, addresses; peers' tokens.

Each thing stands on a line of its own, after the free text: `#condition 2 CODE CNY 5.00# text`, whose further lines are
indented by two blanks, and `#item barcode | call number | label#`.
"""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple
from urllib.parse import unquote

from pydantic import ValidationError

from illcore.message import Address, OfferedCondition, SentItem
from illcore.model import Money

from .values import label_of

_CONDITION = re.compile(
    r"#condition(?: (?P<number>\d{1,4}))?(?: (?P<code>[^#\s]+))??(?: (?P<cost>[A-Z]{3} \d{1,12}(?:\.\d{1,4})?))?#"
    r" ?(?P<text>.*)",
    re.ASCII,
)
_ITEM = re.compile(r"#item ([^#|]*)\|([^#|]*)\|([^#|]*)#\s*")
_TRIPLE = re.compile(r"([^,;]*),([^,;]*),([^,;]*)")
_URL = re.compile(r"https?://[^\s<>\"'“”‘’（）【】《》，。；]+[^\s<>\"'“”‘’（）【】《》，。；.,;:!?)\]]", re.IGNORECASE)
_SEQUENCE = re.compile(r"\s*#seq:\d+#", re.IGNORECASE)
_ASKED_SEQUENCE = re.compile(r"#lastSeq:\s*-?\d+#", re.IGNORECASE)
_BLOCKS = {"return_address": ("#RETURN_TO#", "#RT_END#"), "delivery_address": ("#SHIP_TO#", "#ST_END#")}

ADDS_CONDITION = "#ReShareAddLoanCondition#"
AGREES = "#ReShareLoanConditionAgreeResponse#"
REJECTS = "#ReShareLoanConditionRejectResponse#"


class Parts(NamedTuple):
    """A note taken apart: what is left for people, and the conditions and items that stood on lines of their own."""

    text: str
    conditions: tuple[OfferedCondition, ...]
    items: tuple[SentItem, ...]


def condition_line(condition: OfferedCondition) -> str:
    """One condition with all that belongs to it."""
    cost = f"{condition.cost.currency} {condition.cost.amount:f}" if condition.cost else ""
    code = re.sub(r"[#\s]+", "-", condition.code)
    number = str(condition.number or "")
    token = " ".join(part for part in ("#condition", number, code, cost) if part) + "#"
    return f"{token} {condition.text.strip()}".rstrip().replace("\n", "\n  ")


def item_line(item: SentItem) -> str:
    """One item. `% # |` and line ends in its fields are written as in a URL."""
    return f"#item {' | '.join(_quoted(part, '%#|') for part in _fields(item))}#"


def triples(items: Iterable[SentItem]) -> str:
    """Items as ReShare has them in `itemId`: `barcode,call number,label`, parted by semicolons."""
    return ";".join(",".join(_quoted(part, "%,;") for part in _fields(item)) for item in items)


def read_triples(text: str) -> tuple[SentItem, ...]:
    """The items of `triples`; empty if the text is something else, such as a call number with commas."""
    found = [_TRIPLE.fullmatch(part) for part in text.split(";")]
    if ", " in text or not all(found):
        return ()
    return tuple(_item(*match.groups()) for match in found if match)


def take_apart(note: str) -> Parts:
    """Read what `condition_line` and `item_line` wrote; any other line stays."""
    rest: list[str] = []
    items: list[SentItem] = []
    open_text: list[str] | None = None
    pending: list[tuple[dict[str, str], list[str]]] = []
    for line in note.split("\n"):
        condition, item = _CONDITION.fullmatch(line), _ITEM.fullmatch(line)
        if condition:
            found = condition.groupdict("")
            open_text = [found["text"]]
            pending.append((found, open_text))
        elif item:
            open_text = None
            items.append(_item(*(part.strip() for part in item.groups())))
        elif open_text is not None and line.startswith("  "):
            open_text.append(line[2:])
        else:
            open_text = None
            rest.append(line)
    conditions = tuple(_condition(found, "\n".join(text).strip()) for found, text in pending)
    return Parts("\n".join(rest).strip(), conditions, tuple(items))


def address_block(kind: str, address: Address) -> str:
    """An address between the marks under which Alma shows it to staff; `kind` is as in the profile."""
    begin, end = _BLOCKS[kind]
    return f"{begin}\n{label_of(address)}\n{end}"


def without_block(kind: str, note: str) -> str:
    """The note without an address that an element holds too."""
    begin, end = _BLOCKS[kind]
    before, found, rest = note.partition(begin)
    _, closed, after = rest.partition(end)
    return f"{before.rstrip()}\n{after.lstrip()}".strip() if found and closed else note


def without_sequence(note: str) -> str:
    """The note without the message number that ReShare puts into it."""
    return _SEQUENCE.sub("", note).strip()


def asks_for_sequence(note: str) -> bool:
    """Whether ReShare asks if its message of that number arrived."""
    return _ASKED_SEQUENCE.search(note) is not None


def only_url(note: str) -> str:
    """The one URL in a text; empty if there is none or if they are several."""
    found = set(_URL.findall(note))
    return found.pop() if len(found) == 1 else ""


def is_url(text: str) -> bool:
    """Whether a text is a URL that a person can open."""
    return text.lower().startswith(("http://", "https://")) and not any(each.isspace() for each in text)


def joined(*parts: str) -> str:
    """The parts that are not empty, each from a new line on."""
    return "\n".join(part for part in parts if part)


def _fields(item: SentItem) -> tuple[str, str, str]:
    return item.barcode.strip(), item.call_number.strip(), item.label.strip()


def _item(barcode: str, call_number: str, label: str) -> SentItem:
    return SentItem(barcode=unquote(barcode), call_number=unquote(call_number), label=unquote(label))


def _quoted(text: str, special: str) -> str:
    return "".join(f"%{ord(each):02X}" if each in special or each in "\r\n" else each for each in text)


def _condition(found: dict[str, str], text: str) -> OfferedCondition:
    currency, _, amount = found["cost"].partition(" ")
    try:
        cost = Money(amount=Decimal(amount), currency=currency) if amount else None
    except ValidationError:  # more digits than money has
        cost, text = None, joined(text, found["cost"])
    return OfferedCondition(number=int(found["number"] or 0), code=found["code"], text=text, cost=cost)
