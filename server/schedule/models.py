"""A session of a meeting, its people, and the version of the programme that the public sees."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.database import Record
from server.meetings.models import Meeting, Room, SessionType, Track
from server.people.models import Person


class Status(StrEnum):
    """Whether a session takes place."""

    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"


class Part(StrEnum):
    """What somebody does in a session, in the order in which they are named."""

    CHAIR = "chair"
    MODERATOR = "moderator"
    ONLINE_MODERATOR = "online-moderator"
    RAPPORTEUR = "rapporteur"
    SPEAKER = "speaker"
    ORGANISER = "organiser"


class Programme(Record):
    """The published programme of a meeting: its version counts up with every publication that changed something.

    `fingerprint` tells whether it did, also where no session is touched (a colour, a room nobody uses yet).
    """

    __tablename__ = "programme"
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int]
    published_at: Mapped[datetime]
    fingerprint: Mapped[str] = mapped_column(String(64), default="")


class Session(Record):
    """A conference session.

    `day` may be known without `starts_at`. `minutes` is the length that was given, if any;
    `ends_at` is what is published, and `end_is_estimate` says that nobody gave it.
    """

    __tablename__ = "session"
    __table_args__ = (UniqueConstraint("meeting_id", "code"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(36), unique=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(String(60))
    title: Mapped[dict[str, str]]
    description: Mapped[dict[str, str]] = mapped_column(default=dict)
    type_id: Mapped[int] = mapped_column(ForeignKey("session_type.id"), index=True)
    track_id: Mapped[int | None] = mapped_column(ForeignKey("track.id"), index=True)
    room_id: Mapped[int | None] = mapped_column(ForeignKey("room.id"), index=True)
    language: Mapped[str] = mapped_column(String(35), default="en")
    format: Mapped[str] = mapped_column(String(60), default="")
    tags: Mapped[list[str]] = mapped_column(default=list)
    status: Mapped[str] = mapped_column(String(16), default=Status.CONFIRMED)
    day: Mapped[date | None]
    part_of_day: Mapped[str] = mapped_column(String(16), default="")
    starts_at: Mapped[datetime | None]
    minutes: Mapped[int | None]
    ends_at: Mapped[datetime | None]
    end_is_estimate: Mapped[bool] = mapped_column(default=False)
    sequence: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime]
    fingerprint: Mapped[str] = mapped_column(String(64), default="")

    meeting: Mapped[Meeting] = relationship()
    type: Mapped[SessionType] = relationship()
    track: Mapped[Track | None] = relationship()
    room: Mapped[Room | None] = relationship()
    people: Mapped[list["SessionPerson"]] = relationship(
        order_by="SessionPerson.position", cascade="all, delete-orphan", back_populates="session"
    )

    @property
    def cancelled(self) -> bool:
        """Whether it does not take place."""
        return self.status == Status.CANCELLED


class SessionPerson(Record):
    """Somebody named in the programme. `person` is their account, where one is known."""

    __tablename__ = "session_person"
    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    part: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(200), default="")
    organisation: Mapped[str] = mapped_column(String(300), default="")
    stakeholder_group: Mapped[str] = mapped_column(String(40), default="")
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    session: Mapped[Session] = relationship(back_populates="people")
    person: Mapped[Person | None] = relationship()
