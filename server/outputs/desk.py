"""The pages at the desk on which documents are reviewed, signed off, published and corrected."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.database import Database
from server.meetings.access import Ability, require, roles_of
from server.meetings.models import Meeting
from server.meetings.queries import meeting_by_slug
from server.outputs import actions, addresses
from server.outputs.document import day_of, facts_of, kind_of, sign_off_of
from server.outputs.forms import CorrectionForm, DraftForm, Row, SignOffForm, check, paragraphs_from, rows_of
from server.outputs.models import Output, Version
from server.outputs.queries import (
    Rights,
    changes_since,
    output_by_slug,
    prepared_outputs,
    published_outputs,
    rights_of,
    rights_with,
    sessions_to_review,
)
from server.people.models import Person
from server.problems import Conflict, Faulty, NotAllowed
from server.remote.queries import summary_of
from server.schedule.models import Session
from server.schedule.queries import session_by_code
from server.web import language
from server.web.language import N_, lazy
from server.web.page import Request, answer, has_bearer, need_person, page, see_other, show

#: What has just been done, as the review page says it.
DONE = {
    "started": lazy("The summary is in review. Nobody outside the desk can read this draft."),
    "saved": lazy("Saved."),
    "withdrawn": lazy("Saved. The text was signed off before; that sign-off is withdrawn, and a new one is needed."),
    "refreshed": lazy("The draft now has the paragraphs of the summary."),
    "kept": lazy("The text of the draft stays as it is."),
    "signed": lazy("Signed off. The document can now be published."),
    "published": lazy("Published."),
    "begun": lazy("The correction is begun. The published version stays as it is until this one is published."),
    "discarded": lazy("The draft of the correction is discarded. The published version is as it was."),
}
#: Offered for a paragraph; any other that is in use stays.
LANGUAGES = ("ar", "de", "en", "es", "fr", "hi", "id", "it", "ja", "ko", "pt", "ru", "sw", "tr", "ur", "zh")


@dataclass(frozen=True)
class Desk:
    """Who is at the desk, over which document, with which rights."""

    meeting: Meeting
    session: Session
    person: Person
    rights: Rights


def _at_desk(request: Request, db: Database, session: Session | None = None) -> Desk:
    """Raises NotSignedIn for a stranger, NotFound, and NotAllowed for whoever has nothing to do with the document."""
    meeting = meeting_by_slug(db, request.path_params["m"])
    person: Person = need_person(request)
    require(db, person, Ability.SEE_DESK, meeting)
    session = session_by_code(db, meeting, request.path_params["slug"])
    rights = rights_of(db, person, session)
    _need(rights.edits)
    return Desk(meeting, session, person, rights)


def _need(allowed: bool) -> None:
    if not allowed:
        raise NotAllowed(N_("Your roles at this meeting do not include this. An organiser can grant them."))


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
def show_review(request: Request, db: Database) -> Response:
    """A document as it will look, and what is to be done with it."""
    at = _at_desk(request, db)
    return _review(request, db, at, output_by_slug(db, at.meeting, at.session.code))


def _review(request: Request, db: Database, at: Desk, output: Output, *, status: int = 200, **more: Any) -> Response:
    draft = output.draft
    version = draft or output.versions[-1]
    context = {
        "meeting": at.meeting,
        "session": at.session,
        "output": output,
        "draft": draft,
        "version": version,
        "kind": kind_of(version),
        "facts": facts_of(version),
        "sign_off": sign_off_of(version),
        "rights": at.rights,
        "summary": summary_of(db, at.session),
        "changes": changes_since(db, draft) if draft and draft.number == 1 else 0,
        "form": DraftForm(obj=version, edition=version.mark),
        "rows": _rows(version),
        "sign_form": SignOffForm(name=_signature(at, version)),
        "correction_form": CorrectionForm(),
        "done": DONE.get(request.query_params.get("done", "")),
        "problem": None,
        "editing": False,
        "tags": _tags,
        "language_name": lambda tag: language.locale().languages.get(tag.replace("-", "_"), tag),
        "day_of": day_of,
    }
    return show(request, "outputs/review.html", status=status, **{**context, **more})


def _rows(version: Version) -> list[Row]:
    return [Row(paragraph["text"], paragraph["lang"]) for paragraph in version.paragraphs]


def _tags(tag: str) -> list[str]:
    return sorted({*LANGUAGES, tag})


def _signature(at: Desk, version: Version) -> str:
    """The name under a sign-off: the account's; of a chair whose account has none, the one the document gives."""
    return at.person.name or (version.chair if at.rights.signs else "")


def _done(request: Request, at: Desk, version: Version, what: str, status: int = 200) -> Response:
    """Programs get the facts; a browser goes back to the document."""
    if _is_program(request):
        facts = {"version": version.number, "stage": version.stage, "edition": version.mark}
        return answer({"document": at.session.code, **facts}, status)
    return see_other(f"{addresses.review_page(at.meeting.slug, at.session.code)}?done={what}")


def _is_program(request: Request) -> bool:
    return request.wants_json or has_bearer(request.headers)


def _attempt(request: Request, db: Database, at: Desk, what: str, act: Callable[[Output], Version]) -> Response:
    """Do it, or say why not beside the document as it now stands."""
    output = output_by_slug(db, at.meeting, at.session.code)
    try:
        return _done(request, at, act(output), what)
    except (Conflict, Faulty) as problem:
        if _is_program(request):
            raise
        return _review(request, db, at, output, status=problem.status, problem=problem)


def _edition(request: Request) -> str:
    return str(request.data.get("edition", ""))


@page
def submit_review(request: Request, db: Database) -> Response:
    """Takes a closed summary into review."""
    at = _at_desk(request, db)
    output = actions.start_review(db, at.person, at.session, now=request.now)
    return _done(request, at, output.versions[-1], "started", 201)


@page
def submit_draft(request: Request, db: Database) -> Response:
    """Saves other words; or, asked to add a paragraph, shows the form with room for one and saves nothing."""
    at = _at_desk(request, db)
    output = output_by_slug(db, at.meeting, at.session.code)
    form = DraftForm(request.data)
    rows = _sent_rows(request, output, form)
    added = str(request.data.get("add", ""))
    if added.isdecimal() and not _is_program(request):
        rows.insert(int(added[:6]), Row("", rows[int(added[:6]) - 1].lang if rows else form.lang.data or ""))
        return _review(request, db, at, output, form=form, rows=rows, editing=True, added=int(added[:6]) + 1)
    before = output.draft.stage if output.draft else ""
    try:
        check(form, rows)
        draft = actions.edit_draft(db, at.person, output, _wording(form, rows), edition=_edition(request))
    except (Conflict, Faulty) as problem:
        if _is_program(request):
            raise
        return _typed_again(request, db, at, output, form, rows, problem)
    return _done(request, at, draft, "saved" if draft.stage == before else "withdrawn")


def _sent_rows(request: Request, output: Output, form: DraftForm) -> list[Row]:
    """The paragraphs sent; a program that sends none leaves them as they are."""
    if "text" not in request.data and output.draft is not None:
        return _rows(output.draft)
    texts, langs = ([str(one) for one in request.data.getlist(name)] for name in ("text", "text_lang"))
    return rows_of(texts, langs, form.lang.data or "")


def _wording(form: DraftForm, rows: list[Row]) -> actions.Wording:
    said = {name: form[name].data or "" for name in ("title", "lang", "chair", "rapporteur", "correction")}
    return actions.Wording(**said, paragraphs=paragraphs_from(rows))


def _typed_again(
    request: Request,
    db: Database,
    at: Desk,
    output: Output,
    form: DraftForm,
    rows: list[Row],
    problem: Conflict | Faulty,
) -> Response:
    """What was typed, beside the text as it now stands. Saving it then replaces that text, which the page says."""
    if isinstance(problem, Conflict) and output.draft is not None:
        form.edition.data = output.draft.mark
    for name, message in problem.errors.items():
        if name in form and not form[name].errors:
            form[name].errors = [language.gettext(message)]
    return _review(
        request, db, at, output, status=problem.status, form=form, rows=rows, problem=problem, editing=True,
    )  # fmt: skip


@page
def submit_refresh(request: Request, db: Database) -> Response:
    """Takes the summary's paragraphs anew, or keeps the draft's."""
    at = _at_desk(request, db)
    keep = request.data.get("choice") == "keep"
    what = "kept" if keep else "refreshed"
    return _attempt(
        request, db, at, what,
        lambda output: actions.refresh_draft(db, at.person, output, edition=_edition(request), keep=keep),
    )  # fmt: skip


@page
def submit_sign_off(request: Request, db: Database) -> Response:
    """Signs off, as the chair or in the chair's name."""
    at = _at_desk(request, db)
    _need(at.rights.signs or at.rights.signs_for_chair)

    def act(output: Output) -> Version:
        name = at.person.name or SignOffForm(request.data).name.data or _signature(at, output.versions[-1])
        return actions.sign_off(
            db, at.person, output,
            edition=_edition(request), name=name[:200], for_chair=not at.rights.signs, now=request.now,
        )  # fmt: skip

    return _attempt(request, db, at, "signed", act)


@page
def submit_publication(request: Request, db: Database) -> Response:
    """Publishes what is signed off."""
    at = _at_desk(request, db)
    _need(at.rights.publishes)
    return _attempt(
        request, db, at, "published",
        lambda output: actions.publish(db, at.person, output, edition=_edition(request), now=request.now),
    )  # fmt: skip


@page
def submit_correction(request: Request, db: Database) -> Response:
    """Begins the next version."""
    at = _at_desk(request, db)
    form = CorrectionForm(request.data)
    output = output_by_slug(db, at.meeting, at.session.code)
    try:
        form.checked()
        draft = actions.prepare_correction(db, at.person, output, form.correction.data or "", now=request.now)
    except (Conflict, Faulty) as problem:
        if _is_program(request):
            raise
        return _review(request, db, at, output, status=problem.status, correction_form=form, problem=problem)
    return _done(request, at, draft, "begun", 201)


@page
def submit_discard(request: Request, db: Database) -> Response:
    """Throws the draft away."""
    at = _at_desk(request, db)
    output = output_by_slug(db, at.meeting, at.session.code)
    is_published = output.newest is not None
    try:
        actions.discard_draft(db, at.person, output, edition=_edition(request))
    except Conflict as problem:
        if _is_program(request):
            raise
        return _review(request, db, at, output, status=problem.status, problem=problem)
    if _is_program(request):
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
