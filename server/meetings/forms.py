"""What organisers enter about a meeting."""

import re
from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit

from wtforms import BooleanField, DateField, Field, Form, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from server.clock import is_zone
from server.meetings.models import COLOURS, LONGEST_SLUG, RESERVED_SLUGS, Mode, Role
from server.people.models import normal_address
from server.web.form import PlainForm, TextsForm, choices, line, mail_field, one_line, whole_number
from server.web.language import N_, gettext, lazy

SLUG = re.compile("[a-z0-9-]+")
#: Years in which a meeting can be, as in programme files.
FIRST_YEAR, LAST_YEAR = 1900, 2199
#: WTForms' own words for a day that is none.
NO_DATE = "Not a valid date value."
SLUG_TAKEN = N_("There is a meeting at this address already. Please choose another one.")


class MeetingForm(TextsForm):
    """The facts of a meeting."""

    TEXTS = ("name", "theme", "city", "country", "venue", "track_label")

    name_en = line(lazy("Name in English"), needed=True)
    name_ja = line(lazy("Name in Japanese"))
    short_name = line(
        lazy("Short name"), 60, needed=True, hint=lazy("As it stands above every page, such as IGF 2014.")
    )
    number = whole_number(lazy("Number in the series"), 1, 9999)
    theme_en = line(lazy("Theme in English"))
    theme_ja = line(lazy("Theme in Japanese"))
    mode = SelectField(
        lazy("How people come together"),
        [InputRequired()],
        choices=choices({Mode.HYBRID: lazy("At a place and online"), Mode.VIRTUAL: lazy("Online only")}),
    )
    city_en = line(lazy("City in English"))
    city_ja = line(lazy("City in Japanese"))
    country_en = line(lazy("Country in English"))
    country_ja = line(lazy("Country in Japanese"))
    venue_en = line(lazy("Venue in English"))
    venue_ja = line(lazy("Venue in Japanese"))
    timezone = StringField(
        lazy("Time zone"),
        [DataRequired()],
        filters=[one_line],
        render_kw={"list": "zones", "autocomplete": "off", "spellcheck": "false"},
        description=lazy("The zone of the venue's clocks, such as Europe/Istanbul."),
    )
    first_day = DateField(lazy("First day"), [InputRequired()], description=lazy("Day 1. A day 0 is the day before."))
    days = whole_number(lazy("Number of days"), 1, 60, needed=True, hint=lazy("Without day 0."))
    has_day_zero = BooleanField(lazy("There is a day 0, the day before the first day"))
    track_label_en = line(lazy("What a track is called, in English"), 60, hint=lazy("Such as Sub-theme."))
    track_label_ja = line(lazy("What a track is called, in Japanese"), 60)
    registration_open = BooleanField(lazy("Registration is open"))
    credit = line(lazy("Credit"), hint=lazy("Whom to thank for the programme, at the foot of every page."))

    def validate_timezone(self, field: Field) -> None:
        """An IANA time zone."""
        if not is_zone(field.data):
            raise ValidationError(gettext("There is no such time zone. It looks like Europe/Istanbul or UTC."))

    def validate_first_day(self, field: Field) -> None:
        """A day of these centuries: the calendar ends in 9999, and a meeting that lasts beyond it has no pages."""
        if field.data and not FIRST_YEAR <= field.data.year <= LAST_YEAR:
            raise ValidationError(field.gettext(NO_DATE))

    def facts(self) -> dict[str, Any]:
        """What was entered, by the meeting's own names."""
        plain = ("number", "mode", "timezone", "first_day", "days", "has_day_zero", "registration_open")
        facts: dict[str, Any] = {name: self[name].data for name in plain}
        facts |= {name: self[name].data or "" for name in ("short_name", "credit")}
        return facts | {name: self.texts(name) for name in self.TEXTS}


class NewMeetingForm(MeetingForm):
    """A new meeting; its address stays as it is for good."""

    slug = StringField(
        lazy("Address"),
        [DataRequired(), Length(max=LONGEST_SLUG)],
        filters=[one_line],
        description=lazy(
            "The part of the address that names the meeting, such as igf2014. It cannot be changed later."
        ),
    )

    def __init__(self, *args: Any, taken: Collection[str] = (), **given: Any) -> None:
        super().__init__(*args, **given)
        self.taken = taken

    def validate_slug(self, field: Field) -> None:
        """A word of an address that is nobody else's."""
        if not SLUG.fullmatch(field.data):
            raise ValidationError(gettext("Only the letters a to z, digits and hyphens can stand in it."))
        if field.data in RESERVED_SLUGS:
            raise ValidationError(gettext("This word is part of other addresses here. Please choose another one."))
        if field.data in self.taken:
            raise ValidationError(gettext(SLUG_TAKEN))


class PartForm(TextsForm):
    """What tracks, session types and rooms have in common."""

    name_en = line(lazy("Name in English"), needed=True)
    name_ja = line(lazy("Name in Japanese"))
    position = whole_number(lazy("Position"), 1, 9999, hint=lazy("1 is the first. Without a number it goes last."))
    TEXTS: tuple[str, ...] = ("name",)
    PLAIN: tuple[str, ...] = ()

    def facts(self) -> dict[str, Any]:
        """What was entered, by the record's own names; the position is apart."""
        return {name: self.texts(name) for name in self.TEXTS} | {name: self[name].data for name in self.PLAIN}


class TrackForm(PartForm):
    """A track."""


class TypeForm(PartForm):
    """A session type."""

    PLAIN = ("colour", "mark", "usual_minutes", "stands_alone")
    colour = SelectField(lazy("Colour"), [InputRequired()])
    mark = line(
        lazy("Mark"), 3, needed=True, hint=lazy("One to three letters that tell it apart where colour does not.")
    )
    usual_minutes = whole_number(
        lazy("Usual minutes"), 5, 1440, needed=True, hint=lazy("For sessions of which only the start is known.")
    )
    stands_alone = BooleanField(lazy("Nothing else should run beside it"))

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.colour.choices = choices({colour: gettext(COLOURS[colour]) for colour in COLOURS})


def is_web_address(_form: Form, field: Field) -> None:
    """WTForms validator: an http or https address. Others, such as `javascript:`, would act on whoever follows them."""
    try:
        parts = urlsplit(field.data or "")
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"[\s\\<>\"]", field.data)
    except ValueError:
        good = False
    if not good:
        raise ValidationError(gettext("This is no web address. It begins with https:// or http://."))


class RoomForm(PartForm):
    """A room."""

    TEXTS = ("name", "place")
    PLAIN = ("capacity", "stream")
    place_en = line(lazy("Where it is, in English"), hint=lazy("Such as the floor or the building."))
    place_ja = line(lazy("Where it is, in Japanese"))
    capacity = whole_number(lazy("How many people fit in"), 1, 1_000_000)
    stream = StringField(
        lazy("Address of its stream"),
        [Optional(), Length(max=500), is_web_address],
        filters=[one_line],
        description=lazy("Where those who take part online see and hear the room."),
    )


class GrantForm(PlainForm):
    """Who gets which role."""

    email = mail_field(lazy("Mail address"), normal_address)
    role = SelectField(lazy("Role"), [InputRequired()])

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.role.choices = choices({role.value: role.label for role in Role})
