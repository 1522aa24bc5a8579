"""Files that people hand in: kept in the database, first for the form that brought them and then with a registration."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update

from server.database import Database
from server.meetings.models import Meeting
from server.problems import Conflict, NotFound
from server.registration.models import AnswerFile, Question, Registration
from server.tokens import hashed, new_token
from server.web.language import N_

#: Bytes of files that wait for their forms to be put right, of one meeting: strangers do not fill the disk.
MOST_WAITING = 200 * 1024 * 1024


@dataclass(frozen=True)
class Paper:
    """A file that came with a form, and is one of those that are taken."""

    name: str
    content_type: str
    content: bytes


def wait(
    db: Database, meeting: Meeting, question: Question, paper: Paper, now: datetime
) -> tuple[str, AnswerFile] | None:
    """Keep a file for the form that brought it, which comes back with this token; None when too many wait already."""
    waiting = select(func.sum(AnswerFile.size)).join(Question, Question.id == AnswerFile.question_id)
    waiting = waiting.where(Question.meeting_id == meeting.id, AnswerFile.registration_id.is_(None))
    if (db.scalar(waiting) or 0) + len(paper.content) > MOST_WAITING:
        return None
    token = new_token()
    file = _file(question.id, paper, now, hash=hashed(token))
    db.add(file)
    db.flush()
    return token, file


def waiting_file(db: Database, question: Question, token: str) -> AnswerFile | None:
    """The file that waits for the form with this token; None when it is kept no longer, or is another question's."""
    wanted = select(AnswerFile).filter_by(hash=hashed(token), question_id=question.id, registration_id=None)
    return db.scalars(wanted).first()


def let_go(db: Database, number: int) -> None:
    """A file that waited is not wanted after all: another one came in its place, or nothing was to be kept."""
    db.execute(delete(AnswerFile).where(AnswerFile.id == number, AnswerFile.registration_id.is_(None)))


def claim(db: Database, registration: Registration, question: int, given: Paper | AnswerFile, now: datetime) -> None:
    """A file belongs to a registration from now on. Raises Conflict when it waited too long, or has been claimed."""
    if isinstance(given, Paper):
        db.add(_file(question, given, now, registration_id=registration.id, hash=""))
        db.flush()
        return
    waiting = (AnswerFile.id == given.id, AnswerFile.question_id == question, AnswerFile.registration_id.is_(None))
    claimed = update(AnswerFile).where(*waiting).values(registration_id=registration.id, hash="", at=now)
    if not db.execute(claimed.returning(AnswerFile.id)).all():
        raise Conflict(N_("The file is no longer kept. Please choose it again."))


def _file(question: int, paper: Paper, now: datetime, **more: object) -> AnswerFile:
    return AnswerFile(
        question_id=question, name=paper.name, content_type=paper.content_type, size=len(paper.content),
        content=paper.content, at=now, **more,
    )  # fmt: skip


def forget_files(db: Database, registration: Registration, questions: Collection[int]) -> None:
    """Delete what a registration handed in for these questions."""
    those = (AnswerFile.registration_id == registration.id, AnswerFile.question_id.in_(questions))
    db.execute(delete(AnswerFile).where(*those))


def files_of(db: Database, registration: Registration) -> dict[int, AnswerFile]:
    """What somebody has handed in, by the question's id; what is in the files is read when it is asked for."""
    rows = db.scalars(select(AnswerFile).filter_by(registration_id=registration.id).order_by(AnswerFile.id))
    return {file.question_id: file for file in rows}


def file_of(db: Database, registration: Registration, number: int) -> tuple[Question, AnswerFile]:
    """A file of this registration, with the question it answers; raises NotFound."""
    rows = select(Question, AnswerFile).join(AnswerFile, AnswerFile.question_id == Question.id)
    found = db.execute(rows.where(AnswerFile.id == number, AnswerFile.registration_id == registration.id)).first()
    if found is None:
        raise NotFound(N_("There is no such file. It may have been replaced or deleted."))
    return found[0], found[1]
