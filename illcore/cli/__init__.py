"""The command line ``ill``; what a command needs is imported when it is called."""

import sys


def main() -> None:
    """Run the command that the process was started with, and end the process with its exit code."""
    from illcore.cli.app import run

    sys.exit(run(sys.argv[1:]))
