"""What is wrong with the hooks of a plugin object, found without running any of its code."""

import difflib
import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import FunctionType, MethodType, ModuleType
from typing import Any

from pydantic import BaseModel

from illcore.accounts import OwnKeys
from illcore.connectors import API_VERSION, ConnectorType, Plugin
from illcore.errors import ConfigError

PREFIX = "illcore_"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
Marks = Callable[[Callable[..., Any]], Mapping[str, Any] | None]
"""Tells what ``@hookimpl`` left on a function; None: nothing."""


@dataclass(slots=True, frozen=True)
class FoundHook:
    """A function that carries ``@hookimpl``: the hook it implements and the function, bound to its object."""

    hook: str
    function: Callable[..., Any]


def hooks_of(thing: object, specs: Mapping[str, tuple[str, ...]], marks: Marks) -> tuple[list[FoundHook], list[str]]:
    """The hooks of a module or instance, and the faults, each one sentence. ``specs`` maps hook to argument names.

    Attributes are looked up statically: no property is evaluated, no ``__getattr__`` is asked.
    """
    found: list[FoundHook] = []
    faults: list[str] = []
    if inspect.isclass(thing):
        return [], [f"{thing.__name__} is a class; hand over an instance of it"]
    for name in _names(thing):
        static = inspect.getattr_static(thing, name, None)
        function = _function(static)
        marked = marks(function) if function is not None else None
        if marked is None:
            fault = _unmarked(name, static, specs)
            if fault:
                faults.append(fault)
            continue
        assert function is not None
        hook = str(marked.get("specname") or name)
        if hook not in specs:
            if not marked.get("optionalhook"):
                faults.append(f"there is no hook {hook}{_meant(hook, specs)}")
            continue
        faults += [f"{name} {fault}" for fault in _signature_faults(function, static, thing, specs[hook], marked)]
        found.append(FoundHook(hook, _bind(function, static, thing)))
    hooks = [each.hook for each in found]
    faults += [f"{hook} is implemented twice" for hook in sorted({hook for hook in hooks if hooks.count(hook) > 1})]
    return found, faults


def _names(thing: object) -> list[str]:
    names = set(_own(thing))
    if not inspect.ismodule(thing):
        names.update(*(vars(parent) for parent in type(thing).__mro__ if parent is not object))
    return sorted(names)


def _own(thing: object) -> Mapping[str, Any]:
    try:
        own: Mapping[str, Any] = object.__getattribute__(thing, "__dict__")
    except AttributeError:
        return {}
    return own


def _is_own(static: object, thing: object) -> bool:
    return inspect.ismodule(thing) or any(static is value for value in _own(thing).values())


def _function(static: object) -> FunctionType | None:
    if isinstance(static, staticmethod | classmethod | MethodType):
        static = static.__func__
    return static if isinstance(static, FunctionType) else None


def _bind(function: FunctionType, static: object, thing: object) -> Callable[..., Any]:
    if isinstance(static, MethodType):
        return static
    if isinstance(static, classmethod):
        return MethodType(function, type(thing))
    if isinstance(static, staticmethod) or _is_own(static, thing):
        return function
    return MethodType(function, thing)


def _unmarked(name: str, static: object, specs: Mapping[str, tuple[str, ...]]) -> str:
    if not name.startswith(PREFIX):
        return ""
    if isinstance(static, property | cached_property):
        return f"{name} is a property; a hook is a plain function with @hookimpl"
    if _function(static) is not None:
        return f"{name} lacks @hookimpl, so nobody would call it{'' if name in specs else _meant(name, specs)}"
    if callable(static) and not inspect.isclass(static):
        return f"{name} is a {type(static).__name__}; a hook is a plain function with @hookimpl"
    return ""


def _signature_faults(
    function: FunctionType, static: object, thing: object, spec: tuple[str, ...], marked: Mapping[str, Any]
) -> list[str]:
    inner = inspect.unwrap(function)
    if inspect.iscoroutinefunction(inner) or inspect.isasyncgenfunction(inner):
        return ["is async; hooks are plain functions that run in threads (a connector may run its own loop inside)"]
    if marked.get("wrapper") or marked.get("hookwrapper"):
        return ["is a wrapper; every account is called by its name, so nothing can be wrapped around it"]
    if inspect.isgeneratorfunction(inner):
        return ["is a generator; return a list"]
    faults = []
    parameters = list(inspect.signature(function).parameters.values())
    if _takes_self(static, thing):
        parameters = parameters[1:]
    for parameter in parameters:
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            faults.append(f"takes {parameter}; name the arguments: {', '.join(spec) or 'none'}")
        elif parameter.default is not parameter.empty:
            faults.append(f"gives {parameter.name} a default; a hook argument with a default may never be passed")
        elif parameter.kind is parameter.KEYWORD_ONLY:
            faults.append(f"takes {parameter.name} by keyword only; hook arguments are plain ones")
        elif parameter.name not in spec:
            faults.append(f"takes {parameter.name}, which the hook does not have; it has {', '.join(spec) or 'none'}")
    return faults


def _takes_self(static: object, thing: object) -> bool:
    if isinstance(static, staticmethod):
        return False
    return isinstance(static, classmethod | MethodType) or not _is_own(static, thing)


def _meant(name: str, specs: Mapping[str, tuple[str, ...]]) -> str:
    near = difflib.get_close_matches(name, specs, 1)
    return f"; did you mean {near[0]}?" if near else f"; there are {', '.join(sorted(specs))}"


def hook_arguments(hookspecs: ModuleType) -> dict[str, tuple[str, ...]]:
    """Every hook with the names of its arguments, in the order in which they stand in the file."""
    functions = vars(hookspecs).items()
    return {
        name: tuple(inspect.signature(function).parameters)
        for name, function in functions
        if name.startswith("illcore_") and inspect.isfunction(function)
    }


def check_plugin(plugin: Any) -> Plugin:
    """What ``illcore_register`` returned, if it can be used; else ConfigError with one sentence."""
    if not isinstance(plugin, Plugin):
        raise ConfigError(f"illcore_register returned a {type(plugin).__name__}, not a Plugin")
    if plugin.api_version != API_VERSION:
        raise ConfigError(f"it was written for version {plugin.api_version} of the hooks, this core has {API_VERSION}")
    _check_name(plugin.name)
    if not isinstance(plugin.connectors, tuple | list):
        raise ConfigError(f"connectors is a {type(plugin.connectors).__name__}, not a tuple of ConnectorType")
    for kind in plugin.connectors:
        _check_type(kind)
    if len({kind.name for kind in plugin.connectors}) < len(plugin.connectors):
        raise ConfigError("it offers two connector types with the same name")
    for name in ("erase", "tell"):
        given = getattr(plugin, name)
        if given is not None and (not callable(given) or inspect.iscoroutinefunction(given)):
            raise ConfigError(f"{name} is no plain function; see illcore.connectors.Plugin")
    return plugin


def _check_type(kind: Any) -> None:
    if not isinstance(kind, ConnectorType):
        raise ConfigError(f"connectors holds a {type(kind).__name__}, not a ConnectorType")
    _check_name(kind.name)
    if not isinstance(kind.polls, bool):
        raise ConfigError(f"polls of connector type {kind.name} is a {type(kind.polls).__name__}, not True or False")
    model: Any = kind.config
    if not inspect.isclass(model) or not issubclass(model, BaseModel):
        raise ConfigError(f"the config of connector type {kind.name} is not a pydantic model class")
    if model.model_config.get("extra") != "forbid":
        raise ConfigError(f'the config model {model.__name__} must set extra="forbid", to catch misspelt keys')
    taken = sorted(set(model.model_fields) & set(OwnKeys.model_fields))
    if taken:
        raise ConfigError(f"the config model {model.__name__} has the key {taken[0]}, which belongs to the core")


def _check_name(name: Any) -> None:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ConfigError(f"the name {name!r} is wrong; a name is lower case letters, digits and _, at most 32")
