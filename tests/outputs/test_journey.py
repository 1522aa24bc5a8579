"""A summary on its way out: reviewed, signed off, published, corrected."""

import re
from typing import Any

from server.app import notice_board
from server.database import Store
from server.meetings.queries import meeting_by_slug
from server.outputs.actions import OutputPublished, publish, sign_off, start_review
from server.outputs.queries import output_by_slug
from server.people.actions import person_for
from server.remote.actions import append_paragraph, set_status
from server.remote.models import SummaryStatus
from tests.makers import NOON, make_meeting, make_session
from tests.outputs.office import DESK, DOCUMENT, LIVE, REVIEW, Office
from tests.world import World

FIRST = "The room agreed that access matters."
SECOND = "Somebody asked for more time."


def status(office: Office) -> str:
    return str(office.public.get(f"{LIVE}.json").json()["status"])


def paragraphs(office: Office) -> list[dict[str, str]]:
    with office.plenary.store.reading() as db:
        draft = output_by_slug(db, meeting_by_slug(db, "igf2014"), "ws112").draft
        assert draft
        return list(draft.paragraphs)


def test_a_closed_summary_is_reviewed_signed_off_by_its_chair_and_published(office: Office) -> None:
    office.write(FIRST, SECOND)
    office.start()
    assert office.edit(office.rapporteur, text=[FIRST, "A *second* paragraph."], text_lang=["en", "en"]).json() == {
        "document": "ws112", "version": 1, "stage": "draft", "edition": office.edition(),
    }  # fmt: skip
    read = office.edition()
    assert office.act(office.chair, "sign-off", edition=read).json() == {
        "document": "ws112", "version": 1, "stage": "signed", "edition": read,
    }  # fmt: skip
    assert status(office) == "closed"
    assert office.act(office.organiser, "publish").json()["stage"] == "published"
    assert status(office) == "published"
    page = office.public.get(DOCUMENT)
    assert page.status_code == 200
    assert "<p>A <em>second</em> paragraph.</p>" in page.text
    assert SECOND not in page.text
    for words in ("Ada Chair", "Ray Porter", "Signed off by Ada Chair as chair of the session", "version 1", "WS112"):
        assert words in page.text
    assert f'href="{LIVE}"' in page.text
    assert f"{office.plenary.base_url}{DOCUMENT}/v1</p>" in page.text


def test_a_summary_that_is_not_closed_is_not_taken_into_review(office: Office) -> None:
    for _ in ("waiting", "live"):
        refused = office.rapporteur.post(f"{REVIEW}/review", json={})
        assert (refused.status_code, refused.json()["title"]) == (409, "Changed meanwhile")
        office.write(FIRST)
    assert office.rapporteur.get(REVIEW).status_code == 404


def test_taking_a_summary_into_review_twice_changes_nothing(office: Office) -> None:
    office.write(FIRST)
    office.start()
    assert office.edit(office.rapporteur, title="Another title").status_code == 200
    before = office.edition()
    assert office.organiser.post(f"{REVIEW}/review", json={}).json()["edition"] == before


def test_a_published_summary_is_not_taken_into_review_again(office: Office) -> None:
    office.write(FIRST)
    office.bring_out()
    assert office.rapporteur.post(f"{REVIEW}/review", json={}).status_code == 409
    assert office.rapporteur.post(f"{LIVE}/status", json={"status": "live"}).status_code == 409


def test_what_is_not_signed_off_is_not_published(office: Office) -> None:
    office.write(FIRST)
    office.start()
    assert office.act(office.organiser, "publish").status_code == 409
    assert office.public.get(DOCUMENT).status_code == 404
    assert status(office) == "closed"


def test_a_sign_off_of_an_older_edition_is_refused(office: Office) -> None:
    office.write(FIRST)
    office.start()
    read = office.edition()
    assert office.edit(office.rapporteur, text=["Something the chair never read."]).status_code == 200
    refused = office.act(office.chair, "sign-off", edition=read)
    assert (refused.status_code, refused.json()["edition"]) == (409, office.edition())
    assert office.act(office.organiser, "publish").status_code == 409


def test_a_sign_off_of_a_draft_that_was_discarded_and_begun_again_is_refused(office: Office) -> None:
    office.write(FIRST)
    office.start()
    read = office.edition()
    assert office.act(office.rapporteur, "discard").status_code == 200
    office.set_status("live")
    office.write(SECOND)
    office.start()
    assert office.edition().partition("-")[0] == read.partition("-")[0] == "1"
    assert office.act(office.chair, "sign-off", edition=read).status_code == 409


def test_a_change_withdraws_a_sign_off_and_saving_what_already_is_does_not(office: Office) -> None:
    office.write(FIRST)
    office.start()
    assert office.act(office.chair, "sign-off").json()["stage"] == "signed"
    assert office.edit(office.rapporteur).json()["stage"] == "signed"
    assert office.edit(office.rapporteur, rapporteur="Ray B. Porter").json()["stage"] == "draft"
    assert office.act(office.organiser, "publish").status_code == 409
    assert office.act(office.chair, "sign-off").json()["stage"] == "signed"


def test_a_text_is_signed_off_once(office: Office) -> None:
    office.write(FIRST)
    office.start()
    assert office.act(office.chair, "sign-off").status_code == 200
    refused = office.act(office.organiser, "sign-off")
    assert (refused.status_code, "Ada Chair" in refused.json()["detail"]) == (409, True)


def test_an_organiser_signs_off_in_the_chairs_name_and_the_document_says_so(office: Office) -> None:
    office.write(FIRST)
    office.start()
    browser = office.plenary.browser("olga@example.org")
    assert "You sign off in the name of the chair Ada Chair" in browser.get(REVIEW).text
    done = browser.post(f"{REVIEW}/sign-off", data={"edition": office.edition()})
    assert (done.status_code, done.headers["location"]) == (303, f"{REVIEW}?done=signed")
    assert office.act(office.organiser, "publish").status_code == 200
    words = "Signed off by Olga Organiser in the name of the chair Ada Chair"
    assert words in office.public.get(DOCUMENT).text
    assert words in " ".join(office.public.get(f"{DOCUMENT}.txt").text.split())
    assert words in office.public.get(f"{DOCUMENT}.md").text


def test_without_the_names_of_chair_and_rapporteur_nothing_is_signed_off(office: Office) -> None:
    office.write(FIRST)
    office.start()
    for missing in ("chair", "rapporteur"):
        assert office.edit(office.organiser, **{missing: ""}).status_code == 200
        assert office.act(office.organiser, "sign-off").status_code == 409
        assert office.edit(office.organiser, **{missing: "Somebody Else"}).status_code == 200
    assert office.edit(office.organiser, text=[""]).status_code == 200
    assert office.act(office.organiser, "sign-off").status_code == 409
    assert office.edit(office.organiser, text=[FIRST]).status_code == 200
    assert office.act(office.organiser, "sign-off").status_code == 200


def test_a_sign_off_bears_a_name_and_never_a_part_of_a_mail_address(office: Office) -> None:
    office.write(FIRST)
    office.start()
    nameless = office.plenary.browser("secret.person@example.org", role="organiser")
    assert 'name="name"' in nameless.get(REVIEW).text
    assert nameless.post(f"{REVIEW}/sign-off", data={"edition": office.edition()}).status_code == 422
    sent = {"edition": office.edition(), "name": "Petra Person"}
    assert nameless.post(f"{REVIEW}/sign-off", data=sent).status_code == 303
    assert office.act(office.organiser, "publish").status_code == 200
    page = office.public.get(DOCUMENT).text
    assert "Signed off by Petra Person in the name of" in page
    assert "secret.person" not in page


def test_two_editors_lose_nothing_and_overwrite_nothing_unseen(office: Office) -> None:
    office.write(FIRST)
    office.start()
    browser = office.plenary.browser("olga@example.org")
    opened = office.edition()
    assert office.edit(office.rapporteur, text=["What the faster one wrote."]).status_code == 200
    sent = {
        "edition": opened,
        "title": "My title",
        "lang": "en",
        "chair": "My chair",
        "rapporteur": "",
        "text": "My words",
    }
    refused = browser.post(REVIEW, data=sent)
    assert refused.status_code == 409
    for words in ("What the faster one wrote.", "My words", "My title", "My chair"):
        assert words in refused.text
    assert FIRST not in refused.text
    mark = re.search(r'name="edition" type="hidden" value="([^"]+)"', refused.text)
    assert mark
    assert mark[1] == office.edition()
    assert browser.post(REVIEW, data={**sent, "edition": mark[1]}).headers["location"] == f"{REVIEW}?done=saved"
    assert "My words" in browser.get(REVIEW).text


def test_the_page_says_before_and_after_that_a_change_withdraws_the_sign_off(office: Office) -> None:
    office.write(FIRST)
    office.start()
    browser = office.plenary.browser("ray@example.org")
    warning = "Saving a change withdraws the sign-off"
    assert warning not in browser.get(REVIEW).text
    assert office.act(office.chair, "sign-off").status_code == 200
    assert warning in browser.get(REVIEW).text
    sent: dict[str, Any] = {
        "edition": office.edition(),
        "title": "T",
        "lang": "en",
        "chair": "A",
        "rapporteur": "R",
        "text": SECOND,
    }
    after = browser.post(REVIEW, data=sent).headers["location"]
    assert "that sign-off is withdrawn" in browser.get(after).text


def test_paragraphs_are_added_and_taken_out_without_javascript(office: Office) -> None:
    office.write(FIRST, SECOND)
    office.start()
    browser = office.plenary.browser("ray@example.org")
    sent: dict[str, Any] = {"edition": office.edition(), "title": "T", "lang": "en", "chair": "A", "rapporteur": "R"}
    sent |= {"text": [FIRST, SECOND], "text_lang": ["en", "en"]}
    widened = browser.post(REVIEW, data={**sent, "add": "1"})
    assert widened.status_code == 200
    assert re.findall(r'<textarea id="(text-\d)"[^>]*?( autofocus)?>\n([^<]*)<', widened.text) == [
        ("text-1", "", FIRST), ("text-2", " autofocus", ""), ("text-3", "", SECOND),
    ]  # fmt: skip
    sent |= {"text": ["", "Between", SECOND], "text_lang": ["en", "fr", "en"]}
    assert browser.post(REVIEW, data=sent).status_code == 303
    assert paragraphs(office) == [{"text": "Between", "lang": "fr"}, {"text": SECOND, "lang": "en"}]


def test_a_paragraph_is_added_whatever_number_is_sent(office: Office) -> None:
    office.write(FIRST)
    office.start()
    browser = office.plenary.browser("ray@example.org")
    for number in ("0", "1", "99999999999", "-1", "x", "٣"):
        widened = browser.post(REVIEW, data={"text": FIRST, "add": number})
        assert (widened.status_code, widened.text.count("<textarea")) == (200, 2)


def test_what_is_typed_into_a_draft_that_was_published_meanwhile_is_shown_to_copy(office: Office) -> None:
    office.write(FIRST)
    office.start()
    browser = office.plenary.browser("ray@example.org")
    sent = {"edition": office.edition(), "title": "My title", "lang": "en", "text": "My words"}
    assert office.act(office.chair, "sign-off").status_code == 200
    assert office.act(office.organiser, "publish").status_code == 200
    refused = browser.post(REVIEW, data=sent)
    assert refused.status_code == 409
    for words in (FIRST, "My title", "My words"):
        assert words in refused.text


def test_the_forms_carry_the_edition_that_is_on_the_page(office: Office) -> None:
    office.write(FIRST)
    office.start()
    browser = office.plenary.browser("olga@example.org")
    marks = set(re.findall(r'name="edition"[^>]* value="([^"]+)"', browser.get(REVIEW).text))
    assert marks == {office.edition()}


def test_faulty_words_come_back_with_what_was_typed(office: Office) -> None:
    office.write(FIRST)
    office.start()
    browser = office.plenary.browser("ray@example.org")
    long = "x" * 10_001
    sent: dict[str, Any] = {
        "edition": office.edition(),
        "title": "",
        "lang": "en",
        "chair": "C" * 301,
        "rapporteur": "Kept",
    }
    sent |= {"text": [FIRST, long], "text_lang": ["en", "not a tag"]}
    refused = browser.post(REVIEW, data=sent)
    assert refused.status_code == 422
    for words in ("A document has a title.", "at most 10,000 characters", long, "C" * 301, "Kept"):
        assert words in refused.text
    told = office.rapporteur.post(REVIEW, json=sent)
    assert (told.status_code, sorted(told.json()["errors"])) == (422, ["chair", "text-2", "title"])
    assert paragraphs(office) == [{"text": FIRST, "lang": "en"}]


def test_a_long_summary_can_be_edited(office: Office) -> None:
    office.write(FIRST)
    office.start()
    browser = office.plenary.browser("ray@example.org")
    fields: list[tuple[str, str]] = [("edition", office.edition()), ("title", "T"), ("lang", "ja")]
    for number in range(150):
        fields += [("text", f"段落{number}"), ("text_lang", "ja")]
    files = [(name, (None, value)) for name, value in fields]
    assert browser.post(REVIEW, files=files).status_code == 303
    assert len(paragraphs(office)) == 150


def test_a_summary_that_was_opened_again_holds_its_draft_back(office: Office) -> None:
    office.write(FIRST, "Said in confidence.")
    office.start()
    office.set_status("live")
    office.retract("p2", "said in confidence")
    assert office.act(office.chair, "sign-off").status_code == 409
    office.set_status("closed")
    assert office.act(office.chair, "sign-off").status_code == 409
    assert "The summary went on after this draft was made" in office.plenary.browser("ray@example.org").get(REVIEW).text
    assert office.act(office.rapporteur, "refresh", choice="replace").status_code == 200
    assert office.act(office.chair, "sign-off").status_code == 200
    assert office.act(office.organiser, "publish").status_code == 200
    assert "confidence" not in office.public.get(DOCUMENT).text


def test_a_draft_may_keep_its_text_after_the_summary_went_on(office: Office) -> None:
    office.write(FIRST)
    office.start()
    assert office.edit(office.rapporteur, text=["Edited."]).status_code == 200
    office.set_status("live")
    assert office.act(office.rapporteur, "refresh", choice="keep").status_code == 409
    office.write(SECOND)
    office.set_status("closed")
    assert office.act(office.rapporteur, "refresh", choice="keep").status_code == 200
    assert paragraphs(office) == [{"text": "Edited.", "lang": "en"}]
    assert office.act(office.chair, "sign-off").status_code == 200


def test_a_new_order_holds_a_draft_back_and_a_translation_does_not(office: Office) -> None:
    office.write(FIRST, SECOND)
    office.start()
    office.set_status("live")
    words = {"text": "アクセスは大切だ。", "of": 1, "base_rev": 0}
    assert office.rapporteur.post(f"{LIVE}/paragraphs/p1/translations/ja", json=words).status_code == 200
    office.set_status("closed")
    assert "The summary went on" not in office.plenary.browser("ray@example.org").get(REVIEW).text
    office.set_status("live")
    assert office.rapporteur.post(f"{LIVE}/paragraphs/p2/move", json={"before": "p1"}).status_code == 200
    office.set_status("closed")
    assert office.act(office.chair, "sign-off").status_code == 409
    assert office.act(office.rapporteur, "refresh", choice="replace").status_code == 200
    assert [one["text"] for one in paragraphs(office)] == [SECOND, FIRST]


def test_a_signed_text_is_not_published_while_its_summary_is_open(office: Office) -> None:
    office.write(FIRST)
    office.start()
    assert office.act(office.chair, "sign-off").status_code == 200
    office.set_status("live")
    assert office.act(office.organiser, "publish").status_code == 409
    assert status(office) == "live"
    office.set_status("closed")
    assert office.act(office.organiser, "publish").status_code == 200


def test_a_discarded_draft_is_gone_and_its_summary_waits_for_review_again(office: Office) -> None:
    office.write(FIRST)
    office.start()
    browser = office.plenary.browser("ray@example.org")
    gone = browser.post(f"{REVIEW}/discard", data={"edition": office.edition()})
    assert (gone.status_code, gone.headers["location"]) == (303, DESK)
    assert browser.get(REVIEW).status_code == 404
    assert f'action="{REVIEW}/review"' in browser.get(DESK).text


def test_a_correction_is_version_2_and_version_1_stays_readable(office: Office) -> None:
    office.write(FIRST)
    office.bring_out()
    first = {form: office.public.get(f"{DOCUMENT}/v1.{form}").content for form in ("md", "txt")}
    assert office.rapporteur.post(f"{REVIEW}/correction", json={"correction": " "}).status_code == 422
    office.correct("The figure in the first paragraph.", "Corrected words.")
    newest = office.public.get(DOCUMENT).text
    assert "Corrected words." in newest
    assert FIRST not in newest
    assert "The figure in the first paragraph." in newest
    assert f'href="{DOCUMENT}/v1"' in newest
    older = office.public.get(f"{DOCUMENT}/v1").text
    assert FIRST in older
    assert "This is version 1. There is a newer one:" in older
    assert "This is version" not in newest
    assert {form: office.public.get(f"{DOCUMENT}/v1.{form}").content for form in ("md", "txt")} == first
    assert office.public.get(f"{DOCUMENT}/v2.md").content == office.public.get(f"{DOCUMENT}.md").content
    assert office.public.get(f"{DOCUMENT}/v3").status_code == 404


def test_one_correction_is_prepared_at_a_time_and_can_be_discarded(office: Office) -> None:
    office.write(FIRST)
    assert office.rapporteur.post(f"{REVIEW}/correction", json={"correction": "Too early"}).status_code == 404
    office.bring_out()
    assert office.rapporteur.post(f"{REVIEW}/correction", json={"correction": "A name"}).status_code == 201
    assert office.organiser.post(f"{REVIEW}/correction", json={"correction": "A date"}).status_code == 409
    assert office.edit(office.rapporteur, correction="").status_code == 422
    assert office.act(office.organiser, "publish").status_code == 409
    assert office.act(office.rapporteur, "discard").status_code == 200
    assert office.public.get(f"{DOCUMENT}/v1").status_code == 200
    assert office.organiser.post(f"{REVIEW}/correction", json={"correction": "A date"}).status_code == 201


def test_what_is_published_never_changes(office: Office) -> None:
    office.write(FIRST)
    office.start()
    read = office.edition()
    assert office.act(office.chair, "sign-off").status_code == 200
    assert office.act(office.organiser, "publish").status_code == 200
    before = office.public.get(f"{DOCUMENT}.md").content
    sent = {"edition": read, "title": "Changed", "lang": "en", "text": ["Changed"]}
    assert office.rapporteur.post(REVIEW, json=sent).status_code == 409
    for what in ("sign-off", "publish", "discard", "refresh"):
        assert office.act(office.organiser, what, edition=read).status_code == 409
    assert office.public.get(f"{DOCUMENT}.md").content == before


def test_a_browser_is_told_beside_the_document_why_something_was_not_done(office: Office) -> None:
    office.write(FIRST)
    office.start()
    browser = office.plenary.browser("olga@example.org")
    for what in ("sign-off", "publish", "discard", "refresh"):
        refused = browser.post(f"{REVIEW}/{what}", data={"edition": "1-old"})
        assert (refused.status_code, 'role="alert"' in refused.text, FIRST in refused.text) == (409, True, True)


def test_those_who_listen_hear_of_each_publication(database: str) -> None:
    heard: list[OutputPublished] = []
    board = notice_board()
    board.tell(OutputPublished, heard.append)
    store = Store(database, board)
    with store.writing() as db:
        ada = person_for(db, "ada@example.org", NOON, name="Ada")
        session = make_session(db, make_meeting(db))
        append_paragraph(db, ada, session, FIRST, "en", now=NOON)
        set_status(db, ada, session, SummaryStatus.CLOSED, now=NOON)
        output = start_review(db, ada, session, now=NOON)
        draft = output.versions[0]
        sign_off(db, ada, output, edition=draft.mark, name="Ada", for_chair=False, now=NOON)
        publish(db, ada, output, edition=draft.mark, now=NOON)
        told_too_early = list(heard)
    store.close()
    assert (told_too_early, heard) == ([], [OutputPublished(output.id, 1)])


def test_the_desk_lists_documents_by_stage(office: Office, plenary: World) -> None:
    browser = plenary.browser("olga@example.org")
    assert "No summary is closed yet" in browser.get(DESK).text
    office.write(FIRST)
    office.set_status("closed")
    seen = []
    for act in (
        lambda: None,
        office.start,
        lambda: office.act(office.chair, "sign-off"),
        lambda: office.act(office.organiser, "publish"),
    ):
        act()
        page = browser.get(DESK).text
        sections = dict(re.findall(r'<section aria-labelledby="(\w+)">(.*?)</section>', page, re.S))
        seen.append([name for name, inside in sections.items() if "Session ws112" in inside])
    assert seen == [["waiting"], ["drafts"], ["signed"], ["published"]]


def test_signing_twice_in_a_browser_says_who_has_signed(office: Office) -> None:
    office.write(FIRST)
    office.start()
    browser = office.plenary.browser("grace@example.org", role="organiser")
    signed = {"edition": office.edition(), "name": "Olga <100%>"}
    assert browser.post(f"{REVIEW}/sign-off", data=signed).status_code == 303
    again = browser.post(f"{REVIEW}/sign-off", data=signed)
    assert again.status_code == 409
    assert "This text is signed off already, by Olga &lt;100%&gt;." in again.text
