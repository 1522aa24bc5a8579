"""Where paragraphs are put into other languages: one of them into any, or all of them into one as they come."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.database import Database
from server.meetings.models import Meeting
from server.problems import Conflict, Faulty, Problem
from server.remote import actions, addresses
from server.remote.differences import Clash, Piece, clash, differences
from server.remote.forms import TranslationForm, canonical, is_tag
from server.remote.hands import hands_on, writer_of
from server.remote.models import Paragraph, Translation
from server.remote.queries import (
    paragraph_by_id,
    paragraphs_of,
    translated_words_at,
    translation_of,
    translations_into,
    translations_of,
    translations_of_paragraph,
    words_by_revision,
)
from server.schedule.models import Session
from server.web.language import LANGUAGES, N_, gettext
from server.web.page import Request, answer, page, see_other, show

#: Offered everywhere: the official languages of the United Nations.
OFFICIAL = ("ar", "en", "es", "fr", "ru", "zh")


@dataclass(frozen=True)
class Version:
    """A language in which a paragraph is, as the writing page names it."""

    lang: str
    of: int
    behind: bool


@dataclass
class Side:
    """A paragraph beside its words in another language; `changed` is what the original did since they were written."""

    paragraph: Paragraph
    lang: str
    held: Translation | None
    changed: list[Piece]
    typed: str | None = None
    base_rev: int | None = None
    said: str = ""
    clash: Clash | None = None

    @property
    def text(self) -> str:
        """The words in the field: those that were typed and not taken, else those there are."""
        return self.typed if self.typed is not None else (self.held.text if self.held else "")

    @property
    def rev(self) -> int:
        """Which revision of the translation the field's words replace."""
        return self.base_rev if self.base_rev is not None else self.held.rev if self.held else 0

    @property
    def needless(self) -> bool:
        """Whether there is nothing to translate: it is withdrawn, or in this language already."""
        return self.paragraph.state != "shown" or self.paragraph.lang.lower() == self.lang.lower()

    @property
    def standing(self) -> str:
        """How the translation stands to the original."""
        if self.needless:
            return "needless"
        if not (self.held and self.held.text):
            return "missing"
        return "behind" if self.held.of_rev != self.paragraph.rev else "current"


def language_asked(request: Request) -> str:
    """Into which language the query asks to translate, or nothing; raises Faulty for what is none."""
    given = canonical(request.query_params.get("into"))  # `lang` is the language of the page
    if given and not is_tag(given):
        raise Faulty(N_("This is no language tag, such as en or ja."))
    return given


def versions_of(db: Database, session: Session, paragraphs: Iterable[Paragraph]) -> dict[int, list[Version]]:
    """In which other languages each paragraph is, by its number."""
    held = translations_of(db, session)
    return {
        one.number: [
            Version(t.lang, t.of_rev, t.of_rev != one.rev) for t in held.get(one.number, ()) if one.state == "shown"
        ]
        for one in paragraphs
    }


def suggested(session: Session, paragraphs: Iterable[Paragraph]) -> list[str]:
    """Languages to offer: those of the meeting, the session, the pages and the United Nations."""
    spoken = {session.language, *session.title, *session.meeting.name, *(one.lang for one in paragraphs)}
    return sorted({*spoken, *LANGUAGES, *OFFICIAL})


def show_into(request: Request, db: Database, meeting: Meeting, session: Session, lang: str) -> Response:
    """A whole summary beside its translation into one language, for whoever keeps up with it."""
    there = hands_on(request, db, session)  # the head before the paragraphs: what is newer is told again, not lost
    paragraphs = paragraphs_of(db, session)
    held = {one.number: one for one in translations_into(db, session, lang)}
    sides = _sides(db, session, [(one, lang, held.get(one.number)) for one in paragraphs])
    context = {"lang": lang, "sides": sides, "suggestions": suggested(session, paragraphs), **there}
    return show(request, "remote/into.html", meeting=meeting, session=session, **context)


@page
def show_translations(request: Request, db: Database) -> Response:
    """One paragraph beside its words in each language."""
    meeting, session, _ = writer_of(request, db)
    return _translations(request, db, meeting, session, paragraph_by_id(db, session, request.path_params["p"]))


def _translations(
    request: Request,
    db: Database,
    meeting: Meeting,
    session: Session,
    paragraph: Paragraph,
    refused: Side | None = None,
    status: int = 200,
) -> Response:
    stored = {one.lang: one for one in translations_of_paragraph(db, paragraph)}
    held = [lang for lang, one in stored.items() if one.text]
    wished = refused.lang if refused else language_asked(request)
    wanted = [*held, *([wished] if wished and wished not in held else [])]
    sides = _sides(db, session, [(paragraph, lang, stored.get(lang)) for lang in wanted])
    sides = [refused if refused and one.lang == refused.lang else one for one in sides]
    return show(
        request,
        "remote/translations.html",
        status=status,
        meeting=meeting,
        session=session,
        paragraph=paragraph,
        sides=[one for one in sides if one.standing != "needless"],
        suggestions=[tag for tag in suggested(session, [paragraph]) if tag not in (*wanted, paragraph.lang)],
        wished=wished,
        **hands_on(request, db, session),
    )


def _sides(db: Database, session: Session, wanted: Sequence[tuple[Paragraph, str, Translation | None]]) -> list[Side]:
    """With what the originals did meanwhile, in one question to the database however many they are."""
    behind = [one.number for one, _, held in wanted if held and held.text and held.of_rev != one.rev]
    words = words_by_revision(db, session.id, behind) if behind else {}
    return [Side(one, lang, held, _changed(one, held, words)) for one, lang, held in wanted]


def _changed(paragraph: Paragraph, held: Translation | None, words: dict[tuple[int, int | None], str]) -> list[Piece]:
    if held is None or (paragraph.number, held.of_rev) not in words or held.of_rev == paragraph.rev:
        return []
    return differences(words[paragraph.number, held.of_rev], paragraph.text)


@page
def submit_translation(request: Request, db: Database) -> Response:
    """Write a paragraph in another language, or take that language away."""
    meeting, session, person = writer_of(request, db)
    public_id = request.path_params["p"]
    form = TranslationForm(request.data)
    form.lang.data = canonical(request.path_params["lang"])
    text, of, base = form.text.data or "", form.of.data or 0, form.base_rev.data or 0
    lang = str(form.lang.data)
    try:
        form.checked()
        written = actions.translate_paragraph(
            db, person, session, public_id, lang, text, of_rev=of, base_rev=base, now=request.now
        )
    except (Faulty, Conflict) as problem:
        if request.is_program or not is_tag(lang):
            raise
        paragraph = paragraph_by_id(db, session, public_id)
        refused = _refused(db, session, paragraph, form, problem)
        return _translations(request, db, meeting, session, paragraph, refused, problem.status)
    if request.is_program:
        return answer({"id": written.id, "lang": lang, "rev": written.rev, "of": of, "cursor": str(written.cursor)})
    if request.data.get("list"):
        return see_other(f"{addresses.translator_page(meeting.slug, session.code, lang)}#{public_id}")
    return see_other(f"{addresses.translations_page(meeting.slug, session.code, public_id)}#{lang}")


def _refused(db: Database, session: Session, paragraph: Paragraph, form: TranslationForm, problem: Problem) -> Side:
    """The field as it was sent, with why it was not taken, and what somebody else wrote meanwhile."""
    lang, typed, base = str(form.lang.data), form.text.data or "", form.base_rev.data
    held = translation_of(db, paragraph, lang)
    side = _sides(db, session, [(paragraph, lang, held)])[0]
    side.typed, side.base_rev = typed, base
    side.said = " ".join([problem.worded(gettext), *(gettext(fault) for fault in problem.errors.values())]).strip()
    if isinstance(problem, Conflict) and base != (held.rev if held else 0):
        side.clash = clash(translated_words_at(db, paragraph, lang, base or 0), typed, held.text if held else "")
        side.typed, side.base_rev = side.clash.proposal, None
    return side


ROUTES: list[BaseRoute] = [
    Route("/{m}/sessions/{s}/live/paragraphs/{p}/translations/{lang}", submit_translation, methods=["POST"]),
    Route("/{m}/desk/sessions/{s}/summary/{p}/translations", show_translations),
]
