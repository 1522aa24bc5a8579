"""What people enter about themselves."""

import unicodedata
from datetime import datetime
from typing import Any, cast

from wtforms import BooleanField, EmailField, Field, Form, RadioField, SelectField, StringField
from wtforms.validators import StopValidation, ValidationError

from server.meetings.models import Meeting, Mode
from server.people.models import normal_address
from server.registration.countries import country_choices
from server.registration.models import Admission, Attendance, Particulars, Registration
from server.registration.words import GENDERS, GROUPS
from server.web.form import PlainForm, choices, line, mail_field, whole_number
from server.web.language import gettext, lazy

#: No field takes more. To put 100,000 accents on one letter in order takes a processor ten seconds.
LONGEST_TIDIED = 1000
#: What a consent is; everything else is none.
YES = frozenset({"y", "yes", "1", "true", "on"})
#: Marks that turn the direction of what follows: a name with them can make its neighbours read as something else.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def tidy(text: str | None) -> str:
    """What was typed, in one spelling (Unicode NFC) and without spaces around; what is far too long stays as it is."""
    if text and len(text) > LONGEST_TIDIED:
        return text
    return unicodedata.normalize("NFC", text or "").strip()


def is_plain(text: str) -> bool:
    """Whether a text of one line is free of control characters; letters of every script are welcome."""
    return not any(mark in _TURNING or unicodedata.category(mark) in ("Cc", "Cs", "Zl", "Zp") for mark in text)


class Needed:
    """The field must be filled in; says so in words of its own."""

    def __init__(self, message: str) -> None:
        self.message = message
        self.field_flags = {"required": True}

    def __call__(self, form: Form, field: Field) -> None:
        if not field.data:
            raise StopValidation(str(self.message))


class OneLine:
    """A line of text up to a length, in any script."""

    def __init__(self, longest: int) -> None:
        self.longest = longest
        self.field_flags = {"maxlength": longest}

    def __call__(self, form: Form, field: Field) -> None:
        if len(field.data) > self.longest:
            raise StopValidation(gettext("This is too long: at most %(n)d characters fit.") % {"n": self.longest})
        if not is_plain(field.data):
            raise StopValidation(gettext("This contains a character that is not text, such as a line break."))


def one_of_those_offered(form: Form, field: Field) -> None:
    """The field holds one of its choices; the message does not repeat what was sent."""
    if field.data not in [choice.value for choice in cast(Any, field).choices]:
        raise StopValidation(gettext("Please choose one of those offered."))


class ConsentField(BooleanField):
    """A box to tick by which somebody agrees to something: what does not plainly say yes is a no."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Whether it was ticked."""
        self.data = bool(valuelist) and str(valuelist[0]).strip().lower() in YES


class RegistrationForm(PlainForm):
    """The form with which somebody registers."""

    given_name = StringField(
        lazy("Given name"), [Needed(lazy("Please enter your given name.")), OneLine(100)], filters=[tidy]
    )
    family_name = StringField(
        lazy("Family name"),
        [Needed(lazy("Please enter your family name.")), OneLine(100)],
        filters=[tidy],
        description=lazy("If you have one name only, enter a dash (-)."),
    )
    email: Any = EmailField(
        lazy("Mail address"),
        [Needed(lazy("Please enter your mail address."))],
        filters=[tidy],
        description=lazy("Your private link goes to this address. It is never shown to others."),
    )
    country = SelectField(
        lazy("Country or area"),
        [Needed(lazy("Please choose your country or area.")), one_of_those_offered],
        filters=[lambda code: tidy(code).upper()],
        validate_choice=False,
    )
    organisation = StringField(
        lazy("Organisation"),
        [Needed(lazy("Please enter your organisation, or “independent”.")), OneLine(200)],
        filters=[tidy],
        description=lazy("Whom you are with, or “independent”."),
    )
    stakeholder_group = RadioField(
        lazy("Stakeholder group"),
        [Needed(lazy("Please choose the group you belong to.")), one_of_those_offered],
        validate_choice=False,
    )
    attendance = RadioField(
        lazy("How you take part"),
        [Needed(lazy("Please choose how you take part.")), one_of_those_offered],
        validate_choice=False,
    )
    gender = SelectField(
        lazy("Gender"),
        [one_of_those_offered],
        validate_choice=False,
        filters=[tidy],
        description=lazy("Counted; only the organisers see it. It helps to see who is missing."),
    )
    first_time = SelectField(
        lazy("Is this your first meeting of this kind?"),
        [one_of_those_offered],
        validate_choice=False,
        filters=[tidy],
        description=lazy("Counted; only the organisers see it."),
    )
    public = ConsentField(
        lazy("List me among the participants"),
        description=lazy(
            "Everybody can then see your name, organisation, country and stakeholder group, and nothing else. "
            "You can take this back at any time."
        ),
    )

    def __init__(
        self,
        sent: Any = None,
        *,
        meeting: Meeting,
        admission: Admission,
        now: datetime,
        obj: Registration | None = None,
        asking: Any = None,
        **given: Any,
    ) -> None:
        super().__init__(sent, obj=obj, **given)
        if obj is not None and sent is None:
            self.first_time.data = _FIRST_TIME_SAID[obj.first_time]
        comes = obj is not None and obj.onsite
        self.country.choices = choices({"": gettext("Choose…"), **dict(country_choices())})
        self.stakeholder_group.choices = choices(GROUPS)
        #: How this person can take part, by the word for it.
        self.ways = _ways_to_attend(meeting, admission, now, comes=comes)
        self.attendance.choices = choices(self.ways)
        if admission.asks_gender:
            self.gender.choices = choices({"": gettext("I would rather not say"), **GENDERS})
        else:
            del self.gender
        if admission.asks_first_time:
            self.first_time.choices = choices(
                {"": gettext("I would rather not say"), "yes": gettext("Yes"), "no": gettext("No")}
            )
        else:
            del self.first_time
        #: The meeting's own questions (`asking.Asking`), whose fields it puts into this form.
        self.asking = asking
        if asking is not None:
            asking.put_into(self, sent)

    def particulars(self, known: Registration | None = None) -> Particulars:
        """What was entered, once it is valid; what the meeting does not ask stays as it is known."""
        given: dict[str, Any] = {"gender": known.gender if known else "", **self.data}
        told = {"yes": True, "no": False}.get(given["first_time"]) if "first_time" in given else None
        given["first_time"] = told if self._fields.get("first_time") or known is None else known.first_time
        return cast(Particulars, {name: given[name] for name in Particulars.__annotations__})

    def validate_email(self, field: Field) -> None:
        """An address we can write to."""
        try:
            normal_address(field.data)
        except ValueError:
            raise ValidationError(
                gettext("This is not a mail address we can write to. It looks like name@example.org.")
            ) from None

    @property
    def address(self) -> str:
        """The mail address in its one spelling, once it is valid."""
        return normal_address(str(self.data["email"]))


class ChangeForm(RegistrationForm):
    """What somebody can change later: everything but the address, which is who they are."""

    email = None  # so WTForms takes a field away


def _ways_to_attend(meeting: Meeting, admission: Admission, now: datetime, *, comes: bool) -> dict[str, str]:
    """Onsite and online, side by side; a virtual meeting has no site, and after a day nobody new can come to it."""
    words = {
        Attendance.ONSITE: gettext("Onsite, at the venue"),
        Attendance.ONLINE: gettext("Online, from where I am"),
    }
    too_late = admission.onsite_until is not None and admission.onsite_until <= now
    only_online = (meeting.mode == Mode.VIRTUAL or too_late) and not comes
    return {way: words[way] for way in ([Attendance.ONLINE] if only_online else Attendance)}


_FIRST_TIME_SAID = {None: "", True: "yes", False: "no"}


class AddressForm(PlainForm):
    """Another mail address."""

    email = mail_field(lazy("New mail address"), normal_address)

    @property
    def address(self) -> str:
        """The mail address in its one spelling, once it is valid."""
        return normal_address(str(self.email.data))


class ReasonForm(PlainForm):
    """Why the desk does something; the person reads it in the letter."""

    reason = line(lazy("Reason"), 500, hint=lazy("It stands in the letter to the person."))


class PlaceForm(PlainForm):
    """Another place in the waiting list."""

    position = whole_number(lazy("Place in the waiting list"), 1, 100_000, needed=True)
    reason = line(lazy("Reason"), 500, needed=True, hint=lazy("It stands in the history, for the desk only."))
