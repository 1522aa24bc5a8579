"""What the programme team enters: sessions and their people, places, hours in which something cannot be, rules, notes."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    Field,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError
from wtforms.widgets import HiddenInput

from server import clock
from server.meetings.models import Meeting
from server.schedule.clash_words import RULE_NAMES, SEVERITY_NAMES
from server.schedule.plan import Planned
from server.schedule.rules import Rule, Rules, Severity
from server.web.form import PlainForm, TextsForm, choices, line, one_line, trimmed, whole_number
from server.web.language import LANGUAGES, N_, gettext, lazy, pick
from server.web.render import day as day_words

CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LANGUAGE_TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
LONGEST = 20_000
#: Years in which hours can be: the calendar ends in 9999, and zones of it elsewhere beyond.
FIRST_YEAR, LAST_YEAR = 1900, 2199
UNKNOWN = N_("To be announced")
NO_SUCH_TIME = N_("On this day the clocks go forward, and there is no such time. Write another one.")


def start_at(meeting: Meeting, day: date, at: time, *, after_midnight: bool) -> datetime | None:
    """The instant of a wall-clock time on a day of the programme, or in the night after it; None for a time that the
    clock leaves out."""
    there = day + timedelta(days=1) if after_midnight else day
    moment = clock.instant(there, at, meeting.timezone)
    return moment if clock.local(moment, meeting.timezone).replace(tzinfo=None) == datetime.combine(there, at) else None


def _day(day: date) -> tuple[str, str]:
    return day.isoformat(), day_words(day, "MMMEd")


class PlaceForm(PlainForm):
    """Where and when a session is. Made for a meeting, whose days and rooms are to choose from."""

    room = SelectField(lazy("Room"), [Optional()])
    day = SelectField(lazy("Day"), [Optional()])
    start = TimeField(lazy("Start"), [Optional()], description=lazy("On the venue's clock, such as 09:30."))
    after_midnight = BooleanField(lazy("It starts after midnight, in the night that follows this day"))
    minutes = IntegerField(
        lazy("Minutes"),
        [Optional(), NumberRange(min=1, max=1440)],
        description=lazy("Left empty, it takes as long as sessions of its type usually do."),
    )
    base = IntegerField(lazy("Seen as of"), [Optional()], widget=HiddenInput())

    def __init__(self, *args: Any, meeting: Meeting, **given: Any) -> None:
        super().__init__(*args, **given)
        self.meeting = meeting
        self.starts_at: datetime | None = None
        none = gettext(UNKNOWN)
        self.room.choices = choices({"": none, **{room.key: pick(room.name) for room in meeting.rooms}})
        self.day.choices = choices({"": none, **dict(self.days)})

    def validate_start(self, field: Field) -> None:
        """A start needs a day, and a time that the venue's clock shows on it."""
        if field.data is None:
            return
        if not self.day.data:
            raise ValidationError(gettext("A start needs a day. Choose it as well."))
        if self.the_day is not None:
            self.starts_at = start_at(
                self.meeting, self.the_day, field.data, after_midnight=bool(self.after_midnight.data)
            )
            if self.starts_at is None:
                raise ValidationError(gettext(NO_SUCH_TIME))

    @property
    def the_day(self) -> date | None:
        """The chosen day."""
        try:
            return date.fromisoformat(self.day.data or "")
        except ValueError:
            return None

    def allow(self, day: date | None) -> None:
        """Let a session stay on the day it has, also when that is none of the meeting's."""
        if day is not None:
            self.day.choices = choices({"": gettext(UNKNOWN), **dict(self.days), **dict([_day(day)])})

    def show(self, planned: Planned) -> None:
        """Fill in where a session is."""
        self.room.data, self.minutes.data = planned.room or "", planned.minutes
        self.day.data = planned.day.isoformat() if planned.day else ""
        self.allow(planned.day)
        if planned.starts_at:
            there = clock.local(planned.starts_at, self.meeting.timezone)
            self.start.data = there.time()
            self.after_midnight.data = bool(planned.day and there.date() > planned.day)

    def see(self, rev: int) -> None:
        """From now on the form is about the session as this edit made it, whatever was sent."""
        self.base.process_data(rev)
        self.base.raw_data = None

    @property
    def days(self) -> list[tuple[str, str]]:
        """The days to choose from."""
        return [_day(one) for one in self.meeting.all_days]

    def place(self) -> dict[str, Any]:
        """What was entered, by the names of `Planned`."""
        return {
            "room": self.room.data or None,
            "day": self.the_day,
            "starts_at": self.starts_at,
            "minutes": self.minutes.data,
        }


class SessionForm(PlaceForm, TextsForm):
    """A session, whole."""

    TEXTS = ("title", "description")

    code = StringField(
        lazy("Code"),
        [Optional(), Length(max=60)],
        filters=[one_line, str.lower],
        description=lazy(
            "It names the session in addresses, such as ws112, and stays. Left empty, we choose the next."
        ),
    )
    title_en = line(lazy("Title in English"), 500)
    title_ja = line(lazy("Title in Japanese"), 500)
    description_en = TextAreaField(lazy("Description in English"), [Optional(), Length(max=LONGEST)], filters=[trimmed])
    description_ja = TextAreaField(
        lazy("Description in Japanese"), [Optional(), Length(max=LONGEST)], filters=[trimmed]
    )
    type = SelectField(lazy("Type"), [InputRequired()])
    track = SelectField(lazy("Track"), [Optional()])
    language = StringField(
        lazy("Language"),
        [DataRequired(), Length(max=35)],
        filters=[one_line],
        description=lazy("The language it is held in, as a tag: en, fr, ja, pt-BR."),
    )
    format = line(lazy("Format"), 60, hint=lazy("Such as round table or panel."))
    tags = line(lazy("Tags"), 600, hint=lazy("Separated by commas."))
    expected = whole_number(
        lazy("Expected audience"),
        0,
        1_000_000,
        hint=lazy("How many people you think will come. Only the team sees it."),
    )
    buffer = whole_number(
        lazy("Minutes to keep free after it"), 0, 1440, hint=lazy("In its room, to clear up or build up.")
    )

    def __init__(self, *args: Any, meeting: Meeting, is_new: bool = False, **given: Any) -> None:
        super().__init__(*args, meeting=meeting, **given)
        self.is_new = is_new
        self.type.choices = choices({kind.key: pick(kind.name) for kind in meeting.session_types})
        none = gettext("None")
        self.track.choices = choices({"": none, **{track.key: pick(track.name) for track in meeting.tracks}})
        self.track.label.text = pick(meeting.track_label) or gettext("Track")

    def validate_code(self, field: Field) -> None:
        """A word of an address."""
        if self.is_new and field.data and not CODE.fullmatch(field.data):
            raise ValidationError(gettext("Only the letters a to z, digits and hyphens can stand in it."))

    def validate_title_en(self, field: Field) -> None:
        """A title in one language at least."""
        if not any(self.texts("title").values()):
            raise ValidationError(gettext("Write a title, in one language at least."))

    def validate_language(self, field: Field) -> None:
        """A language tag (BCP 47)."""
        if not LANGUAGE_TAG.fullmatch(field.data or ""):
            raise ValidationError(gettext("Write a language tag such as en, ja or pt-BR."))

    def fill_in(self, planned: Planned) -> None:
        """Show a session in the form."""
        self.show(planned)
        for name in self.TEXTS:
            self.fill(name, dict(getattr(planned, name)))
        for name in ("code", "type", "language", "format", "expected"):
            self[name].data = getattr(planned, name)
        self.track.data, self.tags.data = planned.track or "", ", ".join(planned.tags)
        self.buffer.data = planned.buffer or None

    def facts(self, before: Planned | None = None) -> dict[str, Any]:
        """What was entered, by the names of `Planned`; texts keep what they say in languages not offered here."""
        texts = {name: self.texts(name) for name in self.TEXTS}
        if before is not None:
            for name in self.TEXTS:
                kept = {tag: words for tag, words in getattr(before, name).items() if tag not in LANGUAGES}
                texts[name] = {**kept, **texts[name]}
        return {
            **texts,
            **self.place(),
            "type": self.type.data,
            "track": self.track.data or None,
            "language": self.language.data,
            "format": self.format.data or "",
            "tags": tuple(tag for tag in (one_line(tag)[:60] for tag in (self.tags.data or "").split(",")) if tag),
            "expected": self.expected.data,
            "buffer": self.buffer.data or 0,
        }


class HoursForm(PlainForm):
    """Hours in which a room is closed or somebody cannot come. Made for a meeting."""

    what = SelectField(lazy("Room"), [Optional()])
    name = StringField(
        lazy("Name"),
        [Optional(), Length(max=200)],
        filters=[one_line],
        render_kw={"list": "people", "autocomplete": "off"},
    )
    first_day = DateField(lazy("First day"), [InputRequired()])
    first_time = TimeField(lazy("Starts at"), [InputRequired()])
    last_day = DateField(lazy("Last day"), [InputRequired()])
    last_time = TimeField(lazy("Ends at"), [InputRequired()])
    reason = line(lazy("Reason"), 200)

    def __init__(self, *args: Any, meeting: Meeting, of_person: bool, **given: Any) -> None:
        super().__init__(*args, **given)
        self.meeting, self.of_person = meeting, of_person
        rooms = {str(room.id): pick(room.name) for room in meeting.rooms}
        self.what.choices = choices({"": gettext("The whole venue"), **rooms})

    def validate_name(self, field: Field) -> None:
        """Whose hours they are."""
        if self.of_person and not field.data:
            raise ValidationError(gettext("Write the name as it stands in the programme."))

    def validate_last_time(self, field: Field) -> None:
        """An end after the start."""
        if any(day and not FIRST_YEAR <= day.year <= LAST_YEAR for day in (self.first_day.data, self.last_day.data)):
            raise ValidationError(gettext("Choose days around those of the meeting."))
        if None not in (self.first_day.data, self.first_time.data, self.last_day.data, field.data):
            first, last = self.stretch()
            if last <= first:
                raise ValidationError(gettext("It must end after it starts."))

    def stretch(self) -> tuple[datetime, datetime]:
        """From when to when, in UTC."""
        zone = self.meeting.timezone
        return (
            clock.instant(self.first_day.data or date.min, self.first_time.data or time(), zone),
            clock.instant(self.last_day.data or date.min, self.last_time.data or time(), zone),
        )


def rules_form(rules: Rules, data: Any = None) -> PlainForm:
    """A form of how strict each rule is, with the minutes that two of them need."""
    strict = choices({severity.value: gettext(SEVERITY_NAMES[severity]) for severity in Severity})
    fields: Mapping[str, Any] = {
        **{rule.value: SelectField(gettext(RULE_NAMES[rule]), [InputRequired()], choices=strict) for rule in Rule},
        "walk": whole_number(gettext("Minutes needed to change rooms"), 0, 240),
        "buffer_minutes": whole_number(gettext("Minutes between two sessions of a room"), 0, 240),
    }
    made = type("RulesForm", (PlainForm,), dict(fields))
    kept = {rule.value: rules.severity(rule).value for rule in Rule} | {
        "walk": rules.walk,
        "buffer_minutes": rules.buffer,
    }
    form: PlainForm = made(data) if data is not None else made(data=kept)
    return form


def rules_entered(form: PlainForm) -> Rules:
    """The rules that a valid form says."""
    severities = {rule: Severity(form[rule.value].data) for rule in Rule}
    return Rules(severities, walk=form["walk"].data or 0, buffer=form["buffer_minutes"].data or 0)


class WaiverForm(PlainForm):
    """Why one clash is to be."""

    case = StringField(lazy("Case"), [DataRequired(), Length(max=600)], filters=[trimmed])
    reason = line(lazy("Reason"), 300, needed=True)


class PublishForm(PlainForm):
    """What a version is for, and whether those it concerns are written to."""

    note = TextAreaField(
        lazy("Note"),
        [Optional(), Length(max=1000)],
        filters=[trimmed],
        description=lazy("What this version is about, for the public change log and the letters."),
    )
    tell = BooleanField(lazy("Write to those affected"))
    seen = IntegerField(lazy("Seen as of"), [Optional()], widget=HiddenInput())
