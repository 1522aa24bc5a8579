"""What people answered to the meeting's own questions: kept with their registration, read, and put into words."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, insert, select

from server.database import Database
from server.meetings.models import Meeting
from server.problems import Conflict
from server.registration.countries import CODES
from server.registration.erasing import is_over
from server.registration.handed_in import Paper, claim, forget_files, let_go
from server.registration.models import Answer, AnswerFile, Question, QuestionKind, Registration
from server.registration.questions import questions_of, questions_put
from server.web.language import N_, gettext, pick
from server.web.render import country_name, day, number

#: What somebody says to each question, by its id, as it is kept; of a file the file itself. None is no answer.
Given = Mapping[int, Any]

_KINDS: dict[str, Callable[[Question, Any], bool]] = {
    QuestionKind.TEXT: lambda _, value: isinstance(value, str),
    QuestionKind.NUMBER: lambda _, value: isinstance(value, int) and not isinstance(value, bool),
    QuestionKind.CHOICE: lambda question, value: isinstance(value, str) and value in _keys(question),
    QuestionKind.CHOICES: lambda question, value: isinstance(value, list) and {*value} <= _keys(question),
    QuestionKind.COUNTRY: lambda _, value: isinstance(value, str) and value in CODES,
    QuestionKind.DATE: lambda _, value: isinstance(value, str) and _is_day(value),
    QuestionKind.FILE: lambda _, value: isinstance(value, Paper | AnswerFile),
    QuestionKind.CONSENT: lambda _, value: isinstance(value, bool),
}


def _keys(question: Question) -> set[str]:
    return {option["key"] for option in question.options}


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def fits(question: Question, value: Any) -> bool:
    """Whether this is an answer of the question's kind, and one of its options; no answer always fits."""
    return value is None or _KINDS[question.kind](question, value)


def _held_questions(db: Database, meeting_id: int) -> list[Question]:
    """The questions as they are now, which nobody changes or removes until the transaction ends."""
    held = select(Question).filter_by(meeting_id=meeting_id).order_by(Question.id).with_for_update(read=True)
    return list(db.scalars(held.execution_options(populate_existing=True)))


def _said(question: Question, given: Given, group: str, attendance: str) -> Any:
    """What is to be kept as the answer; raises Conflict for what answers another question than there is now."""
    value = given.get(question.id)
    if not question.is_put_to(group, attendance) or value in ("", []):
        return None
    if not fits(question, value):
        raise Conflict(N_("The form was changed while you filled it in. Please open it anew and check your answers."))
    return value


def _is_none(value: Any) -> bool:
    """Whether nothing was answered; a consent that was not given is nothing, and the number 0 is something."""
    return value is None or value is False


def _as_kept(value: Any) -> Any:
    return value.name if isinstance(value, Paper | AnswerFile) else value


def replace_answers(
    db: Database, registration: Registration, given: Given, group: str, attendance: str, *, keep: bool, now: datetime
) -> None:
    """Keep these answers to the questions that are put to such a person, and no others.

    Where nothing is to be kept they are written all the same and taken back, so that time does not tell which was the
    case. Raises Conflict when the questions have become others meanwhile.
    """
    questions = _held_questions(db, registration.meeting_id)
    if not questions:
        return
    said = {question.id: _said(question, given, group, attendance) for question in questions}
    waiting = [value.id for value in said.values() if isinstance(value, AnswerFile)]
    with db.begin_nested() as written:
        db.execute(delete(Answer).where(Answer.registration_id == registration.id))
        forget_files(db, registration, [*said])
        rows = [
            {"registration_id": registration.id, "question_id": question, "value": _as_kept(value), "at": now}
            for question, value in said.items()
            if not _is_none(value)
        ]
        if rows:
            db.execute(insert(Answer), rows)
        for question, value in said.items():
            if isinstance(value, Paper | AnswerFile):
                claim(db, registration, question, value, now)
        if not keep:
            written.rollback()
    for waited in waiting:  # whether or not it was kept: who asks for it again would learn which was the case
        let_go(db, waited)


def change_answers(db: Database, registration: Registration, given: Given, now: datetime) -> list[str]:
    """Keep these answers, leave others as they are, and drop those to questions that are no longer put to somebody.

    The registration is held. A consent that is taken back stays as a no, with its time. Gives the fields that changed;
    raises Conflict when the questions have become others meanwhile.
    """
    questions = _held_questions(db, registration.meeting_id)
    if not questions:
        return []
    known = {one.question_id: one for one in db.scalars(select(Answer).filter_by(registration_id=registration.id))}
    group, attendance = registration.stakeholder_group, registration.attendance
    changed = []
    for question in questions:
        if question.is_put_to(group, attendance) and question.id not in given:
            continue
        before, value = known.get(question.id), _said(question, given, group, attendance)
        if before.value == value if before else _is_none(value):
            continue
        _change(db, registration, question, before, value, now)
        changed.append(question.field)
    return changed


def _change(
    db: Database, registration: Registration, question: Question, before: Answer | None, value: Any, now: datetime
) -> None:
    if question.kind == QuestionKind.FILE:
        forget_files(db, registration, [question.id])
    if before is None:
        before = Answer(registration_id=registration.id, question_id=question.id)
        db.add(before)
    if value is None:
        db.delete(before)
        return
    before.value, before.at = _as_kept(value), now
    if isinstance(value, Paper | AnswerFile):
        claim(db, registration, question.id, value, now)


def values_of(db: Database, registration: Registration) -> dict[int, Any]:
    """What somebody answered, by the question's id."""
    rows = db.execute(select(Answer.question_id, Answer.value).filter_by(registration_id=registration.id))
    return {question: value for question, value in rows}  # noqa: C416 (rows are no pairs to mypy)


def answer_words(question: Question, value: Any, *, plain: bool = False) -> str:
    """An answer as people read it in the current language; `plain` as a spreadsheet does: days and numbers as they are."""
    if value is None:
        return ""
    kind = question.kind
    if kind == QuestionKind.CONSENT:
        return gettext("Yes") if value else gettext("No")
    if kind in (QuestionKind.CHOICE, QuestionKind.CHOICES):
        labels: dict[str, str] = {option["key"]: pick(option["label"]) for option in question.options}
        chosen: list[str] = value if isinstance(value, list) else [value]
        return gettext(", ").join(labels.get(key, key) for key in chosen)
    if kind == QuestionKind.COUNTRY:
        return country_name(value)
    if kind == QuestionKind.DATE and not plain:
        return day(date.fromisoformat(value), "long")
    return number(value) if kind == QuestionKind.NUMBER and not plain else str(value)


def answers_of(
    db: Database, registrations: Collection[int], questions: Sequence[Question]
) -> dict[int, dict[int, str]]:
    """What registrations answered to questions, in words for a table: by the registration's id, then the question's."""
    asked = {question.id: question for question in questions}
    row = select(Answer.registration_id, Answer.question_id, Answer.value)
    found: dict[int, dict[int, str]] = {}
    if asked:
        rows = db.execute(row.where(Answer.registration_id.in_(registrations), Answer.question_id.in_(asked)))
        for registration, question, value in rows:
            found.setdefault(registration, {})[question] = answer_words(asked[question], value, plain=True)
    return found


@dataclass(frozen=True)
class Told:
    """An answer as a page shows it; of a file also its id."""

    question: Question
    words: str
    file: int | None


def told_answers(db: Database, registration: Registration, *, confidential: bool) -> list[Told]:
    """What somebody answered, in the order of the questions; answers to confidential ones only if `confidential`."""
    values = values_of(db, registration)
    if not values:
        return []
    files = select(AnswerFile.question_id, AnswerFile.id).filter_by(registration_id=registration.id)
    kept = {question: file for question, file in db.execute(files)}  # noqa: C416
    return [
        Told(one, answer_words(one, values[one.id]), kept.get(one.id))
        for one in questions_of(db, registration.meeting)
        if one.id in values and (confidential or not one.confidential)
    ]


def unanswered(db: Database, registration: Registration, now: datetime) -> list[Question]:
    """What has to be answered and is not: the question came later, or is put to somebody since they changed.

    Once the meeting is over and takes nobody any more, nobody needs it.
    """
    meeting = registration.meeting
    if is_over(meeting, now) and not meeting.registers(now):
        return []
    values = values_of(db, registration)
    group, attendance = registration.stakeholder_group, registration.attendance
    return [
        one
        for one in questions_put(db, meeting, now)
        if one.required and one.is_put_to(group, attendance) and _is_none(values.get(one.id))
    ]


def field_labels(db: Database, meeting: Meeting) -> dict[str, str]:
    """What the history calls the fields of a meeting's own questions."""
    return {question.field: pick(question.label) for question in questions_of(db, meeting)}
