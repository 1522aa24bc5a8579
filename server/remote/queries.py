"""What is asked of live summaries."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import cast

from sqlalchemy import select

from server import markdown
from server.database import Database
from server.meetings.access import Ability, abilities_of
from server.meetings.models import Meeting
from server.people.models import Person
from server.problems import NotFound
from server.remote.log import Tail
from server.remote.messages import LogEvent, P, T
from server.remote.models import Entry, Paragraph, Summary, SummaryStatus, Translation, Webhook
from server.schedule.models import Session
from server.schedule.queries import chairs_session
from server.web.language import N_


def may_write(db: Database, person: Person | None, session: Session, meeting: Meeting) -> bool:
    """Whether this person may write the session's summary: rapporteurs, organisers, and the session's chair."""
    return writes_with(abilities_of(db, person, meeting), person, session)


def writes_with(abilities: frozenset[Ability], person: Person | None, session: Session) -> bool:
    """The same, for somebody whose abilities at the meeting are known."""
    return Ability.WRITE_ANY_SUMMARY in abilities or (
        Ability.WRITE_OWN_SUMMARY in abilities and chairs_session(person, session)
    )


def summary_of(db: Database, session: Session) -> Summary:
    """The session's summary."""
    return db.scalars(select(Summary).filter_by(session_id=session.id)).one()


def paragraphs_of(db: Database, session: Session) -> list[Paragraph]:
    """The paragraphs as they now stand, retracted ones included, in order."""
    return list(db.scalars(select(Paragraph).filter_by(session_id=session.id).order_by(Paragraph.place)))


def shown_paragraphs(db: Database, session: Session) -> list[Paragraph]:
    """The paragraphs that are not retracted, in order."""
    return [paragraph for paragraph in paragraphs_of(db, session) if paragraph.state == "shown"]


def statuses(db: Database, meeting: Meeting) -> dict[int, str]:
    """The summary's status of every session of a meeting, by the session's id."""
    rows = db.scalars(select(Summary).join(Session).where(Session.meeting_id == meeting.id))
    return {summary.session_id: summary.status for summary in rows}


def live_sessions(db: Database, meeting: Meeting) -> list[Session]:
    """The sessions whose summary is being written now."""
    rows = select(Session).join(Summary).where(Session.meeting_id == meeting.id, Summary.status == SummaryStatus.LIVE)
    return list(db.scalars(rows.order_by(Session.starts_at, Session.code)))


def paragraph_by_id(db: Database, session: Session, public_id: str) -> Paragraph:
    """One paragraph as it now stands, by the id followers know it by; raises NotFound."""
    match = re.fullmatch(r"p([1-9][0-9]{0,8})", public_id, re.ASCII)
    key = {"session_id": session.id, "number": int(match[1])} if match else None
    found = db.get(Paragraph, key, populate_existing=True) if key else None
    if found is None:
        raise NotFound(N_("There is no such paragraph."))
    return found


def log_after(db: Database, session_id: int, offset: int) -> Tail:
    """The log's epoch and every event after `offset`, as followers see them.

    Offsets are handed out under the lock of the summary's row, so those committed are dense.
    """
    epoch = db.scalars(select(Summary.epoch).filter_by(session_id=session_id)).one()
    rows = db.scalars(select(Entry).where(Entry.session_id == session_id, Entry.offset > offset).order_by(Entry.offset))
    return Tail(epoch, [event_of(entry) for entry in rows])


def event_of(entry: Entry) -> LogEvent:
    """An entry of the log as followers see it."""
    if entry.op == "status":
        return cast(LogEvent, {"offset": entry.offset, "op": "status", "status": entry.status})
    if entry.op == "move":
        before = f"p{entry.before}" if entry.before else None
        return cast(LogEvent, {"offset": entry.offset, "op": "move", "id": f"p{entry.number}", "before": before})
    if entry.op == "translate":
        return {
            "offset": entry.offset,
            "op": "translate",
            "id": f"p{entry.number}",
            "translation": in_other_words(entry),
        }
    paragraph = as_followers_see(entry, f"p{entry.number}")
    return cast(LogEvent, {"offset": entry.offset, "op": entry.op, "paragraph": paragraph})


def as_followers_see(written: Entry | Paragraph, public_id: str) -> P:
    """A paragraph as it crosses the wire; a retracted one has no words."""
    shown = {"id": public_id, "rev": written.rev, "lang": written.lang, "by": written.by, "at": _stamp(written.at)}
    retracted = written.op == "retract" if isinstance(written, Entry) else written.state == "retracted"
    if retracted:
        return cast(P, {**shown, "state": "retracted", "reason": written.reason})
    words = {"text": written.text, "html": markdown.to_html(written.text), "state": "shown"}
    return cast(P, {**shown, **words})


def in_other_words(written: Entry | Translation) -> T:
    """A paragraph in another language, as it crosses the wire."""
    return {
        "lang": written.lang,
        "of": written.of_rev or 0,
        "rev": written.rev or 0,
        "text": written.text,
        "html": markdown.to_html(written.text),
        "by": written.by,
        "at": _stamp(written.at),
    }


def translations_of(db: Database, session: Session) -> dict[int, list[Translation]]:
    """The translations of a session's paragraphs that have words, by the paragraph's number."""
    held = select(Translation).where(Translation.session_id == session.id, Translation.text != "")
    rows = db.scalars(held.order_by(Translation.number, Translation.at, Translation.lang))
    found: dict[int, list[Translation]] = {}
    for row in rows:
        found.setdefault(row.number, []).append(row)
    return found


def translations_into(db: Database, session: Session, lang: str) -> list[Translation]:
    """Every paragraph's translation into one language; those that were taken away have no words."""
    return list(db.scalars(select(Translation).filter_by(session_id=session.id, lang=lang)))


def translations_of_paragraph(db: Database, paragraph: Paragraph) -> list[Translation]:
    """One paragraph's translations, the oldest first; those that were taken away have no words."""
    own = {"session_id": paragraph.session_id, "number": paragraph.number}
    return list(db.scalars(select(Translation).filter_by(**own).order_by(Translation.at, Translation.lang)))


def translation_of(db: Database, paragraph: Paragraph, lang: str) -> Translation | None:
    """A paragraph's translation into one language; without words when it was taken away."""
    return db.get(Translation, (paragraph.session_id, paragraph.number, lang), populate_existing=True)


def history_of(db: Database, paragraph: Paragraph) -> list[Entry]:
    """Everything that was ever written of a paragraph, oldest first."""
    own = {"session_id": paragraph.session_id, "number": paragraph.number}
    return list(db.scalars(select(Entry).filter_by(**own).order_by(Entry.offset)))


def written_by(db: Database, person: Person) -> list[tuple[Session, Entry]]:
    """Everything that an account has written into summaries, session by session, oldest first."""
    rows = select(Session, Entry).join(Entry, Entry.session_id == Session.id).where(Entry.person_id == person.id)
    return [(session, entry) for session, entry in db.execute(rows.order_by(Session.id, Entry.offset))]


def webhooks_made_by(db: Database, person: Person) -> list[Webhook]:
    """The webhooks that an account has made, the oldest first."""
    return list(db.scalars(select(Webhook).filter_by(made_by=person.id).order_by(Webhook.id)))


def words_by_revision(db: Database, session_id: int, numbers: Iterable[int]) -> dict[tuple[int, int | None], str]:
    """The words of paragraphs as they were, by the paragraph's number and its revision."""
    query = select(Entry.number, Entry.rev, Entry.text).where(Entry.op.not_in(("translate", "move")))
    rows = db.execute(query.where(Entry.session_id == session_id, Entry.number.in_(list(numbers))))
    return {(number or 0, rev): text for number, rev, text in rows}


def translated_words_at(db: Database, paragraph: Paragraph, lang: str, rev: int) -> str:
    """The words of a translation as they were at a revision of its own."""
    own = {"session_id": paragraph.session_id, "number": paragraph.number, "rev": rev, "lang": lang, "op": "translate"}
    return db.scalars(select(Entry.text).filter_by(**own).order_by(Entry.offset)).first() or ""


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
