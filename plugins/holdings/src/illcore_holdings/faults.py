"""What can go wrong with a whole load; the text is one sentence for a person."""

from illcore.errors import Invalid


class CannotLoad(Invalid):
    """A file cannot be loaded, or not as it was asked; nothing of what can be found has changed."""
