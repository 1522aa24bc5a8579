"""The whole history of one paragraph, for those who write it: who did what when, and the words as they were."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.database import Database
from server.remote.differences import Piece, differences
from server.remote.hands import hands_on, writer_of
from server.remote.models import Entry, Paragraph, SummaryStatus
from server.remote.queries import history_of, paragraph_by_id
from server.web.page import Request, page, show


@dataclass
class Step:
    """One thing that was done to the paragraph; `pieces` are its words, marked where they differ from those before."""

    entry: Entry
    pieces: list[Piece] = field(default_factory=list)
    is_same: bool = False

    @property
    def differs(self) -> bool:
        """Whether anything is marked."""
        return any(piece.kind != "same" for piece in self.pieces)


@page
def show_history(request: Request, db: Database) -> Response:
    """Everything that was done to a paragraph, the newest first."""
    meeting, session, _ = writer_of(request, db)
    paragraph = paragraph_by_id(db, session, request.path_params["p"])
    there = hands_on(request, db, session)
    is_open = there["summary"].status not in (SummaryStatus.CLOSED, SummaryStatus.PUBLISHED)
    return show(
        request,
        "remote/history.html",
        meeting=meeting,
        session=session,
        paragraph=paragraph,
        steps=_steps(paragraph, history_of(db, paragraph)),
        can_edit=is_open and paragraph.state == "shown" and not there["locked_out"],
        **there,
    )


def _steps(paragraph: Paragraph, entries: Iterable[Entry]) -> list[Step]:
    """The entries, newest first, each compared with the words that it replaced in the same language's text."""
    words: dict[str, str] = {}
    steps: list[Step] = []
    for entry in entries:
        text = entry.lang if entry.op == "translate" else "original"
        step = Step(entry)
        if entry.op in ("append", "edit", "restore", "translate"):
            before = words.get(text)
            step.pieces = [Piece("same", entry.text)] if before is None else differences(before, entry.text)
            step.is_same = text == "original" and entry.text == paragraph.text
            words[text] = entry.text
        steps.append(step)
    return steps[::-1]


ROUTES: list[BaseRoute] = [Route("/{m}/desk/sessions/{s}/summary/{p}/history", show_history)]
