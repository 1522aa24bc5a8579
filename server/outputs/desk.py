"""The pages at the desk on which documents are taken into review, signed off, published, corrected and discarded."""

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.database import Database
from server.meetings.access import Ability, require, roles_of
from server.meetings.queries import meeting_by_slug
from server.outputs import actions, addresses
from server.outputs.document import day_of
from server.outputs.editing import submit_draft
from server.outputs.forms import CorrectionForm, SignOffForm
from server.outputs.models import Output, Version
from server.outputs.queries import (
    output_by_slug,
    prepared_outputs,
    published_outputs,
    rights_with,
    sessions_to_review,
)
from server.outputs.review import (
    attempt,
    desk_of,
    done,
    edition_in,
    need,
    review,
    show_review,
    signature_of,
)
from server.problems import Conflict, Faulty
from server.web.page import Request, answer, page, see_other, show


@page
def show_documents(request: Request, db: Database) -> Response:
    """The documents of a meeting by stage, and the summaries that wait for review."""
    meeting = meeting_by_slug(db, request.path_params["m"])
    require(db, request.person, Ability.SEE_DESK, meeting)
    roles = roles_of(db, request.person, meeting)
    return show(
        request,
        "outputs/desk.html",
        meeting=meeting,
        waiting=sessions_to_review(db, meeting),
        prepared=prepared_outputs(db, meeting),
        published=published_outputs(db, meeting),
        rights=lambda session: rights_with(roles, request.person, session),
        day_of=day_of,
    )


@page
def submit_review(request: Request, db: Database) -> Response:
    """Takes a closed summary into review."""
    at = desk_of(request, db)
    output = actions.start_review(db, at.person, at.session, now=request.now)
    return done(request, at, output.versions[-1], "started", 201)


@page
def submit_refresh(request: Request, db: Database) -> Response:
    """Takes the summary's paragraphs anew, or keeps the draft's."""
    at = desk_of(request, db)
    keep = request.data.get("choice") == "keep"
    what = "kept" if keep else "refreshed"
    return attempt(
        request, db, at, what,
        lambda output: actions.refresh_draft(db, at.person, output, edition=edition_in(request), keep=keep),
    )  # fmt: skip


@page
def submit_sign_off(request: Request, db: Database) -> Response:
    """Signs off, as the chair or in the chair's name."""
    at = desk_of(request, db)
    need(at.rights.signs or at.rights.signs_for_chair)

    def act(output: Output) -> Version:
        name = at.person.name or SignOffForm(request.data).name.data or signature_of(at, output.versions[-1])
        return actions.sign_off(
            db, at.person, output,
            edition=edition_in(request), name=name[:200], for_chair=not at.rights.signs, now=request.now,
        )  # fmt: skip

    return attempt(request, db, at, "signed", act)


@page
def submit_publication(request: Request, db: Database) -> Response:
    """Publishes what is signed off."""
    at = desk_of(request, db)
    need(at.rights.publishes)
    return attempt(
        request, db, at, "published",
        lambda output: actions.publish(db, at.person, output, edition=edition_in(request), now=request.now),
    )  # fmt: skip


@page
def submit_correction(request: Request, db: Database) -> Response:
    """Begins the next version."""
    at = desk_of(request, db)
    form = CorrectionForm(request.data)
    output = output_by_slug(db, at.meeting, at.session.code)
    try:
        form.checked()
        draft = actions.prepare_correction(db, at.person, output, form.correction.data or "", now=request.now)
    except (Conflict, Faulty) as problem:
        if request.is_program:
            raise
        return review(request, db, at, output, status=problem.status, correction_form=form, problem=problem)
    return done(request, at, draft, "begun", 201)


@page
def submit_discard(request: Request, db: Database) -> Response:
    """Throws the draft away."""
    at = desk_of(request, db)
    output = output_by_slug(db, at.meeting, at.session.code)
    is_published = output.newest is not None
    try:
        actions.discard_draft(db, at.person, output, edition=edition_in(request))
    except Conflict as problem:
        if request.is_program:
            raise
        return review(request, db, at, output, status=problem.status, problem=problem)
    if request.is_program:
        return answer({"document": at.session.code})
    if is_published:
        return see_other(f"{addresses.review_page(at.meeting.slug, at.session.code)}?done=discarded")
    return see_other(addresses.desk_page(at.meeting.slug))


_ONE = "/{m}/desk/outputs/{slug}"
ROUTES: list[BaseRoute] = [
    Route("/{m}/desk/outputs", show_documents),
    Route(_ONE, show_review),
    Route(_ONE, submit_draft, methods=["POST"]),
    Route(f"{_ONE}/review", submit_review, methods=["POST"]),
    Route(f"{_ONE}/refresh", submit_refresh, methods=["POST"]),
    Route(f"{_ONE}/sign-off", submit_sign_off, methods=["POST"]),
    Route(f"{_ONE}/publish", submit_publication, methods=["POST"]),
    Route(f"{_ONE}/correction", submit_correction, methods=["POST"]),
    Route(f"{_ONE}/discard", submit_discard, methods=["POST"]),
]
