"""What organisers enter about a question of their own."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import BooleanField, Field, SelectField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from server.registration.models import Attendance, Question, QuestionKind
from server.registration.question_fields import HIGHEST, LOWEST
from server.registration.questions import MOST_MEGABYTES, OFFERS, USUAL_MEGABYTES
from server.registration.words import GROUPS
from server.web.form import SeveralField, TextsForm, choices, line, trimmed, whole_number
from server.web.language import LANGUAGES, gettext, lazy

MOST_OPTIONS, LONGEST_OPTION = 60, 200
KINDS: dict[str, str] = {
    QuestionKind.TEXT: lazy("Text"),
    QuestionKind.NUMBER: lazy("Whole number"),
    QuestionKind.CHOICE: lazy("One of several"),
    QuestionKind.CHOICES: lazy("Any of several"),
    QuestionKind.COUNTRY: lazy("Country or area"),
    QuestionKind.DATE: lazy("Day"),
    QuestionKind.FILE: lazy("File (PDF, JPEG or PNG)"),
    QuestionKind.CONSENT: lazy("Consent: a box to tick"),
}
#: The key of an option stands before it in square brackets, once it has one.
_OPTION = re.compile(r"(?:\[(?P<key>[a-z0-9-]{1,60})\]\s*)?(?P<words>.+)")


class QuestionForm(TextsForm):
    """A question. Its options stand one in a line, in each language in the same order."""

    TEXTS = ("label", "hint")

    label_en = line(lazy("Question in English"), 300)
    label_ja = line(lazy("Question in Japanese"), 300)
    kind = SelectField(lazy("What is answered"), [DataRequired()], choices=choices(KINDS))
    options = TextAreaField(
        lazy("What can be chosen"),
        [Optional(), Length(max=20_000)],
        filters=[trimmed],
        description=lazy(
            "For one or any of several: one in a line, the languages parted by a bar: Vegan | ヴィーガン. "
            "Leave the word in brackets before it as it is when you correct the words: answers are known by it."
        ),
        render_kw={"rows": 5},
    )
    hint_en = line(lazy("Hint in English"), 500)
    hint_ja = line(lazy("Hint in Japanese"), 500)
    required = BooleanField(lazy("It has to be answered"))
    groups = SeveralField(
        lazy("Only for these stakeholder groups"),
        choices=choices(GROUPS),
        description=lazy("None ticked: for everybody."),
    )
    attendance = SelectField(
        lazy("Only for who takes part"),
        default="",
        choices=choices({
            "": lazy("Onsite or online"), Attendance.ONSITE: lazy("Onsite"), Attendance.ONLINE: lazy("Online"),
        }),
    )  # fmt: skip
    confidential = BooleanField(
        lazy("Only organisers see the answers"), description=lazy("The registration desk does not.")
    )
    keep_days = whole_number(
        lazy("Days after the meeting after which the answers are deleted"),
        0,
        3650,
        hint=lazy("Empty: with everything else."),
    )
    long = BooleanField(lazy("A text of several lines"))
    lowest = whole_number(lazy("Smallest number"), LOWEST, HIGHEST)
    highest = whole_number(lazy("Largest number"), LOWEST, HIGHEST)
    megabytes = whole_number(lazy("Largest file, in MB"), 1, MOST_MEGABYTES, hint=lazy("Empty: 2."))
    position = whole_number(lazy("Position"), 1, 1000, hint=lazy("Empty: last."))

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether it is a question; it is asked in one language at least, and where one chooses, there is a choice."""
        valid = bool(super().validate(extra_validators))
        missing = {}
        if not self.texts("label"):
            missing["label_en"] = gettext("Please enter the question in one language at least.")
        if self.kind.data in OFFERS and not _lines(self.options.data):
            missing["options"] = gettext("Please enter what can be chosen, one in a line.")
        for name, words in missing.items():
            self[name].errors = [*self[name].errors, words]
        return valid and not missing

    def validate_highest(self, field: Field) -> None:
        """The largest number is not below the smallest."""
        if None not in (field.data, self.lowest.data) and field.data < self.lowest.data:
            raise ValidationError(gettext("It has to be at least the smallest number."))

    def validate_options(self, field: Field) -> None:
        """There is something to choose, each thing once."""
        lines = _lines(field.data)
        if len(lines) > MOST_OPTIONS:
            raise ValidationError(gettext("There can be at most %(n)d of them.") % {"n": MOST_OPTIONS})
        keys: set[str] = set()
        for number, text in enumerate(lines, 1):
            key, words = _option(text)
            if not words or any(len(one) > LONGEST_OPTION for one in words.values()):
                raise ValidationError(
                    gettext("Line %(line)d: at most %(n)d characters fit.") % {"line": number, "n": LONGEST_OPTION}
                )
            if key and key in keys:
                raise ValidationError(
                    gettext("Line %(line)d: the word in brackets stands there twice.") % {"line": number}
                )
            keys.add(key)

    def show(self, question: Question) -> None:
        """Fill in what a question is."""
        for name in _PLAIN:
            self[name].data = getattr(question, name)
        for name in self.TEXTS:
            self.fill(name, getattr(question, name))
        self.groups.data = list(question.groups)
        self.options.data = as_lines(question.options)

    def facts(self) -> dict[str, Any]:
        """What was entered, by the question's own names; what does not belong to its kind is left out."""
        kind = self.kind.data
        number, text = kind == QuestionKind.NUMBER, kind == QuestionKind.TEXT
        return {
            "kind": kind,
            **{name: self.texts(name) for name in self.TEXTS},
            "options": _options(self.options.data) if kind in OFFERS else [],
            "groups": [group for group in GROUPS if group in (self.groups.data or [])],
            **{name: self[name].data for name in ("attendance", "required", "confidential", "keep_days")},
            "long": bool(self.long.data) and text,
            "lowest": self.lowest.data if number else None,
            "highest": self.highest.data if number else None,
            "megabytes": (self.megabytes.data or USUAL_MEGABYTES) if kind == QuestionKind.FILE else None,
        }


_PLAIN = (
    "kind", "attendance", "required", "confidential", "keep_days", "long", "lowest", "highest", "megabytes", "position",
)  # fmt: skip


def _lines(text: str | None) -> list[str]:
    return [line.strip() for line in (text or "").splitlines() if line.strip()]


def _option(text: str) -> tuple[str, dict[str, str]]:
    """Key (empty: none yet) and words of an option as it stands in its line."""
    found = _OPTION.fullmatch(text)
    if found is None:
        return "", {}
    words = [one.strip() for one in found["words"].split("|")]
    return found["key"] or "", {tag: one for tag, one in zip(LANGUAGES, words, strict=False) if one}


def _options(text: str | None) -> list[dict[str, Any]]:
    """The options that stand in these lines; the key of a new one is empty."""
    return [{"key": key, "label": words} for key, words in map(_option, _lines(text))]


def as_lines(options: Sequence[Mapping[str, Any]]) -> str:
    """Options as they are entered; what is offered no more is not among them."""
    return "\n".join(
        f"[{one['key']}] " + " | ".join(one["label"].get(tag, "") for tag in LANGUAGES).rstrip(" |")
        for one in options
        if not one.get("gone")
    )
