"""Core message → mail: its text in the partner's format, its headers, and how it gets to the mail server."""
