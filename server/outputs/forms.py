"""What comes in about documents: the wording of a draft, the name under a sign-off, the note on a correction."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Regexp

from server.problems import Faulty
from server.web.form import PlainForm
from server.web.language import N_, gettext, lazy

#: As long as a paragraph of the live summary.
LONGEST_TEXT = 10_000
#: A language tag in the shape of BCP 47, such as `en`, `zh-Hant` or `pt-BR`.
TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
FAULTS = N_("Please check the fields named below.")


def tidy(text: str | None) -> str:
    """What was typed, with plain line ends, no control characters and nothing blank around it."""
    return _CONTROL.sub("", (text or "").replace("\r\n", "\n").replace("\r", "\n")).strip()


def one_line(text: str | None) -> str:
    """The same on one line, for titles and names."""
    return " ".join(tidy(text).split())


class DraftForm(PlainForm):
    """What a document says besides its paragraphs; `edition` is the mark of the text that was before the editor."""

    edition = HiddenField()
    title = StringField(
        lazy("Title"),
        [DataRequired(lazy("A document has a title.")), Length(max=300)],
        filters=[one_line],
    )
    lang = StringField(
        lazy("Language of the title"),
        [DataRequired(), Regexp(rf"^{TAG.pattern}$", message=lazy("This is no language tag, such as en or ja."))],
        filters=[one_line],
    )
    chair = StringField(
        lazy("Chair"),
        [Length(max=300)],
        filters=[one_line],
        description=lazy("Whoever chaired the session, by name; several with commas between."),
    )
    rapporteur = StringField(
        lazy("Rapporteur"),
        [Length(max=300)],
        filters=[one_line],
        description=lazy("Whoever wrote the summary, by name; several with commas between."),
    )
    correction = TextAreaField(
        lazy("What is corrected"),
        [Length(max=1000)],
        filters=[tidy],
        description=lazy("Readers see this with the document."),
    )


class CorrectionForm(PlainForm):
    """Why there will be a next version."""

    correction = TextAreaField(
        lazy("What is corrected"),
        [DataRequired(lazy("Say what is corrected.")), Length(max=1000)],
        filters=[tidy],
        description=lazy("Readers see this with the document."),
    )


class SignOffForm(PlainForm):
    """A sign-off of the text whose mark is `edition`."""

    edition = HiddenField()
    name = StringField(
        lazy("Your name"),
        [DataRequired(lazy("A sign-off bears the name of whoever signs.")), Length(max=200)],
        filters=[one_line],
        description=lazy("As it will stand in the document."),
    )


@dataclass
class Row:
    """One paragraph in the form, with its fault if it has one."""

    text: str
    lang: str
    fault: str = ""


def rows_of(texts: Sequence[str], langs: Sequence[str], lang: str) -> list[Row]:
    """The paragraphs as they were sent, in order, the empty ones too; a missing language is `lang`."""
    given = [one_line(tag) for tag in langs] + [""] * len(texts)
    rows = [Row(tidy(text), tag or lang) for text, tag in zip(texts, given, strict=False)]
    for row in rows:
        if len(row.text) > LONGEST_TEXT:
            row.fault = gettext("A paragraph has at most 10,000 characters.")
        elif row.text and not TAG.fullmatch(row.lang):
            row.fault = gettext("This is no language tag, such as en or ja.")
    return rows


def check(form: DraftForm, rows: Sequence[Row]) -> None:
    """Raises Faulty with a message for each field and paragraph (`text-3`) that has a fault."""
    form.validate()
    faults = {f"text-{number}": row.fault for number, row in enumerate(rows, 1) if row.fault}
    if form.errors or faults:
        raise Faulty(FAULTS, errors={**form.faults(), **faults})


def paragraphs_from(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The paragraphs to keep: an empty one is taken out."""
    return [{"text": row.text, "lang": row.lang} for row in rows if row.text]
