"""What writers of a live summary send."""

import re

from wtforms import BooleanField, Field, Form, HiddenField, IntegerField, StringField, TextAreaField
from wtforms.validators import (
    AnyOf,
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    Regexp,
    ValidationError,
)

from server.web.form import PlainForm, trimmed
from server.web.language import N_, gettext, lazy

LONGEST_TEXT = 10_000
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3}", re.ASCII)


def clean(text: str | None) -> str:
    """What was typed, with plain line ends and without control characters, which no font shows."""
    return _CONTROL.sub("", (text or "").replace("\r\n", "\n").replace("\r", "\n")).strip()


def canonical(tag: str | None) -> str:
    """A language tag as BCP 47 (2.1.1) writes it: `zh-Hant`, `pt-BR`. What is none stays as it was typed."""
    first, *more = clean(tag).split("-")
    if not is_tag(clean(tag)):
        return clean(tag)
    cased = [part.title() if len(part) == 4 else part.upper() if len(part) == 2 else part.lower() for part in more]
    return "-".join([first.lower(), *cased])


def is_tag(tag: str) -> bool:
    """Whether this looks like a language tag."""
    return _TAG.fullmatch(tag) is not None


def _is_tag(_form: Form, field: Field) -> None:
    if not is_tag(field.data or ""):
        raise ValidationError(gettext(N_("This is no language tag, such as en or ja.")))


class _Words(PlainForm):
    text = TextAreaField(
        lazy("Paragraph"),
        filters=[clean],
        validators=[
            DataRequired(lazy("Write something first.")),
            Length(max=LONGEST_TEXT, message=lazy("A paragraph has at most 10,000 characters.")),
        ],
    )
    lang = StringField(lazy("Language"), filters=[canonical], validators=[Optional(), _is_tag])


class ParagraphForm(_Words):
    """A new paragraph. `key` makes a form that is sent twice one paragraph, as the header does for programs."""

    key = HiddenField(validators=[Optional(), Length(max=100)])


class EditForm(_Words):
    """Other words for a paragraph, written against revision `base_rev`."""

    base_rev = IntegerField(validators=[InputRequired(lazy("Say which revision these words replace."))])


class RetractForm(PlainForm):
    """Why a paragraph is taken back; followers read it in its place."""

    reason = StringField(
        lazy("Reason"),
        filters=[clean],
        validators=[DataRequired(lazy("Say why, followers will read it.")), Length(max=500)],
    )


class MoveForm(PlainForm):
    """Before which paragraph one is put; before none is at the end."""

    before = StringField(filters=[trimmed], validators=[Optional(), Length(max=20)])


class TranslationForm(PlainForm):
    """A paragraph's words in another language; none take that language away.

    `of` is the revision that was translated, `base_rev` the revision of the translation that these words replace.
    """

    lang = StringField(lazy("Language"), filters=[canonical], validators=[_is_tag])
    text = TextAreaField(
        lazy("Translation"),
        filters=[clean],
        validators=[Length(max=LONGEST_TEXT, message=lazy("A paragraph has at most 10,000 characters."))],
    )
    of = IntegerField(validators=[InputRequired(lazy("Say which revision of the paragraph this translates."))])
    base_rev = IntegerField(
        validators=[InputRequired(lazy("Say which revision of the translation these words replace; 0 is none."))]
    )


class HereForm(PlainForm):
    """An open page says that it is there: `number` is the paragraph it works on, 0 the next one, none only looks on."""

    tab = StringField(validators=[Regexp(r"^[A-Za-z0-9.-]{1,40}$")])
    number = IntegerField(validators=[Optional(), NumberRange(min=0, max=999_999_999)])
    gone = BooleanField()


class LockForm(PlainForm):
    """Whether only organisers may write. A JSON `false` arrives as nothing, as an unticked box does."""

    locked = StringField(
        filters=[trimmed], validators=[AnyOf(("", "true", "false"), message=lazy("A summary is locked or it is not."))]
    )

    @property
    def locks(self) -> bool:
        """Whether it is to be locked."""
        return self.locked.data == "true"


class StatusForm(PlainForm):
    """Whether the summary is being written."""

    status = StringField(
        lazy("Status"),
        validators=[AnyOf(("live", "closed"), message=lazy("A summary can be made live or closed."))],
    )
