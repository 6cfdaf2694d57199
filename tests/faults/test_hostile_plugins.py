"""Plugins that do not import, raise, hang or return junk: the engine works on, names each, and the process ends."""

import json
import subprocess
import sys
import textwrap

SCRIPT = """
import json, sys, tempfile, threading
from illcore.engine import Engine
from illcore.events import Actor
from illcore.model import Citation, Partner
from illcore.partners import put
from illcore.store import create_schema
from illcore.testing.fakes import FakePlugin, Hang, Junk, given

class Registers:
    name = "register"
    def illcore_register(self):  # without @hookimpl
        raise RuntimeError

raising, hanging, junk, good = (FakePlugin(name) for name in ("raising", "hanging", "junk", "good"))
for hook in ("send", "search", "notify", "receive", "circulate"):
    raising.script("main", hook, *[RuntimeError("a fault of mine")] * 99)
    hanging.script("main", hook, *[Hang()] * 99)
    junk.script("main", hook, *[Junk()] * 99)
points = [
    given(ImportError("No module named 'missing'"), name="unimportable"),
    given(Registers(), name="register"),
    *(given(each) for each in (raising, hanging, junk, good)),
]
url = f"sqlite:///{tempfile.mkdtemp()}/ill.db"
create_schema(url)
names = ["raising", "hanging", "junk", "good"]
config = {
    "library": "ISIL:A",
    "accounts": {f"{name}:main": {} for name in [*names, "unimportable"]},
    "send_seconds": 0.3,
    "search_seconds": 0.3,
    "policy": {"duplicate_window_days": 0},
}
engine = Engine.open(url, config, plugins=points)
with engine.database.write() as connection:
    for name in names:
        put(connection, "ISIL:A", Partner(symbol=f"ISIL:{name}", account=f"{name}:main"), engine.clock.now())
staff = engine.as_(Actor(kind="staff", id="anna", library="ISIL:A", role="admin"))
book = {"service_type": "loan", "citation": {"title": "x", "author": "y", "publication_type": "Book"}}
ids = {name: staff.submit({**book, "suppliers": [f"ISIL:{name}"]}) for name in names}
engine.run_due()
found = staff.search(Citation(title="x"))
engine.run_due()
said = {
    "report": engine.report(),
    "states": {name: staff.get(id)["state"] for name, id in ids.items()},
    "sent": [call.key for call in good.calls_of("send")],
    "good": ids["good"],
    "search": {account["name"]: account["status"] for account in found["accounts"]},
}
ENDING
print(json.dumps(said), flush=True)
"""


def run(ending: str = "") -> dict:
    command = [sys.executable, "-c", textwrap.dedent(SCRIPT).replace("ENDING", ending)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return json.loads(done.stdout)


def test_the_engine_works_on_names_each_and_ends_with_hooks_still_hanging() -> None:
    said = run("engine.close()")
    rows = {row["name"]: (row["status"], row["reason"]) for row in said["report"]}
    assert rows["unimportable"][0] == "failed"
    assert "No module named 'missing'" in rows["unimportable"][1]
    assert rows["register"][0] == "failed"
    assert "illcore_register" in rows["register"][1]
    assert rows["unimportable:main"][0] == "failed"
    assert rows["good"] == rows["good:main"] == ("ok", "")
    assert said["states"] == dict.fromkeys(("raising", "hanging", "junk", "good"), "sent")
    assert [key.split(":")[0] for key in said["sent"]] == [said["good"]]
    assert said["search"] == {
        "raising:main": "failed",
        "hanging:main": "late",
        "junk:main": "failed",
        "good:main": "ok",
    }


def test_the_process_ends_without_being_closed() -> None:
    run()
