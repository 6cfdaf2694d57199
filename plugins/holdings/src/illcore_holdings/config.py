"""What an account `[accounts."holdings:own"]` may set; nothing is required."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from illcore.model import Symbol


class HoldingsConfig(BaseModel):
    """Which of the loaded holdings are searched, and what holds for those that say nothing themselves.

    Empty `libraries` and `sources` mean all. `loanable` and `copyable` are for holdings whose record and source say
    neither yes nor no; None leaves it unknown. What a dump says about availability is believed for
    `availability_days`, 0: never. Records that resemble the citation less than `min_score` are dropped. `language` is
    that of the sentences that say why.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    libraries: tuple[Symbol, ...] = ()
    sources: tuple[str, ...] = ()
    loanable: bool | None = None
    copyable: bool | None = None
    availability_days: Annotated[int, Field(ge=0, le=3650)] = 2
    min_score: Annotated[float, Field(ge=0, le=1)] = 0.5
    language: Literal["en", "zh"] = "en"
