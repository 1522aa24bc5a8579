"""What readers get: the list, the page, text and Markdown, and what never gets out."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import event

from server.app import notice_board
from server.database import Database, Store
from server.meetings.models import Meeting
from server.outputs.models import Output, Stage, Version
from server.outputs.queries import output_of_session, prepared_outputs, published_outputs
from server.schedule.models import Session
from tests.makers import make_meeting, make_session
from tests.outputs.office import DOCUMENT, LIVE, Office
from tests.world import World

#: No engine does this differently.
pytestmark = pytest.mark.either

JAPANESE = "会議は、インターネットへのアクセスが重要であると合意した。" * 6
ARABIC = "اتفق المشاركون على أهمية الوصول إلى الإنترنت."
FORMS = ("", ".txt", ".md", "/v1", "/v1.txt", "/v1.md")


def make_output(db: Database, meeting: Meeting, session: Session, *, hour: int = 9, **facts: object) -> Output:
    """A published document of one paragraph."""
    moment = datetime(2014, 9, 3, hour, 0, tzinfo=UTC)
    version = Version(
        **{
            "number": 1, "stage": Stage.PUBLISHED, "title": f"About {session.code}", "chair": "Ada Chair",
            "rapporteur": "Ray Porter", "paragraphs": [{"text": "Words.", "lang": "en"}], "created_at": moment,
            "signed_name": "Ada Chair", "signed_at": moment, "published_at": moment, **facts,
        }
    )  # fmt: skip
    output = Output(meeting_id=meeting.id, session_id=session.id, slug=session.code, versions=[version])
    db.add(output)
    db.flush()
    return output


def test_the_list_says_what_will_be_there_before_anything_is(plenary: World) -> None:
    with plenary.store.writing() as db:
        make_meeting(db)
    page = plenary.client().get("/igf2014/outputs")
    assert (page.status_code, "Nothing is published yet" in page.text) == (200, True)


def test_the_list_names_title_session_type_track_day_and_version(office: Office) -> None:
    office.write("Words.")
    office.bring_out()
    office.correct("A name", "Other words.")
    page = office.public.get("/igf2014/outputs").text
    for words in (
        "Session ws112",
        DOCUMENT,
        "WS112",
        "Workshop",
        "Internet and Human Rights",
        "Version 2, <time ",
    ):
        assert words in page


def test_a_list_of_one_and_of_thirty_takes_as_many_queries(database: str) -> None:
    store = Store(database, notice_board())
    counts = []
    for slug, size in (("igf2013", 1), ("igf2014", 30)):
        with store.writing() as db:
            meeting = make_meeting(db, slug)
            for number in range(size):
                make_output(db, meeting, make_session(db, meeting, f"ws{number}"))
                make_output(db, meeting, make_session(db, meeting, f"draft{number}"), stage=Stage.DRAFT)
        statements: list[str] = []
        event.listen(store.engine, "before_cursor_execute", lambda *given, to=statements: to.append(given[2]))
        with store.reading() as db:
            shown = [
                (one.newest and one.newest.number, one.session.type.key, one.session.track and one.session.track.key)
                for one in published_outputs(db, meeting)
            ]
            assert shown == [(1, "workshop", "human-rights")] * size
            assert len([one.draft for one in prepared_outputs(db, meeting)]) == size
        counts.append(sum(statement.startswith("SELECT") for statement in statements))
    store.close()
    assert counts[0] == counts[1]


def test_the_newest_publication_comes_first_and_drafts_are_left_out(database: str) -> None:
    store = Store(database, notice_board())
    with store.writing() as db:
        meeting = make_meeting(db)
        sessions = [make_session(db, meeting, code) for code in ("a", "b", "c", "d")]
        early, late = (make_output(db, meeting, one, hour=hour) for one, hour in zip(sessions, (9, 17), strict=False))
        make_output(db, meeting, sessions[2], stage=Stage.DRAFT, published_at=None)
        assert published_outputs(db, meeting) == [late, early]
        assert [output_of_session(db, session) for session in sessions] == [early, late, None, None]
    store.close()


def test_a_retracted_paragraph_is_in_no_form_of_the_document(office: Office) -> None:
    office.write("Kept.", "The minister said something off the record.", "Kept too.")
    office.retract("p2", "off the record")
    office.bring_out()
    log = office.public.get(f"{LIVE}.json?after=none").text
    assert "off the record" in log
    for form in FORMS:
        text = office.public.get(DOCUMENT + form).text
        assert ("Kept too." in text, "minister" in text, "off the record" in text) == (True, False, False)


@pytest.mark.parametrize("form", FORMS)
def test_a_document_is_served_with_its_type_and_once_is_enough(office: Office, form: str) -> None:
    office.write("Words that are worth keeping. " * 50)
    office.bring_out()
    first = office.public.get(DOCUMENT + form)
    kind = {"txt": "text/plain", "md": "text/markdown"}.get(form.rpartition(".")[2], "text/html")
    assert first.headers["content-type"] == f"{kind}; charset=utf-8"
    assert first.headers["last-modified"].endswith("GMT")
    again = office.public.get(DOCUMENT + form, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = office.public.get(DOCUMENT + form, headers={"If-None-Match": '"something else"'})
    assert (other.status_code, other.content) == (200, first.content)


def test_a_page_that_a_newer_version_changed_is_sent_again(office: Office) -> None:
    office.write("Words.")
    office.bring_out()
    first = office.public.get(f"{DOCUMENT}/v1")
    office.correct("A name", "Other words.")
    again = office.public.get(f"{DOCUMENT}/v1", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, "There is a newer one" in again.text) == (200, True)


def test_html_and_script_do_nothing_in_any_form(office: Office) -> None:
    bad = (
        "<script>alert(1)</script> <img src=x onerror=alert(2)> [a](javascript:alert(3)) ![b](http://example.org/b.png)"
    )
    office.write(bad, "~~~\nan open block of code")
    office.start()
    names = {"title": "<b>Title</b> *x*", "chair": "<i>Ada</i> [l](http://example.org)", "rapporteur": "Ray & Co"}
    assert office.edit(office.rapporteur, **names).status_code == 200
    assert office.act(office.organiser, "sign-off").status_code == 200
    assert office.act(office.organiser, "publish").status_code == 200
    page = office.public.get(DOCUMENT).text
    for harm in ("<script>alert", "<img src=x", "<b>Title", "<i>Ada", 'href="javascript'):
        assert harm not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "&lt;b&gt;Title&lt;/b&gt; *x*" in page
    source = office.public.get(f"{DOCUMENT}.md").text
    for harm in ("<script", "<img", "# <b>", "[l](", "![b]("):
        assert harm not in source.replace("\\" + harm, "")
    plain = office.public.get(f"{DOCUMENT}.txt")
    assert "<script>alert(1)</script>" in plain.text
    assert plain.headers["x-content-type-options"] == "nosniff"


def test_every_paragraph_keeps_its_language_and_direction(office: Office) -> None:
    office.write("In English.")
    office.write(JAPANESE, lang="ja")
    office.write(ARABIC, lang="ar")
    office.bring_out()
    page = office.public.get(DOCUMENT).text
    assert f'<div lang="ja" dir="ltr"><p>{JAPANESE}</p></div>' in page
    assert f'<div lang="ar" dir="rtl"><p>{ARABIC}</p></div>' in page
    lines = office.public.get(f"{DOCUMENT}.txt").text.splitlines()
    assert JAPANESE in lines
    assert ARABIC in lines
    assert JAPANESE in office.public.get(f"{DOCUMENT}.md").text.splitlines()


def test_the_text_is_broken_into_lines_and_the_markdown_is_left_as_written(office: Office) -> None:
    words = "The room *agreed* that access matters to everybody who was there. " * 5
    office.write(words, "- one\n- two " + "and more " * 12)
    office.bring_out()
    text = office.public.get(f"{DOCUMENT}.txt").text
    assert text.startswith("Session ws112\n=============\nChair's Summary, version 1\n\nMeeting: Ninth Annual")
    assert max(len(line) for line in text.splitlines()) <= 78
    assert "agreed that" in text
    assert "\n- one\n- two and more" in text
    assert f"Newest version: {office.plenary.base_url}{DOCUMENT}\n" in text
    source = office.public.get(f"{DOCUMENT}.md").text
    assert source.startswith("# Session ws112\n\n**Chair's Summary, version 1**\n\n- **Meeting:** Ninth Annual")
    assert words.strip() in source
    for line in ("- **Chair:** Ada Chair", "- **Rapporteur:** Ray Porter", "- **Session:** Workshop WS112"):
        assert line in source.splitlines()
    assert f"- **This version:** <{office.plenary.base_url}{DOCUMENT}/v1>" in source.splitlines()


def test_the_rapporteur_is_who_wrote_where_the_programme_names_none(office: Office) -> None:
    with office.plenary.store.writing() as db:
        from_programme = db.query(Session).one()
        from_programme.people = from_programme.people[:1]
    office.write("One.", "Two.")
    assert office.chair.post(f"{LIVE}/paragraphs", json={"text": "Three.", "lang": "en"}).status_code == 201
    office.bring_out()
    assert "- **Rapporteur:** Ray Porter, Ada Chair" in office.public.get(f"{DOCUMENT}.md").text


def test_the_document_is_named_in_the_readers_language_and_keeps_its_own(office: Office) -> None:
    office.write("Words.")
    office.bring_out()
    answer = office.public.get(f"{DOCUMENT}.md?lang=ja")
    assert answer.headers["content-language"] == "ja"
    assert "サブテーマ" in answer.text
    assert "Words." in answer.text
    assert '<h1 lang="en" dir="ltr">Session ws112</h1>' in office.public.get(f"{DOCUMENT}?lang=ja").text
