"""The schema's revisions, for Alembic. Imported only by `coop init` and `coop db`."""
