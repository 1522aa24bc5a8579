"""What people do about their accounts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete, update

from server.database import Database, insert_unless_there
from server.mail import write_letter
from server.notices import post
from server.people.models import (
    INVITATION_LASTS,
    VISIT_LASTS,
    ApiToken,
    Person,
    SignInLink,
    Visit,
    normal_address,
)
from server.people.queries import person_by_address, tokens_of
from server.problems import NotFound
from server.tokens import hashed, new_token
from server.web.language import N_

LINK_SPENT = N_(
    "This sign-in link is no longer good: it has been used already, or its time is over. "
    "On the sign-in page you can have a new one sent to you."
)


@dataclass(frozen=True)
class SignedIn:
    """Somebody has signed in with a browser. `kept` is what it had kept for them as a stranger (`visit.kept`)."""

    person_id: int
    at: datetime
    kept: Mapping[str, Sequence[str]] = field(default_factory=dict)


def person_for(db: Database, email: str, now: datetime, *, name: str = "", language: str = "en") -> Person:
    """The account of this address, made if need be. Raises ValueError for what is no address.

    The same is done for a known address and a new one: how long it takes must not tell which it was.
    """
    address = normal_address(email)
    insert_unless_there(db, Person, {"email": address, "name": name, "language": language, "created_at": now})
    person = person_by_address(db, address)
    assert person is not None
    if name and not person.name:
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


def ask_for_link(db: Database, email: str, next_page: str, language: str, now: datetime) -> None:
    """Have a sign-in link mailed to the account of this address, in the language of its owner.

    For an address without account the same work is done, down to a letter that nobody gets: how long the
    answer takes must not tell whether somebody has an account.
    """
    person = person_by_address(db, normal_address(email))
    ids = {"person_id": person.id if person else None, "next": next_page}
    write_letter(
        db, person.email if person else "", "people.sign_in", ids, person.language if person else language, now
    )


def sign_in(
    db: Database, link: SignInLink, now: datetime, *, browser: str = "", kept: Mapping[str, Sequence[str]] | None = None
) -> str:
    """Use the link up and begin a visit; gives the visit's secret. Raises NotFound when somebody was faster.

    `kept` is what the browser kept for a stranger until now.
    """
    unused = (SignInLink.hash == link.hash, SignInLink.used_at.is_(None), SignInLink.expires_at > now)
    used = db.execute(update(SignInLink).where(*unused).values(used_at=now).returning(SignInLink.hash)).first()
    if used is None:
        raise NotFound(LINK_SPENT)
    secret = new_token()
    db.add(
        Visit(
            hash=hashed(secret),
            person_id=link.person_id,
            began_at=now,
            expires_at=now + VISIT_LASTS,
            browser=browser[:200],
        )
    )
    db.flush()
    post(db, SignedIn(link.person_id, now, kept or {}))
    return secret


def end_visit(db: Database, secret: str | None) -> None:
    """Sign this browser out; one that is not signed in stays so."""
    if secret is not None:
        db.execute(delete(Visit).where(Visit.hash == hashed(secret)))


def end_other_visits(db: Database, person: Person, secret: str | None) -> None:
    """Sign out every browser of the person but the one that holds this secret."""
    own = hashed(secret) if secret is not None else ""
    db.execute(delete(Visit).where(Visit.person_id == person.id, Visit.hash != own))


def change_account(db: Database, person: Person, name: str, language: str) -> None:
    """How the person is called, and in which language we write."""
    person.name = name
    person.language = language


def make_token(db: Database, person: Person, label: str, now: datetime) -> str:
    """A new API token of a person; it is shown this once."""
    token = new_token()
    db.add(ApiToken(hash=hashed(token), person_id=person.id, label=label[:100], created_at=now))
    return token


def revoke_token(db: Database, person: Person, token_id: int) -> None:
    """Make one of the person's own tokens useless at once. Raises NotFound."""
    mine = next((token for token in tokens_of(db, person) if token.id == token_id), None)
    if mine is None:
        raise NotFound(N_("You have no such token. It may have been revoked already."))
    db.delete(mine)


def forget_people(db: Database, ids: Collection[int]) -> None:
    """Delete these accounts with all that is theirs alone; what they wrote stays, and refers to nobody."""
    db.execute(delete(Person).where(Person.id.in_(ids)))
