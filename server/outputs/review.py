"""The review page: a document as it will look, beside what is to be done with it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from server.database import Database
from server.meetings.access import Ability, require
from server.meetings.models import Meeting
from server.meetings.queries import meeting_by_slug
from server.outputs import addresses
from server.outputs.document import day_of, facts_of, kind_of, sign_off_of
from server.outputs.forms import CorrectionForm, DraftForm, Row, SignOffForm
from server.outputs.models import Output, Version
from server.outputs.queries import Rights, changes_since, output_by_slug, rights_of
from server.people.models import Person
from server.problems import Conflict, Faulty, NotAllowed, Problem
from server.remote.queries import summary_of
from server.schedule.models import Session
from server.schedule.queries import session_by_code
from server.web import language
from server.web.language import N_, lazy
from server.web.page import Request, answer, need_person, page, see_other, show

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


def desk_of(request: Request, db: Database) -> Desk:
    """Raises NotSignedIn for a stranger, NotFound, and NotAllowed for whoever has nothing to do with the document."""
    meeting = meeting_by_slug(db, request.path_params["m"])
    person: Person = need_person(request)
    require(db, person, Ability.SEE_DESK, meeting)
    session = session_by_code(db, meeting, request.path_params["slug"])
    rights = rights_of(db, person, session)
    need(rights.edits)
    return Desk(meeting, session, person, rights)


def need(allowed: bool) -> None:
    """Raises NotAllowed."""
    if not allowed:
        raise NotAllowed(N_("Your roles at this meeting do not include this. An organiser can grant them."))


@page
def show_review(request: Request, db: Database) -> Response:
    """A document as it will look, and what is to be done with it."""
    at = desk_of(request, db)
    return review(request, db, at, output_by_slug(db, at.meeting, at.session.code))


def review(request: Request, db: Database, at: Desk, output: Output, *, status: int = 200, **more: Any) -> Response:
    """The page; `more` puts other things in it than those of a first look."""
    draft = output.draft
    problem: Problem | None = more.get("problem")
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
        "form": DraftForm(data=_said(version)),
        "rows": rows_in(version),
        "sign_form": SignOffForm(name=signature_of(at, version)),
        "correction_form": CorrectionForm(),
        "done": DONE.get(request.query_params.get("done", "")),
        "problem": None,
        "said": problem.worded(language.gettext) if problem else "",
        "faults": {name: language.gettext(words) for name, words in problem.errors.items()} if problem else {},
        "editing": False,
        "tags": _tags,
        "day_of": day_of,
    }
    return show(request, "outputs/review.html", status=status, **{**context, **more})


def rows_in(version: Version) -> list[Row]:
    """Its paragraphs as the form has them."""
    return [Row(paragraph["text"], paragraph["lang"]) for paragraph in version.paragraphs]


def _said(version: Version) -> dict[str, str]:
    fields = ("title", "lang", "chair", "rapporteur", "correction")
    return {"edition": version.mark, **{name: getattr(version, name) for name in fields}}


def _tags(tag: str) -> list[str]:
    return sorted({*LANGUAGES, tag})


def signature_of(at: Desk, version: Version) -> str:
    """The name under a sign-off: the account's; of a chair whose account has none, the one the document gives."""
    return at.person.name or (version.chair if at.rights.signs else "")


def done(request: Request, at: Desk, version: Version, what: str, status: int = 200) -> Response:
    """Programs get the facts; a browser goes back to the document."""
    if request.is_program:
        facts = {"version": version.number, "stage": version.stage, "edition": version.mark}
        return answer({"document": at.session.code, **facts}, status)
    return see_other(f"{addresses.review_page(at.meeting.slug, at.session.code)}?done={what}")


def attempt(request: Request, db: Database, at: Desk, what: str, act: Callable[[Output], Version]) -> Response:
    """Do it, or say why not beside the document as it now stands."""
    output = output_by_slug(db, at.meeting, at.session.code)
    try:
        return done(request, at, act(output), what)
    except (Conflict, Faulty) as problem:
        if request.is_program:
            raise
        return review(request, db, at, output, status=problem.status, problem=problem)


def edition_in(request: Request) -> str:
    """The mark of the text that the sender had before them."""
    return str(request.data.get("edition", ""))
