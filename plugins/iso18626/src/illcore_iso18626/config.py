"""What an account `[accounts."iso18626:main"]` may set; every key has a default that works."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

DEFAULT_MAX_BODY = 5_000_000


class Iso18626Config(BaseModel):
    """How this side speaks HTTP. What belongs to one partner (URL, codes, headers) stands in the partner's address.

    `timeout_seconds` bounds one sending, within the deadline that the engine gives. `max_body` is in bytes, of a
    message that comes in and of an answer to ours. `ca_file` holds the certificates to trust instead of the usual ones.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    timeout_seconds: Annotated[float, Field(gt=0, le=300)] = 25.0
    max_body: Annotated[int, Field(ge=10_000, le=100_000_000)] = DEFAULT_MAX_BODY
    user_agent: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[\x20-\x7e]+$")] = "illcore-iso18626"
    verify: bool = True
    ca_file: Path | None = None
    allow_http: bool = True
    connections: Annotated[int, Field(ge=1, le=256)] = 32


@dataclass(slots=True)
class Limits:
    """What the endpoint accepts: as much as the most generous of its accounts, each of which has its own limit."""

    max_body: int = 0

    def allow(self, size: int) -> None:
        """An account takes messages of up to this many bytes."""
        self.max_body = max(self.max_body, size)

    def bytes(self) -> int:
        """The largest message that is read at all."""
        return self.max_body or DEFAULT_MAX_BODY
