"""The pages of those who write summaries, and the posts they and their programs make (contract, section 6)."""

from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.database import Database
from server.idempotency import once
from server.meetings.access import Ability, abilities_of, require
from server.meetings.models import Meeting
from server.meetings.queries import meeting_by_slug
from server.people.models import Person
from server.problems import Conflict, Faulty, NotAllowed
from server.remote import actions, addresses
from server.remote.forms import EditForm, ParagraphForm, RetractForm, StatusForm
from server.remote.models import SummaryStatus
from server.remote.queries import (
    may_write,
    paragraph_by_id,
    paragraphs_of,
    statuses,
    summary_of,
    writes_with,
)
from server.schedule.models import Session
from server.schedule.queries import programme_sessions, session_by_code
from server.tokens import short_code
from server.web.language import N_, gettext
from server.web.page import Request, answer, need_person, page, see_other, show


def _writer(request: Request, db: Database) -> tuple[Meeting, Session, Person]:
    """Where, and the person who may write there; raises NotSignedIn or NotAllowed."""
    meeting = meeting_by_slug(db, request.path_params["m"])
    session = session_by_code(db, meeting, request.path_params["s"])
    person: Person = need_person(request)
    if not may_write(db, person, session, meeting):
        raise NotAllowed(N_("The summary of this session is written by its rapporteur, its chair and the organisers."))
    return meeting, session, person


@page
def show_summaries(request: Request, db: Database) -> Response:
    """The summaries of a meeting, for those who write them."""
    meeting = meeting_by_slug(db, request.path_params["m"])
    require(db, request.person, Ability.SEE_DESK, meeting)
    abilities = abilities_of(db, request.person, meeting)
    sessions = [one for one in programme_sessions(db, meeting) if writes_with(abilities, request.person, one)]
    return show(request, "remote/summaries.html", meeting=meeting, sessions=sessions, statuses=statuses(db, meeting))


@page
def show_writing(request: Request, db: Database) -> Response:
    """Where a summary is written."""
    meeting, session, _ = _writer(request, db)
    form = ParagraphForm(lang=session.language, key=short_code(20))
    return _writing(request, db, meeting, session, form)


def _writing(
    request: Request, db: Database, meeting: Meeting, session: Session, form: ParagraphForm, **more: Any
) -> Response:
    return show(
        request,
        "remote/writing.html",
        meeting=meeting,
        session=session,
        summary=summary_of(db, session),
        paragraphs=paragraphs_of(db, session),
        form=form,
        retract_form=RetractForm(),
        **more,
    )


@page
def show_edit(request: Request, db: Database) -> Response:
    """Where one paragraph is edited, retracted or restored."""
    meeting, session, _ = _writer(request, db)
    paragraph = paragraph_by_id(db, session, request.path_params["p"])
    form = EditForm(text=paragraph.text, lang=paragraph.lang, base_rev=paragraph.rev)
    return _edit(request, meeting, session, paragraph, form)


def _edit(
    request: Request, meeting: Meeting, session: Session, paragraph: Any, form: EditForm, **more: Any
) -> Response:
    return show(
        request,
        "remote/edit.html",
        meeting=meeting,
        session=session,
        paragraph=paragraph,
        form=form,
        retract_form=RetractForm(),
        **{"status": 200, "conflict": False, **more},
    )


def _back(request: Request, meeting: Meeting, session: Session, facts: dict[str, Any]) -> Response:
    """Programs get the facts; a browser goes back to where it writes, and to the paragraph changed."""
    if request.wants_json or "authorization" in request.headers:
        return answer(facts)
    place = f"#{facts['id']}" if "id" in facts else ""
    return see_other(addresses.writing_page(meeting.slug, session.code) + place)


@page
def submit_paragraph(request: Request, db: Database) -> Response:
    """Write one more paragraph."""
    meeting, session, person = _writer(request, db)
    form = ParagraphForm(request.data)
    programs = request.wants_json or "authorization" in request.headers
    try:
        form.checked()
        facts = once(
            db,
            f"paragraph:{session.id}:{person.id}",
            request.headers.get("idempotency-key") or form.key.data,
            lambda: actions.append_paragraph(
                db, person, session, form.text.data or "", form.lang.data or session.language, now=request.now
            ).facts(),
            request.now,
        )
    except (Faulty, Conflict) as problem:
        if programs:
            raise
        said = problem.worded(gettext)
        return _writing(request, db, meeting, session, form, status=problem.status, problem=problem, said=said)
    if request.wants_json:
        return answer(facts, 201)
    return see_other(addresses.writing_page(meeting.slug, session.code))


@page
def submit_edit(request: Request, db: Database) -> Response:
    """Put other words in a paragraph's place."""
    meeting, session, person = _writer(request, db)
    form = EditForm(request.data)
    programs = request.wants_json or "authorization" in request.headers
    public_id = request.path_params["p"]
    try:
        form.checked()
        written = actions.edit_paragraph(
            db,
            person,
            session,
            public_id,
            form.text.data or "",
            form.base_rev.data or 0,
            lang=form.lang.data or "",
            now=request.now,
        )
    except (Faulty, Conflict) as problem:
        if programs:
            raise
        paragraph = paragraph_by_id(db, session, public_id)
        return _edit(
            request,
            meeting,
            session,
            paragraph,
            form,
            status=problem.status,
            conflict=isinstance(problem, Conflict),
            problem=problem,
            said=problem.worded(gettext),
        )
    return _back(request, meeting, session, written.facts())


@page
def submit_retraction(request: Request, db: Database) -> Response:
    """Take a paragraph back."""
    meeting, session, person = _writer(request, db)
    form = RetractForm(request.data)
    form.checked()
    written = actions.retract_paragraph(
        db, person, session, request.path_params["p"], form.reason.data or "", now=request.now
    )
    return _back(request, meeting, session, written.facts())


@page
def submit_restoration(request: Request, db: Database) -> Response:
    """Put a retracted paragraph back."""
    meeting, session, person = _writer(request, db)
    written = actions.restore_paragraph(db, person, session, request.path_params["p"], now=request.now)
    return _back(request, meeting, session, written.facts())


@page
def submit_status(request: Request, db: Database) -> Response:
    """Make a summary live, or close it."""
    meeting, session, person = _writer(request, db)
    form = StatusForm(request.data)
    form.checked()
    status = SummaryStatus(str(form.status.data))
    cursor = actions.set_status(db, person, session, status, now=request.now)
    return _back(request, meeting, session, {"status": status, "cursor": str(cursor)})


_LIVE = "/{m}/sessions/{s}/live"
ROUTES: list[BaseRoute] = [
    Route(f"{_LIVE}/paragraphs", submit_paragraph, methods=["POST"]),
    Route(f"{_LIVE}/paragraphs/{{p}}", submit_edit, methods=["POST"]),
    Route(f"{_LIVE}/paragraphs/{{p}}/retract", submit_retraction, methods=["POST"]),
    Route(f"{_LIVE}/paragraphs/{{p}}/restore", submit_restoration, methods=["POST"]),
    Route(f"{_LIVE}/status", submit_status, methods=["POST"]),
    Route("/{m}/desk/summaries", show_summaries),
    Route("/{m}/desk/sessions/{s}/summary", show_writing),
    Route("/{m}/desk/sessions/{s}/summary/{p}", show_edit),
]
