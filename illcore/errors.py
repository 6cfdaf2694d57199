"""What can go wrong: the four things a connector may say, and the refusals that the engine itself gives."""


class IllcoreError(Exception):
    """Base of all errors that the engine raises on purpose; the text is one sentence for a person."""


class ConnectorError(IllcoreError):
    """Base of what a connector may raise from a hook. Anything else it raises is its bug and counts as TryLater."""


class TryLater(ConnectorError):
    """It certainly did not arrive; try again, not before ``after`` seconds if given."""

    def __init__(self, reason: str = "try again later", after: float | None = None) -> None:
        super().__init__(reason)
        self.after = after


class Refused(ConnectorError):
    """The partner understood and said no; sending it again will not help. ``code`` is the partner's own error type."""

    def __init__(self, reason: str, code: str = "") -> None:
        super().__init__(reason)
        self.code = code


class Misconfigured(ConnectorError):
    """It cannot work until a person mends something.

    The account is paused, unless ``code`` is ``partner``: then only the record of this partner is wrong.
    """

    def __init__(self, what: str, code: str = "") -> None:
        super().__init__(what)
        self.code = code


class Unknown(ConnectorError):
    """It may or may not have arrived. A passed deadline counts as this."""


class BadMessage(ConnectorError):
    """Bytes from outside that are no message at all (an endpoint answers 400)."""


class NotAllowed(IllcoreError):
    """The state, the role of the actor or the library's policy does not allow this; nothing was written."""


class NotFound(IllcoreError):
    """No such request, partner, account or library here."""


class Invalid(IllcoreError):
    """The input is wrong; the text says what, where and what to do. ``fields`` maps field to text."""

    def __init__(self, reason: str, fields: dict[str, str] | None = None) -> None:
        super().__init__(reason)
        self.fields = fields or {}


class Conflict(IllcoreError):
    """Somebody else changed the same request meanwhile; read it again and decide again."""


class SchemaTooOld(IllcoreError):
    """The database is older or newer than this engine; ``ill migrate`` brings it up."""


class ConfigError(IllcoreError):
    """The configuration file or an account in it is wrong; the text names file, key and remedy."""
