"""Licences of e-resources, case by case."""

from collections.abc import Callable
from typing import Any

import pytest

from illcore.hooktypes import Verdict

Ask = Callable[..., Verdict]

CASES: list[Any] = [
    pytest.param({"licence": "ill"}, "allow", [], id="permitted"),
    pytest.param({"licence": "ill", "holds": "subscribed"}, "allow", [], id="permitted and subscribed"),
    pytest.param({"licence": "print"}, "allow", ["print_and_destroy", "paper_only"], id="from a print-out only"),
    pytest.param(
        {"licence": "print", "electronic": False}, "allow", ["print_and_destroy", "paper_only"], id="on paper"
    ),
    pytest.param({"licence": "none"}, "deny", [], id="forbidden"),
    pytest.param({"licence": "none", "config": {"forbidden": "review"}}, "review", [], id="forbidden, but looked at"),
    pytest.param({"licence": "none", "open_access": True}, "allow", [], id="forbidden, but free on the web"),
    pytest.param({"licence": "none", "service_type": "loan"}, "allow", [], id="the loan of the printed volume"),
    pytest.param(
        {"licence": "none", "library": "ISIL:X", "config": {"libraries": ["ISIL:Y"]}}, "allow", [], id="other"
    ),
    pytest.param({"holds": "subscribed"}, "review", [], id="subscribed, licence unknown"),
    pytest.param({"holds": "subscribed", "config": {"unknown": "allow"}}, "allow", [], id="unknown will do"),
    pytest.param({"holds": "owned"}, "allow", [], id="owned in print"),
    pytest.param({"holds": "on_order"}, "allow", [], id="on order"),
    pytest.param({"holds": "none"}, "allow", [], id="not held"),
    pytest.param({}, "allow", [], id="nothing known"),
    pytest.param({"role": "requester", "licence": "none"}, "allow", [], id="an own request"),
]


@pytest.mark.parametrize(("case", "decision", "duties"), CASES)
def test_what_the_licence_permits(ask: Ask, case: dict[str, Any], decision: str, duties: list[str]) -> None:
    verdict = ask("licence", **{"role": "supplier", "partner": "ISIL:CN-2", **case})
    assert (verdict.decision, [each.code for each in verdict.obligations]) == (decision, duties)
    assert (verdict.compliance, verdict.claims, verdict.retention_until) == ("", (), None)
