"""From the id that a message names to the attempts that bear it, whichever partner they are with."""

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select

from illcore.model import Role
from illcore.prepared import Prepared
from illcore.tables import attempt

_WITH_ID = Prepared(
    select(attempt.c.request_id, attempt.c.n, attempt.c.partner)
    .where(
        attempt.c.library == bindparam("library"),
        attempt.c.role == bindparam("role"),
        attempt.c.requesting_agency_request_id == bindparam("id"),
    )
    .order_by(attempt.c.request_id, attempt.c.n)
)


@dataclass(slots=True, frozen=True)
class Sought:
    """An attempt under an id, and the partner it is with."""

    request_id: str
    attempt: int
    partner: str


def attempts_with_id(connection: Connection, library: str, role: Role, id: str) -> list[Sought]:
    """All attempts of this library under that id; on the supplier's side several libraries may use the same one."""
    found = _WITH_ID.read(connection, {"library": library, "role": role, "id": id})
    return [Sought(one.request_id, one.n, one.partner) for one in found]
