"""What the desk enters to do something with many registrations: what, with whom, and why."""

from typing import Any

from wtforms import BooleanField, Field, HiddenField, IntegerField, SelectField, SelectMultipleField
from wtforms.validators import Length, ValidationError

from server.registration.bulk import PIECE
from server.registration.moving import LONGEST_REASON
from server.web.form import PlainForm, choices, line
from server.web.language import gettext, lazy

#: What can be done with many, by the word for it in an address and in a form.
ACTIONS: dict[str, str] = {
    "approve": lazy("Approve"),
    "decline": lazy("Decline"),
    "withdraw": lazy("Withdraw"),
    "reinstate": lazy("Take back"),
    "check-in": lazy("Check in"),
    "letter": lazy("Send the letter again"),
}
#: What has a reason that stands in the letter.
REASONED = frozenset({"decline", "withdraw"})
#: What says nothing new of where somebody stands.
MOVELESS = frozenset({"letter"})


class BulkForm(PlainForm):
    """With those whose `reference` is ticked, or with `all` that fit the filters, of which `count` were seen.

    `sure` is said on the page that asks again; `key` names what was sent, so that it is done once.
    """

    action = SelectField(lazy("What to do"))
    reason = line(lazy("Reason"), LONGEST_REASON)
    reference = SelectMultipleField(lazy("Registrations"), validate_choice=False)
    all = BooleanField(lazy("All that fit"))
    sure = BooleanField()
    count = IntegerField(lazy("How many fit"))
    after = line("", 20)
    key = HiddenField(validators=[Length(max=64)])

    def __init__(self, sent: Any = None, **given: Any) -> None:
        super().__init__(sent, **given)
        self.action.choices = choices({"": gettext("Choose…"), **ACTIONS})

    def validate_action(self, field: Field) -> None:
        """One of those offered."""
        if field.data not in ACTIONS:
            raise ValidationError(gettext("Please choose one of those offered."))

    def validate_reference(self, field: Field) -> None:
        """Somebody has to be meant, and not more than are taken at once."""
        if not self.all.data and not field.data:
            raise ValidationError(gettext("Tick those with whom it is to be done."))
        if len(field.data) > PIECE:
            raise ValidationError(gettext("Name at most %(n)d at a time.") % {"n": PIECE})

    def validate_count(self, field: Field) -> None:
        """Who means all of them says how many they saw."""
        if self.all.data and field.data is None:
            raise ValidationError(gettext("This field is required."))
