"""Raw searches for `ill search --pqf`: what one target answers, as it answers it (group `illcore.raw_search`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from illcore.accounts import check_config, secrets_in
from illcore.connectors import Deadline
from illcore.errors import ConnectorError
from illcore.model import Holding, Query

from .answer import Answer
from .config import CatalogueConfig, SruConfig, Z3950Config


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """`json` is `{"hits", "diagnostics", "records"}`. `succeeded` is False if the target refused or fell silent.

    `problems` are sentences for a person, `trouble` is why there are no holdings.
    """

    json: dict[str, Any]
    holdings: tuple[Holding, ...]
    succeeded: bool
    problems: tuple[str, ...]
    trouble: ConnectorError | None = None


def search_z3950(account: Mapping[str, Any], query: Query, deadline: Deadline) -> RawAnswer:
    """Search with an account's keys, secrets resolved. Raises ConfigError, and ConnectorError without an answer."""
    config = _checked(Z3950Config, account)
    from .connector import Z3950Connector

    connector = Z3950Connector(config)
    try:
        return _raw(connector.ask(query, deadline), query, config)
    finally:
        connector.close()


def search_sru(account: Mapping[str, Any], query: Query, deadline: Deadline) -> RawAnswer:
    """As `search_z3950`."""
    config = _checked(SruConfig, account)
    from .sru.connector import SruConnector

    connector = SruConnector(config)
    try:
        return _raw(connector.ask(query, deadline), query, config)
    finally:
        connector.close()


def _raw(answer: Answer, query: Query, config: CatalogueConfig) -> RawAnswer:
    problems = answer.problems()
    holdings: tuple[Holding, ...] = ()
    trouble = answer.refusal or answer.failure
    try:
        holdings = answer.holdings(query, library=config.library, min_score=config.min_score)
    except ConnectorError as error:
        problems, trouble = [str(error)], error
    succeeded = answer.refusal is None and answer.failure is None
    return RawAnswer(answer.as_json(), holdings, succeeded, tuple(problems), trouble)


def _checked(model: type[Any], account: Mapping[str, Any]) -> Any:
    return check_config(model, account, secrets_in(account))
