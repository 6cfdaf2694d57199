"""What a copyright policy says of a copy: allowed or not, why, the cost, what must be done with it, what counts."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from illcore.model import BilingualText, Money, Value

Decision = Literal["allow", "allow_with_fee", "review", "deny"]

RESTRICTIVENESS: Mapping[Decision, int] = {"allow": 0, "allow_with_fee": 1, "review": 2, "deny": 3}
"""Which decision wins when policies differ: the highest."""


class Obligation(Value):
    """What a copyright verdict asks of whoever hands the copy over.

    ``code``: ``notice`` (its text goes on the cover page), ``legend`` (its text is stamped on every page),
    ``watermark``, ``paper_only``, ``print_and_destroy``, ``destroy`` (what was made to make the copy),
    ``print_once``, ``no_forwarding``, ``declaration`` (``version`` names the text that must be accepted before
    sending), ``link_days``, ``link_business_days`` (counted from the first use) and ``link_views`` (``number`` says
    how many), ``fee``.
    """

    code: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{1,39}$")]
    text: BilingualText = BilingualText()
    number: int | None = None
    version: str = ""


class Claim(Value):
    """One place in the ledger under (key, year): the commit that sends refuses when ``limit`` live claims stand there.

    ``year`` 0 counts over all years. With ``limit`` None it is only counted. ``until`` is the last day on which the
    claim counts (None: for good). ``year_of`` ``fill`` moves the claim to the year in which the copy arrives. One that
    counts on ``requested`` stays whatever becomes of the request; one on ``filled`` is released if no copy comes.
    ``title`` and ``issn`` are for the report; ``fee`` is what this copy costs in royalties.
    """

    key: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    year: Annotated[int, Field(ge=0, le=9999)] = 0
    limit: Annotated[int, Field(ge=0)] | None = None
    until: date | None = None
    year_of: Literal["request", "fill"] = "request"
    count_on: Literal["filled", "requested"] = "filled"
    title: str = ""
    issn: str = ""
    fee: Money | None = None


class Verdict(Value):
    """What a copyright policy says, with its reasons. ``compliance`` is the ISO 18626 copyrightCompliance code to send.

    ``retention_until`` is the last day on which the record of this copy must be kept.
    """

    decision: Decision
    reasons: tuple[BilingualText, ...] = ()
    compliance: str = ""
    fees: tuple[Money, ...] = ()
    claims: tuple[Claim, ...] = ()
    obligations: tuple[Obligation, ...] = ()
    retention_until: date | None = None
