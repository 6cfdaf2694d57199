"""``ill doctor``: checks everything and says what to do about it."""

from illcore.cli.call import Call, command
from illcore.cli.checkup import examine
from illcore.cli.faults import DONE, REFUSED
from illcore.cli.output import say, write_json
from illcore.cli.plugins import write_rows

BAD = ("failed", "paused")


@command
def doctor(call: Call) -> int:
    """Check configuration, database, plugins, accounts and their secrets, partners, the outbox and the clock.

    The exit code is 1 if anything failed or is paused; a warning alone leaves it 0.
    """
    rows = examine(call)
    if call.json:
        write_json(rows)
    else:
        write_rows(rows)
    bad = [row["name"] for row in rows if row["status"] in BAD]
    if bad:
        say(f"{len(bad)} of {len(rows)} checks failed: {', '.join(bad)}")
    return REFUSED if bad else DONE
