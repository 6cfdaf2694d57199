"""A process ends when it wants to, whatever its hooks do."""

import subprocess
import sys
import time

SCRIPT = """
from datetime import UTC, datetime
from illcore.clock import SystemClock
from illcore.dispatch import Dispatch
from illcore.message import Message, Try
from illcore.model import Partner, Query
from illcore.plugins import Plugins
from illcore.testing.fakes import FakeHost, FakePlugin, Hang, fake_secrets, given

fake = FakePlugin()
fake.script("main", "send", *[Hang()] * 3)
fake.script("main", "search", Hang())
plugins = Plugins([given(fake)])
plugins.build({"fake:main": {}}, FakeHost(), fake_secrets({}))
dispatch = Dispatch(plugins, SystemClock())
message = Message(
    kind="Request", requesting_agency="ISIL:A", requesting_agency_request_id="1", timestamp=datetime.now(UTC)
)
for _ in range(3):
    print(dispatch.send("fake:main", message, Partner(symbol="ISIL:B"), "k", Try(), 0.05).kind)
print(dispatch.search(Query(title="x"), 0.05)[1][0].status)
ENDING
print("done", flush=True)
"""


def run(ending):
    begun = time.monotonic()
    command = [sys.executable, "-X", "dev", "-c", SCRIPT.replace("ENDING", ending)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done, time.monotonic() - begun


def test_a_process_with_hanging_hooks_ends_with_code_0():
    done, seconds = run("")
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["unknown", "unknown", "unknown", "late", "done"]
    assert done.stderr == ""
    assert seconds < 50


def test_closing_does_not_wait_for_hanging_hooks_either():
    done, _ = run("dispatch.close(); plugins.close()")
    assert (done.returncode, done.stderr) == (0, "")
