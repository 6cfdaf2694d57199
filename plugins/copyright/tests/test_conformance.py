"""The connector types against illcore's own conformance kit, and through its dispatch."""

from datetime import date
from typing import ClassVar

import pytest

import illcore_copyright
from illcore.dispatch import Dispatch
from illcore.hooktypes import RequestView, Usage
from illcore.model import Citation
from illcore.plugins import Plugins
from illcore.testing.conformance import ConnectorConformance, Subject
from illcore.testing.fakes import FakeClock, FakeHost, fake_secrets, given
from illcore_copyright.connector import CopyrightConnector
from illcore_copyright.policies import POLICIES


class Conformance(ConnectorConformance):
    """No policy has a partner system."""

    plugin: ClassVar[object] = illcore_copyright

    def make(self, host: str, port: int) -> Subject:
        return Subject(config={})


class TestUs(Conformance):
    """United States."""

    connector: ClassVar[type] = CopyrightConnector
    type_name: ClassVar[str] = "copyright_us"


class TestUk(Conformance):
    """United Kingdom."""

    connector: ClassVar[type] = CopyrightConnector
    type_name: ClassVar[str] = "copyright_uk"


class TestDe(Conformance):
    """Germany."""

    connector: ClassVar[type] = CopyrightConnector
    type_name: ClassVar[str] = "copyright_de"


class TestCn(Conformance):
    """China."""

    connector: ClassVar[type] = CopyrightConnector
    type_name: ClassVar[str] = "copyright_cn"


class TestRules(Conformance):
    """Own rules."""

    connector: ClassVar[type] = CopyrightConnector
    type_name: ClassVar[str] = "copyright_rules"


def test_there_is_a_connector_type_for_each_policy() -> None:
    plugin = illcore_copyright.illcore_register()
    assert [kind.name for kind in plugin.connectors] == [f"copyright_{name}" for name in POLICIES]


@pytest.mark.parametrize("name", sorted(POLICIES))
def test_every_policy_answers_through_dispatch(name: str) -> None:
    clock = FakeClock()
    plugins = Plugins([given(illcore_copyright, "copyright", "illcore-copyright")])
    plugins.build({f"copyright_{name}:main": {}}, FakeHost(), fake_secrets)
    request = RequestView(
        id="r1",
        library="ISIL:CN-110001",
        role="requester",
        service_type="loan",
        citation=Citation(title="Nature"),
        requested_on=date(2026, 7, 10),
    )
    verdict, reports = Dispatch(plugins, clock).copyright(request, Usage("ISIL:CN-110001", date(2026, 7, 10)), 5)
    assert [report.status for report in reports] == ["ok"]
    assert verdict.decision == ("review" if name == "rules" else "allow")
