"""A session of a meeting, its people, the drafts of the programme and the versions that the public sees."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, ForeignKeyConstraint, LargeBinary, String, UniqueConstraint
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
    """The programme of a meeting: its version counts up with every publication that changed something.

    `version` is 0 before the first. `fingerprint` tells whether something changed, also where no session is touched
    (a colour, a room nobody uses yet). `edits` is the number of the last edit of the draft, `stamp` counts up
    with everything that a public page of the meeting may show, and `rules` is how strict its clash rules are.
    """

    __tablename__ = "programme"
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(default=0)
    published_at: Mapped[datetime | None]
    fingerprint: Mapped[str] = mapped_column(String(64), default="")
    edits: Mapped[int] = mapped_column(default=0)
    stamp: Mapped[int] = mapped_column(default=0)
    rules: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Session(Record):
    """A conference session, as it is published. What is planned otherwise is a `Draft`.

    `day` may be known without `starts_at`. `minutes` is the length that was given, if any;
    `ends_at` is what is published, and `end_is_estimate` says that nobody gave it. `rev` is the last edit that is
    published. `expected`, `buffer` and `origin` are the programme team's alone.
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
    rev: Mapped[int] = mapped_column(default=0)
    repeats: Mapped[str] = mapped_column(String(60), default="")
    expected: Mapped[int | None]
    buffer: Mapped[int] = mapped_column(default=0)
    origin: Mapped[str] = mapped_column(String(200), default="")

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


class Draft(Record):
    """A session that is planned otherwise than it is published, or is not published yet.

    `facts` is a `plan.Planned` as JSON; `rev` is the edit that made it so.
    """

    __tablename__ = "draft"
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"), primary_key=True)
    code: Mapped[str] = mapped_column(String(60), primary_key=True)
    facts: Mapped[dict[str, Any]]
    rev: Mapped[int]


class Edit(Record):
    """One change of the draft, numbered from 1: what each session it touched was before and is after (null: none).

    `undoes` is the number of the edit that this one took back, `undone_by` that of the edit that took this one back.
    """

    __tablename__ = "edit"
    __table_args__ = (UniqueConstraint("meeting_id", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"))
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    undoes: Mapped[int | None]
    undone_by: Mapped[int | None]
    person: Mapped[Person | None] = relationship()


class Publication(Record):
    """One publication of the programme. `frame` is what its sessions stand in: the meeting, tracks, types, rooms."""

    __tablename__ = "publication"
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    published_at: Mapped[datetime]
    note: Mapped[str] = mapped_column(String(1000), default="")
    note_language: Mapped[str] = mapped_column(String(35), default="en")
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    frame: Mapped[dict[str, Any]]


class Entry(Record):
    """A session as of a version: there is a row for each version in which it changed, with what changed."""

    __tablename__ = "publication_entry"
    __table_args__ = (
        ForeignKeyConstraint(
            ["meeting_id", "number"],
            ["publication.meeting_id", "publication.number"],
            ondelete="CASCADE",
        ),
    )
    meeting_id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(60), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    facts: Mapped[dict[str, Any]]
    kinds: Mapped[list[str]]


class Closure(Record):
    """Hours in which a room, or with none the whole venue, is closed."""

    __tablename__ = "closure"
    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"), index=True)
    room_id: Mapped[int | None] = mapped_column(ForeignKey("room.id", ondelete="CASCADE"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(200), default="")
    room: Mapped[Room | None] = relationship()


class Absence(Record):
    """Hours in which somebody who is named in the programme cannot come."""

    __tablename__ = "absence"
    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(200), default="")


class Waiver(Record):
    """One clash that is to be, with the reason; `case` names exactly that clash."""

    __tablename__ = "waiver"
    __table_args__ = (UniqueConstraint("meeting_id", "case"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"))
    case: Mapped[str] = mapped_column(String(600))
    reason: Mapped[str] = mapped_column(String(300))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    at: Mapped[datetime]


class Chosen(Record):
    """A session that somebody with an account means to go to."""

    __tablename__ = "chosen"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"), primary_key=True, index=True)
    at: Mapped[datetime]


class PrivateFeed(Record):
    """The calendar of what somebody chose at a meeting. Its address is sealed from `handle` and `generation`;
    a revoked one has no address until it is renewed. `changed_at` is when it last held something else."""

    __tablename__ = "private_feed"
    __table_args__ = (UniqueConstraint("person_id", "meeting_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"), index=True)
    handle: Mapped[str] = mapped_column(String(20), unique=True)
    generation: Mapped[int] = mapped_column(default=1)
    revoked: Mapped[bool] = mapped_column(default=False)
    changed_at: Mapped[datetime]
    person: Mapped[Person] = relationship()
    meeting: Mapped[Meeting] = relationship()


class Intake(Record):
    """A file somebody has handed in and not yet decided about; one for each person and meeting."""

    __tablename__ = "intake"
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime]
