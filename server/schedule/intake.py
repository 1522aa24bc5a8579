"""The page on which files are handed in: checked line by line, shown as differences, and taken into the draft or not."""

from dataclasses import dataclass, field
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
from server.schedule.drafting import take_turn, whole_plan
from server.schedule.incoming import Frame, Incoming
from server.schedule.models import Intake, Programme
from server.schedule.tables import to_csv, to_xlsx
from server.schedule.taking_in import incoming_of, preview, take_in
from server.web.language import N_, gettext
from server.web.page import Request, answer, page, see_other, show

#: Bytes of a file that may be handed in.
LARGEST_FILE = 20 * 1024 * 1024
#: How the address ends at which one is.
FILE_PLACE = "/desk/programme/file"


@dataclass(frozen=True)
class Understood:
    """What a file was taken for: what it would make of the draft as of an edit, or every fault in it."""

    edits: int
    name: str = ""
    content: bytes = b""
    incoming: Incoming | None = None
    faults: list[tuple[int | None, str]] = field(default_factory=list)


def _handed_in(request: Request, db: Database, meeting: Meeting) -> Intake | None:
    return db.get(Intake, (meeting.id, request.person.id))


def _understood(db: Database, meeting: Meeting, name: str, content: bytes) -> Understood:
    programme = db.get(Programme, meeting.id)
    edits = programme.edits if programme else 0
    try:
        return Understood(edits, name, content, incoming_of(db, meeting, name, content))
    except Refused as refused:
        return Understood(edits, name, content, faults=refused.faults)


def _read_waiting(request: Request, db: Database) -> Understood | None:
    """The file that is waiting, read anew: what stands in the draft may have changed since it was handed in."""
    meeting = programme_desk(request, db)
    waiting = _handed_in(request, db, meeting)
    return _understood(db, meeting, waiting.name, waiting.content) if waiting is not None else None


def _read_given(request: Request, db: Database) -> Understood | None:
    """The file that was posted; a large one takes seconds, in which nobody who writes is to wait."""
    meeting = programme_desk(request, db)
    file = request.data.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return None
    return _understood(db, meeting, file.filename[:200], file.file.read())


def _shown(request: Request, db: Database, meeting: Meeting, understood: Understood | None, **more: Any) -> Response:
    incoming = understood.incoming if understood else None
    programme = db.get(Programme, meeting.id)
    context = {
        "file_name": understood.name if understood else "",
        "faults": understood.faults if understood else [],
        "coming": preview(db, meeting, incoming) if incoming is not None else None,
        "refused": "", "seen": programme.edits if programme else 0, **more,
    }  # fmt: skip
    status = context.pop("status", 200)
    return show(request, "schedule/desk/file.html", status=status, meeting=meeting, **context)


@page
def show_intake(request: Request, db: Database) -> Response:
    """The file that was handed in, as differences; else a form to hand one in. Files to take away, too."""
    return _shown(request, db, programme_desk(request, db), _read_waiting(request, db))


def _one_file(request: Request, db: Database) -> int:
    """Who may change the programme may hand in a file."""
    programme_desk(request, db)
    return 1


@page(files=_one_file, prepare=_read_given)
def submit_intake(request: Request, db: Database) -> Response:
    """Takes a file to look at. One with faults is refused with every line, and nothing of it is kept."""
    meeting, understood = programme_desk(request, db), request.prepared
    if understood is None:
        words = gettext("Choose a file first.")
        if request.wants_json:
            raise Faulty(N_("Please check the fields named below."), errors={"file": words})
        return _shown(request, db, meeting, None, status=422, refused=words)
    if understood.faults:
        if request.wants_json:
            raise Refused(understood.faults)
        return _shown(request, db, meeting, understood, status=422)
    kept = _handed_in(request, db, meeting) or Intake(meeting_id=meeting.id, person_id=request.person.id)
    kept.name, kept.content, kept.at = understood.name, understood.content, request.now
    db.add(kept)
    db.flush()
    if request.wants_json:
        coming = preview(db, meeting, understood.incoming)
        return answer(
            {
                "changes": [{"code": one.code, "kinds": one.kinds} for one in coming.changes],
                "new": [{"kind": part.kind, "key": part.key} for part in coming.incoming.parts],
                "gone": list(coming.incoming.gone),
                "notes": list(coming.incoming.notes),
            }
        )
    return see_other(desk_step(meeting.slug, "file"))


@page(prepare=_read_waiting)
def submit_taken(request: Request, db: Database) -> Response:
    """Takes into the draft what was handed in, unless the draft has changed since the differences were shown."""
    meeting, understood = programme_desk(request, db), request.prepared
    edits = take_turn(db, meeting).edits
    waiting = _handed_in(request, db, meeting)
    if waiting is None or understood is None:
        raise NotFound(N_("No file is waiting here any more. Hand it in again."))
    seen = str(request.data.get("seen") or understood.edits)
    if seen != str(edits) or understood.edits != edits or understood.incoming is None:
        if request.wants_json:
            raise Conflict(N_("The draft was changed meanwhile. Look at the differences once more."))
        words = gettext("The draft was changed meanwhile. Look at the differences once more.")
        return _shown(request, db, meeting, _read_waiting(request, db), status=409, refused=words)
    made = take_in(
        db, request.person, meeting, understood.incoming, request.now,
        cancel_gone=bool(request.data.get("cancel_gone")),
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
