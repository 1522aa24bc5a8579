"""The meeting's own questions: which there are, and what organisers do with them."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from server.database import Database
from server.meetings.models import Meeting
from server.meetings.parts import key_for, put_in_order
from server.problems import Conflict, Faulty, NotFound
from server.registration.erasing import kept_until
from server.registration.line import held_admission
from server.registration.models import Answer, Question, QuestionKind
from server.web.language import N_, gettext, pick

#: Questions of a meeting, and those of them that ask for a file: a form brings them all at once.
MOST, MOST_FILES = 40, 5
#: Megabytes of a file, where nothing else is said and at most.
USUAL_MEGABYTES, MOST_MEGABYTES = 2, 5
#: Kinds that offer something to choose from.
OFFERS = frozenset({QuestionKind.CHOICE, QuestionKind.CHOICES})
#: What says what a question is; its key and its position are apart.
FACTS = (
    "kind", "label", "hint", "options", "groups", "attendance", "required", "confidential", "keep_days", "long", "lowest",
    "highest", "megabytes",
)  # fmt: skip

Option = dict[str, Any]


def questions_of(db: Database, meeting: Meeting) -> list[Question]:
    """The questions of a meeting, in the order in which they are put."""
    return list(db.scalars(select(Question).filter_by(meeting_id=meeting.id).order_by(Question.position, Question.id)))


def questions_put(db: Database, meeting: Meeting, now: datetime) -> list[Question]:
    """The questions that people are asked: not those whose answers are kept no longer, and would be deleted at once."""
    every = questions_of(db, meeting)
    return [one for one in every if one.keep_days is None or kept_until(meeting, one.keep_days) > now]


def files_asked(db: Database, meeting: Meeting) -> int:
    """How many of the questions ask for a file."""
    asked = select(func.count()).select_from(Question).filter_by(meeting_id=meeting.id, kind=QuestionKind.FILE)
    return db.scalar(asked) or 0


def question_by_id(db: Database, meeting: Meeting, number: int) -> Question:
    """A question of this meeting; raises NotFound."""
    found = db.scalars(select(Question).filter_by(id=number, meeting_id=meeting.id)).first()
    if found is None:
        raise NotFound(N_("There is no such question. It may have been removed."))
    return found


def answer_counts(db: Database, meeting: Meeting) -> dict[int, int]:
    """How many have answered each question of a meeting, by its id; what nobody has answered is not in it."""
    counts = select(Answer.question_id, func.count()).join(Question, Question.id == Answer.question_id)
    rows = db.execute(counts.where(Question.meeting_id == meeting.id).group_by(Answer.question_id))
    return {question: count for question, count in rows}  # noqa: C416 (rows are no pairs to mypy)


def facts_of(question: Question) -> dict[str, Any]:
    """What a question is."""
    return {name: getattr(question, name) for name in FACTS}


def edition_of(question: Question) -> str:
    """The mark of what a question is, and where it stands: another one once that is another."""
    said = json.dumps([facts_of(question), question.position], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def options_offered(question: Question, chosen: Any = None) -> list[Option]:
    """What can be chosen, and of what is offered no more whatever is `chosen` already."""
    kept = chosen if isinstance(chosen, list) else [chosen]
    return [option for option in question.options if not option.get("gone") or option["key"] in kept]


def add_question(db: Database, meeting: Meeting, facts: Mapping[str, Any], position: int | None) -> Question:
    """A new question, at a position of the list (None: last); options without a key get one.

    Raises Conflict when there are enough of them, and Faulty when there are enough for files.
    """
    others = _held(db, meeting)
    if len(others) >= MOST:
        raise Conflict(N_("There can be at most %(n)d questions."), n=MOST)
    _need_room_for_file(others, facts["kind"])
    key = key_for(pick(facts["label"], "en"), {one.key for one in others}, "question")
    facts = {**facts, "options": _keyed(facts["options"], ())}
    question = Question(meeting_id=meeting.id, key=key, position=0, **facts)
    put_in_order(others, question, position)
    db.add(question)
    db.flush()
    return question


def _need_room_for_file(others: Sequence[Question], kind: str) -> None:
    if kind == QuestionKind.FILE and sum(one.kind == QuestionKind.FILE for one in others) >= MOST_FILES:
        words = gettext("There can be at most %(n)d questions for files.") % {"n": MOST_FILES}
        raise Faulty(N_("Please check the fields named below."), errors={"kind": words})


def change_question(
    db: Database, meeting: Meeting, question: Question, facts: dict[str, Any], position: int | None, *, edition: str
) -> None:
    """Make something else of a question. Its key stays, and what was chosen before keeps its words.

    Options without a key get one that no other of this question has, or that of the one with the same words.

    Raises Conflict when it is no longer what `edition` was of, and Faulty for what would give answers another meaning
    (another kind, or other words for what people have agreed to), or when there are enough questions for files.
    """
    others = _held(db, meeting, question)
    values = list(db.scalars(select(Answer.value).filter_by(question_id=question.id)))
    if edition != edition_of(question):
        words = N_("Somebody else has changed this question meanwhile. Look at it as it is now, and decide again.")
        raise Conflict(words, extra={"edition": edition_of(question)})
    _need_meaning_kept(question, facts, answered=bool(values))
    _need_room_for_file([one for one in others if one is not question], facts["kind"])
    chosen = {key for value in values for key in (value if isinstance(value, list) else [value])}
    options = _with_chosen(_keyed(facts["options"], question.options), question.options, chosen)
    for name, value in (facts | {"options": options}).items():
        setattr(question, name, value)
    put_in_order(others, question, position)


def _held(db: Database, meeting: Meeting, one: Question | None = None) -> list[Question]:
    """All questions of a meeting, while nobody else changes any of them or answers. Raises NotFound when `one` is gone.

    They are held in the order of their ids, as by those who answer, so that no two wait for each other.
    """
    held_admission(db, meeting.id)
    held = select(Question).filter_by(meeting_id=meeting.id).order_by(Question.id).with_for_update()
    found = db.scalars(held.execution_options(populate_existing=True)).all()
    if one is not None and one not in found:
        raise NotFound(N_("There is no such question. It may have been removed."))
    return sorted(found, key=lambda question: question.position)


def _need_meaning_kept(question: Question, facts: Mapping[str, Any], *, answered: bool) -> None:
    errors = {}
    if answered and facts["kind"] != question.kind:
        errors["kind"] = N_("There are answers already, which would mean nothing as another kind.")
    elif answered and question.kind == QuestionKind.CONSENT:
        said = N_("People have agreed to these words already. For other words, ask another question.")
        errors = {f"label_{tag}": said for tag, words in question.label.items() if facts["label"].get(tag, "") != words}
    if errors:
        raise Faulty(N_("Please check the fields named below."), errors=errors)


def _keyed(wanted: Sequence[Option], known: Sequence[Option]) -> list[Option]:
    """The options that are wanted, each with a key: what was chosen under one never comes to mean something else."""
    taken = {option["key"] for option in wanted}
    keyed = []
    for option in wanted:
        key = option["key"] or _key_with_same_words(option, known, taken)
        if not key:
            others = taken | {other["key"] for other in known}
            key = key_for(pick(option["label"], "en"), others, "option")
        taken.add(key)
        keyed.append({**option, "key": key})
    return keyed


def _key_with_same_words(option: Option, known: Sequence[Option], taken: set[str]) -> str:
    same = (other["key"] for other in known if other["label"] == option["label"] and other["key"] not in taken)
    return next(same, "")


def _with_chosen(wanted: Sequence[Option], known: Sequence[Option], chosen: set[Any]) -> list[Option]:
    """The options that are wanted, and of those that are not whatever somebody has chosen, to be offered no more."""
    keys = {option["key"] for option in wanted}
    left = [option for option in known if option["key"] in chosen and option["key"] not in keys]
    return [*wanted, *({**option, "gone": True} for option in left)]


def remove_question(db: Database, meeting: Meeting, question: Question, *, answers: int) -> None:
    """Take a question away with its answers and files. Raises Conflict when there are not as many as were said."""
    others = _held(db, meeting, question)
    there = db.scalar(select(func.count()).select_from(Answer).filter_by(question_id=question.id)) or 0
    if there != answers:
        words = N_("There are %(n)d answers now, which would be deleted, too. Look at the question again.")
        raise Conflict(words, n=there, extra={"answers": there})
    db.delete(question)
    db.flush()
    for number, other in enumerate((other for other in others if other is not question), 1):
        other.position = number
