"""What people do about their accounts."""

from datetime import datetime, timedelta

from server.database import Database
from server.people.models import INVITATION_LASTS, ApiToken, Person, SignInLink, normal_address
from server.people.queries import person_by_address
from server.tokens import hashed, new_token


def person_for(db: Database, email: str, now: datetime, *, name: str = "", language: str = "en") -> Person:
    """The account of this address, made if need be. Raises ValueError for what is no address."""
    address = normal_address(email)
    person = person_by_address(db, address)
    if person is None:
        person = Person(email=address, name=name, language=language, created_at=now)
        db.add(person)
        db.flush()
    elif name and not person.name:
        person.name = name
    return person


def make_link(db: Database, person: Person, lasts: timedelta, next_page: str, now: datetime) -> str:
    """A new sign-in link's secret, good once and until `now + lasts`."""
    secret = new_token()
    db.add(SignInLink(hash=hashed(secret), person_id=person.id, next=next_page, expires_at=now + lasts))
    return secret


def invite(db: Database, email: str, next_page: str, now: datetime) -> tuple[Person, str]:
    """The account of this address and the secret of a sign-in link that lasts a week."""
    person = person_for(db, email, now)
    return person, make_link(db, person, INVITATION_LASTS, next_page, now)


def make_token(db: Database, person: Person, label: str, now: datetime) -> str:
    """A new API token of a person; it is shown this once."""
    token = new_token()
    db.add(ApiToken(hash=hashed(token), person_id=person.id, label=label[:100], created_at=now))
    return token
