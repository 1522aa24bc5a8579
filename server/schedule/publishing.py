"""The page on which a version is published: what would change, what stands against it, and who would be written to."""

from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.database import Database
from server.meetings.models import Meeting
from server.problems import Conflict
from server.schedule.actions import publish_draft
from server.schedule.addresses import changes_page
from server.schedule.desk import BOARD, programme_desk, said
from server.schedule.drafting import take_turn, whole_plan
from server.schedule.edits import last_edits
from server.schedule.forms import PublishForm
from server.schedule.judging import judged
from server.schedule.models import Programme
from server.schedule.telling import affected
from server.schedule.versions import coming_changes
from server.web.language import N_, gettext
from server.web.page import Request, answer, page, see_other, show, show_again


def _coming(db: Database, meeting: Meeting) -> dict[str, Any]:
    plan = whole_plan(db, meeting)
    clashes = judged(db, meeting, plan)
    changes = coming_changes(db, meeting, plan)
    programme = db.get(Programme, meeting.id)
    return {
        "changes": changes,
        "letters": len(affected(db, meeting, changes)),
        "blocking": [(clash, said(meeting, plan, clash, clash.code)) for clash in clashes if clash.blocks],
        "warned": sum(not clash.blocks and clash.waived is None for clash in clashes),
        "version": programme.version if programme else 0,
        "edits": programme.edits if programme else 0,
    }


@page
def show_publishing(request: Request, db: Database) -> Response:
    """What publishing would change."""
    meeting = programme_desk(request, db)
    coming = _coming(db, meeting)
    form = PublishForm(data={"tell": True, "seen": coming["edits"]})
    return show(request, "schedule/desk/publish.html", meeting=meeting, form=form, refused="", **coming)


@page
def submit_publishing(request: Request, db: Database) -> Response:
    """Publishes. When somebody has edited since the page was made, it is shown again with what they did."""
    meeting = programme_desk(request, db)
    form = PublishForm(request.data)
    if not form.validate():
        return show_again(
            request, "schedule/desk/publish.html", form, meeting=meeting, refused="", **_coming(db, meeting)
        )
    try:
        with db.begin_nested():
            _need_seen(db, meeting, form.seen.data)
            version = publish_draft(
                db, request.person, meeting, form.note.data or "", request.now, tell=bool(form.tell.data)
            )
    except Conflict as conflict:
        if request.wants_json:
            raise
        coming = _coming(db, meeting)
        form.seen.process_data(coming["edits"])
        form.seen.raw_data = None  # what was sent would be shown again
        return show(
            request, "schedule/desk/publish.html", status=Conflict.status, meeting=meeting, form=form,
            refused=conflict.worded(gettext), **coming,
        )  # fmt: skip
    if request.wants_json:
        return answer({"version": version})
    return see_other(f"{changes_page(meeting.slug)}#v{version}")


def _need_seen(db: Database, meeting: Meeting, seen: int | None) -> None:
    """Nobody publishes what they have not seen. A program that names no edit says that it has."""
    programme = take_turn(db, meeting)
    if seen is not None and seen < programme.edits:
        later = last_edits(db, meeting, after=seen)
        raise Conflict(
            N_("The draft was changed meanwhile: %(what)s. Look at what would be published now."),
            extra={"meanwhile": [one.as_json() for one in later]},
            what="; ".join(f"{one.code.upper()} – {one.sentence}" for one in later[:5]),
        )


ROUTES: list[BaseRoute] = [
    Route(f"{BOARD}/publish", show_publishing),
    Route(f"{BOARD}/publish", submit_publishing, methods=["POST"]),
]
