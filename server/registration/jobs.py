"""What comes due by itself in registration: offers that run out, reminders, what is kept no longer."""

from datetime import datetime

from server.database import Database
from server.jobs import Job
from server.registration import retention
from server.registration.line import held_admission, lapsed_offers, settle
from server.registration.reminders import due_reminders, send_on


def let_lapse(db: Database, meeting_id: int, now: datetime) -> bool:
    """Take back the offers of a meeting that ran out, and give their places to those who wait."""
    return settle(db, held_admission(db, meeting_id), now) > 0


JOBS = [
    Job("offers that ran out", lapsed_offers, let_lapse),
    Job("reminders", due_reminders, send_on),
    *retention.JOBS,
]
