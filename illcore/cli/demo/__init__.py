"""``ill demo``: three libraries on this machine lend to each other over ISO 18626, before your eyes."""

import contextlib
import shutil
import tempfile
import time
from importlib import metadata, util
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from illcore.cli.call import Call, command
from illcore.cli.faults import DONE, REFUSED, Failed
from illcore.cli.output import say, write_json

if TYPE_CHECKING:
    from illcore.cli.demo.play import Result
    from illcore.cli.demo.timeline import Timeline

KEEP = Annotated[bool, typer.Option("--keep", help="Leave the folder, to go on by hand; its path is on stderr.")]


@command
def run(call: Call, keep: KEEP = False) -> int:
    """Let three libraries lend to each other: a book, an article, and a book that only the second supplier can find.

    Makes three libraries in a new folder, loads what each of them holds, starts their servers on free loopback ports,
    submits three real citations, whose suppliers are found in the holdings, and plays the staff of all sides; the
    messages travel over HTTP. Ends with 0 if all three were completed on both sides. Leaves no process behind, and no
    folder without --keep.
    """
    _require()
    began = time.monotonic()
    from illcore.cli.demo.play import Play
    from illcore.cli.demo.region import Region
    from illcore.cli.demo.timeline import Timeline
    from illcore.cli.demo.waiting import Patience, Stopped

    with Patience() as patience:
        folder = Path(tempfile.mkdtemp(prefix="illcore-demo-"))
        timeline = Timeline(began, quiet=call.json)
        try:
            with Region(folder, patience) as region:
                timeline.open(region.members)
                if not region.locates:
                    say("suppliers are named by hand, for nothing here searches holdings: pip install illcore-holdings")
                parts = (region.members, patience, region.require_alive, timeline.show)
                with contextlib.closing(Play(*parts, locates=region.locates)) as play:
                    play.run()
                    results = play.results()
        except Stopped as stopped:
            say(str(stopped))
            return stopped.code
        finally:
            if keep:
                say(f"the libraries are in {folder}; go on with, for example: cd {folder}/river && ill list")
            else:
                shutil.rmtree(folder, ignore_errors=True)
    return _tell(results, timeline, call.json, time.monotonic() - began)


def _require() -> None:
    """The demo needs the ISO 18626 plugin and a web server. Raises Failed saying how to get what is missing."""
    if not any(point.name == "iso18626" for point in metadata.entry_points(group="illcore.plugins")):
        raise Failed("the demo speaks ISO 18626, whose plugin is not installed: pip install illcore-iso18626")
    for name in ("starlette", "uvicorn"):
        if util.find_spec(name) is None:
            raise Failed(f"the demo starts servers, which need {name}: pip install 'illcore[serve]'")


def _tell(results: "list[Result]", timeline: "Timeline", json: bool, seconds: float) -> int:
    if json:
        write_json({"requests": [result.to_json() for result in results], "seconds": round(seconds, 2)})
    else:
        timeline.close(results, seconds)
    unfinished = [result for result in results if not result.completed]
    for result in unfinished:
        say(f"not completed: {result}")
    return REFUSED if unfinished else DONE
