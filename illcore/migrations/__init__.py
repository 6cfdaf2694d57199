"""The schema's history: alembic revisions that travel inside the package."""

HEAD = "0004"
"""The newest revision of the core; kept here so that opening an engine need not load alembic."""
