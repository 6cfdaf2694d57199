"""What may be said of the remote side: no key, secret or token ever stands in an error or a log."""

import base64
import re
import threading

_TOKEN = re.compile(r"\b(?:tk_[\w-]+|bearer\s+\S+|basic\s+\S+)", re.IGNORECASE)
_LONGEST = 300


class Veil:
    """Knows the secrets of one account; `clean` takes them out of a text. Safe in many threads."""

    def __init__(self, wskey: str, secret: str) -> None:
        pair = base64.b64encode(f"{wskey}:{secret}".encode()).decode()
        self._known = [pair, wskey, secret]
        self._tokens: list[str] = []
        self._lock = threading.Lock()

    def add(self, token: str) -> None:
        """A token that is in use; the last ones are remembered."""
        with self._lock:
            self._tokens = [*self._tokens[-9:], token]

    def clean(self, text: object) -> str:
        """One line of at most 300 characters, without secrets."""
        line = str(text)
        with self._lock:
            known = [*self._known, *self._tokens]
        for secret in sorted(known, key=len, reverse=True):
            line = line.replace(secret, "…")
        return " ".join(_TOKEN.sub("…", line).split())[:_LONGEST]
