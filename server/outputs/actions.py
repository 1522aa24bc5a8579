"""What people do with a document: take it into review, change it, sign it off, publish it, correct it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import select

from server.database import Database
from server.notices import post
from server.outputs.models import Output, Stage, Version
from server.outputs.queries import changes_since
from server.people.models import Person
from server.problems import Conflict, Faulty, NotFound
from server.remote.actions import NAMELESS, mark_published
from server.remote.models import Summary, SummaryStatus
from server.remote.queries import shown_paragraphs
from server.schedule.models import Part, Session
from server.schedule.queries import named
from server.web.language import N_, language_of, pick

log = structlog.get_logger()

NO_DRAFT = N_("No version of this document is being prepared.")
CHANGED = N_("Somebody changed this text after you opened it. Nothing was done. Please read it as it now stands.")


@dataclass(frozen=True)
class OutputPublished:
    """The public may read a version of a document."""

    output_id: int
    version: int


@dataclass(frozen=True)
class Wording:
    """What can be changed of a draft; `paragraphs` as in `Version`."""

    title: str
    lang: str
    chair: str
    rapporteur: str
    correction: str
    paragraphs: list[dict[str, str]]


def start_review(db: Database, person: Person, session: Session, *, now: datetime) -> Output:
    """Take a closed summary into review as version 1 of the session's document; one already in review stays as it is.

    Raises Conflict when the summary is not closed, or its document is published.
    """
    summary = _locked_summary(db, session)
    output = db.scalars(select(Output).filter_by(session_id=session.id)).first()
    if output is not None and output.draft is not None:
        return output
    if output is not None:
        raise Conflict(N_("This summary is published. A correction is made to the published document."))
    if summary.status != SummaryStatus.CLOSED:
        raise Conflict(N_("The summary of this session is not closed. Close it first; then it can be reviewed."))
    output = Output(meeting_id=session.meeting_id, session_id=session.id, slug=session.code)
    output.versions.append(_taken_from(db, session, summary, now))
    db.add(output)
    db.flush()
    _note("review started", person, output, output.versions[0])
    return output


def edit_draft(db: Database, person: Person, output: Output, wording: Wording, *, edition: str) -> Version:
    """Put other words in the draft; `edition` is the mark of the text they were written against.

    Saving what already is changes nothing; any change withdraws a sign-off. Raises Conflict when somebody was
    faster, and Faulty when the note on what is corrected is taken out of a correction.
    """
    draft = _locked_draft(db, output)
    _check_mark(draft, edition)
    if draft.number > 1 and not wording.correction:
        raise Faulty(N_("Say what is corrected."), errors={"correction": N_("Say what is corrected.")})
    before = draft.mark
    for name, value in vars(wording).items():
        setattr(draft, name, value)
    if draft.mark != before:
        _next_edition(draft)
        _note("draft changed", person, output, draft)
    return draft


def refresh_draft(db: Database, person: Person, output: Output, *, edition: str, keep: bool) -> Version:
    """Settle a draft with a summary that was written on meanwhile: take its paragraphs anew, or keep the draft's own.

    Raises Conflict when the summary is open, or somebody changed the draft.
    """
    draft = _locked_draft(db, output)
    _check_mark(draft, edition)
    summary = _locked_summary(db, output.session)
    _check_closed(draft, summary)
    if not keep:
        draft.paragraphs = _words(db, output.session)
    draft.summary_offset = summary.head
    _next_edition(draft)
    _note("draft refreshed", person, output, draft)
    return draft


def sign_off(
    db: Database, person: Person, output: Output, *, edition: str, name: str, for_chair: bool, now: datetime
) -> Version:
    """Sign off the very text whose mark is `edition`, as the session's chair or (`for_chair`) in the chair's name.

    Raises Conflict when the text is another by now, is not complete, or is signed off already; Faulty without a name.
    """
    draft = _locked_draft(db, output)
    _check_mark(draft, edition)
    _check_settled(db, draft)
    _check_complete(draft)
    if draft.stage == Stage.SIGNED:
        raise Conflict(N_("This text is signed off already, by %(name)s."), name=draft.signed_name)
    if not name:
        raise Faulty(N_("Enter your name."), errors={"name": N_("A sign-off bears the name of whoever signs.")})
    draft.stage, draft.signed_name, draft.signed_for_chair = Stage.SIGNED, name, for_chair
    draft.signed_by_id, draft.signed_at = person.id, now
    _note("signed off", person, output, draft)
    return draft


def publish(db: Database, person: Person, output: Output, *, edition: str, now: datetime) -> Version:
    """Let the public read the version that is signed off; from here on it never changes.

    Raises Conflict when it is not signed off, or its summary was opened again.
    """
    draft = _locked_draft(db, output)
    _check_mark(draft, edition)
    if draft.stage != Stage.SIGNED:
        raise Conflict(N_("This text is not signed off. It can be published once it is."))
    _check_settled(db, draft)
    draft.stage, draft.published_at = Stage.PUBLISHED, now
    if draft.number == 1:
        mark_published(db, person, output.session, now=now)
    db.flush()
    post(db, OutputPublished(output.id, draft.number))
    _note("published", person, output, draft)
    return draft


def discard_draft(db: Database, person: Person, output: Output, *, edition: str) -> None:
    """Throw a draft away. A summary whose first draft is discarded waits for review again."""
    draft = _locked_draft(db, output)
    _check_mark(draft, edition)
    _note("draft discarded", person, output, draft)
    if draft.number == 1:
        db.delete(output)
    else:
        output.versions.remove(draft)
    db.flush()


def prepare_correction(db: Database, person: Person, output: Output, correction: str, *, now: datetime) -> Version:
    """Begin the next version as a copy of the published one; `correction` tells readers what is corrected.

    Raises Conflict when one is begun already or nothing is published, Faulty without a note.
    """
    versions = _locked_versions(db, output)
    newest = versions[-1]
    if newest.stage != Stage.PUBLISHED:
        raise Conflict(N_("The next version of this document is being prepared already."))
    if not correction:
        raise Faulty(N_("Say what is corrected."), errors={"correction": N_("Say what is corrected.")})
    draft = Version(
        number=newest.number + 1, stage=Stage.DRAFT, edition=1, title=newest.title, lang=newest.lang,
        chair=newest.chair, rapporteur=newest.rapporteur, paragraphs=newest.paragraphs, correction=correction,
        summary_offset=newest.summary_offset, created_at=now,
    )  # fmt: skip
    output.versions.append(draft)
    db.flush()
    _note("correction begun", person, output, draft)
    return draft


def _taken_from(db: Database, session: Session, summary: Summary, now: datetime) -> Version:
    authors = [paragraph.by for paragraph in shown_paragraphs(db, session) if paragraph.by != NAMELESS]
    return Version(
        number=1, stage=Stage.DRAFT, edition=1,
        title=pick(session.title, session.language)[:300], lang=language_of(session.title, session.language),
        chair=", ".join(named(session, Part.CHAIR))[:300],
        rapporteur=", ".join(named(session, Part.RAPPORTEUR) or dict.fromkeys(authors))[:300],
        paragraphs=_words(db, session), summary_offset=summary.head, created_at=now,
    )  # fmt: skip


def _words(db: Database, session: Session) -> list[Any]:
    return [{"text": paragraph.text, "lang": paragraph.lang} for paragraph in shown_paragraphs(db, session)]


def _next_edition(draft: Version) -> None:
    draft.edition += 1
    draft.stage, draft.signed_name, draft.signed_for_chair = Stage.DRAFT, "", False
    draft.signed_by_id, draft.signed_at = None, None


def _check_mark(draft: Version, edition: str) -> None:
    if edition != draft.mark:
        raise Conflict(CHANGED, extra={"edition": draft.mark})


def _check_complete(draft: Version) -> None:
    if not draft.paragraphs:
        raise Conflict(N_("The document has no text yet. Write some before it is signed off."))
    if not draft.chair:
        raise Conflict(
            N_("The document does not say who chaired. Enter the name of the chair before it is signed off.")
        )
    if not draft.rapporteur:
        raise Conflict(N_("The document does not say who reported. Enter the rapporteur before it is signed off."))


def _check_settled(db: Database, draft: Version) -> None:
    """What was taken back from the summary after the draft was made must not be published by oversight."""
    _check_closed(draft, _locked_summary(db, draft.output.session))
    if draft.number == 1 and changes_since(db, draft):
        raise Conflict(N_("The summary was changed after this draft was made from it. Refresh the draft first."))


def _check_closed(draft: Version, summary: Summary) -> None:
    if draft.number == 1 and summary.status != SummaryStatus.CLOSED:
        raise Conflict(N_("The summary of this session was opened again. Close it first, or discard this draft."))


def _locked_summary(db: Database, session: Session) -> Summary:
    query = select(Summary).filter_by(session_id=session.id).with_for_update()
    return db.scalars(query.execution_options(populate_existing=True)).one()


def _locked_versions(db: Database, output: Output) -> list[Version]:
    """The versions as they now are; whoever works on the same document waits, always here before at the summary."""
    db.execute(select(Output.id).filter_by(id=output.id).with_for_update())
    query = select(Version).filter_by(output_id=output.id).order_by(Version.number)
    versions = list(db.scalars(query.execution_options(populate_existing=True)))
    if not versions:
        raise NotFound(NO_DRAFT)
    return versions


def _locked_draft(db: Database, output: Output) -> Version:
    draft = _locked_versions(db, output)[-1]
    if draft.stage == Stage.PUBLISHED:
        raise Conflict(NO_DRAFT)
    return draft


def _note(what: str, person: Person, output: Output, version: Version) -> None:
    log.info(what, person=person.id, document=output.slug, version=version.number, edition=version.edition)
