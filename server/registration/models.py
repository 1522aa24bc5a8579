"""A registration is one person's place at one meeting."""

import re
from datetime import datetime
from enum import StrEnum
from typing import TypedDict

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.database import Record
from server.meetings.models import Meeting

#: What people with a single name enter for the other one.
NO_NAME = "-"
#: Chinese, Japanese and Korean characters.
_EAST_ASIAN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


class State(StrEnum):
    """Where a registration stands. `waiting`, `offered` and `pending` come with places and approval."""

    CONFIRMED = "confirmed"
    WAITING = "waiting"
    OFFERED = "offered"
    PENDING = "pending"
    WITHDRAWN = "withdrawn"


class StakeholderGroup(StrEnum):
    """The groups of the forum."""

    GOVERNMENT = "government"
    INTERGOVERNMENTAL = "intergovernmental"
    CIVIL_SOCIETY = "civil-society"
    PRIVATE_SECTOR = "private-sector"
    TECHNICAL_COMMUNITY = "technical-community"
    PRESS = "press"


class Attendance(StrEnum):
    """How somebody takes part. Both count the same."""

    ONSITE = "onsite"
    ONLINE = "online"


class Particulars(TypedDict):
    """What somebody says about themselves: all that they can change later (not the address, which is who they are)."""

    given_name: str
    family_name: str
    country: str
    organisation: str
    stakeholder_group: str
    attendance: str
    public: bool


class Registration(Record):
    """A place at a meeting. One address has one, however often and however it is spelt.

    `reference` is what people quote; the private link is sealed from it and `generation` (raise it to revoke
    the link). `opened_at` is when the link was first used: only then is it known that the address is theirs.
    """

    __tablename__ = "registration"
    __table_args__ = (UniqueConstraint("meeting_id", "email"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"))
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    generation: Mapped[int] = mapped_column(default=1)
    email: Mapped[str] = mapped_column(String(320))
    given_name: Mapped[str] = mapped_column(String(100))
    family_name: Mapped[str] = mapped_column(String(100))
    country: Mapped[str] = mapped_column(String(2))
    organisation: Mapped[str] = mapped_column(String(200))
    stakeholder_group: Mapped[str] = mapped_column(String(40))
    attendance: Mapped[str] = mapped_column(String(16))
    public: Mapped[bool] = mapped_column(default=False)
    language: Mapped[str] = mapped_column(String(16), default="en")
    state: Mapped[str] = mapped_column(String(16), default=State.CONFIRMED)
    registered_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    meeting: Mapped[Meeting] = relationship()

    @property
    def name(self) -> str:
        """Given name and family name, the other way round where that is the custom of the script they are written in.

        A dash stands for the family name of somebody who has none.
        """
        names = [name for name in (self.given_name, self.family_name) if name != NO_NAME]
        return " ".join(reversed(names) if _EAST_ASIAN.match(self.family_name) else names)

    @property
    def withdrawn(self) -> bool:
        """Whether the person has said that they will not come."""
        return self.state == State.WITHDRAWN
