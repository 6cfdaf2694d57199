"""``ill init``: a configuration with comments, and the database, in the current folder."""

import contextlib
import json
import os
from collections.abc import Container
from importlib import metadata
from pathlib import Path
from typing import Annotated

import typer

from illcore.cli.call import Call, command
from illcore.cli.faults import Failed, WrongUsage
from illcore.cli.output import say, write, write_json

NAME_EN = Annotated[str, typer.Option(metavar="TEXT", help="The library's name in English.")]
NAME_ZH = Annotated[str, typer.Option(metavar="TEXT", help="The library's name in Chinese.")]
DB = Annotated[str, typer.Option(metavar="URL", help="The database: sqlite:///FILE, or postgresql://user@host/name.")]
LANGUAGE = Annotated[str, typer.Option(metavar="en|zh", help="The language of tables and of texts for readers.")]

_FILE = """\
# The configuration of illcore. Check it with: ill doctor

# The library that commands act for unless --library names another.
library = {library}

# Made and brought up to date by: ill migrate. A relative SQLite path starts at the folder of this file.
database = {database}

# The language of tables and of texts for readers: en or zh.
language = {language}

[libraries.{library}]
name_en = {name_en}
name_zh = {name_zh}
# email = "ill@example.org"

# [policy]
# loan_days = 28
# duplicate_window_days = 90

# Accounts connect the library to partners, catalogues and its own system; `ill plugins` names what is installed.
# A secret stands here by reference only: password = {{ env = "NAME" }} or {{ file = "PATH" }}.
{accounts}"""

HIDDEN = ":***@"

_ACCOUNTS = {
    "iso18626": """
# Partners that speak ISO 18626 reach this library at https://your.host/iso18626 while `ill serve` runs.
[accounts."iso18626:main"]
""",
    "delivery": """
# Documents are checked when they come, and handed over by links below this address, which must lead to `ill serve`.
# [accounts."delivery:main"]
# url = "https://your.host"
""",
}
"""The accounts that a new file has, or shows how to have, by the plugin that must be installed for it."""


@command
def init(
    call: Call, name_en: NAME_EN = "", name_zh: NAME_ZH = "", db: DB = "sqlite:///ill.db", language: LANGUAGE = "en"
) -> None:
    """Write ill.toml and the database into the current folder; needs --library, and refuses to overwrite a file."""
    if not call.library:
        raise WrongUsage("name your library: ill init --library ISIL:CN-110001 --name-en … --name-zh …")
    if language not in ("en", "zh"):
        raise WrongUsage(f"--language {language}: write en or zh")
    path = call.config_path
    if path.exists():
        raise Failed(f"{path} is there already; edit it, or remove it first to begin anew")
    if not path.parent.is_dir():
        raise Failed(f"the folder {path.parent} does not exist; create it first")
    library = _symbol(call.library)
    text = config_text(library, name_en, name_zh, db, language, _installed())
    url = _create_database(text, path)
    _write(path, text, private=HIDDEN in url)
    if call.json:
        write_json({"config": str(path), "database": url, "library": library})
        return
    write(f"wrote {path} and the database {url}")
    say("next: ill partners import FILE.json · ill submit FILE.json · ill serve · ill doctor")


def config_text(library: str, name_en: str, name_zh: str, db: str, language: str, plugins: Container[str]) -> str:
    """The file's text, with an account for each of the plugins that needs no more to begin with.

    Raises WrongUsage if a value is no text that a file can hold."""
    return _FILE.format(
        library=_quoted(library),
        database=_quoted(db),
        language=_quoted(language),
        name_en=_quoted(name_en),
        name_zh=_quoted(name_zh),
        accounts="".join(account for name, account in _ACCOUNTS.items() if name in plugins),
    )


def _quoted(text: str) -> str:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise WrongUsage("a value on the command line is not valid text in the terminal's encoding") from None
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _symbol(text: str) -> str:
    from pydantic import TypeAdapter, ValidationError

    from illcore.model import Symbol

    try:
        return str(TypeAdapter(Symbol).validate_python(text))
    except ValidationError:
        raise WrongUsage(f"--library {text}: write TYPE:VALUE, such as ISIL:CN-110001") from None


def _create_database(text: str, path: Path) -> str:
    import tomllib

    from illcore.cli.migrate import bring_up
    from illcore.config import parse_config
    from illcore.store.database import parse_url

    config = parse_config(tomllib.loads(text), str(path), path.parent)
    bring_up(config)
    return parse_url(config.database).render_as_string(hide_password=True)


def _write(path: Path, text: str, private: bool) -> None:
    """Only the owner may read it if it is private: the database URL holds a password."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if private else 0o666)
    except FileExistsError:
        raise Failed(f"{path} is there already; edit it, or remove it first to begin anew") from None
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
    except BaseException:
        with contextlib.suppress(OSError):
            path.unlink()
        raise


def _installed() -> set[str]:
    return {point.name for point in metadata.entry_points(group="illcore.plugins")}
