"""The checks of ``ill doctor``: each gives rows in the form of the plugins' own report, none raises."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import TYPE_CHECKING

from illcore.cli.call import Call
from illcore.cli.plugged import PluggedCommands
from illcore.errors import ConfigError, IllcoreError
from illcore.plugins import Plugins, StatusRow, installed

if TYPE_CHECKING:
    from illcore.engine import Engine
    from illcore.model import Partner

EARLIEST = datetime(2025, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
TOLERANCE = timedelta(minutes=5)


def examine(call: Call) -> list[StatusRow]:
    """All checks, in the order in which one would mend things."""
    try:
        config = call.config()
        served = config.library_records()
    except ConfigError as error:
        return [_row("config", "failed", str(error)), *Plugins(installed()).report()]
    rows = [
        _row("config", "ok", str(call.config_path))
        if served
        else _row("config", "failed", f'{call.config_path} names no library; write library = "ISIL:…" into it')
    ]
    try:
        with call.engine() as engine:
            rows.append(_row("database", "ok", engine.database.url.render_as_string(hide_password=True)))
            rows += _examine_engine(engine)
    except Exception as error:
        rows.append(_row("database", "failed", _sentence(error)))
        rows += Plugins(installed(), config.disabled_plugins).report()
    return rows + list(_commands())


def _examine_engine(engine: "Engine") -> Iterator[StatusRow]:
    engine.mounts()
    report = engine.report()
    yield from report
    broken = {row["name"]: row["reason"] for row in report if row["status"] not in ("ok", "not_configured")}
    for check in (_partners, _lanes, _clock):
        try:
            yield from check(engine, broken)
        except Exception as error:
            yield _row(check.__name__.removeprefix("_"), "failed", f"cannot be checked: {_sentence(error)}")


def _partners(engine: "Engine", broken: dict[str, str]) -> Iterator[StatusRow]:
    from illcore import partners

    for library in sorted(engine.libraries):
        with engine.database.read() as connection:
            found = partners.listed(connection, library, "active")
        if not found:
            reason = f"{library} has no active partners; add some: ill partners import FILE.json"
            yield _row("partners", "warning", reason)
        for partner in found:
            status, reason = _partner(engine, partner, broken)
            if reason:
                yield _row(f"partner {partner.symbol}", status, f"{reason} (library {library})")


def _partner(engine: "Engine", partner: "Partner", broken: dict[str, str]) -> tuple[str, str]:
    if not partner.account:
        return "warning", "no account leads to it, so requests pass it over; set its account, or suspend it"
    if partner.account not in engine.config.accounts:
        known = ", ".join(sorted(engine.config.accounts)) or "none"
        return "failed", f"its account {partner.account} is not in the configuration (there: {known})"
    if partner.account in broken:
        return "failed", f"its account {partner.account} does not work: {broken[partner.account]}"
    try:
        engine.context.resolve(dict(partner.address))
    except ConfigError as error:
        return "failed", f"a secret of its address cannot be read: {error}"
    return "ok", ""


def _lanes(engine: "Engine", _broken: dict[str, str]) -> Iterator[StatusRow]:
    from illcore import outbox

    now = engine.clock.now()
    with engine.database.read() as connection:
        lanes = outbox.status(connection)
    for each in lanes:
        if each.dead:
            reason = (
                f"{each.dead} given up; `ill list --attention` shows the requests, "
                "`ill act ID retry_effect` tries again, `ill act ID done_by_hand` settles it"
            )
            yield _row(f"outbox {each.lane}", "warning", reason)
        if each.open_until is not None and each.open_until > now:
            until = each.open_until.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
            reason = f"the other side did not answer {each.failures} times; {each.pending} wait; next try {until}"
            yield _row(f"lane {each.lane}", "warning", reason)


def _clock(engine: "Engine", _broken: dict[str, str]) -> Iterator[StatusRow]:
    from sqlalchemy import func, select

    from illcore.tables import request

    now = engine.clock.now()
    with engine.database.read() as connection:
        newest = connection.execute(select(func.max(request.c.updated_at))).scalar()
    shown = now.isoformat(timespec="seconds").replace("+00:00", "Z")
    if not EARLIEST <= now <= LATEST:
        yield _row("clock", "failed", f"this machine's clock says {shown}; set it, partners read our times")
    elif newest is not None and newest > now + TOLERANCE:
        reason = f"a request was changed at {newest.isoformat(timespec='seconds')}, later than this machine's {shown}"
        yield _row("clock", "failed", f"{reason}; set the clocks of all machines by NTP")
    else:
        yield _row("clock", "ok", shown)


def _commands() -> Iterator[StatusRow]:
    for name, distribution, number, reason in PluggedCommands().faults():
        yield StatusRow(name=f"ill {name}", distribution=distribution, version=number, status="failed", reason=reason)


def _row(name: str, status: str, reason: str) -> StatusRow:
    return StatusRow(name=name, distribution="illcore", version=version("illcore"), status=status, reason=reason)


def _sentence(error: Exception) -> str:
    if isinstance(error, IllcoreError):
        return str(error)
    cause = getattr(error, "orig", None) or error
    return f"{type(cause).__name__}: {' '.join(str(cause).split())}"
