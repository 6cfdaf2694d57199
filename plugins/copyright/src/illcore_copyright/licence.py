"""Licences of e-resources: what the library may send to others from what it has a licence for."""

from __future__ import annotations

from typing import Literal

from illcore.hooktypes import RequestView, Usage, Verdict
from illcore.model import BilingualText

from .ruling import Ruling
from .settings import PolicyConfig

_OURS = BilingualText(
    en="Licences bind the library that supplies; this one asks.", zh="许可协议约束提供馆；本馆为申请馆。"
)
_PERMITS = BilingualText(en="The licence permits interlibrary loan.", zh="许可协议允许馆际互借。")
_PRINT = BilingualText(
    en="The licence permits interlibrary loan from a print-out only.", zh="许可协议仅允许以打印件提供馆际互借。"
)
_FORBIDS = BilingualText(
    en="The licence forbids interlibrary loan: supply from print, or say no.",
    zh="许可协议禁止馆际互借：请改用纸本馆藏提供，或予以谢绝。",
)
_UNKNOWN = BilingualText(
    en="The library has it by subscription, and what the licence permits is not known: look it up.",
    zh="本馆以订购方式拥有，许可范围不详：请查阅许可协议。",
)
_NO_LICENCE = BilingualText(
    en="No licence is known for it; it is supplied from print.", zh="没有相关许可协议，以纸本馆藏提供。"
)


class LicenceConfig(PolicyConfig):
    """Sources: [C1] the usual clauses: electronic permitted, print only, no interlibrary loan; [C58]."""

    unknown: Literal["review", "allow"] = "review"
    """What is done with a subscribed title whose licence is not known."""

    forbidden: Literal["deny", "review"] = "deny"
    """What is done where the licence forbids interlibrary loan."""

    print_only: str = "licence-print-1"
    """What is done with the file where only a print-out may be sent [C1]."""


def decide(request: RequestView, usage: Usage, config: LicenceConfig) -> Verdict:
    """What the licence of the library that supplies says. Where it asks itself, licences of its own say nothing."""
    ruling = Ruling(request, usage, config)
    exempt = ruling.exempt()
    if exempt:
        return exempt
    if request.role == "requester":
        ruling.say("allow", _OURS)
    elif usage.licence == "ill":
        ruling.say("allow", _PERMITS)
    elif usage.licence == "print":
        ruling.say("allow", _PRINT)
        ruling.oblige("print_and_destroy", ruling.text(config.print_only))
        ruling.oblige("paper_only", _PRINT)
    elif usage.licence == "none":
        ruling.say(config.forbidden, _FORBIDS)
    elif usage.holds == "subscribed":
        ruling.say(config.unknown, _UNKNOWN)
    else:
        ruling.say("allow", _NO_LICENCE)
    return ruling.verdict()
