"""What stands on a copy beside the words of the law."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Facts:
    """What a copy carries beside the notices. Names are one-line texts; empty ones are left out."""

    library: str
    partner: str
    request_id: str
    title: str
    on: date
