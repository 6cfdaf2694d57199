"""An SMTP server that writes down what it takes, and dies at a named point.

Points: `connected`, `receiver named`, `mail came` (not kept), `mail kept` (not answered).
"""

import json
import os
import signal
import threading
from collections.abc import Callable
from email import message_from_bytes
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from illcore_email.testing.servers import smtp_server


class Mortal:
    """Keeps mails in a file, one line each, and dies once."""

    def __init__(self, log: str, point: str) -> None:
        self.log, self.point = log, point

    def _die(self, point: str) -> None:
        if point == self.point:
            os.kill(os.getpid(), signal.SIGKILL)

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self._die("connected")
        return responses

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self._die("receiver named")
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self._die("mail came")
        content = envelope.content
        assert isinstance(content, bytes)
        mail = message_from_bytes(content)
        with open(self.log, "a", encoding="utf-8") as log:
            log.write(json.dumps([mail["Message-ID"], mail["Subject"], content.decode("utf-8")]) + "\n")
            log.flush()
        self._die("mail kept")
        return "250 taken"


def serve(log: str, point: str, port: int, say: Callable[[str], None]) -> None:
    """Serve until killed, on this port (0: any); `say` is told which."""
    handler: Any = Mortal(log, point)
    with smtp_server(handler, port=port) as own:
        say(str(own))
        threading.Event().wait()
