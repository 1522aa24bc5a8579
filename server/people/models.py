"""A person is an account; a visit, a sign-in link and an API token each let one in."""

from datetime import datetime, timedelta

from email_validator import validate_email
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.database import Record

#: How long a mailed link, an invitation and a browser's visit last.
LINK_LASTS = timedelta(minutes=30)
INVITATION_LASTS = timedelta(days=7)
VISIT_LASTS = timedelta(days=30)
#: Characters of a mail address, spaces around it included.
LONGEST_ADDRESS = 320


class Person(Record):
    """An account, known by its mail address (kept as `normal_address` spells it)."""

    __tablename__ = "person"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(320), unique=True)
    name: Mapped[str] = mapped_column(String(200), default="")
    language: Mapped[str] = mapped_column(String(16), default="en")
    created_at: Mapped[datetime]

    @property
    def called(self) -> str:
        """How the person is named on pages: by name, else by the part of the address before the @."""
        return self.name or self.email.partition("@")[0]


class SignInLink(Record):
    """A mailed link: random, stored hashed, good once and not for long."""

    __tablename__ = "sign_in_link"
    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    next: Mapped[str] = mapped_column(String(500), default="/")
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    person: Mapped[Person] = relationship(lazy="joined")


class Visit(Record):
    """A signed-in browser."""

    __tablename__ = "visit"
    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    began_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    browser: Mapped[str] = mapped_column(String(200), default="")
    person: Mapped[Person] = relationship(lazy="joined")


class ApiToken(Record):
    """A secret with which a program acts for a person; stored hashed, shown once."""

    __tablename__ = "api_token"
    id: Mapped[int] = mapped_column(primary_key=True)
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    label: Mapped[str] = mapped_column(String(100), default="")
    created_at: Mapped[datetime]
    person: Mapped[Person] = relationship(lazy="joined")


def normal_address(text: str) -> str:
    """The one spelling of a mail address: no spaces around, lower case, its domain as IDNA decodes it.

    Raises ValueError (email-validator's, with a message for people) when it is no address. Letter case before
    the @ could matter by RFC 5321 2.4, but no provider in use distinguishes it and people type it either way.
    An encoded word (RFC 2047) is taken for the letters it stands for once it is in a letter's To: it would be one
    more spelling of somebody's address, or several addresses in one.
    """
    if len(text) > LONGEST_ADDRESS:  # before anything looks at it: to normalise 100,000 accents takes seconds
        raise ValueError(f"A mail address has at most {LONGEST_ADDRESS} characters.")
    if "=?" in text:
        raise ValueError("A mail address cannot contain =?.")
    return validate_email(text.strip(), check_deliverability=False).normalized.lower()
