"""The policies by name: settings and decision of each, as accounts of type `copyright_<name>` have them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from illcore.hooktypes import RequestView, Usage, Verdict
from illcore.model import BilingualText

from . import au, ca, cn, de, licence, rules, uk, us
from .settings import PolicyConfig

TYPE = "copyright_"


@dataclass(frozen=True, slots=True)
class Policy:
    """``decide(request, usage, config)`` is pure: the same for the same."""

    name: str
    title: BilingualText
    config: type[PolicyConfig]
    decide: Callable[[RequestView, Usage, Any], Verdict]

    @property
    def type_name(self) -> str:
        """The connector type."""
        return TYPE + self.name


POLICIES: Mapping[str, Policy] = {
    policy.name: policy
    for policy in (
        Policy(
            "us",
            BilingualText(en="United States: 17 USC 108, CONTU", zh="美国：第 108 条，CONTU"),
            us.UsConfig,
            us.decide,
        ),
        Policy(
            "uk", BilingualText(en="United Kingdom: CDPA s.41, s.42A", zh="英国：第 41、42A 条"), uk.UkConfig, uk.decide
        ),
        Policy("de", BilingualText(en="Germany: UrhG § 60e(5)", zh="德国：第 60e 条第 5 款"), de.DeConfig, de.decide),
        Policy(
            "cn",
            BilingualText(en="China: 著作权法 24, 条例 7, 10", zh="中国：著作权法第二十四条"),
            cn.CnConfig,
            cn.decide,
        ),
        Policy("ca", BilingualText(en="Canada: s. 30.2", zh="加拿大：第 30.2 条"), ca.CaConfig, ca.decide),
        Policy(
            "au",
            BilingualText(en="Australia: s.49, s.50, s.183", zh="澳大利亚：第 49、50、183 条"),
            au.AuConfig,
            au.decide,
        ),
        Policy(
            "licence",
            BilingualText(en="Licences of e-resources", zh="电子资源许可协议"),
            licence.LicenceConfig,
            licence.decide,
        ),
        Policy(
            "rules", BilingualText(en="A table of your own rules", zh="自定义规则表"), rules.RulesConfig, rules.decide
        ),
    )
}
