"""Runs the migrations on the engine that `server.schema` hands over."""

from alembic import context
from sqlalchemy import Engine

from server import schema

engine: Engine = context.config.attributes["engine"]
with engine.execution_options(write=True).connect() as connection:
    context.configure(connection=connection, target_metadata=schema.METADATA, render_as_batch=True, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()
