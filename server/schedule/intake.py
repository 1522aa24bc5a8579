"""The page on which files are handed in: checked line by line, shown as differences, and taken into the draft or not."""

from typing import Any

from starlette.datastructures import UploadFile
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.database import Database
from server.loading import Refused
from server.meetings.models import Meeting
from server.problems import Conflict, Faulty, NotFound
from server.schedule.addresses import desk_step
from server.schedule.desk import BOARD, programme_desk
from server.schedule.drafting import whole_plan
from server.schedule.incoming import Frame
from server.schedule.models import Intake, Programme
from server.schedule.tables import to_csv, to_xlsx
from server.schedule.taking_in import incoming_of, preview, take_in
from server.web.language import N_, gettext
from server.web.page import Request, answer, page, see_other, show

#: Bytes of a file that may be handed in.
LARGEST_FILE = 20 * 1024 * 1024
#: How the address ends at which one is.
FILE_PLACE = "/desk/programme/file"


def _handed_in(request: Request, db: Database, meeting: Meeting) -> Intake | None:
    return db.get(Intake, (meeting.id, request.person.id))


def _shown(request: Request, db: Database, meeting: Meeting, **more: Any) -> Response:
    waiting = _handed_in(request, db, meeting)
    faults: list[tuple[int | None, str]] = []
    coming = None
    if waiting is not None:
        try:  # what stands in the draft may have changed since it was handed in
            coming = preview(db, meeting, incoming_of(db, meeting, waiting.name, waiting.content))
        except Refused as refused:
            faults = refused.faults
    programme = db.get(Programme, meeting.id)
    context = {
        "waiting": waiting, "coming": coming, "faults": faults, "file_name": "", "refused": "",
        "seen": programme.edits if programme else 0, **more,
    }  # fmt: skip
    status = context.pop("status", 200)
    return show(request, "schedule/desk/file.html", status=status, meeting=meeting, **context)


@page(writes=True)  # to preview what a file would do, it is done and undone
def show_intake(request: Request, db: Database) -> Response:
    """The file that was handed in, as differences; else a form to hand one in. Files to take away, too."""
    return _shown(request, db, programme_desk(request, db))


@page(files=True)
def submit_intake(request: Request, db: Database) -> Response:
    """Takes a file to look at. One with faults is refused with every line, and nothing of it is kept."""
    meeting = programme_desk(request, db)
    file = request.data.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        words = gettext("Choose a file first.")
        if request.wants_json:
            raise Faulty(N_("Please check the fields named below."), errors={"file": words})
        return _shown(request, db, meeting, status=422, refused=words)
    content = file.file.read()
    try:
        incoming = incoming_of(db, meeting, file.filename, content)
    except Refused as refused:
        if request.wants_json:
            raise
        return _shown(request, db, meeting, status=422, faults=refused.faults, file_name=file.filename)
    kept = _handed_in(request, db, meeting) or Intake(meeting_id=meeting.id, person_id=request.person.id)
    kept.name, kept.content, kept.at = file.filename[:200], content, request.now
    db.add(kept)
    db.flush()
    if request.wants_json:
        coming = preview(db, meeting, incoming)
        return answer(
            {
                "changes": [{"code": one.code, "kinds": one.kinds} for one in coming.changes],
                "new": [{"kind": part.kind, "key": part.key} for part in incoming.parts],
                "gone": list(incoming.gone),
                "notes": list(incoming.notes),
            }
        )
    return see_other(desk_step(meeting.slug, "file"))


@page
def submit_taken(request: Request, db: Database) -> Response:
    """Takes into the draft what was handed in, unless the draft has changed since the differences were shown."""
    meeting = programme_desk(request, db)
    waiting = _handed_in(request, db, meeting)
    if waiting is None:
        raise NotFound(N_("No file is waiting here any more. Hand it in again."))
    programme = db.get(Programme, meeting.id)
    seen = str(request.data.get("seen") or "")
    if seen.isdecimal() and programme is not None and int(seen[:9]) != programme.edits:
        if request.wants_json:
            raise Conflict(N_("The draft was changed meanwhile. Look at the differences once more."))
        words = gettext("The draft was changed meanwhile. Look at the differences once more.")
        return _shown(request, db, meeting, status=409, refused=words)
    incoming = incoming_of(db, meeting, waiting.name, waiting.content)
    made = take_in(
        db, request.person, meeting, incoming, request.now, cancel_gone=bool(request.data.get("cancel_gone"))
    )  # fmt: skip
    db.delete(waiting)
    if request.wants_json:
        return answer({"edit": made.number if made else None})
    return see_other(desk_step(meeting.slug, "edits"))


@page
def submit_discarded(request: Request, db: Database) -> Response:
    """Lets go of the file that was handed in."""
    meeting = programme_desk(request, db)
    waiting = _handed_in(request, db, meeting)
    if waiting is not None:
        db.delete(waiting)
    return see_other(desk_step(meeting.slug, "file"))


TABLES = {
    "csv": (to_csv, "text/csv; charset=utf-8"),
    "xlsx": (to_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


@page
def show_table(request: Request, db: Database) -> Response:
    """The draft as a table, to be changed in a spreadsheet and handed in again."""
    meeting = programme_desk(request, db)
    form = request.path_params["form"]
    if form not in TABLES:
        raise NotFound(N_("There is no page at this address."))
    write, kind = TABLES[form]
    planned = [one.planned for one in whole_plan(db, meeting).values()]
    headers = {
        "Content-Disposition": f'attachment; filename="{meeting.slug}-sessions.{form}"',
        "Cache-Control": "private, no-store",
    }
    return Response(write(planned, Frame.of(meeting)), media_type=kind, headers=headers)


ROUTES: list[BaseRoute] = [
    Route(f"{BOARD}/file", show_intake),
    Route(f"{BOARD}/file", submit_intake, methods=["POST"]),
    Route(f"{BOARD}/file/take", submit_taken, methods=["POST"]),
    Route(f"{BOARD}/file/discard", submit_discarded, methods=["POST"]),
    Route(f"{BOARD}/sessions.{{form}}", show_table),
]
