"""What is asked of outputs."""

from sqlalchemy import select
from sqlalchemy.orm import defer, joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from server.database import Database
from server.meetings.models import Meeting
from server.outputs.models import Output, Stage, Version
from server.schedule.models import Session


def published_outputs(db: Database, meeting: Meeting) -> list[Output]:
    """The documents the public may read, newest publication first; `output.newest` is the version to show.

    Session, type and track are loaded with them, the texts are not: two queries, however many documents.
    """
    published = select(Version.output_id).where(Version.stage == Stage.PUBLISHED)
    rows = select(Output).where(Output.meeting_id == meeting.id, Output.id.in_(published)).options(*_line())
    return sorted(db.scalars(rows), key=_publication, reverse=True)


def output_of_session(db: Database, session: Session) -> Output | None:
    """The session's document, if one is published."""
    output = db.scalars(select(Output).filter_by(session_id=session.id)).first()
    return output if output is not None and output.newest is not None else None


def _line() -> tuple[ORMOption, ...]:
    """What a line of a list shows of a document."""
    session = joinedload(Output.session)
    return (
        session.joinedload(Session.type),
        session.joinedload(Session.track),
        selectinload(Output.versions).options(defer(Version.paragraphs)),
    )


def _publication(output: Output) -> tuple[float, str]:
    newest = output.newest
    return (newest.published_at.timestamp() if newest and newest.published_at else 0.0, output.slug)
