"""What writers of a live summary do. Each action is one transaction; its answer means: committed."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from server.database import Database
from server.notices import post
from server.people.models import Person
from server.problems import Conflict
from server.remote.log import Cursor
from server.remote.models import Entry, Paragraph, Summary, SummaryStatus
from server.remote.queries import as_followers_see, paragraph_by_id
from server.schedule.actions import SessionAdded
from server.schedule.models import Session
from server.web.language import N_

#: Who wrote, where an account has no name: never a part of its mail address.
NAMELESS = "Rapporteur"


@dataclass(frozen=True)
class SummaryChanged:
    """Something was written to a session's log."""

    session_id: int


@dataclass(frozen=True)
class Written:
    """What was written, and where the log stands after it."""

    id: str
    rev: int
    cursor: Cursor

    def facts(self) -> dict[str, Any]:
        """As programs are told."""
        return {"id": self.id, "rev": self.rev, "cursor": str(self.cursor)}


def open_summary(db: Database, notice: SessionAdded) -> None:
    """Give a new session its empty log, whose epoch no other log will ever have."""
    db.add(Summary(session_id=notice.session_id, epoch=secrets.token_hex(5)))
    db.flush()


def append_paragraph(db: Database, person: Person, session: Session, text: str, lang: str, *, now: datetime) -> Written:
    """Write one more paragraph (Markdown). The first makes a waiting summary live.

    Raises Conflict when the summary is closed.
    """
    summary = _open_for_writing(db, session)
    if summary.status == SummaryStatus.WAITING:
        _log(db, summary, person, now, op="status", status=SummaryStatus.LIVE)
        summary.status = SummaryStatus.LIVE
    summary.paragraphs += 1
    paragraph = Paragraph(
        session_id=session.id, number=summary.paragraphs, rev=1, text=text, lang=lang, by=_signature(person), at=now
    )
    paragraph.state = "shown"
    db.add(paragraph)
    return _log_paragraph(db, summary, person, paragraph, now, op="append")


def edit_paragraph(
    db: Database,
    person: Person,
    session: Session,
    public_id: str,
    text: str,
    base_rev: int,
    *,
    lang: str,
    now: datetime,
) -> Written:
    """Put other words in a paragraph's place; `base_rev` is the revision they were written against.

    Raises Conflict with the current `paragraph` when somebody was faster or it is retracted; nothing is changed.
    """
    summary = _open_for_writing(db, session)
    paragraph = paragraph_by_id(db, session, public_id)
    if paragraph.rev != base_rev or paragraph.state != "shown":
        raise Conflict(
            N_("This paragraph has changed since you opened it. Nothing was overwritten."),
            extra={"paragraph": as_followers_see(paragraph, paragraph.id)},
        )
    paragraph.text, paragraph.lang = text, lang or paragraph.lang
    return _revise(db, summary, person, paragraph, now, op="edit")


def retract_paragraph(
    db: Database, person: Person, session: Session, public_id: str, reason: str, *, now: datetime
) -> Written:
    """Take a paragraph back: it keeps its place, and the reason stands where its words were."""
    summary = _open_for_writing(db, session)
    paragraph = paragraph_by_id(db, session, public_id)
    if paragraph.state == "retracted":
        return Written(paragraph.id, paragraph.rev, _cursor(summary))
    paragraph.state, paragraph.reason = "retracted", reason
    return _revise(db, summary, person, paragraph, now, op="retract")


def restore_paragraph(db: Database, person: Person, session: Session, public_id: str, *, now: datetime) -> Written:
    """Put a retracted paragraph back as it was."""
    summary = _open_for_writing(db, session)
    paragraph = paragraph_by_id(db, session, public_id)
    if paragraph.state == "shown":
        return Written(paragraph.id, paragraph.rev, _cursor(summary))
    paragraph.state, paragraph.reason = "shown", ""
    return _revise(db, summary, person, paragraph, now, op="restore")


def set_status(db: Database, person: Person, session: Session, status: SummaryStatus, *, now: datetime) -> Cursor:
    """Make a summary live or close it; saying what already is changes nothing.

    Raises Conflict when it is published: what comes after that is a correction of the output.
    """
    summary = _locked(db, session)
    if summary.status == SummaryStatus.PUBLISHED:
        raise Conflict(N_("This summary is published. A correction is made to the published document."))
    return _change_status(db, person, summary, status, now)


def mark_published(db: Database, person: Person, session: Session, *, now: datetime) -> Cursor:
    """Note that the summary's document is published."""
    return _change_status(db, person, _locked(db, session), SummaryStatus.PUBLISHED, now)


def _change_status(db: Database, person: Person, summary: Summary, status: SummaryStatus, now: datetime) -> Cursor:
    if summary.status != status:
        summary.status = status
        _log(db, summary, person, now, op="status", status=status)
    return _cursor(summary)


def _locked(db: Database, session: Session) -> Summary:
    """The summary, with its row locked: writers of one session take turns, so that offsets are dense."""
    query = select(Summary).filter_by(session_id=session.id).with_for_update()
    return db.scalars(query.execution_options(populate_existing=True)).one()


def _open_for_writing(db: Database, session: Session) -> Summary:
    summary = _locked(db, session)
    if summary.status in (SummaryStatus.CLOSED, SummaryStatus.PUBLISHED):
        raise Conflict(N_("This summary is closed. Open it again to go on writing."))
    return summary


def _revise(db: Database, summary: Summary, person: Person, paragraph: Paragraph, now: datetime, *, op: str) -> Written:
    paragraph.rev += 1
    paragraph.by, paragraph.at = _signature(person), now
    return _log_paragraph(db, summary, person, paragraph, now, op=op)


def _log_paragraph(
    db: Database, summary: Summary, person: Person, paragraph: Paragraph, now: datetime, *, op: str
) -> Written:
    words = {"number": paragraph.number, "rev": paragraph.rev, "text": paragraph.text, "lang": paragraph.lang}
    _log(db, summary, person, now, op=op, reason=paragraph.reason, **words)
    return Written(paragraph.id, paragraph.rev, _cursor(summary))


def _log(db: Database, summary: Summary, person: Person, now: datetime, **entry: Any) -> None:
    summary.head += 1
    db.add(
        Entry(
            session_id=summary.session_id,
            offset=summary.head,
            by=_signature(person),
            at=now,
            person_id=person.id,
            **entry,
        )
    )
    db.flush()
    post(db, SummaryChanged(summary.session_id))


def _cursor(summary: Summary) -> Cursor:
    return Cursor(summary.epoch, summary.head)


def _signature(person: Person) -> str:
    return person.name or NAMELESS
