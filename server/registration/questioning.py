"""The pages of the desk on which organisers put questions of their own into the registration form."""

from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.database import Database
from server.meetings.access import Ability, require
from server.meetings.models import Meeting
from server.meetings.queries import meeting_by_slug
from server.problems import Conflict, Faulty
from server.registration import questions, words
from server.registration.addresses import admission_page, question_page, questions_page
from server.registration.models import Question
from server.registration.question_form import KINDS, QuestionForm
from server.web.page import Request, answer, page, see_other, show, show_again


def _meeting(request: Request, db: Database) -> Meeting:
    meeting = meeting_by_slug(db, request.path_params["m"])
    require(db, request.person, Ability.MANAGE_REGISTRATION, meeting)
    return meeting


def _facts(question: Question) -> dict[str, Any]:
    """What a program is told of a question."""
    facts = {"id": question.id, "key": question.key, "position": question.position, **questions.facts_of(question)}
    return {**facts, "edition": questions.edition_of(question)}


def _list(db: Database, meeting: Meeting) -> dict[str, Any]:
    return {
        "meeting": meeting,
        "questions": questions.questions_of(db, meeting),
        "counts": questions.answer_counts(db, meeting),
        "words": words,
        "kinds": KINDS,
        "most": questions.MOST,
        "here": questions_page(meeting.slug),
        "up": admission_page(meeting.slug),
        "address_of": lambda question: question_page(meeting.slug, question.id),
    }


@page
def show_questions(request: Request, db: Database) -> Response:
    """All questions of the meeting's own, and a form for another one."""
    meeting = _meeting(request, db)
    listed = _list(db, meeting)
    if request.is_program:
        return answer({"questions": [_facts(one) for one in listed["questions"]]})
    saved = "saved" in request.query_params
    return show(request, "registration/desk_questions.html", form=QuestionForm(), saved=saved, **listed)


@page
def submit_question(request: Request, db: Database) -> Response:
    """Adds a question."""
    meeting = _meeting(request, db)
    form = QuestionForm(request.data)
    if form.validate():
        try:
            question = questions.add_question(db, meeting, form.facts(), form.position.data)
        except Faulty as fault:
            if request.is_program:
                raise
            form.blame(fault)
        else:
            if request.is_program:
                return answer(_facts(question), 201)
            return see_other(f"{questions_page(meeting.slug)}?saved=1")
    return show_again(request, "registration/desk_questions.html", form, saved=False, **_list(db, meeting))


def _question(request: Request, db: Database) -> tuple[Meeting, Question]:
    meeting = _meeting(request, db)
    return meeting, questions.question_by_id(db, meeting, request.path_params["id"])


def _one(db: Database, meeting: Meeting, question: Question) -> dict[str, Any]:
    return {
        "meeting": meeting,
        "question": question,
        "answers": questions.answer_counts(db, meeting).get(question.id, 0),
        "edition": questions.edition_of(question),
        "words": words,
        "here": question_page(meeting.slug, question.id),
        "up": questions_page(meeting.slug),
    }


@page
def show_question(request: Request, db: Database) -> Response:
    """One question, to change or remove it."""
    meeting, question = _question(request, db)
    if request.is_program:
        return answer({**_facts(question), "answers": questions.answer_counts(db, meeting).get(question.id, 0)})
    form = QuestionForm()
    form.show(question)
    return show(request, "registration/desk_question.html", form=form, now=None, **_one(db, meeting, question))


@page
def submit_question_changed(request: Request, db: Database) -> Response:
    """Makes something else of a question; its answers keep their meaning."""
    meeting, question = _question(request, db)
    form = QuestionForm(request.data)
    if form.validate():
        edition = str(request.data.get("edition", ""))
        position = form.position.data or question.position
        try:
            questions.change_question(db, meeting, question, form.facts(), position, edition=edition)
        except Conflict:
            if request.is_program:
                raise
            now = QuestionForm()
            now.show(question)
            about = _one(db, meeting, question)
            return show(request, "registration/desk_question.html", status=409, form=form, now=now, **about)
        except Faulty as fault:
            if request.is_program:
                raise
            form.blame(fault)
        else:
            if request.is_program:
                return answer(_facts(question))
            return see_other(f"{questions_page(meeting.slug)}?saved=1")
    return show_again(request, "registration/desk_question.html", form, now=None, **_one(db, meeting, question))


@page
def submit_question_removed(request: Request, db: Database) -> Response:
    """Takes a question away, with as many answers as were seen."""
    meeting, question = _question(request, db)
    sent = str(request.data.get("answers", ""))
    questions.remove_question(db, meeting, question, answers=int(sent) if sent.isdecimal() and len(sent) < 9 else -1)
    if request.is_program:
        return answer({"removed": question.key})
    return see_other(f"{questions_page(meeting.slug)}?saved=1")


ROUTES: list[BaseRoute] = [
    Route("/{m}/desk/registration/questions", show_questions),
    Route("/{m}/desk/registration/questions", submit_question, methods=["POST"]),
    Route("/{m}/desk/registration/questions/{id:int}", show_question),
    Route("/{m}/desk/registration/questions/{id:int}", submit_question_changed, methods=["POST"]),
    Route("/{m}/desk/registration/questions/{id:int}/remove", submit_question_removed, methods=["POST"]),
]
