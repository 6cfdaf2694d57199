"""Which role may do which action: a member of staff by rank, a reader only what concerns the own request."""

from illcore.events import REQUESTER_ACTIONS, SUPPLIER_ACTIONS

RANK = {"assistant": 1, "librarian": 2, "supervisor": 3, "admin": 4}

_LIBRARIAN = frozenset(
    "set_suppliers approve override send supply_locally close accept_conditions reject_conditions add_conditions "
    "waive_return accept_cancel reject_cancel recall cannot_supply ask_retry retry_effect done_by_hand".split()
)
_READER: dict[str, frozenset[str]] = {
    "requester": frozenset({"cancel", "renew", "message", "edit"}),
    "supplier": frozenset(),
}


def least_role(action: str) -> str:
    """The lowest staff role that may do it: daily handling is an assistant's, judgement a librarian's."""
    return "librarian" if action in _LIBRARIAN else "assistant"


def may(role: str | None, side: str, action: str) -> bool:
    """Whether that role may do the action on that side; ``None`` is a reader."""
    known = REQUESTER_ACTIONS if side == "requester" else SUPPLIER_ACTIONS
    if action not in known:
        return action in ("submit", "declared") or (action == "document" and role is not None)
    if role is None:
        return action in _READER[side]
    return RANK.get(role, 0) >= RANK[least_role(action)]
