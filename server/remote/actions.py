"""What rapporteurs do."""

from dataclasses import dataclass

from server.database import Database
from server.schedule.actions import SessionAdded


@dataclass(frozen=True)
class SummaryChanged:
    """Something was written to a session's log."""

    session_id: int


def open_summary(db: Database, notice: SessionAdded) -> None:
    """Give a new session its empty log."""
