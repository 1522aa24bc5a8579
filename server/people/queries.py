"""Who somebody is."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select, union_all

from server.database import Database, Record
from server.people.models import ApiToken, Person, SignInLink, Visit
from server.problems import NotSignedIn
from server.tokens import hashed
from server.web.language import N_


def identify(db: Database, visit_secret: str | None, bearer: str | None, now: datetime) -> Person | None:
    """The person behind a bearer token or a visit; None for a stranger.

    Raises NotSignedIn for a token that is not known: a program should hear of it rather than act as nobody.
    """
    if bearer is not None:
        token = db.scalars(select(ApiToken).filter_by(hash=hashed(bearer))).first()
        if token is None:
            raise NotSignedIn(N_("This token is not known. It may have been revoked."))
        return token.person
    if visit_secret is None:
        return None
    visit = db.get(Visit, hashed(visit_secret))
    return visit.person if visit is not None and visit.expires_at > now else None


def person_by_address(db: Database, email: str) -> Person | None:
    """The account of a mail address (as `normal_address` spells it)."""
    return db.scalars(select(Person).filter_by(email=email)).first()


def usable_link(db: Database, secret: str, now: datetime) -> SignInLink | None:
    """The sign-in link, if it is still good."""
    link = db.get(SignInLink, hashed(secret))
    return link if link is not None and link.used_at is None and link.expires_at > now else None


def visits_of(db: Database, person: Person, now: datetime) -> list[Visit]:
    """The browsers in which the person is signed in, newest first."""
    alive = select(Visit).where(Visit.person_id == person.id, Visit.expires_at > now)
    return list(db.scalars(alive.order_by(Visit.began_at.desc(), Visit.hash)))


def tokens_of(db: Database, person: Person) -> list[ApiToken]:
    """The person's API tokens, newest first."""
    return list(db.scalars(select(ApiToken).filter_by(person_id=person.id).order_by(ApiToken.id.desc())))


def names_of(db: Database, ids: Collection[int]) -> dict[int, str]:
    """How these people are called, by the id of their account."""
    return {person.id: person.called for person in db.scalars(select(Person).where(Person.id.in_(ids)))}


def still_referred_to(db: Database, ids: Collection[int], *, passing: Collection[str]) -> set[int]:
    """Which of these accounts something still refers to, in any table of any feature but the `passing` ones.

    The database's own foreign keys tell, so that no feature needs to be asked.
    """
    if not ids:
        return set()
    columns = [
        column
        for table in Record.metadata.tables.values()
        for column in table.columns
        if table.name not in passing
        and any(key.column.table.name == Person.__tablename__ for key in column.foreign_keys)
    ]
    found = db.scalars(union_all(*(select(column).where(column.in_(ids)).distinct() for column in columns)))
    return set(found)
