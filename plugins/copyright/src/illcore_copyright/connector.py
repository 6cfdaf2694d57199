"""The connector types `copyright_us`, `copyright_uk` …: one policy with one account's settings."""

from __future__ import annotations

from illcore.connectors import ConnectorType, Host
from illcore.hookspecs import hookimpl
from illcore.hooktypes import RequestView, Usage, Verdict

from .policies import POLICIES, Policy
from .settings import PolicyConfig


class CopyrightConnector:
    """One account. It keeps nothing and asks nobody; it decides from what it is handed."""

    def __init__(self, policy: Policy, config: PolicyConfig) -> None:
        self._policy = policy
        self._config = config

    @hookimpl
    def illcore_copyright(self, request: RequestView, usage: Usage) -> Verdict:
        """The policy's verdict; allow, without a word, for libraries that the account is not for."""
        return self._policy.decide(request, usage, self._config)


def connector_types() -> tuple[ConnectorType, ...]:
    """One for each policy."""
    return tuple(_connector_type(policy) for policy in POLICIES.values())


def _connector_type(policy: Policy) -> ConnectorType:
    def build(config: PolicyConfig, host: Host) -> CopyrightConnector:
        return CopyrightConnector(policy, config)

    return ConnectorType(policy.type_name, policy.config, build)
