"""What people send about their accounts."""

from wtforms import HiddenField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from server.people.models import normal_address
from server.web.form import PlainForm, choices, mail_field, one_line, trimmed
from server.web.language import LANGUAGES, lazy


class SignInForm(PlainForm):
    """Who wants to sign in, and where to go from there."""

    email = mail_field(lazy("Mail address"), normal_address)
    next = HiddenField(filters=[trimmed])


class AccountForm(PlainForm):
    """What a person may change about the account."""

    name = StringField(
        lazy("Name"),
        [Length(max=200)],
        filters=[one_line],
        description=lazy("As it is shown to those with whom you work at a meeting."),
    )
    language = SelectField(
        lazy("Language"),
        [InputRequired()],
        choices=choices(LANGUAGES),
        description=lazy("For pages and for the letters we send you."),
    )


class TokenForm(PlainForm):
    """What a new token is for."""

    label = StringField(
        lazy("What it is for"),
        [DataRequired(), Length(max=100)],
        filters=[one_line],
        description=lazy("For example the name of the program that will use it."),
    )
