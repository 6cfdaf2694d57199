"""How a command ends badly: wrong usage, a refusal, a fault; each as one sentence and an exit code."""

import os
import sys
import traceback

from illcore.cli.output import say
from illcore.errors import IllcoreError

DONE = 0
REFUSED = 1
USAGE = 2
INTERRUPTED = 130


class WrongUsage(Exception):
    """The command line itself is wrong, whatever the data; exit code 2."""


class Failed(Exception):
    """The command could not be done for a reason that the text gives; exit code 1."""


def tell(error: BaseException, origin: str = "illcore") -> int:
    """Say on stderr what went wrong and give the exit code. ``origin`` is the package whose command ran.

    The traceback of an unexpected error is written only if ``ILL_DEBUG`` is set.
    """
    if os.environ.get("ILL_DEBUG"):
        traceback.print_exception(error, file=sys.stderr)
    if isinstance(error, WrongUsage):
        say(str(error))
        return USAGE
    if isinstance(error, Failed | IllcoreError):
        say(str(error) or type(error).__name__)
        return REFUSED
    expected = _of_the_surroundings(error)
    if expected:
        say(expected)
        return REFUSED
    say(f"this is a fault of {origin}: {type(error).__name__}: {error} (set ILL_DEBUG=1 to see where)")
    return REFUSED


def _of_the_surroundings(error: BaseException) -> str:
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror or error}"
    if isinstance(error, MemoryError):
        return "there is not enough memory for this"
    return _of_the_database(error)


def _of_the_database(error: BaseException) -> str:
    if "sqlalchemy" not in sys.modules:
        return ""
    from sqlalchemy.exc import DatabaseError, InterfaceError, OperationalError, TimeoutError

    if isinstance(error, TimeoutError):
        return "the database gave no connection in time; try again"
    if isinstance(error, OperationalError | InterfaceError) or type(error) is DatabaseError:
        return f"the database cannot be used: {' '.join(str(error.orig).split())}"
    return ""
