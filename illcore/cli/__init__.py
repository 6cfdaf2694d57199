"""The command line ``ill``; what a command needs is imported when it is called."""

import os
import sys
import threading


def main() -> None:
    """Run the command that the process was started with, and end the process with its exit code."""
    from illcore.cli.app import run

    threading.excepthook = _thread_ended
    code = run(sys.argv[1:])
    try:
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read has enough; Python would try again at its end and complain
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def _thread_ended(ended: threading.ExceptHookArgs) -> None:
    from illcore.cli.logs import report_ended_thread

    report_ended_thread(ended)
