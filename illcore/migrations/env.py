"""How alembic runs here: on the connection it is given, with the version table of the branch it is asked for."""

from alembic import context

from illcore.tables import metadata

settings = context.config.attributes
context.configure(
    connection=settings["connection"],
    target_metadata=metadata,
    version_table=settings["version_table"],
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
