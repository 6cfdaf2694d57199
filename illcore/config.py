"""What a library may set: database, libraries, policies, accounts; read from ``ill.toml``, checked before use."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import ConfigDict, Field, ValidationError, model_validator

from illcore.errors import ConfigError
from illcore.message import Address
from illcore.mistakes import sentence
from illcore.model import Symbol, Value
from illcore.policy import Library, Policy

FILE_NAME = "ill.toml"


class LibraryConfig(Value):
    """One library of this engine; its policy is laid over the file's common ``[policy]``."""

    name_en: str = ""
    name_zh: str = ""
    address: Address | None = None
    email: str = ""
    policy: Mapping[str, Any] = {}


class ServeConfig(Value):
    """Limits of the HTTP side. ``max_body`` in bytes."""

    max_body: int = Field(default=5_000_000, ge=1024)


class DocumentsConfig(Value):
    """Where documents are kept, and what is fetched for them.

    ``store`` is a folder (relative: beside the file; by default ``documents`` beside the file or the SQLite database)
    or the URL of an fsspec store; ``max_bytes`` the size of one
    document. ``fetch``: what suppliers put at a URL is fetched; ``private_addresses``: also from this machine and the
    local network, which is refused by default because a partner could point there.
    """

    store: str = ""
    max_bytes: int = Field(default=200_000_000, ge=1024)
    fetch: bool = True
    fetch_seconds: float = Field(default=20, gt=0, le=25)
    private_addresses: bool = False


class Config(Value):
    """The whole file. ``accounts`` are checked later, each by its connector's own model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    library: Symbol | None = None
    database: str = "sqlite:///ill.db"
    synchronous: Literal["FULL", "NORMAL"] = "FULL"
    language: Literal["en", "zh"] = "en"
    libraries: Mapping[str, LibraryConfig] = {}
    policy: Mapping[str, Any] = {}
    accounts: Mapping[str, Mapping[str, Any]] = {}
    disabled_plugins: tuple[str, ...] = ()
    serve: ServeConfig = ServeConfig()
    documents: DocumentsConfig = DocumentsConfig()
    send_seconds: float = Field(default=20, gt=0, le=600)
    search_seconds: float = Field(default=30, gt=0, le=600)
    slots: int = Field(default=8, ge=1, le=256)

    @model_validator(mode="after")
    def _accounts_are_named(self) -> "Config":
        for name in self.accounts:
            connector, _, account = name.partition(":")
            if not connector or not account:
                raise ValueError(f'account {name!r}: write it as "<connector>:<name>", such as "iso18626:main"')
        return self

    def library_records(self) -> dict[str, Library]:
        """The libraries of the file with their policies, by symbol.

        Raises ConfigError naming library and key where a policy is wrong.
        """
        named = dict(self.libraries)
        if self.library and self.library not in named:
            named[self.library] = LibraryConfig()
        found = {}
        for symbol, own in named.items():
            try:
                policy = Policy.model_validate(_merged(self.policy, own.policy))
            except ValidationError as error:
                raise ConfigError(f"policy of {symbol}: {sentence(error)}") from None
            found[symbol] = Library(
                symbol=symbol,
                name_en=own.name_en,
                name_zh=own.name_zh,
                address=own.address,
                email=own.email,
                policy=policy,
            )
        return found


def _merged(common: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(common)
    for key, value in own.items():
        before = merged.get(key)
        merged[key] = _merged(before, value) if isinstance(before, Mapping) and isinstance(value, Mapping) else value
    return merged


def read_config(path: Path) -> Config:
    """The checked file; a relative SQLite path in it is taken from the file's own folder.

    Raises ConfigError with file, key and remedy.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(
            f"there is no {path}; make one with: ill init --library ISIL:… --name-en … --name-zh …"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from None
    return parse_config(data, str(path), path.parent)


def parse_config(data: Mapping[str, Any], name: str = "config", folder: Path | None = None) -> Config:
    """A config from plain data, such as a host's own settings. Raises ConfigError."""
    try:
        config = Config.model_validate(data)
    except ValidationError as error:
        raise ConfigError(f"{name}: {sentence(error)}") from None
    if folder is not None:
        store = config.documents.store or "documents"
        kept = config.documents.model_copy(update={"store": store if "://" in store else str(folder / store)})
        config = config.model_copy(update={"database": _anchored(config.database, folder), "documents": kept})
    return config


def _anchored(url: str, folder: Path) -> str:
    prefix = "sqlite:///"
    path = url.removeprefix(prefix)
    if not url.startswith(prefix) or path.startswith("/") or path in ("", ":memory:"):
        return url
    return prefix + str((folder / path).resolve())


def find_config(given: str | None) -> Path:
    """``--config``, else ``ILL_CONFIG``, else ``ill.toml`` in the current folder."""
    return Path(given or os.environ.get("ILL_CONFIG") or FILE_NAME)


def resolve_secret(reference: Mapping[str, Any], folder: Path | None = None) -> str:
    """The secret behind ``{env = "NAME"}`` or ``{file = "PATH"}``; never logged, never stored.

    Raises ConfigError naming the reference, not the secret.
    """
    if set(reference) == {"env"}:
        name = str(reference["env"])
        value = os.environ.get(name)
        if value is None:
            raise ConfigError(f"the environment variable {name} is not set")
        return value
    if set(reference) == {"file"}:
        path = Path(str(reference["file"]))
        path = path if path.is_absolute() or folder is None else folder / path
        try:
            return path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
            raise ConfigError(f"the secret file {path} cannot be read: {reason}") from None
    raise ConfigError('write a secret as { env = "NAME" } or { file = "PATH" }')
