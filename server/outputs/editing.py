"""Changing the words of a draft, so that nothing typed is lost and nothing is overwritten unseen."""

import re

from starlette.responses import Response

from server.database import Database
from server.outputs import actions
from server.outputs.forms import DraftForm, Row, check, paragraphs_from, rows_of
from server.outputs.models import Output
from server.outputs.queries import output_by_slug
from server.outputs.review import Desk, desk_of, done, edition_in, review, rows_in
from server.problems import Conflict, Faulty
from server.web import language
from server.web.page import Request, page


@page
def submit_draft(request: Request, db: Database) -> Response:
    """Saves other words; or, asked to add a paragraph, shows the form with room for one and saves nothing."""
    at = desk_of(request, db)
    output = output_by_slug(db, at.meeting, at.session.code)
    form = DraftForm(request.data)
    rows = _sent_rows(request, output, form)
    if "add" in request.data and not request.is_program:
        added = _with_room(rows, str(request.data["add"]), form.lang.data or "")
        return review(request, db, at, output, form=form, rows=rows, editing=True, added=added)
    before = output.draft.stage if output.draft else ""
    try:
        check(form, rows)
        draft = actions.edit_draft(db, at.person, output, _wording(form, rows), edition=edition_in(request))
    except (Conflict, Faulty) as problem:
        if request.is_program:
            raise
        return _typed_again(request, db, at, output, form, rows, problem)
    return done(request, at, draft, "saved" if draft.stage == before else "withdrawn")


def _with_room(rows: list[Row], after: str, lang: str) -> int:
    """Puts an empty paragraph after the one of that number; gives its own number."""
    place = min(int(after), len(rows)) if re.fullmatch(r"[0-9]{1,4}", after) else len(rows)
    rows.insert(place, Row("", rows[place - 1].lang if rows else lang))
    return place + 1


def _sent_rows(request: Request, output: Output, form: DraftForm) -> list[Row]:
    """The paragraphs sent; a program that sends none leaves them as they are."""
    if "text" not in request.data and output.draft is not None:
        return rows_in(output.draft)
    texts, langs = ([str(one) for one in request.data.getlist(name)] for name in ("text", "text_lang"))
    return rows_of(texts, langs, form.lang.data or "")


def _wording(form: DraftForm, rows: list[Row]) -> actions.Wording:
    said = {name: form[name].data or "" for name in ("title", "lang", "chair", "rapporteur", "correction")}
    return actions.Wording(**said, paragraphs=paragraphs_from(rows))


def _typed_again(
    request: Request,
    db: Database,
    at: Desk,
    output: Output,
    form: DraftForm,
    rows: list[Row],
    problem: Conflict | Faulty,
) -> Response:
    """What was typed, beside the text as it now stands. Saving it then replaces that text, which the page says."""
    if isinstance(problem, Conflict) and output.draft is not None:
        form.edition.data = output.draft.mark
    for name, message in problem.errors.items():
        if name in form and not form[name].errors:
            form[name].errors = [language.gettext(message)]
    return review(
        request, db, at, output, status=problem.status, form=form, rows=rows, problem=problem, editing=True,
    )  # fmt: skip
