"""How a plan stands before the rules of its meeting: what the clash rules need is asked for here, and their finds given."""

from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from server.database import Database
from server.meetings.models import Meeting
from server.schedule.clashes import Clash, Hours, Kind, Setting, find_clashes
from server.schedule.drafting import Held
from server.schedule.models import Absence, Chosen, Closure, Programme, Session, Waiver
from server.schedule.rules import Rules


def judged(db: Database, meeting: Meeting, plan: Mapping[str, Held]) -> list[Clash]:
    """Every clash of the plan, the waived ones too: four queries, however many sessions."""
    return find_clashes([one.planned for one in plan.values()], setting_of(db, meeting))


def setting_of(db: Database, meeting: Meeting) -> Setting:
    """All that the rules look at beside the sessions themselves."""
    closures = db.scalars(
        select(Closure).filter_by(meeting_id=meeting.id).options(joinedload(Closure.room)).order_by(Closure.starts_at)
    )
    absences = db.scalars(select(Absence).filter_by(meeting_id=meeting.id).order_by(Absence.starts_at))
    waivers = db.execute(select(Waiver.case, Waiver.reason).filter_by(meeting_id=meeting.id))
    return Setting(
        timezone=meeting.timezone,
        days=tuple(meeting.all_days),
        rooms={room.key: room.capacity for room in meeting.rooms},
        types={kind.key: Kind(kind.usual_minutes, kind.stands_alone) for kind in meeting.session_types},
        closures=tuple(
            Hours(one.room.key if one.room else "", one.starts_at, one.ends_at, one.reason) for one in closures
        ),
        absences=tuple(Hours(one.name, one.starts_at, one.ends_at, one.reason) for one in absences),
        rules=rules_of(db, meeting),
        audience=audience_of(db, meeting),
        waivers=dict(waivers.all()),
    )


def rules_of(db: Database, meeting: Meeting) -> Rules:
    """How strict the meeting is."""
    programme = db.get(Programme, meeting.id)
    return Rules.from_json(programme.rules if programme else {})


def audience_of(db: Database, meeting: Meeting) -> dict[str, int]:
    """How many have chosen each session, by its code."""
    counts = (
        select(Session.code, func.count())
        .join(Chosen, Chosen.session_id == Session.id)
        .where(Session.meeting_id == meeting.id)
        .group_by(Session.code)
    )
    return dict(db.execute(counts).all())
