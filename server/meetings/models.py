"""A meeting is one edition: where and when it is, how it is divided, and who serves it."""

from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.database import Record
from server.people.models import Person
from server.web.language import N_, gettext


class Mode(StrEnum):
    """How people come together."""

    HYBRID = "hybrid"
    VIRTUAL = "virtual"


class Role(StrEnum):
    """What somebody is at a meeting. What each may do is the table in `access.py`."""

    ORGANISER = "organiser"
    CHAIR = "chair"
    RAPPORTEUR = "rapporteur"
    MODERATOR = "moderator"
    DESK = "desk"

    @property
    def label(self) -> str:
        """What people call it, in the current language."""
        return gettext(_ROLE_LABELS[self])


_ROLE_LABELS = {
    Role.ORGANISER: N_("Organiser"),
    Role.CHAIR: N_("Chair"),
    Role.RAPPORTEUR: N_("Rapporteur"),
    Role.MODERATOR: N_("Moderator"),
    Role.DESK: N_("Registration desk"),
}


class Meeting(Record):
    """One edition. Day 1 is `first_day`; day 0, where there is one, is the day before it."""

    __tablename__ = "meeting"
    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    number: Mapped[int | None]
    name: Mapped[dict[str, str]] = mapped_column(default=dict)
    short_name: Mapped[str] = mapped_column(String(60), default="")
    theme: Mapped[dict[str, str]] = mapped_column(default=dict)
    mode: Mapped[str] = mapped_column(String(16), default=Mode.HYBRID)
    city: Mapped[dict[str, str]] = mapped_column(default=dict)
    country: Mapped[dict[str, str]] = mapped_column(default=dict)
    venue: Mapped[dict[str, str]] = mapped_column(default=dict)
    timezone: Mapped[str] = mapped_column(String(60), default="UTC")
    first_day: Mapped[date]
    days: Mapped[int]
    has_day_zero: Mapped[bool] = mapped_column(default=False)
    track_label: Mapped[dict[str, str]] = mapped_column(default=dict)
    registration_open: Mapped[bool] = mapped_column(default=False)
    registration_opens_at: Mapped[datetime | None]
    registration_closes_at: Mapped[datetime | None]
    credit: Mapped[str] = mapped_column(String(300), default="")

    tracks: Mapped[list["Track"]] = relationship(order_by="Track.position", cascade="all, delete-orphan")
    session_types: Mapped[list["SessionType"]] = relationship(
        order_by="SessionType.position", cascade="all, delete-orphan"
    )
    rooms: Mapped[list["Room"]] = relationship(order_by="Room.position", cascade="all, delete-orphan")

    @property
    def last_day(self) -> date:
        """The day it ends."""
        return self.first_day + timedelta(days=self.days - 1)

    @property
    def all_days(self) -> list[date]:
        """Every day in order, day 0 included."""
        start = 0 if self.has_day_zero else 1
        return [self.first_day + timedelta(days=index - 1) for index in range(start, self.days + 1)]

    def registers(self, now: datetime) -> bool:
        """Whether people can register at this moment."""
        opens, closes = self.registration_opens_at, self.registration_closes_at
        return self.registration_open and (opens is None or opens <= now) and (closes is None or now < closes)

    def registration_turns(self, now: datetime) -> datetime | None:
        """When registration opens or closes next by itself; None when it does not."""
        if not self.registration_open:
            return None
        return min(
            (at for at in (self.registration_opens_at, self.registration_closes_at) if at and at > now), default=None
        )

    def day_number(self, day: date) -> int:
        """0 for day 0, 1 for the first day, and so on."""
        return (day - self.first_day).days + 1


class Track(Record):
    """A strand of the programme; what such strands are called is the meeting's `track_label`."""

    __tablename__ = "track"
    __table_args__ = (UniqueConstraint("meeting_id", "key"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(60))
    position: Mapped[int]
    name: Mapped[dict[str, str]]


class SessionType(Record):
    """A kind of session. `mark` (one to three letters) tells it apart where colour does not."""

    __tablename__ = "session_type"
    __table_args__ = (UniqueConstraint("meeting_id", "key"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(60))
    position: Mapped[int]
    name: Mapped[dict[str, str]]
    colour: Mapped[str] = mapped_column(String(16), default="grey")
    mark: Mapped[str] = mapped_column(String(3), default="")
    usual_minutes: Mapped[int] = mapped_column(default=90)
    stands_alone: Mapped[bool] = mapped_column(default=False)


class Room(Record):
    """A room, with how many people fit in and where its stream is."""

    __tablename__ = "room"
    __table_args__ = (UniqueConstraint("meeting_id", "key"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(60))
    position: Mapped[int]
    name: Mapped[dict[str, str]]
    place: Mapped[dict[str, str]] = mapped_column(default=dict)
    capacity: Mapped[int | None]
    stream: Mapped[str] = mapped_column(String(500), default="")


class Grant(Record):
    """A role somebody has at a meeting."""

    __tablename__ = "grant"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[str] = mapped_column(String(16), primary_key=True)
    person: Mapped[Person] = relationship(lazy="joined")


#: The colours a session type can have; the stylesheet knows each in light and dark.
COLOURS = {
    "blue": N_("Blue"), "teal": N_("Teal"), "green": N_("Green"), "olive": N_("Olive"), "amber": N_("Amber"),
    "orange": N_("Orange"), "red": N_("Red"), "pink": N_("Pink"), "purple": N_("Purple"), "indigo": N_("Indigo"),
    "grey": N_("Grey"),
}  # fmt: skip
LONGEST_SLUG = 60

#: First parts of addresses that are no meeting's: a meeting called so could not be reached.
RESERVED_SLUGS = frozenset({
    "account", "admin", "api", "calendar", "desk", "docs", "healthz", "live", "meetings", "metrics", "new", "outputs",
    "people", "readyz", "register", "registration", "search", "session", "sessions", "settings", "sign-in", "sign-out",
    "static",
})  # fmt: skip
