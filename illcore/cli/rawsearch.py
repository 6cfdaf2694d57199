"""``ill search`` of one account in full: hits, diagnostics and records as its target gave them.

A plugin offers it under the name of its connector type in the entry point group ``illcore.raw_search``: a function
``(account keys with secrets resolved, Query, Deadline)`` that gives a ``RawAnswer`` or raises ConnectorError.
"""

from collections.abc import Mapping, Sequence
from importlib import metadata
from typing import TYPE_CHECKING, Any, Protocol

from illcore.cli.call import Call
from illcore.cli.faults import Failed, WrongUsage
from illcore.cli.output import say, write, write_json, write_table

if TYPE_CHECKING:
    from illcore.config import Config
    from illcore.errors import ConnectorError
    from illcore.model import Holding, Query

GROUP = "illcore.raw_search"


class RawAnswer(Protocol):
    """``json`` is ``{"hits", "diagnostics", "records"}``; ``problems`` are sentences for a person.

    ``trouble`` is why there are no holdings: the target refused, fell silent, or what it sent cannot be read.
    ``succeeded`` is about the target alone.
    """

    @property
    def json(self) -> dict[str, Any]: ...

    @property
    def holdings(self) -> Sequence["Holding"]: ...

    @property
    def succeeded(self) -> bool: ...

    @property
    def problems(self) -> Sequence[str]: ...

    @property
    def trouble(self) -> "ConnectorError | None": ...


def raw_account(config: "Config", named: Sequence[str]) -> str:
    """The one account that a raw query goes to. Raises WrongUsage if none or several could be meant."""
    able = sorted(name for name in named or config.accounts if _point(name) is not None)
    if len(able) == 1 and len(named) < 2:
        return able[0]
    if named and not able:
        raise WrongUsage(f"{', '.join(named)} takes no --pqf or --cql; accounts of types {_types()} do")
    if not able:
        raise WrongUsage(f"no account takes --pqf or --cql; configure one of type {_types()}")
    raise WrongUsage(f"name one account with --account for --pqf or --cql: {', '.join(able)}")


def answers_raw(name: str) -> bool:
    """Whether an account's type offers its answers in full."""
    return _point(name) is not None


def raw_search(call: Call, config: "Config", name: str, query: "Query", seconds: float | None) -> int:
    """Search and write. JSON is written whenever the target answered; the exit code is 1 if it refused or failed.

    Without a raw query the JSON also has ``holdings`` and ``accounts``, as of a search of all accounts.
    """
    from illcore.accounts import redact, resolve_references, split_own
    from illcore.clock import SystemClock
    from illcore.config import resolve_secret
    from illcore.connectors import Deadline
    from illcore.errors import ConfigError, ConnectorError

    point = _point(name)
    assert point is not None, "asked for with answers_raw or raw_account"
    folder = call.config_path.parent
    secrets: frozenset[str] = frozenset()
    try:
        given, secrets = resolve_references(config.accounts[name], lambda reference: resolve_secret(reference, folder))
        own, given = split_own(given)
        if not own.enabled:
            raise Failed(f"the account {name} is disabled (enabled = false in {call.config_path})")
        deadline = Deadline(SystemClock(), seconds or config.search_seconds)
        answer: RawAnswer = point.load()(given, query, deadline)
    except ConfigError as error:
        raise Failed(f"{name} in {call.config_path}: {redact(str(error), secrets)}") from None
    except ConnectorError as error:
        text = redact(str(error), secrets)
        if call.json and not query.raw:
            write_json({"holdings": [], "accounts": [_report(name, _status(error), 0, text)]})
        say(f"{name}: {text}")
        return 1
    problems = [redact(text, secrets) for text in answer.problems]
    if call.json:
        write_json(answer.json if query.raw else answer.json | _as_usual(name, answer, problems))
    else:
        _write(answer.json)
    for text in problems:
        say(f"{name}: {text}")
    return 0 if answer.succeeded and (query.raw or answer.trouble is None) else 1


def _point(name: str) -> metadata.EntryPoint | None:
    found = metadata.entry_points(group=GROUP, name=name.partition(":")[0])
    return next(iter(sorted(found, key=lambda point: point.value)), None)


def _types() -> str:
    return " or ".join(sorted({point.name for point in metadata.entry_points(group=GROUP)})) or "z3950 (not installed)"


def _as_usual(name: str, answer: RawAnswer, problems: Sequence[str]) -> dict[str, Any]:
    holdings = [item.model_copy(update={"account": name}).model_dump(mode="json") for item in answer.holdings]
    error = "" if answer.trouble is None else "; ".join(problems)
    status = "ok" if answer.trouble is None else _status(answer.trouble)
    return {"holdings": holdings, "accounts": [_report(name, status, len(holdings), error)]}


def _report(name: str, status: str, hits: int, error: str) -> dict[str, Any]:
    return {"name": name, "status": status, "hits": hits, "error": error or None}


def _status(error: "ConnectorError") -> str:
    from illcore.errors import Misconfigured, Refused, Unknown

    kinds = {Misconfigured: "misconfigured", Refused: "refused", Unknown: "late"}
    return next((status for kind, status in kinds.items() if isinstance(error, kind)), "failed")


def _write(found: Mapping[str, Any]) -> None:
    write(f"{found['hits']} found")
    for said in found["diagnostics"]:
        write(f"diagnostic {said['code']}: {said['addinfo']}".rstrip(": "))
    rows = ([record.get(name, "") for name in _COLUMNS] for record in found["records"])
    if found["records"]:
        write_table([name.replace("_", " ") for name in _COLUMNS], rows)


_COLUMNS = ("position", "title", "author", "year", "record_id", "problem")
