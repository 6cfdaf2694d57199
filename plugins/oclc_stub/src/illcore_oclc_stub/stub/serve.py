"""`illcore-oclc-stub serve`: the stub on a port of this machine."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import TypeAdapter, ValidationError

from .app import Stub
from .catalog import DEFAULT_BIBS, Bib
from .faults import FAULTS, Fault
from .members import DEFAULT_MEMBERS, Member
from .port import listen, server

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="A stub of OCLC's services, for tests and trials. OCLC 服务的模拟程序，供测试与试用。",
)

_MEMBERS = TypeAdapter(tuple[Member, ...])


@app.callback()
def main() -> None:
    """A stub of OCLC's services, for tests and trials. OCLC 服务的模拟程序，供测试与试用。"""


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on. 监听地址")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one. 端口，0 为任选")] = 8018,
    members: Annotated[Path | None, typer.Option(metavar="FILE", help="Institutions (JSON). 成员馆")] = None,
    catalog: Annotated[Path | None, typer.Option(metavar="FILE", help="Records with holdings (JSON). 书目")] = None,
    per_second: Annotated[int | None, typer.Option(min=1, help="Calls of one key per second. 每秒上限")] = None,
    per_day: Annotated[int, typer.Option(min=1, help="Calls of one key per day. 每日上限")] = 50_000,
    latency: Annotated[float, typer.Option(min=0, help="Seconds before each answer. 每次应答的延迟（秒）")] = 0.0,
    token_seconds: Annotated[int, typer.Option(min=1, help="How long a token lives. 令牌有效期（秒）")] = 1199,
    offset_base: Annotated[int, typer.Option(min=0, max=1, help="The first offset of a search. 首条偏移量")] = 1,
    fault: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Switch a fault on for good; see `faults`. 打开某项故障")
    ] = None,
) -> None:
    """Answer until interrupted. State is in memory: it ends with the process."""
    stub = Stub(offset_base=offset_base, latency=latency)
    stub.use(_members(members) if members else DEFAULT_MEMBERS, _bibs(catalog) if catalog else DEFAULT_BIBS)
    stub.members.lifetime, stub.members.per_second, stub.members.per_day = token_seconds, per_second, per_day
    try:
        for name in fault or ():
            stub.spoil(Fault(name=name, times=None))
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--fault") from None
    try:
        listening = listen(host, port)
    except OSError as error:
        typer.echo(f"cannot listen on {host}:{port}: {error.strerror or error}", err=True)
        raise typer.Exit(1) from None
    shown = listening.getsockname()
    typer.echo(f"OCLC stub on http://{shown[0]}:{shown[1]} ({len(stub.members.known)} institutions)")
    server(stub.app(), "warning").run([listening])


@app.command()
def faults() -> None:
    """List the faults that can be switched on."""
    for name, what in FAULTS.items():
        typer.echo(f"{name:18} {what}")


def _members(path: Path) -> tuple[Member, ...]:
    try:
        return _MEMBERS.validate_python(_read(path))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise typer.BadParameter(f"{path}: {where}: {first['msg']}") from None


def _bibs(path: Path) -> list[Bib]:
    found = _read(path)
    if not isinstance(found, list) or not all(isinstance(each, dict) and "oclcNumber" in each for each in found):
        raise typer.BadParameter(f"{path} must hold a list of records, each with its oclcNumber")
    return found


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise typer.BadParameter(f"{path}: {' '.join(str(error).split())[:300]}") from None


if __name__ == "__main__":
    app()
