"""The registry: finds plugins one by one, refuses faulty ones with a sentence, builds one connector per account."""

from collections.abc import Collection, Iterable, Mapping
from functools import partial
from importlib import metadata
from typing import Any, Protocol, TypedDict

import pluggy

from illcore import hookspecs
from illcore.accounts import (
    Account,
    OwnKeys,
    ResolveSecret,
    check_config,
    redact,
    resolve_references,
    secrets_in,
    split_own,
)
from illcore.bounded import within
from illcore.connectors import AsgiApp, ConnectorType, Erase, Host, Plugin, Tell
from illcore.errors import ConfigError, IllcoreError
from illcore.hookchecks import check_plugin, hook_arguments, hooks_of

GROUP = "illcore.plugins"
BOOT_SECONDS = 10.0
CLOSE_SECONDS = 2.0
_REGISTER = "illcore_register"


class Distribution(Protocol):
    """What an entry point tells of its package."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...


class EntryPoint(Protocol):
    """What the registry needs of an ``importlib.metadata.EntryPoint``."""

    @property
    def name(self) -> str: ...

    @property
    def dist(self) -> Distribution | None: ...

    def load(self) -> Any: ...


class StatusRow(TypedDict):
    """A line of ``ill plugins`` and ``ill doctor``. ``status``: ok, failed, disabled, not_configured or paused."""

    name: str
    distribution: str
    version: str
    status: str
    reason: str


class _Hooks:
    """Carries the hook functions of one plugin or connector, so that pluggy never touches its other attributes."""


def installed() -> list[metadata.EntryPoint]:
    """The entry points of all installed plugins, in the order of their names."""
    return sorted(metadata.entry_points(group=GROUP), key=lambda found: (found.name, found.value))


class Plugins:
    """All plugins and accounts of one Engine.

    ``found`` are entry points (``installed()``, or a test's own); ``disabled`` names distributions to leave alone.
    No constructor or method raises because of a plugin: what went wrong stands in ``report()``.
    """

    def __init__(self, found: Iterable[EntryPoint], disabled: Collection[str] = ()) -> None:
        self.plugins: dict[str, Plugin] = {}
        self.accounts: dict[str, Account] = {}
        self._manager = pluggy.PluginManager("illcore")
        self._manager.add_hookspecs(hookspecs)
        self._specs = hook_arguments(hookspecs)
        self._plugin_rows: list[StatusRow] = []
        self._account_rows: dict[str, StatusRow] = {}
        self._origin: dict[str, tuple[str, str]] = {}
        self._functions: dict[tuple[str, str], pluggy.HookImpl] = {}
        self._resolve: ResolveSecret = _no_secrets
        registered = [each for each in (self._register(point, disabled) for point in found) if each]
        self._refuse_duplicates(registered)

    def build(self, accounts: Mapping[str, Mapping[str, Any]], host: Host, resolve_secret: ResolveSecret) -> None:
        """Make one connector for each configured account; a wrong one fails alone. Called once, by the Engine."""
        self._resolve = resolve_secret
        for name in sorted(accounts):
            type_name, _, label = name.partition(":")
            plugin, connector_type = self._offered(type_name)
            distribution, version = self._origin.get(plugin, ("", ""))
            row = StatusRow(name=name, distribution=distribution, version=version, status="ok", reason="")
            self._account_rows[name] = row
            try:
                if not label:
                    raise ConfigError(f"an account is named TYPE:NAME, for example {type_name}:main")
                if connector_type is None:
                    raise ConfigError(self._no_such_type(type_name))
                own, config = split_own(accounts[name])
                if not own.enabled:
                    _mark(row, "disabled", "enabled = false in the configuration")
                    continue
                self.accounts[name] = self._account(name, plugin, connector_type, own, config, host)
            except IllcoreError as error:
                _mark(row, "failed", str(error))

    def capable(self, hook: str) -> tuple[str, ...]:
        """The accounts that implement a hook, by name."""
        return tuple(sorted(name for name, account in self.accounts.items() if hook in account.capabilities))

    def polled(self) -> tuple[str, ...]:
        """The accounts that are to be asked for what has come, by name."""
        return tuple(name for name in self.capable("illcore_receive") if self.accounts[name].polls)

    def implementation(self, account: str, hook: str) -> pluggy.HookImpl | None:
        """For dispatch alone: what one account runs for a hook."""
        return self._functions.get((account, hook))

    def why_not(self, account: str) -> str:
        """Why there is no such working account, in one sentence."""
        row = self._account_rows.get(account)
        if row is None:
            return f"there is no account {account} in the configuration"
        return f"account {account} does not work: {row['reason']}" if row["reason"] else f"account {account} works"

    def resolve(self, value: Any) -> tuple[Any, frozenset[str]]:
        """A partner's address with its secret references resolved, and those secrets. ConfigError if one is missing."""
        return resolve_references(value, self._resolve)

    def mounts(self, host: Host) -> dict[str, AsgiApp]:
        """The web applications of all plugins by path. A path that two of them want is served by neither."""
        wanted: dict[str, list[tuple[str, AsgiApp]]] = {}
        for name, plugin in sorted(self.plugins.items()):
            if plugin.asgi is not None:
                try:
                    offered: Mapping[Any, AsgiApp] = within(BOOT_SECONDS, partial(plugin.asgi, host))
                    for path, app in offered.items():
                        if not (isinstance(path, str) and path.startswith("/") and callable(app)):
                            raise ConfigError(f"asgi gave {path!r}; a path begins with / and leads to an ASGI app")
                        wanted.setdefault(path, []).append((name, app))
                except Exception as error:
                    self._fail(name, f"asgi failed: {_said(error)}")
        for path, apps in wanted.items():
            if len(apps) > 1:
                both = " and ".join(self._from(name) for name, _ in apps)
                for name, _ in apps:
                    self._fail(name, f"{both} both want the path {path}; neither gets it")
        return {path: apps[0][1] for path, apps in sorted(wanted.items()) if len(apps) == 1}

    def erasers(self) -> dict[str, Erase]:
        """What each plugin erases of its own when requests are anonymised, by the plugin's name."""
        return {name: plugin.erase for name, plugin in sorted(self.plugins.items()) if plugin.erase is not None}

    def tellers(self) -> dict[str, Tell]:
        """What each plugin can tell of a reader's requests, by the plugin's name."""
        return {name: plugin.tell for name, plugin in sorted(self.plugins.items()) if plugin.tell is not None}

    def close(self) -> None:
        """Let go of the connectors; one that has a ``close()`` is told, and its trouble is its own."""
        for name, account in self.accounts.items():
            ending = getattr(account.connector, "close", None)
            if callable(ending):
                try:
                    within(CLOSE_SECONDS, ending)
                except Exception as error:
                    _mark(self._account_rows[name], "ok", redact(f"close failed: {_said(error)}", account.secrets))

    def report(self, paused: Mapping[str, str] | None = None) -> list[StatusRow]:
        """A row for each plugin and then each account. ``paused`` maps accounts that the store has paused to why."""
        used = {account.plugin for account in self.accounts.values()}
        used |= {self._offered(name.partition(":")[0])[0] for name in self._account_rows}
        rows = [StatusRow(**row) for row in self._plugin_rows]
        for row in rows:
            plugin = self.plugins.get(row["name"])
            if row["status"] == "ok" and plugin is not None and plugin.connectors and plugin.name not in used:
                example = f'[accounts."{plugin.connectors[0].name}:main"]'
                _mark(row, "not_configured", f"no account uses it; add {example} to the configuration")
        for name, given in sorted(self._account_rows.items()):
            row = StatusRow(**given)
            if row["status"] == "ok" and name in (paused or {}):
                _mark(row, "paused", (paused or {})[name])
            rows.append(row)
        return rows

    def _register(self, point: EntryPoint, disabled: Collection[str]) -> tuple[Plugin, StatusRow] | None:
        distribution, version = (point.dist.name, point.dist.version) if point.dist else ("", "")
        row = StatusRow(name=point.name, distribution=distribution, version=version, status="ok", reason="")
        self._plugin_rows.append(row)
        if distribution in disabled:
            _mark(row, "disabled", "disabled in the configuration")
            return None
        try:
            plugin = check_plugin(self._ask(point))
        except Exception as error:
            _mark(row, "failed", _said(error))
            return None
        row["name"] = plugin.name
        return plugin, row

    def _ask(self, point: EntryPoint) -> Any:
        try:
            thing = within(BOOT_SECONDS, point.load)
        except Exception as error:
            raise ConfigError(f"it cannot be imported: {_said(error)}") from error
        functions = self._hooks(thing)
        others = sorted(hook for hook in functions if hook != _REGISTER)
        if others:
            raise ConfigError(f"{others[0]} stands on the plugin itself; it belongs on the connector that it registers")
        if _REGISTER not in functions:
            raise ConfigError(f"it has no {_REGISTER}; the entry point must name a module with that @hookimpl function")
        name = f"plugin {len(self._plugin_rows)}"
        self._enter(name, functions)
        try:
            return within(BOOT_SECONDS, _only(self._manager.hook.illcore_register.get_hookimpls(), name).function)
        except Exception as error:
            raise ConfigError(f"{_REGISTER} failed: {_said(error)}") from error

    def _account(
        self, name: str, plugin: str, kind: ConnectorType, own: OwnKeys, given: Mapping[str, Any], host: Host
    ) -> Account:
        resolved, references = resolve_references(given, self._resolve)
        config = check_config(kind.config, resolved, references)
        secrets = references | secrets_in(config)
        try:
            connector = within(BOOT_SECONDS, lambda: kind.factory(config, host))
            functions = self._hooks(connector)
            if _REGISTER in functions:
                raise ConfigError(f"{_REGISTER} belongs on the plugin's module, not on a connector")
            if not functions:
                raise ConfigError(f"the connector {type(connector).__name__} implements no hook")
            self._enter(name, functions)
        except Exception as error:
            raise ConfigError(redact(_said(error), secrets)) from error
        for hook in functions:
            self._functions[name, hook] = _only(getattr(self._manager.hook, hook).get_hookimpls(), name)
        origin = self._origin[plugin]
        return Account(name, plugin, *origin, own.slots, frozenset(functions), connector, secrets, kind.polls)

    def _hooks(self, thing: object) -> dict[str, Any]:
        found, faults = hooks_of(thing, self._specs, self._marks)
        if faults:
            raise ConfigError("; ".join(faults))
        return {each.hook: each.function for each in found}

    def _marks(self, function: Any) -> Mapping[str, Any] | None:
        carrier = _Hooks()
        carrier.function = function  # type: ignore[attr-defined]
        return self._manager.parse_hookimpl_opts(carrier, "function")

    def _enter(self, name: str, functions: Mapping[str, Any]) -> None:
        carrier = _Hooks()
        for hook, function in functions.items():
            setattr(carrier, hook, function)
        self._manager.register(carrier, name)
        try:
            self._manager.check_pending()
        except pluggy.PluginValidationError:
            self._manager.unregister(carrier)
            raise

    def _refuse_duplicates(self, registered: list[tuple[Plugin, StatusRow]]) -> None:
        for plugin, row in registered:
            others = [other for other in registered if other[0] is not plugin]
            both = [(other, f"the plugin name {plugin.name}") for other in others if other[0].name == plugin.name]
            for kind in plugin.connectors:
                both += [
                    (other, f"the connector type {kind.name}")
                    for other in others
                    if kind.name in {theirs.name for theirs in other[0].connectors}
                ]
            if both:
                (_, theirs), what = both[0]
                ours, their = _origin(row), _origin(theirs)
                _mark(row, "failed", f"{ours} and {their} both claim {what}; uninstall or disable one")
            else:
                self.plugins[plugin.name] = plugin
                self._origin[plugin.name] = (row["distribution"], row["version"])

    def _offered(self, type_name: str) -> tuple[str, ConnectorType | None]:
        for plugin in self.plugins.values():
            for kind in plugin.connectors:
                if kind.name == type_name:
                    return plugin.name, kind
        return "", None

    def _no_such_type(self, type_name: str) -> str:
        offered = sorted(kind.name for plugin in self.plugins.values() for kind in plugin.connectors)
        text = f"no working plugin offers the connector type {type_name} (offered: {', '.join(offered) or 'none'})"
        broken = [f"{_origin(row)} failed" for row in self._plugin_rows if row["status"] == "failed"]
        return f"{text}; {', '.join(broken)}" if broken else f"{text}; install the plugin that has it"

    def _from(self, plugin: str) -> str:
        return " ".join(part for part in self._origin[plugin] if part) or plugin

    def _fail(self, plugin: str, reason: str) -> None:
        for row in self._plugin_rows:
            if row["name"] == plugin and row["status"] == "ok":
                _mark(row, "failed", reason)


def _only(implementations: Iterable[pluggy.HookImpl], name: str) -> pluggy.HookImpl:
    return next(each for each in implementations if each.plugin_name == name)


def _origin(row: StatusRow) -> str:
    return f"{row['distribution']} {row['version']}".strip() or row["name"]


def _mark(row: StatusRow, status: str, reason: str) -> None:
    row["status"], row["reason"] = status, reason


def _said(error: BaseException) -> str:
    text = " ".join(str(error).split())[:500]
    return text if isinstance(error, IllcoreError) else f"{type(error).__name__}: {text}".rstrip(": ")


def _no_secrets(reference: Mapping[str, str]) -> str:
    raise ConfigError(f"the secret {dict(reference)} cannot be read before the accounts are built")
