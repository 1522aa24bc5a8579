"""Retention: what was to be kept for so many days after a meeting is kept no longer."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, Select, delete, exists, or_, select, update

from server.database import Database
from server.jobs import Job
from server.meetings.models import Meeting
from server.registration.erasing import erase_all, kept_until
from server.registration.line import held_admission
from server.registration.models import Admission, Answer, AnswerFile, Question, Registration
from server.sweeping import PAUSE, sweep

log = structlog.get_logger()

#: Registrations that are erased, or answers that are deleted, in one transaction: on SQLite nobody else writes meanwhile.
PIECE = 100
#: How long a file is kept that no registration has got: its form was given up.
UNCLAIMED_LASTS = timedelta(days=1)


def erased_on(admission: Admission, meeting: Meeting) -> datetime | None:
    """From when everything personal is erased that the registrations of a meeting hold; None where nobody has said."""
    return None if admission.keep_days is None else kept_until(meeting, admission.keep_days)


def expired_meetings(db: Database, now: datetime) -> list[int]:
    """The meetings at which there is something to erase, by id."""
    kept = select(Admission, Meeting).join(Meeting, Meeting.id == Admission.meeting_id)
    rows = db.execute(kept.where(Admission.keep_days.is_not(None)).order_by(Meeting.id)).all()
    over = [meeting.id for admission, meeting in rows if (until := erased_on(admission, meeting)) and until <= now]
    return [one for one in over if db.scalar(select(_of_somebody(one).exists()))]


def erase_some(db: Database, meeting_id: int, now: datetime) -> bool:
    """Erase the next registrations of a meeting; whether there were any."""
    admission = held_admission(db, meeting_id)
    until = erased_on(admission, db.get_one(Meeting, meeting_id))
    if until is None or until > now:  # an organiser has said otherwise meanwhile
        return False
    some = _of_somebody(meeting_id).order_by(Registration.id).limit(PIECE).with_for_update()
    found: Sequence[Registration] = db.scalars(some).all()
    if found:
        erase_all(db, admission, found, now)
        log.info("registrations erased", count=len(found), meeting=meeting_id)
    return bool(found)


def _of_somebody(meeting_id: int) -> Select[Registration]:
    return select(Registration).filter_by(meeting_id=meeting_id, erased_at=None)


def expired_questions(db: Database, now: datetime) -> list[int]:
    """The questions of which there are answers that are kept no longer, by id."""
    kept = select(Question, Meeting).join(Meeting, Meeting.id == Question.meeting_id)
    answered = or_(
        exists().where(Answer.question_id == Question.id), exists().where(AnswerFile.question_id == Question.id)
    )
    rows = db.execute(kept.where(Question.keep_days.is_not(None), answered).order_by(Question.id)).all()
    return [question.id for question, meeting in rows if kept_until(meeting, question.keep_days or 0) <= now]


def delete_answers(db: Database, question_id: int, now: datetime) -> bool:
    """Delete the next answers to a question, files too; whether there were any."""
    kept = select(Question, Meeting).join(Meeting, Meeting.id == Question.meeting_id).where(Question.id == question_id)
    found = db.execute(kept.with_for_update(of=Question).execution_options(populate_existing=True)).first()
    if found is None or found[0].keep_days is None or kept_until(found[1], found[0].keep_days) > now:
        return False  # an organiser has said otherwise meanwhile
    those = Answer.question_id == question_id
    some = select(Answer.registration_id).where(those).limit(PIECE)
    answers = db.execute(
        delete(Answer).where(those, Answer.registration_id.in_(some)).returning(Answer.question_id)
    ).all()
    few = select(AnswerFile.id).where(AnswerFile.question_id == question_id).limit(PIECE)
    files = db.execute(delete(AnswerFile).where(AnswerFile.id.in_(few)).returning(AnswerFile.id)).all()
    if answers or files:
        log.info("answers deleted", question=question_id, answers=len(answers), files=len(files))
    return bool(answers or files)


def forgotten_addresses(db: Database, now: datetime) -> list[int]:
    """The meetings at which somebody wanted another mail address and never confirmed it, by id."""
    return list(db.scalars(select(Registration.meeting_id).where(_never_confirmed(now)).distinct()))


def forget_addresses(db: Database, meeting_id: int, now: datetime) -> bool:
    """Forget the addresses that were never confirmed; whether there were any."""
    held_admission(db, meeting_id)
    those = update(Registration).where(Registration.meeting_id == meeting_id, _never_confirmed(now))
    gone = db.execute(those.values(new_email="", new_email_until=None).returning(Registration.id)).all()
    if gone:
        log.info("addresses forgotten", count=len(gone), meeting=meeting_id)
    return bool(gone)


def _never_confirmed(now: datetime) -> ColumnElement[bool]:
    return Registration.new_email_until <= now


#: What comes due by itself.
JOBS = [
    Job("registrations that are kept no longer", expired_meetings, erase_some, PAUSE),
    Job("answers that are kept no longer", expired_questions, delete_answers, PAUSE),
    Job("addresses that nobody confirmed", forgotten_addresses, forget_addresses, PAUSE),
    sweep(
        "files that nobody claimed",
        AnswerFile,
        lambda now: AnswerFile.registration_id.is_(None) & (AnswerFile.at <= now - UNCLAIMED_LASTS),
    ),
]
