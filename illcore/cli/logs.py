"""What the engine reports while a command runs: one line each on stderr, a traceback only if ``ILL_DEBUG`` is set."""

import logging
import os
import sys
import threading
from datetime import UTC, datetime

from illcore.cli.output import safe

ACCESS = "illcore.access"


class OneLine(logging.Formatter):
    """``time level logger: message``; an exception is its type and text. Times are UTC."""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        """RFC 3339, milliseconds."""
        return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def format(self, record: logging.LogRecord) -> str:
        text = record.getMessage()
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            text += f": {type(error).__name__}: {error}"
        line = f"{self.formatTime(record)} {record.levelname.lower()} {record.name}: {safe(' '.join(text.split()))}"
        if record.exc_info and os.environ.get("ILL_DEBUG"):
            line += "\n" + self.formatException(record.exc_info)
        return line


class Stderr(logging.Handler):
    """Writes to stderr as it is at the moment."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            print(self.format(record), file=sys.stderr, flush=True)
        except Exception:
            self.handleError(record)


def report_on_stderr(access: bool = False) -> None:
    """Write warnings and errors of this process to stderr, and with ``access`` a line for every HTTP request."""
    logging.raiseExceptions = False
    root = logging.getLogger()
    if not any(isinstance(each, Stderr) for each in root.handlers):
        handler = Stderr()
        handler.setFormatter(OneLine())
        root.addHandler(handler)
    if access:
        logging.getLogger(ACCESS).setLevel(logging.INFO)


def report_ended_thread(ended: threading.ExceptHookArgs) -> None:
    """For ``threading.excepthook``: a thread that ended by an exception is a line in the log."""
    if ended.exc_value is None or ended.exc_type is SystemExit:
        return
    name = ended.thread.name if ended.thread else "?"
    told = (ended.exc_type, ended.exc_value, ended.exc_traceback)
    logging.getLogger("illcore").error("the thread %s ended", name, exc_info=told)
