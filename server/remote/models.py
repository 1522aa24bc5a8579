"""The live summary of a session: an ordered log of what was written, and the paragraphs as they now stand."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String, Text, UniqueConstraint
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
    locked_by: Mapped[str] = mapped_column(String(200), default="")
    session: Mapped[Session] = relationship()


class Paragraph(Record):
    """A paragraph as it now stands; `number` gives its public id (`p7`), `place` where it stands: 1, 2, 3, ..."""

    __tablename__ = "paragraph"
    session_id: Mapped[int] = mapped_column(ForeignKey("summary.session_id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    place: Mapped[int]
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


class Translation(Record):
    """A paragraph in another language; `of_rev` is the revision it translates, `rev` its own."""

    __tablename__ = "translation"
    session_id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    lang: Mapped[str] = mapped_column(String(35), primary_key=True)
    rev: Mapped[int] = mapped_column(default=1)
    of_rev: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
    __table_args__ = (
        ForeignKeyConstraint(
            ["session_id", "number"], ["paragraph.session_id", "paragraph.number"], ondelete="CASCADE"
        ),
    )


class Entry(Record):
    """One write in the log, never changed afterwards. `offset` is dense: +1 for each write of the session.

    Of a move, `before` is the number of the paragraph it was put before (None: at the end); of a translation,
    `of_rev` is the revision it translates and `rev` its own.
    """

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
    before: Mapped[int | None]
    of_rev: Mapped[int | None]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    __table_args__ = (Index("ix_entry_session_id_number", "session_id", "number"),)


class Writing(Record):
    """Somebody at a summary: at work on its next paragraph (`number` 0) or on one that is there, or only looking (-1).

    `tab` is their open page.
    """

    __tablename__ = "writing"
    session_id: Mapped[int] = mapped_column(ForeignKey("summary.session_id", ondelete="CASCADE"), primary_key=True)
    tab: Mapped[str] = mapped_column(String(40), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(default=0)
    seen_at: Mapped[datetime]


class Presence(Record):
    """How many follow a session through one process, which says so again every few seconds."""

    __tablename__ = "presence"
    process: Mapped[str] = mapped_column(String(32), primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("summary.session_id", ondelete="CASCADE"), primary_key=True)
    followers: Mapped[int]
    seen_at: Mapped[datetime] = mapped_column(index=True)


class Webhook(Record):
    """An address of another organisation to which a meeting's paragraphs are sent as they come.

    Its signing secret follows from `key` and `generation` and is stored nowhere. `rests_until`: it asked to be left alone.
    """

    __tablename__ = "webhook"
    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"), index=True)
    session_id: Mapped[int | None] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"))
    label: Mapped[str] = mapped_column(String(200))
    url: Mapped[str] = mapped_column(String(1000))
    key: Mapped[str] = mapped_column(String(32))
    generation: Mapped[int] = mapped_column(default=1)
    renewed_at: Mapped[datetime | None]
    active: Mapped[bool] = mapped_column(default=True)
    rests_until: Mapped[datetime | None]
    made_at: Mapped[datetime]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))


class Delivery(Record):
    """How far a webhook has been told of one session's log: everything up to `offset`. `due_at` is None when it has all."""

    __tablename__ = "delivery"
    id: Mapped[int] = mapped_column(primary_key=True)
    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhook.id", ondelete="CASCADE"))
    session_id: Mapped[int] = mapped_column(ForeignKey("summary.session_id", ondelete="CASCADE"))
    offset: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    delivered_at: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]
    fault: Mapped[str] = mapped_column(String(500), default="")
    __table_args__ = (UniqueConstraint("webhook_id", "session_id"),)
