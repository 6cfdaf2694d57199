"""The commands `ill copyright check | texts | policies`; for what was counted see `counted`."""

from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from illcore.cli.call import Call, command
from illcore.cli.faults import WrongUsage
from illcore.cli.output import write, write_json, write_table

from .counted import declare, ledger, report

if TYPE_CHECKING:
    from datetime import date

    from illcore.hooktypes import Verdict

    from .policies import Policy

FILE = Annotated[
    str, typer.Argument(metavar="FILE.json", help="One request, as `ill submit` takes it; - is standard input.")
]
POLICY = Annotated[
    str,
    typer.Option(metavar="NAME", help="us, uk, de, cn, ca, au, licence or rules; us:main: that account's settings."),
]
ONE_POLICY = Annotated[str, typer.Option("--policy", metavar="NAME", help="Only those of one policy.")]
HOLDS = Annotated[
    str,
    typer.Option(metavar="HOW", help="What the library has of it: subscribed, on_order, owned, none; default: none."),
]
LICENCE = Annotated[str, typer.Option(metavar="WHAT", help="What its licence permits: ill, print, none.")]
USED = Annotated[int, typer.Option(min=0, max=1_000_000, help="So many copies count against each limit already.")]
DATE = Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="The day of the request; default: today.")]
ACCEPTED = Annotated[
    list[str] | None,
    typer.Option("--accepted", metavar="VERSION", help="A declaration that was accepted; may be repeated."),
]
FLAG = Annotated[
    str, typer.Option(metavar="CODE", help="Lending: the compliance code that the partner sent, such as US-CCG.")
]
OPEN = Annotated[bool, typer.Option("--open-access", help="It is free on the web.")]
LANGUAGE = Annotated[
    str, typer.Option(metavar="en|zh", help="Of the sentences; default: the configuration's, else en.")
]

app = typer.Typer(no_args_is_help=True, help="What copyright permits, and what was counted. 版权")
app.command("ledger")(ledger)
app.command("report")(report)
app.command("declare")(declare)


@app.command("check")
@command
def check(
    call: Call,
    file: FILE,
    policy: POLICY = "us",
    holds: HOLDS = "",
    licence: LICENCE = "",
    used: USED = 0,
    date: DATE = "",
    accepted: ACCEPTED = None,
    compliance: FLAG = "",
    open_access: OPEN = False,
    language: LANGUAGE = "",
) -> int:
    """Say what a policy makes of one request. Nothing is recorded; nothing need be configured.

    Prints {"verdict", "compliance", "reasons", "obligations", "retention_until"} with --json. A title counts as not
    subscribed unless --holds says so. The exit code is 0 whatever the verdict. This is no legal advice.
    """
    from illcore.hooktypes import Holds, Licence

    from .checking import Circumstances, read_request, view_of

    chosen, config = _policy(call, policy)
    circumstances = Circumstances(
        today=_day(date),
        holds=_one_of("--holds", holds, get_args(Holds)),
        licence=_one_of("--licence", licence, get_args(Licence)),
        used=used,
        accepted=frozenset(accepted or ()),
        compliance=compliance.strip(),
        open_access=open_access,
    )
    spoken = _language(call, language)
    view = view_of(read_request(file), circumstances, call.library or "")
    verdict = chosen.decide(view, circumstances.usage(view.library), config)
    if call.json:
        write_json(_as_json(verdict, spoken))
    else:
        _tell(verdict, spoken)
    return 0


@app.command("texts")
@command
def texts(call: Call, policy: ONE_POLICY = "", language: LANGUAGE = "") -> None:
    """The declarations that readers accept and the notices that copies bear, each with its version."""
    from .policies import POLICIES
    from .texts import KINDS, TEXTS, policy_of

    spoken = _language(call, language)
    if policy:
        _known(policy)
    of_policies = {name: policy_of(name) for name in TEXTS if policy in ("", policy_of(name))}
    if call.json:
        write_json(
            [
                {"version": name, "policy": of, "for": KINDS[name], "en": TEXTS[name].en, "zh": TEXTS[name].zh}
                for name, of in of_policies.items()
            ]
        )
        return
    for name, of in of_policies.items():
        write(f"{name}  ({POLICIES[of].title.best(spoken)}; {KINDS[name]})\n{TEXTS[name].best(spoken)}\n")


@app.command("policies")
@command
def policies(call: Call, policy: ONE_POLICY = "", language: LANGUAGE = "") -> None:
    """All policies with their settings: default, meaning and source. They stand in [accounts."copyright_us:main"]."""
    from .policies import POLICIES
    from .shown import settings_of

    spoken = _language(call, language)
    chosen = [_known(policy)] if policy else list(POLICIES.values())
    if call.json:
        write_json(
            [
                {"policy": each.name, "account": each.type_name, "title": each.title, "settings": settings_of(each)}
                for each in chosen
            ]
        )
        return
    for each in chosen:
        write(f'{each.name}: {each.title.best(spoken)}    [accounts."{each.type_name}:main"]')
        write_table(
            ["Setting", "Default", "Meaning"],
            ([row["name"], row["shown"], row["meaning"]] for row in settings_of(each)),
        )
        write("")


def _known(name: str) -> "Policy":
    from .policies import POLICIES

    found = POLICIES.get(name.strip().casefold())
    if found is None:
        raise WrongUsage(f"--policy {name}: write one of {', '.join(POLICIES)}")
    return found


def _policy(call: Call, named: str) -> tuple["Policy", Any]:
    """The policy, with the settings of its account where there is a configuration that has one."""
    from .checking import settings_in

    name, _, account = named.partition(":")
    chosen = _known(name)
    configured = call.config() if call.config_file or call.config_path.is_file() else None
    return chosen, settings_in(configured, chosen, account)


def _language(call: Call, language: str) -> str:
    if language:
        return str(_one_of("--language", language, ("en", "zh")))
    there = call.config_file or call.config_path.is_file()
    return call.config().language if there else "en"


def _one_of(option: str, value: str, allowed: tuple[str, ...]) -> Any:
    if value not in allowed:
        raise WrongUsage(f"{option} {value}: write {', '.join(filter(None, allowed))}")
    return value


def _day(text: str) -> "date":
    from datetime import date

    from illcore.clock import SystemClock

    if not text:
        return SystemClock().now().date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise WrongUsage(f"--date {text}: write a date as YYYY-MM-DD, such as 2027-03-01") from None


def _as_json(verdict: "Verdict", language: str) -> dict[str, Any]:
    return {
        "verdict": verdict.decision,
        "compliance": verdict.compliance or None,
        "reasons": [reason.best(language) for reason in verdict.reasons],
        "obligations": [
            {
                "code": each.code,
                "text": each.text.best(language),
                "number": each.number,
                "version": each.version or None,
            }
            for each in verdict.obligations
        ],
        "retention_until": verdict.retention_until,
    }


def _tell(verdict: "Verdict", language: str) -> None:
    from .shown import said

    write(said(verdict.decision, language) + (f"  {verdict.compliance}" if verdict.compliance else ""))
    for reason in verdict.reasons:
        write(f"- {reason.best(language)}")
    for fee in verdict.fees:
        write(said("fee", language, fee=f"{fee.currency} {fee.amount}"))
    for each in verdict.obligations:
        number = "" if each.number is None else f" {each.number}"
        write(said("obligation", language, what=each.version or f"{each.code}{number}", text=each.text.best(language)))
    if verdict.retention_until:
        write(said("kept", language, day=verdict.retention_until))
