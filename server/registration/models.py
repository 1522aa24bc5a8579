"""A registration is one person's place at one meeting, with what the meeting asks and how places are given."""

import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, TypedDict

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.database import Record
from server.folding import fold
from server.meetings.models import Meeting
from server.registration.places import Limits, organisation_key
from server.registration.states import OUT, TAKES_PART, By, State

#: What people with a single name enter for the other one.
NO_NAME = "-"
#: Chinese, Japanese and Korean characters.
EAST_ASIAN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


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


class Gender(StrEnum):
    """How somebody describes themselves, if they wish to."""

    WOMAN = "woman"
    MAN = "man"
    OTHER = "other"


class Particulars(TypedDict):
    """What somebody says about themselves: all that they can change later (not the address, which is who they are).

    `gender` is empty and `first_time` None where it was not said.
    """

    given_name: str
    family_name: str
    country: str
    organisation: str
    stakeholder_group: str
    attendance: str
    gender: str
    first_time: bool | None
    public: bool


class Admission(Record):
    """How a meeting registers: its places, whose registration needs approval, how long an offer stands, what is asked.

    Its row is the lock under which places onsite are given. `turns` counts those who have joined the line.
    `organisations` are names with a number of places of their own. `keep_days` after the last day everything
    personal is erased.
    """

    __tablename__ = "admission"
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"), primary_key=True)
    turns: Mapped[int] = mapped_column(default=0)
    onsite: Mapped[int | None]
    groups: Mapped[dict[str, Any]] = mapped_column(default=dict)
    organisation: Mapped[int | None]
    organisations: Mapped[dict[str, Any]] = mapped_column(default=dict)
    onsite_until: Mapped[datetime | None]
    approved_groups: Mapped[list[str]] = mapped_column(default=lambda: [StakeholderGroup.PRESS.value])
    offer_hours: Mapped[int | None]
    asks_gender: Mapped[bool] = mapped_column(default=False)
    asks_first_time: Mapped[bool] = mapped_column(default=False)
    notice: Mapped[dict[str, str]] = mapped_column(default=dict)
    keep_days: Mapped[int | None]

    @property
    def limits(self) -> Limits:
        """How many places there are."""
        own = {organisation_key(name): number for name, number in self.organisations.items()}
        return Limits(self.onsite, self.groups, self.organisation, own)


class Registration(Record):
    """A place at a meeting. One address has one, however often and however it is spelt.

    `reference` is what people quote; the private link is sealed from it and `generation` (raise it to revoke
    the link). `opened_at` is when the link was first used: only then is it known that the address is theirs.
    `turn` is where somebody who wants to come onsite stands in the line; an offer of a place stands until `offer_until`.
    `new_email` becomes the address once the link that was mailed to it is used, before `new_email_until`. Once
    `erased_at`, nothing is left but what is counted.
    """

    __tablename__ = "registration"
    __table_args__ = (
        UniqueConstraint("meeting_id", "email"),
        Index("ix_registration_places", "meeting_id", "attendance", "state", "stakeholder_group"),
        Index("ix_registration_organisation", "meeting_id", "organisation_key"),
        Index("ix_registration_line", "meeting_id", "state", "turn"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"))
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    generation: Mapped[int] = mapped_column(default=1)
    email: Mapped[str] = mapped_column(String(320))
    given_name: Mapped[str] = mapped_column(String(100))
    family_name: Mapped[str] = mapped_column(String(100))
    country: Mapped[str] = mapped_column(String(2))
    organisation: Mapped[str] = mapped_column(String(200))
    organisation_key: Mapped[str] = mapped_column(String(400), default="")
    stakeholder_group: Mapped[str] = mapped_column(String(40))
    attendance: Mapped[str] = mapped_column(String(16))
    gender: Mapped[str] = mapped_column(String(16), default="")
    first_time: Mapped[bool | None]
    public: Mapped[bool] = mapped_column(default=False)
    language: Mapped[str] = mapped_column(String(16), default="en")
    searched: Mapped[str] = mapped_column(String(900), default="")
    state: Mapped[str] = mapped_column(String(16), default=State.CONFIRMED)
    turn: Mapped[int | None]
    offer_until: Mapped[datetime | None]
    registered_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    new_email: Mapped[str] = mapped_column(String(320), default="")
    new_email_until: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
    meeting: Mapped[Meeting] = relationship()

    @property
    def name(self) -> str:
        """Given name and family name, the other way round where that is the custom of the script they are written in.

        A dash stands for the family name of somebody who has none.
        """
        names = [name for name in (self.given_name, self.family_name) if name != NO_NAME]
        return " ".join(reversed(names) if EAST_ASIAN.match(self.family_name) else names)

    @property
    def withdrawn(self) -> bool:
        """Whether the person has said that they will not come."""
        return self.state == State.WITHDRAWN

    @property
    def out(self) -> bool:
        """Whether the person does not take part and is left alone: withdrawn or declined."""
        return self.state in OUT

    @property
    def takes_part(self) -> bool:
        """Whether the person's place, onsite or online, is theirs."""
        return self.state in TAKES_PART

    @property
    def onsite(self) -> bool:
        """Whether the person wants to come to the venue."""
        return self.attendance == Attendance.ONSITE


def derived(said: Mapping[str, Any]) -> dict[str, str]:
    """What is kept of what somebody said so that it can be counted and searched."""
    return {
        "organisation_key": organisation_key(said["organisation"])[:400],
        "searched": kept_for_search(said["given_name"], said["family_name"], said["organisation"]),
    }


def kept_for_search(given_name: str, family_name: str, organisation: str) -> str:
    """What is public of somebody as it is searched and sorted: family name, given name, organisation, each folded.

    Who has one name only is sorted by that.
    """
    family_name = given_name if family_name == NO_NAME else family_name
    return "\n".join((fold(family_name), fold(given_name), fold(organisation)))[:900]


class HistoryKind(StrEnum):
    """What was done with a registration."""

    REGISTERED = "registered"
    AGAIN = "again"
    RETURNED = "returned"
    CHANGED = "changed"
    APPROVED = "approved"
    DECLINED = "declined"
    PLACE_GIVEN = "place-given"
    PLACE_OFFERED = "place-offered"
    ACCEPTED = "accepted"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"
    REINSTATED = "reinstated"
    CHECKED_IN = "checked-in"
    CHECK_IN_UNDONE = "check-in-undone"
    LINE_MOVED = "line-moved"
    ADDRESS_CHANGED = "address-changed"
    LINK_RENEWED = "link-renewed"
    LETTER_AGAIN = "letter-again"


class HistoryEntry(Record):
    """Something that was done with a registration: when, by whom, why; `fields` are the names of what was changed.

    It holds no value that somebody entered, so that nothing personal outlives its place in the registration.
    """

    __tablename__ = "registration_history"
    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(20))
    before: Mapped[str] = mapped_column(String(16), default="")
    after: Mapped[str] = mapped_column(String(16), default="")
    by: Mapped[str] = mapped_column(String(16), default=By.PARTICIPANT)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    reason: Mapped[str] = mapped_column(String(500), default="")
    fields: Mapped[list[str]] = mapped_column(default=list)


class QuestionKind(StrEnum):
    """What sort of answer a question wants."""

    TEXT = "text"
    NUMBER = "number"
    CHOICE = "choice"
    CHOICES = "choices"
    COUNTRY = "country"
    DATE = "date"
    FILE = "file"
    CONSENT = "consent"


class Question(Record):
    """A question of the meeting's own. It is put to `groups` only (empty: to everybody), and to who attends so (empty: both).

    `options` are `{"key": "vegan", "label": {"en": "Vegan"}}`; one with `"gone": true` is offered no more, and was chosen
    before. An answer to a `confidential` one is seen by organisers only. `keep_days` after the meeting's last day its
    answers are deleted. A text may be `long`; a number is from `lowest` to `highest`; a file has so many `megabytes`.
    """

    __tablename__ = "question"
    __table_args__ = (UniqueConstraint("meeting_id", "key"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(60))
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(String(16))
    label: Mapped[dict[str, str]]
    hint: Mapped[dict[str, str]] = mapped_column(default=dict)
    options: Mapped[list[Any]] = mapped_column(default=list)
    groups: Mapped[list[str]] = mapped_column(default=list)
    attendance: Mapped[str] = mapped_column(String(16), default="")
    required: Mapped[bool] = mapped_column(default=False)
    confidential: Mapped[bool] = mapped_column(default=False)
    keep_days: Mapped[int | None]
    long: Mapped[bool] = mapped_column(default=False)
    lowest: Mapped[int | None]
    highest: Mapped[int | None]
    megabytes: Mapped[int | None]

    @property
    def field(self) -> str:
        """Its name in forms, files and the history."""
        return f"q-{self.key}"

    def is_put_to(self, group: str | None, attendance: str | None) -> bool:
        """Whether somebody of this stakeholder group who attends so is asked."""
        return (not self.groups or group in self.groups) and self.attendance in ("", attendance)


class Answer(Record):
    """What somebody answered: a text, a number, a key, a list of keys, a country's code, a day (ISO 8601) or a yes; of a
    file its name, and the file itself is kept beside."""

    __tablename__ = "answer"
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"), primary_key=True)
    question_id: Mapped[int] = mapped_column(
        ForeignKey("question.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    value: Mapped[Any] = mapped_column(JSON)
    at: Mapped[datetime]


class AnswerFile(Record):
    """A file that somebody handed in. Until a registration has it, its `hash` is of the token that the form carries."""

    __tablename__ = "answer_file"
    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id", ondelete="CASCADE"), index=True)
    registration_id: Mapped[int | None] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"), index=True)
    hash: Mapped[str] = mapped_column(String(64), default="", index=True)
    name: Mapped[str] = mapped_column(String(200))
    content_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    at: Mapped[datetime]


class Stage(StrEnum):
    """How far a reminder has got."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    LEAVING = "leaving"
    SENT = "sent"
    STOPPED = "stopped"


class Reminder(Record):
    """A letter of the organisers' own to those who fit `filters` when it is due; nobody who is out gets one.

    It is written to `sent_to` people in the order of their registrations, up to the one whose id is `reached`. When it
    is stopped on the way, `sent_to` are those whose letter had left.
    """

    __tablename__ = "reminder"
    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"), index=True)
    subject: Mapped[dict[str, str]]
    body: Mapped[dict[str, str]]
    filters: Mapped[dict[str, Any]] = mapped_column(default=dict)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    written_at: Mapped[datetime]
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    sent_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]
    sent_to: Mapped[int] = mapped_column(default=0)
    reached: Mapped[int] = mapped_column(default=0)
    meeting: Mapped[Meeting] = relationship()

    @property
    def stage(self) -> Stage:
        """How far it has got: until its first letters are written it can be changed."""
        if self.stopped_at is not None:
            return Stage.STOPPED
        if self.sent_at is not None:
            return Stage.SENT
        if self.reached:
            return Stage.LEAVING
        return Stage.SCHEDULED if self.due_at is not None else Stage.DRAFT


class PastFigure(Record):
    """A figure that was published about a meeting elsewhere, with its source."""

    __tablename__ = "past_figure"
    __table_args__ = (UniqueConstraint("meeting_id", "measure", "group", "source"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"))
    measure: Mapped[str] = mapped_column(String(60))
    group: Mapped[str] = mapped_column(String(60), default="")
    value: Mapped[float]
    unit: Mapped[str] = mapped_column(String(200), default="")
    source: Mapped[str] = mapped_column(String(400))


__all__ = [
    "Admission", "Answer", "AnswerFile", "Attendance", "By", "Gender", "HistoryEntry", "HistoryKind", "Particulars", "PastFigure",
    "Question", "QuestionKind", "Registration", "Reminder", "Stage", "StakeholderGroup", "State", "kept_for_search",
]  # fmt: skip
