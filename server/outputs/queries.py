"""What is asked of outputs."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import defer, joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from server.database import Database
from server.meetings.access import ROLES, Ability, roles_of
from server.meetings.models import Meeting, Role
from server.outputs.models import Output, Stage, Version
from server.people.models import Person
from server.problems import NotFound
from server.remote.models import Entry, Summary, SummaryStatus
from server.schedule.models import Part, Session
from server.schedule.queries import chairs_session
from server.web.language import N_


@dataclass(frozen=True)
class Rights:
    """What a person may do with the document of one session. `signs` is: as its chair."""

    edits: bool = False
    signs: bool = False
    signs_for_chair: bool = False
    publishes: bool = False


def rights_of(db: Database, person: Person | None, session: Session) -> Rights:
    """What this person may do with the session's document."""
    return rights_with(roles_of(db, person, session.meeting), person, session)


def rights_with(roles: frozenset[Role], person: Person | None, session: Session) -> Rights:
    """The same, for somebody whose roles at the meeting are known.

    Where the programme names no account as chair, those with the chair's role stand in. An organiser, who may do
    everything, does not become a chair by that: such a sign-off is in the chair's name.
    """
    abilities: frozenset[Ability] = frozenset().union(*(ROLES[role] for role in roles))
    signs = (
        Ability.SIGN_OFF_OWN in abilities
        and chairs_session(person, session)
        and (Role.CHAIR in roles or _is_named_chair(person, session))
    )
    return Rights(
        edits=signs or Ability.EDIT_OUTPUTS in abilities,
        signs=signs,
        signs_for_chair=not signs and Ability.SIGN_OFF_FOR_CHAIR in abilities,
        publishes=Ability.PUBLISH_OUTPUTS in abilities,
    )


def _is_named_chair(person: Person | None, session: Session) -> bool:
    return person is not None and any(one.part == Part.CHAIR and one.person_id == person.id for one in session.people)


def published_outputs(db: Database, meeting: Meeting) -> list[Output]:
    """The documents the public may read, newest publication first; `output.newest` is the version to show.

    Session, type and track are loaded with them, the texts are not: three queries, however many documents.
    """
    published = select(Version.output_id).where(Version.stage == Stage.PUBLISHED)
    rows = select(Output).where(Output.meeting_id == meeting.id, Output.id.in_(published)).options(*_line())
    return sorted(db.scalars(rows), key=_publication, reverse=True)


def prepared_outputs(db: Database, meeting: Meeting) -> list[Output]:
    """The documents of which a version is being prepared, in the order of their sessions."""
    prepared = select(Version.output_id).where(Version.stage != Stage.PUBLISHED)
    rows = select(Output).where(Output.meeting_id == meeting.id, Output.id.in_(prepared)).options(*_line())
    return list(db.scalars(rows.join(Output.session).order_by(Session.starts_at, Session.code)))


def sessions_to_review(db: Database, meeting: Meeting) -> list[Session]:
    """The sessions whose summary is closed and has not been taken into review."""
    taken = select(Output.session_id).where(Output.meeting_id == meeting.id)
    rows = select(Session).join(Summary, Summary.session_id == Session.id)
    rows = rows.where(Session.meeting_id == meeting.id, Summary.status == SummaryStatus.CLOSED)
    rows = rows.where(Session.id.not_in(taken)).order_by(Session.starts_at, Session.code)
    line = (joinedload(Session.type), joinedload(Session.track), selectinload(Session.people))
    return list(db.scalars(rows.options(*line)))


def output_of_session(db: Database, session: Session) -> Output | None:
    """The session's document, if one is published."""
    output = db.scalars(select(Output).filter_by(session_id=session.id)).first()
    return output if output is not None and output.newest is not None else None


def output_by_slug(db: Database, meeting: Meeting, slug: str) -> Output:
    """A document of a meeting, whatever its stage; raises NotFound."""
    output = db.scalars(select(Output).filter_by(meeting_id=meeting.id, slug=slug)).first()
    if output is None:
        raise NotFound(N_("There is no document at this address."))
    return output


def published_version(output: Output, number: int | None) -> Version:
    """A version that the public may read, by default the newest; raises NotFound, as if a draft did not exist."""
    found = [version for version in output.published if number in (None, version.number)]
    if not found:
        raise NotFound(N_("There is no document at this address."))
    return found[-1]


def changes_since(db: Database, draft: Version) -> int:
    """How often the summary's paragraphs were written, changed, moved or taken back since this draft was taken from it.

    The document is of the original words: translations change nothing in it.
    """
    later = select(func.count()).select_from(Entry).where(Entry.session_id == draft.output.session_id)
    return db.scalar(later.where(Entry.offset > draft.summary_offset, Entry.op.not_in(("status", "translate")))) or 0


def signed_by(db: Database, person: Person) -> list[Version]:
    """The versions that an account has signed off, the oldest first."""
    return list(db.scalars(select(Version).filter_by(signed_by_id=person.id).order_by(Version.id)))


def _line() -> tuple[ORMOption, ...]:
    """What a line of a list shows of a document."""
    session = joinedload(Output.session)
    return (
        session.joinedload(Session.type),
        session.joinedload(Session.track),
        session.selectinload(Session.people),
        selectinload(Output.versions).options(defer(Version.paragraphs)),
    )


def _publication(output: Output) -> tuple[float, str]:
    newest = output.newest
    return (newest.published_at.timestamp() if newest and newest.published_at else 0.0, output.slug)
