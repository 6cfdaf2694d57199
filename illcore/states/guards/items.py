"""Guards that count items: which the event names, and which are not done yet."""

from typing import Any

from illcore.request import Item
from illcore.states.row import Case, Guard, asking


def _left(case: Case, done: str) -> list[Item]:
    """Items not done after this event. One that is lost, or is back, holds up nobody; a new name takes a blank item."""
    over = "returned_at" if done == "lost_at" else "lost_at"
    chosen = {item.n for item in selected_items(case)}
    left = [
        item
        for item in case.request.items
        if getattr(item, done) is None and getattr(item, over) is None and item.n not in chosen
    ]
    for wanted in case.event.data.get("items") or ():
        if not any(_is_meant(item, wanted) for item in case.request.items):
            blank = next((item for item in left if not (item.barcode or item.label or item.call_number)), None)
            left = [item for item in left if item is not blank]
    return left


def selected_items(case: Case) -> list[Item]:
    """The items that the event names by number, barcode, label or call number; all of them when it names none."""
    items = list(case.request.items)
    wanted = case.event.data.get("items") or ()
    return [item for item in items if any(_is_meant(item, w) for w in wanted)] if wanted else items


def _is_meant(item: Item, wanted: dict[str, Any]) -> bool:
    if wanted.get("n"):
        return bool(item.n == wanted["n"])
    if wanted.get("barcode"):
        return bool(item.barcode == wanted["barcode"])
    told = {name: wanted[name] for name in ("label", "call_number") if wanted.get(name)}
    return bool(told) and all(getattr(item, name) == text for name, text in told.items())


def items_left(done: str) -> Guard:
    """Other items of this request are not done yet."""
    return asking(lambda case: bool(_left(case, done)), f"items left ({done.removesuffix('_at')})")


def more_to_ship(case: Case) -> bool:
    """Staff say that further items follow, or known items have not left yet."""
    if case.event.data.get("more"):
        return True
    wanted = case.event.data.get("items") or ()
    return bool(wanted) and bool(case.request.items) and bool(_left(case, "sent_at"))


def an_item_is_out(case: Case) -> bool:
    """Some item of this request was sent or received and is not marked as back."""
    back = "checked_in_at" if case.request.role == "requester" else "returned_at"
    return any((i.sent_at or i.received_at) and getattr(i, back) is None for i in case.request.items)


def closed_with_the_item_out(case: Case) -> bool:
    """It was closed while the item was with the partner."""
    return case.request.state == "closed" and an_item_is_out(case)
