"""What the obligations of a verdict mean for one delivery: what is shown, how long a link lives, paper or file."""

from collections.abc import Sequence
from dataclasses import dataclass

from illcore.errors import Refused
from illcore.hooktypes import Obligation
from illcore.model import BilingualText

from .texts import TEXTS

_SHOWN = ("notice", "print_once", "no_forwarding", "paper_only", "print_and_destroy")
_LIMITS = ("link_days", "link_business_days", "link_views")
_ELSEWHERE = ("declaration", "fee")
"""Settled before anything is sent; nothing of them shows on the copy."""


@dataclass(frozen=True, slots=True)
class Terms:
    """``notices`` stand on the cover page and are accepted before a download; ``legends`` on every page.

    ``watermark`` is None without one; its text may be empty. ``days`` count from the delivery, ``business_days`` from
    the first use, ``views`` are downloads; 0: the verdict does not limit them.
    """

    notices: tuple[BilingualText, ...] = ()
    legends: tuple[BilingualText, ...] = ()
    watermark: BilingualText | None = None
    paper: bool = False
    days: int = 0
    business_days: int = 0
    views: int = 0

    @property
    def marks(self) -> bool:
        """Whether something must be put on the copy itself."""
        return bool(self.notices or self.legends or self.watermark is not None)


def terms_of(obligations: Sequence[Obligation]) -> Terms:
    """The strictest of all that several policies ask for.

    Refused for an obligation that is not known here and has no text to show, and for a limit without its number: a
    duty that cannot be met is no reason to deliver.
    """
    notices: list[BilingualText] = []
    legends: list[BilingualText] = []
    watermark: BilingualText | None = None
    limits: dict[str, int] = {}
    paper = False
    for one in obligations:
        text = one.text if one.text != BilingualText() else TEXTS.get(one.code, BilingualText())
        if one.code in _ELSEWHERE:
            continue
        if one.code in _LIMITS:
            if not one.number or one.number < 1:
                raise Refused(f"the copyright verdict asks for {one.code} without saying how many")
            limits[one.code] = min(one.number, limits.get(one.code, one.number))
        elif one.code == "legend":
            legends.append(_needed(one, text))
        elif one.code == "watermark":
            watermark = one.text if watermark in (None, BilingualText()) else watermark
        elif one.code in _SHOWN:
            notices.append(_needed(one, text))
            paper = paper or one.code in ("paper_only", "print_and_destroy")
        else:
            notices.append(_needed(one, text))
    return Terms(
        notices=tuple(dict.fromkeys(notices)),
        legends=tuple(dict.fromkeys(legends)),
        watermark=watermark,
        paper=paper,
        days=limits.get("link_days", 0),
        business_days=limits.get("link_business_days", 0),
        views=limits.get("link_views", 0),
    )


def _needed(one: Obligation, text: BilingualText) -> BilingualText:
    if text == BilingualText():
        raise Refused(
            f"the copyright verdict asks for {one.code}, which is not known here and has no text; "
            "hand the copy over by hand, or update illcore-delivery"
        )
    return text
