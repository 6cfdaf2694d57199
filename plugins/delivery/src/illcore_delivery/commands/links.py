"""`ill links list | show | revoke`: what was handed over by link, how often it was opened, and how to stop it."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from illcore.cli.call import Call, command
from illcore.cli.faults import Failed, WrongUsage
from illcore.cli.output import say, write, write_json, write_table

if TYPE_CHECKING:
    from illcore.engine import Engine

    from ..links.store import Link

app = typer.Typer(no_args_is_help=True, help="Links to documents: see them, see their use, withdraw them. 文献链接")

REQUEST = Annotated[str, typer.Option("--request", metavar="ID", help="Only those of this request.")]
ALL = Annotated[bool, typer.Option("--all", help="Also those that open no more.")]
LIMIT = Annotated[int | None, typer.Option(min=1, help="At most so many, newest first; default: all.")]
LINK = Annotated[int, typer.Argument(metavar="LINK", help="Its number, as `ill links list` shows it.")]
LINKS = Annotated[
    list[int] | None, typer.Argument(metavar="[LINK]...", help="Numbers, as `ill links list` shows them.")
]
_HEADINGS = {
    "en": ("Link", "Request", "File", "State", "Used", "Expires", "Last used"),
    "zh": ("链接", "申请号", "文件", "状态", "使用", "过期时间", "最近使用"),
}
_STATES = {
    "en": {"live": "live", "expired": "expired", "revoked": "withdrawn", "used_up": "used up"},
    "zh": {"live": "有效", "expired": "已过期", "revoked": "已撤回", "used_up": "次数用完"},
}
_NONE = {"en": "there are no links", "zh": "没有链接"}


@app.command("list")
@command
def list_links(call: Call, request: REQUEST = "", all_: ALL = False, limit: LIMIT = None) -> None:
    """List the links that still open, newest first; with --all every one. A link's address is never shown again."""
    from ..faults import plain_errors
    from ..links import store

    with call.engine() as engine, plain_errors():
        library, now = _staff_library(call, engine), engine.clock.now()
        with engine.database.read() as connection:
            found = store.listed(connection, library, request, None if all_ else now, limit)
        language = engine.config.language
    if call.json:
        write_json([as_json(link, now) for link in found])
    elif not found:
        say(_NONE[language])
    else:
        write_table(_HEADINGS[language], (_cells(link, now, language) for link in found))


@app.command("show")
@command
def show_link(call: Call, link: LINK) -> None:
    """Show one link and the log of its use: when, and how many bytes. Who it was is not recorded."""
    from ..faults import plain_errors
    from ..links import store

    with call.engine() as engine, plain_errors():
        library, now = _staff_library(call, engine), engine.clock.now()
        with engine.database.read() as connection:
            found = store.by_id(connection, library, link)
            log = store.views_of(connection, link) if found else []
    if found is None:
        raise Failed(f"{library} has no link {link}; see them with: ill links list --all")
    shown = as_json(found, now)
    shown["log"] = [
        {"n": row.n, "at": row.started_at, "last_at": row.last_at, "requests": row.requests, "bytes": row.sent}
        for row in log
    ]
    if call.json:
        write_json(shown)
        return
    for name, value in shown.items():
        if name == "log":
            for row in value:
                write(f"  {row['n']}. {_time(row['at'])}  {row['bytes']} bytes, {row['requests']} requests")
        elif value not in (None, "", [], 0, False):
            write(f"{name}: {_time(value) if isinstance(value, datetime) else value}")


@app.command("revoke")
@command
def revoke_links(call: Call, links: LINKS = None, request: REQUEST = "") -> None:
    """Withdraw links by number, or all of a request: they open no more, and their files are deleted."""
    from ..cabinet import Cabinet
    from ..faults import plain_errors
    from ..links import store
    from .account import folder

    if not links and not request:
        raise WrongUsage("name links by number, or a request with --request ID")
    with call.engine() as engine, plain_errors():
        actor = call.actor_in(engine)
        library, now = _staff_library(call, engine), engine.clock.now()
        with engine.database.write() as connection:
            found = store.listed(connection, library, request) if request else []
            for number in links or ():
                one = store.by_id(connection, library, number)
                if one is None:
                    raise Failed(f"{library} has no link {number}; see them with: ill links list --all")
                found.append(one)
            if not found:
                raise Failed(f"request {request} has no links")
            revoked = [link for link in found if store.revoke(connection, link, actor.id, now)]
            place = folder(engine, connection)
        if place is not None:
            for link in found:
                Cabinet(place).drop(link.file)
        with engine.database.read() as connection:
            after = [store.by_id(connection, library, link.id) for link in found]
    if call.json:
        write_json([as_json(link, now) for link in after if link])
        return
    for link in found:
        write(f"link {link.id} ({link.name}) " + ("is withdrawn" if link in revoked else "was withdrawn before"))


def as_json(link: "Link", now: datetime) -> dict[str, Any]:
    """A link as scripts see it; `state` is live, expired, revoked or used_up."""
    return {
        "id": link.id,
        "request": link.request_id,
        "name": link.name,
        "media_type": link.media_type,
        "size": link.size,
        "state": link.death(now) or "live",
        "made_at": link.made_at,
        "expires_at": link.expires_at,
        "business_days": link.business_days or None,
        "views": link.views,
        "used": link.used,
        "first_used_at": link.first_used_at,
        "last_used_at": link.last_used_at,
        "password": bool(link.password_hash),
        "notices": len(link.notices),
        "revoked_at": link.revoked_at,
        "revoked_by": link.revoked_by or None,
    }


def _cells(link: "Link", now: datetime, language: str) -> list[object]:
    state = _STATES[language][link.death(now) or "live"]
    used = f"{link.used}/{link.views}"
    return [link.id, link.request_id, link.name, state, used, _time(link.expires_at), _time(link.last_used_at)]


def _time(at: datetime | None) -> str:
    return at.strftime("%Y-%m-%d %H:%MZ") if at else ""


def _staff_library(call: Call, engine: "Engine") -> str:
    actor = call.actor_in(engine)
    if actor.kind != "staff":
        raise Failed("links are for staff")
    return actor.library
