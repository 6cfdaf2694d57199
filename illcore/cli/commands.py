"""The commands by name: where each stands and what it is for; no other module is read for ``ill --help``."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """``target`` is ``module:name`` of a function or a typer app; ``help`` one line; ``panel`` its group."""

    target: str
    help: str
    panel: str


_DAILY = "Every day"
_RUN = "Run"
_SET_UP = "Set up and look after"
_DEVELOP = "Develop"

COMMANDS: dict[str, Entry] = {
    "submit": Entry("illcore.cli.submit:submit", "Enter requests from a JSON file, one or many.", _DAILY),
    "list": Entry("illcore.cli.list:list_requests", "List requests, newest first.", _DAILY),
    "show": Entry("illcore.cli.show:show", "Show one request: state, rota, timeline, what may be done now.", _DAILY),
    "act": Entry("illcore.cli.act:act", "Do something with a request: will_supply, ship, receive …", _DAILY),
    "rota": Entry("illcore.cli.rota:app", "Whom a request is asked of, in what order and why.", _DAILY),
    "search": Entry("illcore.cli.search:search", "Find who holds something, in all catalogues at once.", _DAILY),
    "stats": Entry("illcore.cli.stats:run", "Figures: requests, fill rate, turnaround, reasons for no.", _DAILY),
    "serve": Entry("illcore.cli.serve:serve", "Answer HTTP and work off what is due.", _RUN),
    "worker": Entry("illcore.cli.worker:worker", "Work off what is due, once or until stopped.", _RUN),
    "demo": Entry("illcore.cli.demo:run", "Let three libraries lend to each other before your eyes.", _RUN),
    "init": Entry("illcore.cli.init:init", "Write ill.toml and the database into the current folder.", _SET_UP),
    "partners": Entry("illcore.cli.partners:app", "The libraries that you lend to and borrow from.", _SET_UP),
    "readers": Entry("illcore.cli.readers:app", "Readers' data: see, export, delete; every look is noted.", _SET_UP),
    "privacy": Entry("illcore.cli.privacy:app", "Anonymise what has ended, and hold what must stay.", _SET_UP),
    "audit": Entry("illcore.cli.audit:app", "Seal the logs, check them, see who looked at readers' data.", _SET_UP),
    "plugins": Entry("illcore.cli.plugins:plugins", "What is installed and configured, what failed and why.", _SET_UP),
    "doctor": Entry("illcore.cli.doctor:doctor", "Check everything, and say what to do about it.", _SET_UP),
    "migrate": Entry("illcore.cli.migrate:migrate", "Bring the database to the newest schema.", _SET_UP),
    "diagram": Entry("illcore.cli.diagram:diagram", "Draw the states of a request (Mermaid).", _DEVELOP),
    "new-plugin": Entry("illcore.cli.new_plugin:new_plugin", "Begin a connector: a package with its tests.", _DEVELOP),
}
