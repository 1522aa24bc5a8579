"""The kinds of a meeting's own questions as fields of a form, each with what may be entered there."""

import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from wtforms import (
    DateField,
    Field,
    FileField,
    Form,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import NumberRange, StopValidation

from server.registration.countries import country_choices
from server.registration.file_content import content_type_of, shown_name
from server.registration.forms import ConsentField, OneLine, is_plain, one_of_those_offered, tidy
from server.registration.handed_in import Paper
from server.registration.models import AnswerFile, Question, QuestionKind
from server.registration.questions import USUAL_MEGABYTES, options_offered
from server.web.form import SeveralField, choices
from server.web.language import gettext, pick

LONGEST_LINE, LONGEST_TEXT = 1000, 5000
#: Whole numbers that people mean and every database keeps.
LOWEST, HIGHEST = -1_000_000_000, 1_000_000_000
FIRST_YEAR, LAST_YEAR = 1900, 2199
#: So many options stand side by side; more are offered in a list.
MOST_BUTTONS = 7


class PutTo:
    """The question is put to whoever fills in the form; what others enter there is nothing."""

    def __init__(self, question: Question) -> None:
        self.question = question

    def __call__(self, form: Any, field: Field) -> None:
        if not self.question.is_put_to(form.stakeholder_group.data, form.attendance.data):
            field.errors = []
            raise StopValidation


class Answered:
    """The question has to be answered; says so in the words of its kind."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.field_flags = {"required": True}

    def __call__(self, form: Form, field: Field) -> None:
        if is_empty(field):
            field.errors = []
            words = {
                QuestionKind.CONSENT: gettext("Please tick this: it is needed to take part."),
                QuestionKind.FILE: gettext("Please choose a file."),
            }
            raise StopValidation(words.get(QuestionKind(self.kind), gettext("Please answer this.")))
        if field.errors:
            raise StopValidation


def if_answered(form: Form, field: Field) -> None:
    """A field may stay empty."""
    if is_empty(field):
        field.errors = []
    if is_empty(field) or field.errors:
        raise StopValidation


def is_empty(field: Any) -> bool:
    """Whether nothing was entered; what cannot be read is something."""
    raw = field.raw_data[0] if field.raw_data else ""
    if field.process_errors and not (isinstance(raw, str) and not raw.strip()):
        return False
    return field.data in (None, "", []) or field.data is False


class Lines:
    """A text of several lines up to a length, in any script."""

    def __init__(self, longest: int) -> None:
        self.longest = longest
        self.field_flags = {"maxlength": longest}

    def __call__(self, form: Form, field: Field) -> None:
        if len(field.data) > self.longest:
            raise StopValidation(gettext("This is too long: at most %(n)d characters fit.") % {"n": self.longest})
        if not all(map(is_plain, field.data.split("\n"))):
            raise StopValidation(gettext("This contains a character that is not text."))


def tidy_lines(text: str | None) -> str:
    """What was typed with one spelling (Unicode NFC) and one kind of line break; what is far too long stays as it is."""
    lines = "\n".join((text or "").replace("\t", " ").splitlines()).strip()
    return lines if len(lines) > LONGEST_TEXT else unicodedata.normalize("NFC", lines)


def some_of_those_offered(form: Form, field: Any) -> None:
    """Every choice is one of those offered; the message does not repeat what was sent."""
    if not {*field.data} <= {choice.value for choice in field.choices}:
        raise StopValidation(gettext("Please choose one of those offered."))


def of_these_centuries(form: Form, field: Field) -> None:
    """A day that a calendar has room for."""
    if not FIRST_YEAR <= field.data.year <= LAST_YEAR:
        raise StopValidation(
            gettext("Please enter a day from %(first)d to %(last)d.") % {"first": FIRST_YEAR, "last": LAST_YEAR}
        )


class PaperField(FileField):
    """A field for a file. `data` is one that was chosen now, one that waits from the last time, or one that is kept."""

    def __init__(
        self, label: str, checks: Any = None, *, megabytes: int, known: AnswerFile | None, **options: Any
    ) -> None:
        super().__init__(label, checks, **options)
        self.megabytes, self.known = megabytes, known
        self.waiting: AnswerFile | None = None
        self.token = ""
        self.removes = False

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Look into a file that came; raises ValueError, in words, for what is not taken."""
        sent = valuelist[0] if valuelist else None
        self.data = self.waiting or (None if self.removes else self.known)
        if isinstance(sent, str) and sent:
            raise ValueError(gettext("A file is sent as a part of the form (multipart/form-data)."))
        if not sent or not sent.filename:
            return
        content = sent.file.read(self.megabytes * 1024 * 1024 + 1)
        if len(content) > self.megabytes * 1024 * 1024:
            raise ValueError(gettext("This file is too large: at most %(n)d MB are taken.") % {"n": self.megabytes})
        kind = content_type_of(content)
        if not kind:
            raise ValueError(gettext("This is no PDF, JPEG or PNG file, whatever it is called. Others are not taken."))
        self.data = Paper(shown_name(sent.filename), kind, content)


def _text(question: Question, label: str, checks: list[Any], _known: Any) -> Any:
    if question.long:
        return TextAreaField(label, [*checks, Lines(LONGEST_TEXT)], filters=[tidy_lines], render_kw={"rows": 5})
    return StringField(label, [*checks, OneLine(LONGEST_LINE)], filters=[tidy])


def _number(question: Question, label: str, checks: list[Any], _known: Any) -> Any:
    lowest = LOWEST if question.lowest is None else question.lowest
    highest = HIGHEST if question.highest is None else question.highest
    return IntegerField(label, [*checks, NumberRange(min=lowest, max=highest)])


def _choice(question: Question, label: str, checks: list[Any], known: Any) -> Any:
    offered = {one["key"]: pick(one["label"]) for one in options_offered(question, known)}
    checks = [*checks, one_of_those_offered]
    if len(offered) > MOST_BUTTONS:
        return SelectField(label, checks, choices=choices({"": gettext("Choose…"), **offered}), validate_choice=False)
    if not question.required:
        offered = {"": gettext("No answer"), **offered}
    return RadioField(label, checks, choices=choices(offered), validate_choice=False)


def _choices(question: Question, label: str, checks: list[Any], known: Any) -> Any:
    offered = {one["key"]: pick(one["label"]) for one in options_offered(question, known)}
    # a box that is not ticked sends nothing, and a program sends an empty text for none
    return SeveralField(
        label, [*checks, some_of_those_offered], choices=choices(offered), validate_choice=False,
        filters=[lambda keys: [key for key in keys or [] if key]],
    )  # fmt: skip


def _country(_question: Question, label: str, checks: list[Any], _known: Any) -> Any:
    offered = choices({"": gettext("Choose…"), **dict(country_choices())})
    return SelectField(
        label, [*checks, one_of_those_offered], choices=offered, validate_choice=False,
        filters=[lambda code: tidy(code).upper()],
    )  # fmt: skip


def _date(_question: Question, label: str, checks: list[Any], _known: Any) -> Any:
    return DateField(label, [*checks, of_these_centuries])


def _file(question: Question, label: str, checks: list[Any], known: Any) -> Any:
    return PaperField(
        label, checks, megabytes=question.megabytes or USUAL_MEGABYTES, known=known,
        render_kw={"accept": ".pdf,.jpg,.jpeg,.png"},
    )  # fmt: skip


def _consent(_question: Question, label: str, checks: list[Any], _known: Any) -> Any:
    return ConsentField(label, checks)


FIELDS: Mapping[str, Callable[[Question, str, list[Any], Any], Any]] = {
    QuestionKind.TEXT: _text,
    QuestionKind.NUMBER: _number,
    QuestionKind.CHOICE: _choice,
    QuestionKind.CHOICES: _choices,
    QuestionKind.COUNTRY: _country,
    QuestionKind.DATE: _date,
    QuestionKind.FILE: _file,
    QuestionKind.CONSENT: _consent,
}


def field_of(question: Question, known: Any, *, needed: bool) -> Any:
    """The field of a question, to be bound to a form; `known` is what was answered before."""
    checks = [PutTo(question), Answered(question.kind) if needed else if_answered]
    return FIELDS[question.kind](question, pick(question.label), checks, known)
