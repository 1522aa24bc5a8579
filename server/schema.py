"""The schema: bringing a database to the newest one, and knowing whether it is there."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from server import idempotency, limits, mail
from server.database import Record
from server.meetings import models as meetings
from server.outputs import models as outputs
from server.people import models as people
from server.registration import models as registration
from server.remote import models as remote
from server.schedule import models as schedule

#: Every module with records; naming them here is what makes `METADATA` complete.
MODELS = (idempotency, limits, mail, people, meetings, schedule, registration, remote, outputs)
METADATA = Record.metadata


def _config(engine: Engine) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["engine"] = engine
    return config


def migrate(engine: Engine) -> None:
    """Bring the database to the newest schema; nothing happens when it is there."""
    command.upgrade(_config(engine), "head")


def is_migrated(engine: Engine) -> bool:
    """Whether the database has exactly the newest schema. Raises what the driver raises when it is out of reach."""
    newest = ScriptDirectory.from_config(_config(engine)).get_heads()
    with engine.connect() as connection:
        return set(MigrationContext.configure(connection).get_current_heads()) == set(newest)
