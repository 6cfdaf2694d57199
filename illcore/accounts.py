"""One configured account: its checked config, its secrets and its connector; and how a secret is kept out of texts."""

import base64
import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any
from urllib.parse import quote, quote_plus

from pydantic import BaseModel, ConfigDict, Field, SecretBytes, SecretStr, ValidationError

from illcore.errors import ConfigError
from illcore.mistakes import in_words

ResolveSecret = Callable[[Mapping[str, str]], str]
"""Takes ``{"env": NAME}`` or ``{"file": PATH}`` and gives the secret; ConfigError if there is none."""

REFERENCES = ("env", "file")
HIDDEN = "***"
_SHORTEST = 3
_USERINFO = re.compile(r"(?<=://)[^/@\s'\"]+(?=@)")


class OwnKeys(BaseModel):
    """The keys of an account that belong to the core: how many hooks may run in it at once, and whether it is on."""

    model_config = ConfigDict(frozen=True)

    slots: Annotated[int, Field(ge=1, le=256)] = 8
    enabled: bool = True


@dataclass(slots=True, frozen=True)
class Account:
    """A connector that works for ``name`` = ``<type>:<account>``. ``capabilities`` are the hooks that it implements.

    ``polls``: it is asked for what has come.
    """

    name: str
    plugin: str
    distribution: str
    version: str
    slots: int
    capabilities: frozenset[str]
    connector: object = field(repr=False)
    secrets: frozenset[str] = field(repr=False, default=frozenset())
    polls: bool = True


def resolve_references(value: Any, resolve_secret: ResolveSecret) -> tuple[Any, frozenset[str]]:
    """The value with every ``{"env": …}`` and ``{"file": …}`` in it replaced by its secret, and those secrets."""
    if isinstance(value, Mapping):
        if len(value) == 1 and next(iter(value)) in REFERENCES and isinstance(next(iter(value.values())), str):
            secret = resolve_secret(value)
            return secret, frozenset({secret})
        pairs = {key: resolve_references(item, resolve_secret) for key, item in value.items()}
        return {key: pair[0] for key, pair in pairs.items()}, _union(pair[1] for pair in pairs.values())
    if isinstance(value, list | tuple):
        items = [resolve_references(item, resolve_secret) for item in value]
        return [item[0] for item in items], _union(item[1] for item in items)
    return value, frozenset()


def secrets_in(value: Any) -> frozenset[str]:
    """The plain texts of all SecretStr and SecretBytes in a checked config, empty ones left out."""
    if isinstance(value, SecretStr):
        return frozenset({value.get_secret_value()} - {""})
    if isinstance(value, SecretBytes):
        return frozenset({value.get_secret_value().decode(errors="replace")} - {""})
    if isinstance(value, BaseModel):
        return _union(secrets_in(item) for _, item in value)
    if isinstance(value, Mapping):
        return _union(secrets_in(item) for item in value.values())
    if isinstance(value, list | tuple | set | frozenset):
        return _union(secrets_in(item) for item in value)
    return frozenset()


def redact(text: str, secrets: Iterable[str]) -> str:
    """The text without any of the secrets (plain, URL-quoted, base 64) and without the user part of a URL."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SHORTEST:
            spellings = {secret, quote(secret, safe=""), quote_plus(secret), repr(secret)[1:-1]}
            spellings.add(base64.b64encode(secret.encode()).decode())
            for spelling in sorted(spellings, key=len, reverse=True):
                text = text.replace(spelling, HIDDEN)
    return _USERINFO.sub(HIDDEN, text)


def check_config(model: type[BaseModel], given: Mapping[str, Any], secrets: Iterable[str]) -> BaseModel:
    """The config as the connector's model reads it. ConfigError names every wrong key; it repeats no value."""
    try:
        return model.model_validate(dict(given))
    except ValidationError as error:
        raise ConfigError(redact(describe(error, model), secrets)) from None


def split_own(given: Mapping[str, Any]) -> tuple[OwnKeys, dict[str, Any]]:
    """The core's own keys of an account and the rest, which is the connector's. ConfigError if the core's are wrong."""
    own = {key: given[key] for key in OwnKeys.model_fields if key in given}
    try:
        return OwnKeys.model_validate(own), {key: item for key, item in given.items() if key not in own}
    except ValidationError as error:
        raise ConfigError(describe(error, OwnKeys)) from None


def describe(error: ValidationError, model: type[BaseModel] | None = None) -> str:
    """A validation error in one line, without the values that were given."""
    known = [item.alias or name for name, item in model.model_fields.items()] if model else []
    return "; ".join(_complaint(item, known) for item in error.errors(include_url=False, include_input=False))


def _complaint(item: Any, known: list[str]) -> str:
    where = ".".join(str(part) for part in item["loc"])
    if not where:
        return in_words(item)
    if item["type"] == "extra_forbidden":
        near = difflib.get_close_matches(where, known, 1)
        meant = f"did you mean {near[0]}?" if near else f"known are {', '.join(known) or 'none'}"
        return f"{where}: there is no such key, {meant}"
    return f"{where}: {in_words(item)}"


def _union(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*sets)
