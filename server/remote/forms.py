"""What writers of a live summary send."""

import re

from wtforms import HiddenField, IntegerField, StringField, TextAreaField
from wtforms.validators import AnyOf, DataRequired, InputRequired, Length, Optional, Regexp

from server.web.form import PlainForm
from server.web.language import lazy

LONGEST_TEXT = 10_000
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def clean(text: str | None) -> str:
    """What was typed, with plain line ends and without control characters, which no font shows."""
    return _CONTROL.sub("", (text or "").replace("\r\n", "\n").replace("\r", "\n")).strip()


class _Words(PlainForm):
    text = TextAreaField(
        lazy("Paragraph"),
        filters=[clean],
        validators=[
            DataRequired(lazy("Write something first.")),
            Length(max=LONGEST_TEXT, message=lazy("A paragraph has at most 10,000 characters.")),
        ],
    )
    lang = StringField(
        lazy("Language"),
        filters=[clean],
        validators=[
            Optional(),
            Regexp(
                r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3}$", message=lazy("This is no language tag, such as en or ja.")
            ),
        ],
    )


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


class StatusForm(PlainForm):
    """Whether the summary is being written."""

    status = StringField(
        lazy("Status"),
        validators=[AnyOf(("live", "closed"), message=lazy("A summary can be made live or closed."))],
    )
