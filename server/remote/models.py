"""The live summary of a session: an ordered log of what was written, and the paragraphs as they now stand."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.database import Record
from server.schedule.models import Session


class SummaryStatus(StrEnum):
    """Nothing here looks at the clock: a summary is what its writers say it is."""

    WAITING = "waiting"
    LIVE = "live"
    CLOSED = "closed"
    PUBLISHED = "published"


class Summary(Record):
    """A session's log. `epoch` names this log; `head` is the offset of its newest entry, 0 when it is empty."""

    __tablename__ = "summary"
    session_id: Mapped[int] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"), primary_key=True)
    epoch: Mapped[str] = mapped_column(String(16))
    head: Mapped[int] = mapped_column(default=0)
    paragraphs: Mapped[int] = mapped_column(default=0)
    status: Mapped[str] = mapped_column(String(16), default=SummaryStatus.WAITING)
    session: Mapped[Session] = relationship()


class Paragraph(Record):
    """A paragraph as it now stands; `number` gives its public id (`p7`) and its place."""

    __tablename__ = "paragraph"
    session_id: Mapped[int] = mapped_column(ForeignKey("summary.session_id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    rev: Mapped[int] = mapped_column(default=1)
    text: Mapped[str] = mapped_column(Text)
    lang: Mapped[str] = mapped_column(String(35))
    by: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(16), default="shown")
    reason: Mapped[str] = mapped_column(String(500), default="")

    @property
    def id(self) -> str:
        """The id by which followers know it."""
        return f"p{self.number}"


class Entry(Record):
    """One write in the log, never changed afterwards. `offset` is dense: +1 for each write of the session."""

    __tablename__ = "entry"
    session_id: Mapped[int] = mapped_column(ForeignKey("summary.session_id", ondelete="CASCADE"), primary_key=True)
    offset: Mapped[int] = mapped_column(primary_key=True)
    op: Mapped[str] = mapped_column(String(16))
    number: Mapped[int | None]
    rev: Mapped[int | None]
    text: Mapped[str] = mapped_column(Text, default="")
    lang: Mapped[str] = mapped_column(String(35), default="")
    by: Mapped[str] = mapped_column(String(200), default="")
    at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(500), default="")
    status: Mapped[str] = mapped_column(String(16), default="")
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    __table_args__ = (Index("ix_entry_session_id_number", "session_id", "number"),)
