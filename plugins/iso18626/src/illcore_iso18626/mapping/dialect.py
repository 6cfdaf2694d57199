"""How a partner's system wants things said: the keys of `Partner.profile` that belong to this plugin."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from illcore.accounts import describe

Repeated = Literal["conditions", "url", "return_address", "delivery_address"]


class BadProfile(ValueError):
    """A partner's profile that cannot be used; the text names the key."""


class Dialect(BaseModel):
    """What of a partner's profile shapes the messages to it; the README has a line on each. Other keys are others'."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    items: Literal["note", "triples"] = "note"
    condition_costs: Literal["offeredCosts", "deliveryCosts"] = "offeredCosts"
    statuses: Mapping[str, str] = {}
    reasons: Mapping[str, str] = {}
    also_in_note: tuple[Repeated, ...] = ()

    @classmethod
    def of(cls, profile: Mapping[str, Any]) -> "Dialect":
        """The dialect in a profile. Raises BadProfile."""
        try:
            return cls.model_validate(dict(profile))
        except ValidationError as error:
            raise BadProfile(describe(error)) from None
