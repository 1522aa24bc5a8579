"""The pages of those who write summaries, and the posts they and their programs make (contract, section 6)."""

from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.database import Database
from server.idempotency import once
from server.meetings.access import Ability, abilities_of, require
from server.meetings.models import Meeting
from server.meetings.queries import meeting_by_slug
from server.problems import Conflict, Faulty, Problem
from server.remote import actions, addresses, hands, history, translating
from server.remote.differences import Clash, clash
from server.remote.forms import EditForm, MoveForm, ParagraphForm, RetractForm, StatusForm
from server.remote.hands import back, hands_on, writer_of
from server.remote.models import Paragraph, SummaryStatus
from server.remote.queries import paragraph_by_id, paragraphs_of, statuses, words_by_revision, writes_with
from server.schedule.models import Session
from server.schedule.queries import programme_sessions
from server.tokens import short_code
from server.web.language import gettext
from server.web.page import Request, answer, page, see_other, show


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
    meeting, session, _ = writer_of(request, db)
    into = translating.language_asked(request)
    if into:
        return translating.show_into(request, db, meeting, session, into)
    form = ParagraphForm(lang=session.language, key=short_code(20))
    return _writing(request, db, meeting, session, form)


def _writing(
    request: Request, db: Database, meeting: Meeting, session: Session, form: ParagraphForm, **more: Any
) -> Response:
    there = hands_on(request, db, session)  # the head before the paragraphs: what is newer is told again, not lost
    paragraphs = paragraphs_of(db, session)
    return show(
        request,
        "remote/writing.html",
        meeting=meeting,
        session=session,
        paragraphs=paragraphs,
        versions=translating.versions_of(db, session, paragraphs),
        suggestions=translating.suggested(session, paragraphs),
        form=form,
        **there,
        **more,
    )


@page
def show_edit(request: Request, db: Database) -> Response:
    """Where one paragraph is edited, retracted or restored."""
    _, session, _ = writer_of(request, db)
    paragraph = paragraph_by_id(db, session, request.path_params["p"])
    form = EditForm(text=paragraph.text, lang=paragraph.lang, base_rev=paragraph.rev)
    return _edit(request, db, session, paragraph, form)


def _edit(
    request: Request,
    db: Database,
    session: Session,
    paragraph: Paragraph,
    form: EditForm,
    problem: Problem | None = None,
) -> Response:
    return show(
        request,
        "remote/edit.html",
        status=problem.status if problem else 200,
        meeting=session.meeting,
        session=session,
        paragraph=paragraph,
        form=form,
        retract_form=RetractForm(),
        said=problem.worded(gettext) if isinstance(problem, Conflict) else "",
        clash=_settle(db, paragraph, form) if isinstance(problem, Conflict) else None,
        **hands_on(request, db, session),
    )


def _settle(db: Database, paragraph: Paragraph, form: EditForm) -> Clash | None:
    """What two people did to the paragraph; the form then holds what is proposed. None where only the state refused."""
    if paragraph.state != "shown" or form.base_rev.data == paragraph.rev:
        return None
    base = words_by_revision(db, paragraph.session_id, [paragraph.number]).get((paragraph.number, form.base_rev.data))
    found = clash(base or "", form.text.data or "", paragraph.text)
    form.text.data = found.proposal
    return found


@page
def submit_paragraph(request: Request, db: Database) -> Response:
    """Write one more paragraph."""
    meeting, session, person = writer_of(request, db)
    form = ParagraphForm(request.data)
    programs = request.is_program
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
    meeting, session, person = writer_of(request, db)
    form = EditForm(request.data)
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
        if request.is_program:
            raise
        return _edit(request, db, session, paragraph_by_id(db, session, public_id), form, problem)
    return back(request, meeting, session, written.facts())


@page
def submit_retraction(request: Request, db: Database) -> Response:
    """Take a paragraph back."""
    meeting, session, person = writer_of(request, db)
    form = RetractForm(request.data)
    form.checked()
    written = actions.retract_paragraph(
        db, person, session, request.path_params["p"], form.reason.data or "", now=request.now
    )
    return back(request, meeting, session, written.facts())


@page
def submit_restoration(request: Request, db: Database) -> Response:
    """Put a retracted paragraph back."""
    meeting, session, person = writer_of(request, db)
    written = actions.restore_paragraph(db, person, session, request.path_params["p"], now=request.now)
    return back(request, meeting, session, written.facts())


@page
def submit_move(request: Request, db: Database) -> Response:
    """Put a paragraph before another one, or at the end."""
    meeting, session, person = writer_of(request, db)
    form = MoveForm(request.data)
    form.checked()
    public_id, before = request.path_params["p"], form.before.data or None
    written = actions.move_paragraph(db, person, session, public_id, before, now=request.now)
    return back(request, meeting, session, written.facts())


@page
def submit_status(request: Request, db: Database) -> Response:
    """Make a summary live, or close it."""
    meeting, session, person = writer_of(request, db)
    form = StatusForm(request.data)
    form.checked()
    status = SummaryStatus(str(form.status.data))
    cursor = actions.set_status(db, person, session, status, now=request.now)
    return back(request, meeting, session, {"status": status, "cursor": str(cursor)})


_LIVE = "/{m}/sessions/{s}/live"
ROUTES: list[BaseRoute] = [
    Route(f"{_LIVE}/paragraphs", submit_paragraph, methods=["POST"]),
    Route(f"{_LIVE}/paragraphs/{{p}}", submit_edit, methods=["POST"]),
    Route(f"{_LIVE}/paragraphs/{{p}}/retract", submit_retraction, methods=["POST"]),
    Route(f"{_LIVE}/paragraphs/{{p}}/restore", submit_restoration, methods=["POST"]),
    Route(f"{_LIVE}/paragraphs/{{p}}/move", submit_move, methods=["POST"]),
    Route(f"{_LIVE}/status", submit_status, methods=["POST"]),
    Route("/{m}/desk/summaries", show_summaries),
    Route("/{m}/desk/sessions/{s}/summary", show_writing),
    Route("/{m}/desk/sessions/{s}/summary/{p}", show_edit),
    *hands.ROUTES,
    *translating.ROUTES,
    *history.ROUTES,
]
