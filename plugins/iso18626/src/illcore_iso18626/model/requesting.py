"""The message `requestingAgencyMessage`."""

from dataclasses import dataclass
from typing import Annotated

from ..codes import Action
from .headers import Header
from .wire import Wire


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestingAgencyMessage:
    """A requesting agency asks or tells about a request it made (`requestingAgencyMessage`)."""

    header: Header
    action: Action | str
    note: Annotated[str | None, Wire(joined="\n")] = None
