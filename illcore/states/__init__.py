"""The two state machines as one table: ``(role, state, event) → rows``; everything that moves a request stands here."""

from illcore.model import Role
from illcore.states.requester import REQUESTER
from illcore.states.row import Row
from illcore.states.supplier import SUPPLIER

TABLE: dict[Role, dict[str, dict[str, tuple[Row, ...]]]] = {"requester": REQUESTER, "supplier": SUPPLIER}

__all__ = ["TABLE", "Row"]
