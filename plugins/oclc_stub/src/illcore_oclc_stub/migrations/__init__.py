"""The history of the plugin's tables: alembic revisions that travel inside the package."""
