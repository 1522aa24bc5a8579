"""What organisers enter about a reminder: what it says, to whom it goes, when."""

from datetime import date
from typing import Any

from wtforms import BooleanField, DateField, HiddenField, RadioField, SelectField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from server.registration.countries import country_choices
from server.registration.filters import NAMES
from server.registration.models import Reminder
from server.registration.reminders import CHOICELESS, Wording
from server.registration.states import OUT
from server.registration.words import ATTENDANCES, GROUPS, REGIONS, STATES
from server.web.form import InstantField, PlainForm, SeveralField, TextsForm, choices, line
from server.web.language import LANGUAGES, gettext, lazy
from server.web.render import day

#: What a reminder can be narrowed by.
FILTERS = (*NAMES, CHOICELESS)
#: Characters of a subject and of a text.
LONGEST_SUBJECT, LONGEST_BODY = 150, 5000
NOW, LATER = "now", "later"


def paragraphs(text: str | None) -> str:
    """A filter: lines without spaces at their ends, and one blank line at most between two."""
    kept: list[str] = []
    for one in map(str.rstrip, (text or "").strip().splitlines()):
        if one or kept[-1]:
            kept.append(one)
    return "\n".join(kept)


def _words(label: str, hint: str = "") -> TextAreaField:
    return TextAreaField(
        label, [Optional(), Length(max=LONGEST_BODY)], filters=[paragraphs], description=hint, render_kw={"rows": 10}
    )


class ReminderForm(TextsForm):
    """What a reminder says and to whom it goes. One language is enough; nobody who is out is offered."""

    subject_en = line(lazy("Subject in English"), LONGEST_SUBJECT)
    body_en = _words(
        lazy("Text in English"),
        lazy("A blank line begins a paragraph. Reference, state, private link and calendar follow by themselves."),
    )
    subject_ja = line(lazy("Subject in Japanese"), LONGEST_SUBJECT)
    body_ja = _words(lazy("Text in Japanese"))
    q = line(lazy("Name, address or reference"), 100, hint=lazy("Every word has to be found in one of them."))
    state = SeveralField(
        lazy("State"), choices=choices({key: words for key, words in STATES.items() if key not in OUT})
    )
    group = SeveralField(lazy("Stakeholder group"), choices=choices(GROUPS))
    attendance = SelectField(lazy("Attendance"), default="")
    country = SelectField(lazy("Country or area"), default="", filters=[lambda code: (code or "").strip().upper()])
    region = SelectField(lazy("Region"), default="")
    language = SelectField(lazy("Language of letters"), default="")
    link = SelectField(lazy("Private link"), default="")
    since = DateField(lazy("Registered since"), [Optional()])
    until = DateField(lazy("Registered until"), [Optional()])
    choiceless = BooleanField(lazy("Only those who have chosen no session yet"))
    edition = HiddenField()

    def __init__(self, sent: Any = None) -> None:
        super().__init__(sent)
        everybody = {"": gettext("All")}
        for name, offered in _offered().items():
            select: Any = self[name]
            select.choices = choices({**everybody, **offered})

    def validate(self, extra_validators: Any = None) -> bool:
        """Each language that is begun has a subject and a text, and one language has."""
        valid: bool = super().validate(extra_validators)
        missing = [
            (name, gettext("Please write this in the same languages as the other."))
            for tag in LANGUAGES
            for name, other in ((f"subject_{tag}", f"body_{tag}"), (f"body_{tag}", f"subject_{tag}"))
            if self[other].data and not self[name].data
        ]
        if not any(self.texts("subject") | self.texts("body")):
            missing = [
                (f"{name}_en", gettext("Please write it in one language at least.")) for name in ("subject", "body")
            ]
        for name, words in missing:
            self[name].errors = [*self[name].errors, words]
        return valid and not missing

    def wording(self) -> Wording:
        """What was entered, once it is valid."""
        given = {name: self[name].data for name in FILTERS}
        days = {name: given[name].isoformat() if given[name] else "" for name in ("since", "until")}
        chosen = {**given, **days, CHOICELESS: "yes" if given[CHOICELESS] else ""}
        filters = {name: value if isinstance(value, list) else [value] for name, value in chosen.items() if value}
        return Wording(self.texts("subject"), self.texts("body"), filters)

    def audience(self) -> list[tuple[str, list[str]]]:
        """To whom it goes, in words: each thing it is narrowed by, and how."""
        told = []
        for field in (self[name] for name in FILTERS if self[name].data):
            offered = {choice.value: choice.label for choice in getattr(field, "choices", ())}
            values = field.data if isinstance(field.data, list) else [field.data]
            told.append((field.label.text, [offered.get(value) or _in_words(value) for value in values]))
        return told


def _in_words(value: str | date | bool) -> str:
    if isinstance(value, bool):
        return gettext("Yes")
    return day(value, "long") if isinstance(value, date) else value


def entered(reminder: Reminder) -> list[tuple[str, str]]:
    """What one would enter to have a reminder like this one."""
    texts = {"subject": reminder.subject, "body": reminder.body}
    words = [(f"{name}_{tag}", text) for name, several in texts.items() for tag, text in several.items()]
    return words + [(name, value) for name, values in reminder.filters.items() for value in values]


def _offered() -> dict[str, dict[str, str]]:
    """What can be chosen of which one has to fit, besides everything."""
    return {
        "attendance": ATTENDANCES, "country": dict(country_choices()), "region": REGIONS, "language": LANGUAGES,
        "link": {"unopened": gettext("Not opened yet"), "opened": gettext("Opened")},
    }  # fmt: skip


class ScheduleForm(PlainForm):
    """When it is sent: at once, or at an instant on the meeting's clocks."""

    when = RadioField(
        lazy("When"), [DataRequired()], choices=choices({NOW: lazy("At once"), LATER: lazy("At the time below")})
    )
    at = InstantField(lazy("Day and time"), [Optional()])
    edition = HiddenField()

    def validate(self, extra_validators: Any = None) -> bool:
        """Later needs a time: a forgotten one never sends at once."""
        valid: bool = super().validate(extra_validators)
        if self.when.data == LATER and self.at.data is None and not self.at.errors:
            self.at.errors = [gettext("Please choose day and time.")]
            return False
        return valid
