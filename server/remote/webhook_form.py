"""What organisers enter about a webhook."""

from collections.abc import Mapping
from typing import Any

from wtforms import Field, RadioField, SelectField, StringField
from wtforms.validators import DataRequired, Length, ValidationError

from server.outside import BadAddress, normal_url
from server.web.form import PlainForm, choices, one_line, trimmed
from server.web.language import gettext, lazy

LONGEST_URL = 1000
ALL = "*"
NOW, BEGINNING = "now", "beginning"


class WebhookForm(PlainForm):
    """What it is called, and where it leads. `local` allows addresses of this machine as well."""

    label = StringField(
        lazy("Name"), [DataRequired(), Length(max=200)], filters=[one_line],
        description=lazy("Such as the organisation that gets it."),
    )  # fmt: skip
    url = StringField(
        lazy("Address"), [DataRequired()], filters=[trimmed],
        description=lazy("Where its server takes webhooks, such as https://example.org/plenary."),
    )  # fmt: skip

    def __init__(self, *args: Any, local: bool = False, **given: Any) -> None:
        super().__init__(*args, **given)
        self.local = local

    def validate_url(self, field: Field) -> None:
        """Take the address as it is sent to."""
        try:
            field.data = normal_url(field.data or "", local=self.local)
        except BadAddress as fault:
            raise ValidationError(gettext(str(fault))) from fault
        if len(field.data) > LONGEST_URL:
            raise ValidationError(gettext("This address is too long: at most 1,000 characters fit."))


class NewWebhookForm(WebhookForm):
    """A new one: also of which sessions, and from where on."""

    session = SelectField(lazy("Sessions"), [DataRequired()], default=ALL)
    begin = RadioField(lazy("It gets"), [DataRequired()], default=NOW)

    def __init__(self, *args: Any, sessions: Mapping[str, str], **given: Any) -> None:
        super().__init__(*args, **given)
        self.session.choices = choices({ALL: gettext("All sessions"), **sessions})
        self.begin.choices = choices(
            {NOW: gettext("What is written from now on"), BEGINNING: gettext("Everything written so far as well")}
        )
