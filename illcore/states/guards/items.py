"""Guards that count items: which the event names, and which are not done yet."""

from illcore.request import Item
from illcore.states.row import Case, Guard, asking


def _left(case: Case, done: str) -> list[Item]:
    chosen = selected_items(case)
    numbers = {item.n for item in chosen}
    return [item for item in case.request.items if getattr(item, done) is None and item.n not in numbers]


def selected_items(case: Case) -> list[Item]:
    """The items that the event names by number or barcode; all of them when it names none."""
    items = list(case.request.items)
    wanted = case.event.data.get("items") or ()
    if not wanted:
        return items
    numbers = {w.get("n") for w in wanted} - {None}
    barcodes = {w.get("barcode") for w in wanted} - {None, ""}
    return [item for item in items if item.n in numbers or (item.barcode and item.barcode in barcodes)]


def items_left(done: str) -> Guard:
    """Other items of this request are not done yet."""
    return asking(lambda case: bool(_left(case, done)), f"items left ({done.removesuffix('_at')})")


def more_to_ship(case: Case) -> bool:
    """Staff say that further items follow, or known items have not left yet."""
    if case.event.data.get("more"):
        return True
    wanted = case.event.data.get("items") or ()
    return bool(wanted) and bool(case.request.items) and bool(_left(case, "sent_at"))


def has_items(case: Case) -> bool:
    """Some item of this request was sent or received."""
    return any(i.sent_at or i.received_at for i in case.request.items)


def closed_with_the_item_out(case: Case) -> bool:
    """It was closed while the item was with the partner."""
    return case.request.state == "closed" and case.request.shipped_at is not None
