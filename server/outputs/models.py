"""An output is a published document; each of its versions is signed off on its own and never changes once published."""

import hashlib
import json
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.database import Record
from server.meetings.models import Meeting
from server.people.models import Person
from server.schedule.models import Session


class Stage(StrEnum):
    """Where a version stands on its way out."""

    DRAFT = "draft"
    SIGNED = "signed"
    PUBLISHED = "published"


class Output(Record):
    """A document of a meeting. A session's summary has the session's code as its slug."""

    __tablename__ = "output"
    __table_args__ = (UniqueConstraint("meeting_id", "slug"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"))
    session_id: Mapped[int] = mapped_column(ForeignKey("session.id"), unique=True)
    slug: Mapped[str] = mapped_column(String(60))
    meeting: Mapped[Meeting] = relationship()
    session: Mapped[Session] = relationship()
    versions: Mapped[list["Version"]] = relationship(
        order_by="Version.number", cascade="all, delete-orphan", back_populates="output"
    )

    @property
    def published(self) -> list["Version"]:
        """The versions the public may read, oldest first."""
        return [version for version in self.versions if version.stage == Stage.PUBLISHED]

    @property
    def newest(self) -> "Version | None":
        """The version that the public reads at the document's own address."""
        return next(reversed(self.published), None)

    @property
    def draft(self) -> "Version | None":
        """The version being prepared, if there is one."""
        return next((version for version in self.versions if version.stage != Stage.PUBLISHED), None)


class Version(Record):
    """One version: its text, who wrote it, who chaired, and who signed it off in whose name.

    `paragraphs` is a list of `{"text": Markdown, "lang": BCP 47 tag}`; `lang` is the language of the title.
    `edition` counts the edits of a draft. `summary_offset` is where the summary's log stood when its words were taken.
    """

    __tablename__ = "version"
    __table_args__ = (UniqueConstraint("output_id", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    output_id: Mapped[int] = mapped_column(ForeignKey("output.id", ondelete="CASCADE"))
    number: Mapped[int]
    stage: Mapped[str] = mapped_column(String(16), default=Stage.DRAFT)
    edition: Mapped[int] = mapped_column(default=1)
    title: Mapped[str] = mapped_column(String(300))
    lang: Mapped[str] = mapped_column(String(35), default="en")
    paragraphs: Mapped[list[Any]]
    chair: Mapped[str] = mapped_column(String(300), default="")
    rapporteur: Mapped[str] = mapped_column(String(300), default="")
    correction: Mapped[str] = mapped_column(String(1000), default="")
    signed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    signed_name: Mapped[str] = mapped_column(String(200), default="")
    signed_for_chair: Mapped[bool] = mapped_column(default=False)
    signed_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    summary_offset: Mapped[int] = mapped_column(default=0)
    output: Mapped[Output] = relationship(back_populates="versions")
    signed_by: Mapped[Person | None] = relationship()

    @property
    def mark(self) -> str:
        """Names this very text: the edition's number, and a digest of all that the document says.

        The number alone would not do: a draft that was discarded and begun again counts from 1 again,
        and a sign-off must never be of a text that nobody read.
        """
        words = [self.number, self.title, self.lang, self.chair, self.rapporteur, self.correction, self.paragraphs]
        return f"{self.edition}-{hashlib.sha256(json.dumps(words).encode()).hexdigest()[:16]}"
