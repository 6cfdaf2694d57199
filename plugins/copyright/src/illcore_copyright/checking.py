"""A policy asked about one request from a file, without an engine: nothing is read but the file, nothing recorded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from illcore.accounts import split_own
from illcore.cli.faults import Failed, WrongUsage
from illcore.cli.jsonfile import object_or_error, read_json
from illcore.hooktypes import Holds, Licence, RequestView, Usage
from illcore.mistakes import sentence
from illcore.model import NewRequest

from .policies import Policy
from .settings import PolicyConfig

if TYPE_CHECKING:
    from illcore.config import Config


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the library knows of the title and has used, in place of its ledger and catalogue."""

    today: date
    holds: Holds = ""
    licence: Licence = ""
    used: int = 0
    accepted: frozenset[str] = frozenset()
    compliance: str = ""
    open_access: bool = False

    def usage(self, library: str) -> Usage:
        """As a policy is handed it; the same number stands under every key."""
        taken: Mapping[tuple[str, int], int] = _Everywhere(self.used)
        return Usage(
            library=library,
            today=self.today,
            taken=taken,
            holds=self.holds,
            licence=self.licence,
            open_access=self.open_access,
            declarations=self.accepted,
        )


class _Everywhere(defaultdict[tuple[str, int], int]):
    """The same number under every key."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number

    def get(self, key: tuple[str, int], default: Any = None) -> int:
        return self._number

    def __missing__(self, key: tuple[str, int]) -> int:
        return self._number


def read_request(name: str) -> NewRequest:
    """One request in the format of `ill submit` from a file, or standard input (`-`). Raises Failed."""
    found = read_json(name)
    shown = "standard input" if name == "-" else name
    wrong = object_or_error(found)
    if wrong:
        raise Failed(f"{shown} {wrong}, for one request")
    try:
        return NewRequest.model_validate(found)
    except ValidationError as error:
        raise Failed(f"{shown}: {sentence(error)}") from None


def view_of(request: NewRequest, circumstances: Circumstances, library: str) -> RequestView:
    """The request as a policy sees it; its reader's id stands for the reader."""
    reader, delivery = request.reader, request.delivery
    return RequestView(
        id="check",
        library=library,
        role=request.role,
        service_type=request.service_type,
        citation=request.citation,
        format=request.format,
        purpose=request.purpose or "",
        requested_on=circumstances.today,
        needed_by=request.needed_by,
        partner=request.partner or next(iter(request.suppliers), ""),
        compliance=circumstances.compliance,
        electronic=request.format != "paper" and (delivery is None or delivery.method != "post"),
        reader=reader.id if reader else "",
        reader_category=reader.category if reader else "",
        reader_department=reader.department if reader else "",
    )


def settings_in(config: Config | None, policy: Policy, account: str) -> PolicyConfig:
    """The settings of the policy's account, or of the only one it has; the defaults where it has none.

    Raises Failed if the named account is not there or its settings are wrong, WrongUsage if there are several.
    """
    prefix = f"{policy.type_name}:"
    configured = {name: keys for name, keys in (config.accounts if config else {}).items() if name.startswith(prefix)}
    if account and prefix + account not in configured:
        raise Failed(f'there is no account {prefix}{account}; write [accounts."{prefix}{account}"] into ill.toml')
    if not account and len(configured) > 1:
        names = ", ".join(f"{policy.name}:{name.removeprefix(prefix)}" for name in sorted(configured))
        raise WrongUsage(f"--policy {policy.name}: there are several accounts, name one of {names}")
    name = prefix + account if account else next(iter(configured), "")
    _, own = split_own(configured.get(name, {}))
    try:
        return policy.config.model_validate(own)
    except ValidationError as error:
        raise Failed(f"account {name}: {sentence(error)}") from None
