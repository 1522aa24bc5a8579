"""Forms: WTForms with our translations, the same for a posted form and a posted JSON object."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from wtforms import (  # type: ignore[attr-defined]  # its types are those of an older release
    DateTimeLocalField,
    EmailField,
    Form,
    IntegerField,
    SelectChoice,
    SelectMultipleField,
    StringField,
)
from wtforms.i18n import get_translations
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from server import clock
from server.problems import Faulty, Problem
from server.web.language import LANGUAGES, N_, current, gettext

#: WTForms' own messages that our fields show. Its catalogues are rough in places: these are in ours.
SHOWN = (
    N_("This field is required."),
    N_("Not a valid choice."),
    N_("Not a valid date value."),
    N_("Not a valid integer value."),
    N_("Number must be between %(min)s and %(max)s."),
    N_("Field cannot be longer than %(max)d character."),
)


class _Messages:
    """Our words for WTForms' messages in the current language, else its own."""

    def gettext(self, message: str) -> str:
        ours = gettext(message)
        return ours if ours != message else str(get_translations([current.get(), "en"]).gettext(message))

    def ngettext(self, one: str, many: str, n: int) -> str:
        ours = gettext(one)
        return ours if ours != one else str(get_translations([current.get(), "en"]).ngettext(one, many, n))


class PlainForm(Form):
    """Base of all forms. A faulty one is shown again with what was typed and each field's message."""

    class Meta:
        def get_translations(self, form: Form) -> Any:
            """Messages in the language of the request."""
            return _Messages()

    def faults(self) -> dict[str, str]:
        """The first message of each faulty field."""
        return {str(name): str(next(iter(messages))) for name, messages in self.errors.items() if messages}

    def checked(self) -> "PlainForm":
        """The form itself when it is valid; raises Faulty with each field's message otherwise."""
        if not self.validate():
            raise Faulty(N_("Please check the fields named below."), errors=self.faults())
        return self

    def blame(self, problem: Problem) -> None:
        """Say beside its field what could not be done, and above all of them what is no single field's."""
        for name, words in problem.errors.items():
            self[name].errors = [*self[name].errors, gettext(words)]
        if not problem.errors:
            self.form_errors = [problem.worded(gettext)]


def one_line(text: str | None) -> str:
    """A filter: text without line breaks or doubled spaces; names and labels end up in letters."""
    return " ".join((text or "").split())


def trimmed(text: str | None) -> str:
    """A filter: text without spaces around."""
    return (text or "").strip()


def mail_field(label: str, normal: Callable[[str], str], **options: Any) -> EmailField:
    """A field for a mail address that has to be given; `normal(text)` raises ValueError for what is none."""

    def is_mail_address(_form: Form, field: Any) -> None:
        try:
            normal(field.data or "")
        except ValueError as fault:
            raise ValidationError(gettext(N_("This is not a mail address. It looks like name@example.org."))) from fault

    return EmailField(label, [DataRequired(), Length(max=320), is_mail_address], filters=[trimmed], **options)


def choices(named: Mapping[str, str]) -> list[Any]:
    """The choices of a select or radio field: what is sent, and its label."""
    return [SelectChoice(value, label) for value, label in named.items()]


def line(label: str, longest: int = 300, *, needed: bool = False, hint: str = "") -> StringField:
    """A field for one line of text."""
    checks = [DataRequired() if needed else Optional(), Length(max=longest)]
    return StringField(label, checks, filters=[one_line], description=hint)


def whole_number(label: str, lowest: int, highest: int, *, needed: bool = False, hint: str = "") -> IntegerField:
    """A field for a whole number."""
    checks = [InputRequired() if needed else Optional(), NumberRange(min=lowest, max=highest)]
    return IntegerField(label, checks, description=hint)


class SeveralField(SelectMultipleField):
    """A field of which any number of choices may be taken, each with a box to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __iter__(self) -> Iterator[Any]:
        """The boxes. That one is needed is said of none of them: a browser would want each to be ticked."""
        for box in super().__iter__():
            box.flags.required = False
            yield box


class InstantField(DateTimeLocalField):
    """A field for an instant, written as the clock of a place shows it: the zone is the form's, `meta={"zone": zone}`.

    `data` is in UTC. A program may write an offset as well, which then counts (ISO 8601).
    """

    def process_formdata(self, valuelist: list[Any]) -> None:
        """What was entered; raises ValueError, in words, for what is no instant."""
        text = str(valuelist[0]).strip() if valuelist else ""
        try:
            self.data = self._instant(text) if text else None
        except OverflowError:
            raise ValueError(gettext(_NO_INSTANT)) from None

    def _instant(self, text: str) -> datetime:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise ValueError(gettext(_NO_INSTANT)) from None
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
        found = clock.instant(moment.date(), moment.time(), self.meta.zone)
        if clock.local(found, self.meta.zone).replace(tzinfo=None) != moment:
            raise ValueError(gettext("On this day the clocks go forward, and there is no such time."))
        return found

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return f"{clock.local(self.data, self.meta.zone):%Y-%m-%dT%H:%M}" if self.data else ""


_NO_INSTANT = N_("This is no day and time. It looks like 2014-09-02T18:00.")


class TextsForm(PlainForm):
    """A form in which some texts exist in each language, as fields `name_en`, `name_ja`."""

    def texts(self, name: str) -> dict[str, str]:
        """A text in the languages in which it was given."""
        given = {tag: self[f"{name}_{tag}"].data for tag in LANGUAGES}
        return {tag: words for tag, words in given.items() if words}

    def fill(self, name: str, texts: dict[str, str]) -> None:
        """Show a text in its fields."""
        for tag in LANGUAGES:
            self[f"{name}_{tag}"].data = texts.get(tag, "")
