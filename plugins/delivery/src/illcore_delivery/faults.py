"""One sentence for what is wrong when the plugin's tables are not there."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import OperationalError, ProgrammingError

from illcore.errors import TryLater


@contextmanager
def plain_errors() -> Iterator[None]:
    """Raises TryLater, naming the remedy, where the database has no tables for deliveries."""
    try:
        yield
    except (OperationalError, ProgrammingError) as error:
        said = str(error.orig)
        if "delivery_" in said and ("no such" in said or "does not exist" in said):
            raise TryLater("the database has no tables for deliveries yet; run: ill migrate") from None
        raise
