"""``ill show``: one request as a person reads it, and the same for ``ill act``."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from illcore.cli.call import Call, command
from illcore.cli.output import console, safe, write_json
from illcore.cli.words import Words

ID = Annotated[str, typer.Argument(metavar="ID", help="The request's id, as `ill list` shows it.")]
_FACTS = "outcome needed_by service_level format delivery due_date".split()
_CITATION = (
    "title_of_component author_of_component title author series edition publisher place year volume issue pages "
    "isbn issn doi pmid oclc publication_type"
).split()


@command
def show(call: Call, id: ID) -> None:
    """Show one request: its state, the citation, suppliers and why, the timeline, what may be done now."""
    with call.session() as (engine, session):
        request = session.get(id)
        language = engine.config.language
    if call.json:
        write_json(request)
    else:
        write_request(request, language)


def write_request(request: Mapping[str, Any], language: str) -> None:
    """The request on stdout, labels in both languages."""
    from rich.padding import Padding
    from rich.text import Text

    from illcore.reasons import in_chinese

    words = Words(language)
    out = console()

    def head(name: str) -> None:
        out.print(Text(words.both(name), style="bold"))

    def line(text: str, style: str = "") -> None:
        out.print(Padding(Text(safe(text), style=style), (0, 0, 0, 2), expand=False))

    role = request["role"]
    out.print(Text(f"{request['id']}  {words.state_both(role, request['state'])}", style="bold"))
    line(f"{words.text(role)} · {words.text(request['service_type'])} · {_title(request['citation'])}")
    for name, value in _facts(request):
        line(f"{words.both(name)}: {value}")
    if request["reasons"]:
        line(f"{words.both('reasons')}: {', '.join(request['reasons'])}", "yellow")
    if request["attention"]:
        head("attention")
        for each in request["attention"]:
            line(_joined(each["since"], each["reason"], each.get("detail"), each.get("effect")), "yellow")
    head("citation")
    for name in _CITATION:
        if request["citation"].get(name):
            line(f"{name}: {request['citation'][name]}")
    if request["rota"]:
        head("rota")
        for each in request["rota"]:
            outcome = each.get("outcome") or each.get("status")
            why = in_chinese(each["why"]) if language.startswith("zh") else each["why"]
            line(_joined(f"{each['n']}. {each['partner']}", outcome, why))
    if request["copyright"]:
        head("copyright")
        for each in _copyright(request["copyright"], language):
            line(each)
    for name in ("conditions", "items", "documents", "charges"):
        if request[name]:
            head(name)
            for each in request[name]:
                line(_joined(*(f"{key}={_flat(value)}" for key, value in each.items() if value not in (None, "", []))))
    head("events")
    for event in request["events"]:
        line(_event(words, event))
    head("actions")
    line(" ".join(request["actions"]) or words.text("none"))


def _title(citation: Mapping[str, Any]) -> str:
    return str(citation.get("title_of_component") or citation.get("title") or "")


def _facts(request: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = [("partner", request["partner"])]
    ids = [request["requesting_agency_request_id"], request["supplying_agency_request_id"]]
    found.append(("our_id", " / ".join(each for each in ids if each and each != request["id"])))
    found.append(("reader", (request["reader"] or {}).get("id")))
    found += [("due" if name == "due_date" else name, request.get(name)) for name in _FACTS]
    return [(name, _flat(value)) for name, value in found if value not in (None, "", {}, "normal", "any")]


def _copyright(said: Mapping[str, Any], language: str) -> list[str]:
    """The verdict, its reasons in one language, what must be done with the copy by name, what the reader accepted."""
    duties = [f"{o['code']} {o.get('version') or o.get('number') or ''}".strip() for o in said["obligations"]]
    return [
        _joined(said["decision"], said["compliance"], *(_flat(fee) for fee in said["fees"])),
        *(reason["zh" if language.startswith("zh") else "en"] or reason["en"] for reason in said["reasons"]),
        *([", ".join(duties)] if duties else []),
        *([f"✓ {', '.join(said['declared'])}"] if said["declared"] else []),
    ]


def _event(words: Words, event: Mapping[str, Any]) -> str:
    actor = event["actor"]
    who = ":".join(str(actor[key]) for key in ("kind", "id") if actor.get(key))
    marks = [words.text("by_hand")] if event.get("by_hand") else []
    if event.get("refused"):
        marks.append(f"{words.text('refused')}: {event['refused']}")
    data = {key: value for key, value in (event.get("data") or {}).items() if value not in (None, "", [], {})}
    data.pop("rota", None)  # stands above; its numbers are for `ill rota explain`
    if event["type"] == "cleared":
        data = {"decision": data["verdict"]["decision"]}  # its reasons stand above
    if "found" in data:
        data["found"] = sorted(data["found"])
    told = " ".join(f"{key}={_flat(value)}" for key, value in data.items())
    state = f"→ {event['state']}" if event.get("state") else ""
    return _joined(f"{event['seq']:>3}  {event['at']}  {event['type']}", who, state, *marks, told, event.get("text"))


def _joined(*parts: object) -> str:
    return "  ".join(str(part) for part in parts if part not in (None, ""))


def _flat(value: Any) -> str:
    if isinstance(value, Mapping):
        return " ".join(f"{key}={_flat(each)}" for key, each in value.items() if each not in (None, ""))
    if isinstance(value, list | tuple):
        return ", ".join(_flat(each) for each in value)
    return str(value)
