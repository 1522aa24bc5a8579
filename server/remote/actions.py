"""What writers of a live summary do. Each action is one transaction; its answer means: committed."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from server.database import Database
from server.meetings.access import Ability, may
from server.notices import post
from server.people.models import Person
from server.problems import Conflict, Faulty, NotFound
from server.remote.log import Cursor
from server.remote.models import Entry, Paragraph, Summary, SummaryStatus, Translation
from server.remote.queries import as_followers_see, in_other_words, paragraph_by_id, translation_of
from server.schedule.actions import SessionAdded
from server.schedule.models import Session
from server.web.language import N_

#: Who wrote, where an account has no name: never a part of its mail address.
NAMELESS = "Rapporteur"
NAMELESS_ORGANISER = "Organiser"


@dataclass(frozen=True)
class SummaryChanged:
    """Something was written to a session's log, which now stands at `head`."""

    session_id: int
    head: Cursor


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

    Raises Conflict when the summary is closed or locked, as everything that is written does.
    """
    summary = _open_for_writing(db, person, session)
    if summary.status == SummaryStatus.WAITING:
        _log(db, summary, person, now, op="status", status=SummaryStatus.LIVE)
        summary.status = SummaryStatus.LIVE
    summary.paragraphs += 1
    paragraph = Paragraph(
        session_id=session.id, number=summary.paragraphs, place=summary.paragraphs, rev=1, text=text, lang=lang,
        by=_signature(person), at=now,
    )  # fmt: skip
    paragraph.state = "shown"
    db.add(paragraph)
    _log_paragraph(db, summary, person, paragraph, now, op="append")
    return Written(paragraph.id, paragraph.rev, _told(db, summary))


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
    summary = _open_for_writing(db, person, session)
    paragraph = paragraph_by_id(db, session, public_id)
    if paragraph.rev != base_rev or paragraph.state != "shown":
        raise Conflict(
            N_("This paragraph has changed since you opened it. Nothing was overwritten."),
            extra={"paragraph": as_followers_see(paragraph, paragraph.id)},
        )
    paragraph.text, paragraph.lang = text, lang or paragraph.lang
    _revise(db, summary, person, paragraph, now, op="edit")
    return Written(paragraph.id, paragraph.rev, _told(db, summary))


def retract_paragraph(
    db: Database, person: Person, session: Session, public_id: str, reason: str, *, now: datetime
) -> Written:
    """Take a paragraph back: it keeps its place, and the reason stands where its words were."""
    summary = _open_for_writing(db, person, session)
    paragraph = paragraph_by_id(db, session, public_id)
    if paragraph.state == "retracted":
        return Written(paragraph.id, paragraph.rev, _cursor(summary))
    paragraph.state, paragraph.reason = "retracted", reason
    _revise(db, summary, person, paragraph, now, op="retract")
    return Written(paragraph.id, paragraph.rev, _told(db, summary))


def restore_paragraph(db: Database, person: Person, session: Session, public_id: str, *, now: datetime) -> Written:
    """Put a retracted paragraph back as it was."""
    summary = _open_for_writing(db, person, session)
    paragraph = paragraph_by_id(db, session, public_id)
    if paragraph.state == "shown":
        return Written(paragraph.id, paragraph.rev, _cursor(summary))
    paragraph.state, paragraph.reason = "shown", ""
    _revise(db, summary, person, paragraph, now, op="restore")
    for translation in db.scalars(select(Translation).filter_by(session_id=session.id, number=paragraph.number)):
        if not translation.text:
            continue
        if translation.of_rev == paragraph.rev - 2:  # it was of the words that are back; neither step changed them
            translation.of_rev = paragraph.rev
        _log_translation(db, summary, person, translation)
    return Written(paragraph.id, paragraph.rev, _told(db, summary))


def move_paragraph(
    db: Database, person: Person, session: Session, public_id: str, before: str | None, *, now: datetime
) -> Written:
    """Put a paragraph before another one, or at the end. Its revision stays, so nobody's edit is refused for it."""
    summary = _open_for_writing(db, person, session)
    paragraph = paragraph_by_id(db, session, public_id)
    ahead_of = _paragraph_to_stand_before(db, session, before) if before else None
    place = ahead_of.place if ahead_of else summary.paragraphs + 1
    old, new = paragraph.place, place if place <= paragraph.place else place - 1
    if old != new:
        between = Paragraph.place.between(min(old, new), max(old, new))
        shift = update(Paragraph).where(Paragraph.session_id == session.id, between)
        db.execute(shift.values(place=Paragraph.place + (1 if new < old else -1)))
        db.refresh(paragraph)
        paragraph.place = new
        _log(db, summary, person, now, op="move", number=paragraph.number, before=ahead_of.number if ahead_of else None)
        _told(db, summary)
    return Written(paragraph.id, paragraph.rev, _cursor(summary))


def _paragraph_to_stand_before(db: Database, session: Session, public_id: str) -> Paragraph:
    try:
        return paragraph_by_id(db, session, public_id)
    except NotFound as problem:
        raise Faulty(errors={"before": problem.message}) from problem


def translate_paragraph(
    db: Database, person: Person, session: Session, public_id: str, lang: str, text: str, *,
    of_rev: int, base_rev: int, now: datetime,
) -> Written:  # fmt: skip
    """Write a paragraph in another language; an empty `text` takes that language away.

    `of_rev` is the revision that was translated, `base_rev` the revision of the translation that these words replace
    (0: there is none yet). Raises Conflict with the current `translation` when somebody was faster, Faulty when
    `lang` is the paragraph's own or `of_rev` has never been.
    """
    summary = _open_for_writing(db, person, session)
    paragraph = paragraph_by_id(db, session, public_id)
    _check_translation(paragraph, lang, of_rev)
    held = translation_of(db, paragraph, lang)
    if (held.rev if held else 0) != base_rev:
        raise Conflict(
            N_("This translation has changed since you opened it. Nothing was overwritten."),
            extra={"translation": in_other_words(held) if held else None},
        )
    if not text and not (held and held.text):
        return Written(paragraph.id, base_rev, _cursor(summary))
    if held is None:
        held = Translation(session_id=session.id, number=paragraph.number, lang=lang, rev=0)
    held.rev, held.of_rev, held.text, held.by, held.at = held.rev + 1, of_rev, text, _signature(person), now
    db.add(held)
    _log_translation(db, summary, person, held)
    return Written(paragraph.id, held.rev, _told(db, summary))


def _check_translation(paragraph: Paragraph, lang: str, of_rev: int) -> None:
    if paragraph.state != "shown":
        raise Conflict(N_("This paragraph was withdrawn. Put it back first."))
    if lang.lower() == paragraph.lang.lower():
        raise Faulty(errors={"lang": N_("The paragraph itself is in this language.")})
    if not 1 <= of_rev <= paragraph.rev:
        raise Faulty(errors={"of": N_("There is no such revision of this paragraph.")})


def lock_summary(db: Database, person: Person, session: Session, *, locked: bool) -> str:
    """Let only organisers write, or everybody again; the name of who has locked it. Followers hear nothing of it."""
    summary = _locked(db, session)
    if not locked:
        summary.locked_by = ""
    elif not summary.locked_by:
        summary.locked_by = person.name or NAMELESS_ORGANISER
    return summary.locked_by


def set_status(db: Database, person: Person, session: Session, status: SummaryStatus, *, now: datetime) -> Cursor:
    """Make a summary live or close it; saying what already is changes nothing.

    Raises Conflict when it is published: what comes after that is a correction of the output.
    """
    summary = _locked(db, session)
    _refuse_while_locked(db, person, session, summary)
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
        _told(db, summary)
    return _cursor(summary)


def _locked(db: Database, session: Session) -> Summary:
    """The summary, with its row locked: writers of one session take turns, so that offsets are dense.

    Its key stays, so rows that name it (who follows, what is due) are written without waiting for the writer.
    """
    query = select(Summary).filter_by(session_id=session.id).with_for_update(key_share=True)
    return db.scalars(query.execution_options(populate_existing=True)).one()


def _open_for_writing(db: Database, person: Person, session: Session) -> Summary:
    summary = _locked(db, session)
    _refuse_while_locked(db, person, session, summary)
    if summary.status in (SummaryStatus.CLOSED, SummaryStatus.PUBLISHED):
        raise Conflict(N_("This summary is closed. Open it again to go on writing."))
    return summary


def _refuse_while_locked(db: Database, person: Person, session: Session, summary: Summary) -> None:
    if summary.locked_by and not may(db, person, Ability.LOCK_SUMMARY, session.meeting):
        raise Conflict(
            N_("%(name)s has locked this summary: only organisers write until it is unlocked. Nothing was changed."),
            name=summary.locked_by,
            extra={"locked_by": summary.locked_by},
        )


def _revise(db: Database, summary: Summary, person: Person, paragraph: Paragraph, now: datetime, *, op: str) -> None:
    paragraph.rev += 1
    paragraph.by, paragraph.at = _signature(person), now
    _log_paragraph(db, summary, person, paragraph, now, op=op)


def _log_paragraph(
    db: Database, summary: Summary, person: Person, paragraph: Paragraph, now: datetime, *, op: str
) -> None:
    words = {"number": paragraph.number, "rev": paragraph.rev, "text": paragraph.text, "lang": paragraph.lang}
    _log(db, summary, person, now, op=op, reason=paragraph.reason, **words)


def _log_translation(db: Database, summary: Summary, person: Person, translation: Translation) -> None:
    words = {"number": translation.number, "rev": translation.rev, "text": translation.text, "lang": translation.lang}
    _log(db, summary, person, translation.at, op="translate", of_rev=translation.of_rev, **words)


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


def _told(db: Database, summary: Summary) -> Cursor:
    """Have everybody hear of what was logged, once for all entries of an action; where the log stands now."""
    db.flush()
    post(db, SummaryChanged(summary.session_id, _cursor(summary)))
    return _cursor(summary)


def _cursor(summary: Summary) -> Cursor:
    return Cursor(summary.epoch, summary.head)


def _signature(person: Person) -> str:
    return person.name or NAMELESS
