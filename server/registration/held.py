"""Everything that is held of somebody, as they can take it along: of one registration, or of a whole account."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from server.database import Database
from server.letterbook import letters_to
from server.mail import Letter
from server.meetings.models import Meeting
from server.meetings.queries import roles_of_person
from server.people.models import Person, SignInLink
from server.people.queries import person_by_address, tokens_of, visits_of
from server.registration.addresses import own_file
from server.registration.line import admission_of
from server.registration.links import secret_of
from server.registration.models import (
    Answer,
    AnswerFile,
    HistoryEntry,
    HistoryKind,
    Particulars,
    Question,
    QuestionKind,
    Registration,
    Reminder,
)
from server.registration.queries import history_of, place_in_line, registrations_of
from server.registration.retention import erased_on
from server.schedule.models import (
    Chosen,
    Edit,
    Intake,
    PrivateFeed,
    Publication,
    Session,
    SessionPerson,
    Waiver,
)
from server.schedule.queries import private_feed_of
from server.settings import Settings
from server.web.language import pick

#: What an organiser does whose reason the person is told.
_TOLD = (HistoryKind.DECLINED, HistoryKind.WITHDRAWN)

Facts = dict[str, Any]


def held_of_registration(db: Database, registration: Registration, settings: Settings) -> Facts:
    """What is held of one registration, without anything of anybody else: who of the staff did something is not said."""
    meeting = registration.meeting
    person = person_by_address(db, registration.email)
    history = history_of(db, registration)
    answers = _answers(db, registration)
    return {
        "meeting": _meeting(meeting),
        "reference": registration.reference,
        "state": registration.state,
        "place_in_waiting_list": place_in_line(db, registration),
        "place_offered_until": _at(registration.offer_until),
        "email": registration.email,
        "language_of_letters": registration.language,
        **{name: getattr(registration, name) for name in Particulars.__annotations__},
        "organisation_counted_as": registration.organisation_key,
        "kept_for_search": registration.searched,
        "email_to_be_confirmed": registration.new_email,
        "email_to_be_confirmed_until": _at(registration.new_email_until),
        "registered_at": _at(registration.registered_at),
        "changed_at": _at(registration.changed_at),
        "private_link_first_opened_at": _at(registration.opened_at),
        "erased_on": _at(erased_on(admission_of(db, meeting.id), meeting)),
        "consents": _consents(registration, history, answers),
        "answers": [_answer(question, answer) for question, answer in answers],
        "files": _files(db, registration, settings),
        "history": [_entry(entry) for entry in reversed(history)],
        "letters": _letters(letters_to(db, registration.email, about="registration", value=registration.id)),
        "private_calendar": person is not None and private_feed_of(db, person, meeting) is not None,
    }


def _meeting(meeting: Meeting) -> Facts:
    return {"slug": meeting.slug, "name": pick(meeting.name) or meeting.short_name}


def _at(moment: datetime | None) -> str | None:
    return None if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _answers(db: Database, registration: Registration) -> list[tuple[Question, Answer]]:
    rows = select(Question, Answer).join(Answer, Answer.question_id == Question.id)
    rows = rows.where(Answer.registration_id == registration.id).order_by(Question.position)
    return [(question, answer) for question, answer in db.execute(rows)]


def _answer(question: Question, answer: Answer) -> Facts:
    options = {option["key"]: pick(option["label"]) for option in question.options}
    chosen = [options.get(key, key) for key in answer.value] if isinstance(answer.value, list) else None
    words = options.get(answer.value, answer.value) if chosen is None else chosen
    return {"key": question.key, "question": pick(question.label), "answer": words, "at": _at(answer.at)}


def _files(db: Database, registration: Registration, settings: Settings) -> list[Facts]:
    rows = select(Question, AnswerFile).join(AnswerFile, AnswerFile.question_id == Question.id)
    rows = rows.where(AnswerFile.registration_id == registration.id).order_by(AnswerFile.id)
    secret = secret_of(registration, settings)
    return [
        {
            "question": pick(question.label), "name": file.name, "type": file.content_type, "bytes": file.size,
            "at": _at(file.at), "address": settings.base_url + own_file(secret, file.id),
        }
        for question, file in db.execute(rows)
    ]  # fmt: skip


def _consents(
    registration: Registration, history: Sequence[HistoryEntry], answers: Sequence[tuple[Question, Answer]]
) -> list[Facts]:
    """What somebody agreed to, or took back, and when it was said last."""
    said = next((entry.at for entry in history if "public" in entry.fields), None)
    listed = {"to": "be listed among the participants", "agreed": registration.public, "at": _at(said)}
    asked = [(question, answer) for question, answer in answers if question.kind == QuestionKind.CONSENT]
    return [
        listed,
        *({"to": pick(question.label), "agreed": bool(one.value), "at": _at(one.at)} for question, one in asked),
    ]


def _entry(entry: HistoryEntry) -> Facts:
    return {
        "at": _at(entry.at), "what": entry.kind, "by": entry.by, "before": entry.before, "after": entry.after,
        "changed": entry.fields, "reason": entry.reason if entry.kind in _TOLD else "",
    }  # fmt: skip


def _letters(letters: Sequence[Letter]) -> list[Facts]:
    """Which letters there were. What a letter said is kept nowhere."""
    return [
        {
            "to": one.to, "letter": one.template, "language": one.language, "written_at": _at(one.written_at),
            "sent_at": _at(one.sent_at),
        }
        for one in letters
    ]  # fmt: skip


def held_of_account(db: Database, person: Person, settings: Settings, now: datetime) -> Facts:
    """What is held of an account, with all registrations of its address; secrets are kept hashed, and are not in it."""
    links = select(SignInLink).filter_by(person_id=person.id).order_by(SignInLink.expires_at)
    return {
        "account": {
            "email": person.email, "name": person.name, "language": person.language, "since": _at(person.created_at),
        },
        "roles": [
            {"meeting": _meeting(meeting), "roles": [role.value for role in roles]}
            for meeting, roles in roles_of_person(db, person)
        ],
        "browsers": [
            {"browser": one.browser, "since": _at(one.began_at), "until": _at(one.expires_at)}
            for one in visits_of(db, person, now)
        ],
        "sign_in_links": [{"until": _at(one.expires_at), "used_at": _at(one.used_at)} for one in db.scalars(links)],
        "tokens": [{"label": one.label, "since": _at(one.created_at)} for one in tokens_of(db, person)],
        "schedules": _schedules(db, person),
        "programme": _in_programme(db, person),
        "registrations": [held_of_registration(db, one, settings) for one in registrations_of(db, person.email)],
        "done_at_the_desk": _done_at_the_desk(db, person),
        "letters": _letters(letters_to(db, person.email)),
    }  # fmt: skip


def _schedules(db: Database, person: Person) -> list[Facts]:
    """The sessions somebody chose at each meeting, and whether there is a private calendar of them."""
    chosen = select(Session.meeting_id, Session.code, Chosen.at).join(Chosen, Chosen.session_id == Session.id)
    rows = db.execute(chosen.where(Chosen.person_id == person.id).order_by(Session.code)).all()
    feeds = {one.meeting_id: one for one in db.scalars(select(PrivateFeed).filter_by(person_id=person.id))}
    meetings = select(Meeting).where(Meeting.id.in_({*feeds, *(row.meeting_id for row in rows)}))
    return [
        {
            "meeting": _meeting(meeting),
            "sessions": [{"code": one.code, "at": _at(one.at)} for one in rows if one.meeting_id == meeting.id],
            "private_calendar": meeting.id in feeds,
            "private_calendar_revoked": meeting.id in feeds and feeds[meeting.id].revoked,
        }
        for meeting in db.scalars(meetings.order_by(Meeting.id))
    ]


def _in_programme(db: Database, person: Person) -> list[Facts]:
    """Where the programme names somebody and knows that it is this account."""
    named = select(SessionPerson).filter_by(person_id=person.id).order_by(SessionPerson.id)
    return [
        {
            "meeting": _meeting(one.session.meeting), "session": one.session.code, "part": one.part, "name": one.name,
            "organisation": one.organisation, "stakeholder_group": one.stakeholder_group,
        }
        for one in db.scalars(named)
    ]  # fmt: skip


def _done_at_the_desk(db: Database, person: Person) -> list[Facts]:
    """How often somebody did something with a role, and when last: of the work itself others are the subject."""
    counted = {
        "edits of the programme": (Edit.person_id, Edit.at),
        "publications of the programme": (Publication.person_id, Publication.published_at),
        "clashes waived": (Waiver.person_id, Waiver.at),
        "files handed in": (Intake.person_id, Intake.at),
        "registrations attended to": (HistoryEntry.person_id, HistoryEntry.at),
        "reminders": (Reminder.person_id, Reminder.written_at),
    }
    done = []
    for what, (who, at) in counted.items():
        number, last = db.execute(select(func.count(), func.max(at)).where(who == person.id)).one()
        done += [{"what": what, "times": number, "last": _at(last)}] if number else []
    return done
