"""What Alembic runs: the connection comes from workflow.store.upgrade, never from a file."""

from alembic import context

from workflow.store.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
