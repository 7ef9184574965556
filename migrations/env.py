"""Knows how Alembic reaches a database: by the connection that mailgate gives it, or by alembic.ini's URL."""

from alembic import context
from sqlalchemy import Connection, create_engine

from mailgate.store.schema import metadata


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        on_version_apply=context.config.attributes.get("after_step"),
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    engine = create_engine(context.config.get_main_option("sqlalchemy.url", ""))
    with engine.begin() as own:
        run(own)
