"""The programme file: a meeting with its tracks, session types, rooms and sessions, as people write it in YAML.

`docs/programme-file.md` describes it for those who write one.
"""

import re
from datetime import date, time
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from server import clock
from server.meetings.models import COLOURS, RESERVED_SLUGS, Mode
from server.people.models import normal_address
from server.schedule.models import Part, Status
from server.web.language import gettext

_KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
DAY = re.compile(r"(19|20|21)\d\d-\d\d-\d\d")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def _key(text: str) -> str:
    if not _KEY.fullmatch(text):
        raise ValueError(gettext("use small letters a to z, digits and hyphens"))
    return text


def _slug(text: str) -> str:
    if text in RESERVED_SLUGS:
        raise ValueError(gettext("this word is part of other addresses here; choose another one"))
    return text


def _day(value: Any) -> date:
    try:
        if isinstance(value, str) and DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise ValueError(gettext("write a day such as 2014-09-02"))


def _time(value: Any) -> time:
    if isinstance(value, str) and _TIME.fullmatch(value):
        return time.fromisoformat(value)
    raise ValueError(gettext("write a time of day such as 09:30, from 00:00 to 23:59"))


def _language(text: str) -> str:
    if not _LANGUAGE.fullmatch(text):
        raise ValueError(gettext("write a language tag such as en, ja or pt-BR"))
    return text


def _zone(text: str) -> str:
    if not clock.is_zone(text):
        raise ValueError(gettext("there is no time zone of this name; write one such as Europe/Istanbul"))
    return text


def _stream(text: str) -> str:
    try:
        parts = urlsplit(text)
        if text == "" or (parts.scheme in ("http", "https") and parts.hostname):
            return text
    except ValueError:
        pass
    raise ValueError(gettext("write an address that begins with https://"))


def _colour(text: str) -> str:
    if text not in COLOURS:
        raise ValueError(gettext("write one of: %(expected)s") % {"expected": ", ".join(COLOURS)})
    return text


def _in_languages(value: Any) -> Any:
    """Text alone is English; empty texts are none."""
    if isinstance(value, dict):
        return {tag: text for tag, text in value.items() if text not in (None, "")}
    return {"en": value} if value else {}


def _one_line(text: str) -> str:
    return " ".join(text.split())


Key = Annotated[str, Field(max_length=60), AfterValidator(_key)]
Day = Annotated[date, BeforeValidator(_day)]
Time = Annotated[time, BeforeValidator(_time)]
Language = Annotated[str, Field(max_length=35), AfterValidator(_language)]
Line = Annotated[str, AfterValidator(_one_line)]
Name = Annotated[dict[Language, Annotated[Line, Field(max_length=500)]], BeforeValidator(_in_languages)]
Prose = Annotated[dict[Language, Annotated[str, Field(max_length=20_000)]], BeforeValidator(_in_languages)]
Given = Field(min_length=1)


class _Part(BaseModel):
    """A mapping of the file: it knows its fields, and an empty field is one that is not there."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, coerce_numbers_to_str=True)

    @model_validator(mode="before")
    @classmethod
    def _without_empty(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {name: inner for name, inner in value.items() if inner is not None or name not in cls.model_fields}


class MeetingPart(_Part):
    """The meeting itself."""

    slug: Annotated[Key, AfterValidator(_slug)]
    number: Annotated[int, Field(ge=1, le=9999)] | None = None
    name: Annotated[Name, Given]
    short_name: Annotated[Line, Field(max_length=60)] = ""
    theme: Name = {}
    mode: Mode = Mode.HYBRID
    city: Name = {}
    country: Name = {}
    venue: Name = {}
    timezone: Annotated[str, AfterValidator(_zone)]
    first_day: Day
    days: Annotated[int, Field(ge=1, le=60)]
    day_zero: bool = False
    track_label: Name = {}
    registration_open: bool = False
    credit: Annotated[Line, Field(max_length=300)] = ""


class TrackPart(_Part):
    """A strand of the programme."""

    key: Key
    name: Annotated[Name, Given]


class TypePart(_Part):
    """A kind of session."""

    key: Key
    name: Annotated[Name, Given]
    colour: Annotated[str, AfterValidator(_colour)] = "grey"
    mark: Annotated[str, Field(max_length=3)] = ""
    usual_minutes: Annotated[int, Field(ge=5, le=1440)] = 90
    stands_alone: bool = False


class RoomPart(_Part):
    """A room."""

    key: Key
    name: Annotated[Name, Given]
    place: Name = {}
    capacity: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    stream: Annotated[str, Field(max_length=500), AfterValidator(_stream)] = ""


class PersonPart(_Part):
    """Somebody named in a session; the mail address is for their account alone and is shown nowhere."""

    part: Part
    name: Annotated[Line, Field(max_length=200)] = ""
    organisation: Annotated[Line, Field(max_length=300)] = ""
    stakeholder_group: Annotated[str, Field(max_length=40)] = ""
    email: Annotated[str, AfterValidator(normal_address)] | None = None

    @field_validator("stakeholder_group")
    @classmethod
    def _keyed(cls, text: str) -> str:
        return _key(text) if text else text

    @model_validator(mode="after")
    def _is_somebody(self) -> "PersonPart":
        if not (self.name or self.organisation):
            raise ValueError(gettext("write a name or an organisation"))
        return self


class SessionPart(_Part):
    """A session. The order of the fields matters: each may look at those before it."""

    code: Key
    uid: UUID | None = None
    title: Annotated[Name, Given]
    description: Prose = {}
    type: str
    track: str | None = None
    room: str | None = None
    day: Day | None = None
    part_of_day: Literal["morning", "afternoon", "evening"] | None = None
    start: Time | None = None
    end: Time | None = None
    minutes: Annotated[int, Field(ge=1, le=1440)] | None = None
    language: Language = "en"
    format: Annotated[Line, Field(max_length=60)] = ""
    tags: list[Annotated[Line, Field(min_length=1, max_length=60)]] = []
    status: Status = Status.CONFIRMED
    repeats: Key | None = None
    expected: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    buffer: Annotated[int, Field(ge=0, le=1440)] | None = None
    people: list[PersonPart] = []

    @field_validator("start")
    @classmethod
    def _has_a_day(cls, start: time, info: ValidationInfo) -> time:
        if info.data.get("day", ...) is None:
            raise ValueError(gettext("a start needs a day; write day: as well"))
        return start

    @field_validator("end")
    @classmethod
    def _has_a_start(cls, end: time, info: ValidationInfo) -> time:
        start = info.data.get("start", ...)
        if start is None:
            raise ValueError(gettext("an end needs a start; write start: as well"))
        if start == end:
            raise ValueError(gettext("it ends when it starts"))
        return end

    @field_validator("minutes")
    @classmethod
    def _has_no_end(cls, minutes: int, info: ValidationInfo) -> int:
        if info.data.get("end") is not None:
            raise ValueError(gettext("write either end: or minutes:"))
        return minutes


class ProgrammeFile(_Part):
    """A whole file."""

    meeting: MeetingPart
    tracks: list[TrackPart] = []
    session_types: list[TypePart] = []
    rooms: list[RoomPart] = []
    sessions: list[SessionPart] = []
