"""What people send about their accounts."""

from collections.abc import Callable
from typing import Any

from wtforms import EmailField, Form, HiddenField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from server.people.models import normal_address
from server.web.form import PlainForm, choices
from server.web.language import LANGUAGES, N_, gettext, lazy


def one_line(text: str | None) -> str:
    """Text without line breaks or doubled spaces: names and labels end up in letters."""
    return " ".join((text or "").split())


def trimmed(text: str | None) -> str:
    """Text without spaces around."""
    return (text or "").strip()


def is_mail_address(_form: Form, field: Any) -> None:
    """WTForms validator: the field holds a mail address."""
    try:
        normal_address(field.data or "")
    except ValueError as fault:
        raise ValidationError(gettext(N_("This is not a mail address. It looks like name@example.org."))) from fault


def mail_field(label: str, **options: Any) -> EmailField:
    """A field for a mail address that has to be given."""
    checks: list[Callable[..., None]] = [DataRequired(), Length(max=320), is_mail_address]
    return EmailField(label, checks, filters=[trimmed], **options)


class SignInForm(PlainForm):
    """Who wants to sign in, and where to go from there."""

    email = mail_field(lazy("Mail address"))
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
