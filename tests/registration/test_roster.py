"""The desk's list of registrations, what is done with many of them, and its files."""

import csv
import io
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from server import clock
from server.meetings.queries import meeting_by_slug
from server.registration.bulk import PIECE
from server.registration.columns import COLUMNS
from server.registration.deciding import change_admission
from server.registration.links import private_link
from server.registration.models import HistoryEntry, Registration
from tests.makers import NOON, make_meeting, make_registration
from tests.registration.counting import counted
from tests.world import World, text_of

LIST = "/igf2014/desk/registrations"
BULK = f"{LIST}/bulk"
A, B, C, D = "IGF2014-AAAAAA", "IGF2014-BBBBBB", "IGF2014-CCCCCC", "IGF2014-DDDDDD"


@pytest.fixture
def world(plenary: World) -> World:
    """A server at whose meeting four have registered, one a day, two of whom wait in the other order; one elsewhere."""
    with plenary.store.writing() as db:
        meeting = make_meeting(db)
        make_registration(db, meeting, reference=A)
        make_registration(
            db, meeting, "kenji@example.org", reference=B, given_name="健二", family_name="佐藤", country="JP",
            organisation="総務省", stakeholder_group="government", attendance="onsite", public=False, opened_at=None,
            state="waiting", turn=7, language="ja", registered_at=NOON + timedelta(days=1),
        )  # fmt: skip
        make_registration(
            db, meeting, "olu@example.org", reference=C, given_name="Olu", family_name="-", country="NG",
            organisation="Straßenbau محمّد", stakeholder_group="civil-society", state="withdrawn",
            registered_at=NOON + timedelta(days=2),
        )  # fmt: skip
        make_registration(
            db, meeting, "lutfi@example.org", reference=D, given_name="Lütfi", family_name="Kırdar", country="TR",
            organisation="UNESCO", stakeholder_group="intergovernmental", attendance="onsite", state="waiting", turn=3,
            registered_at=NOON + timedelta(days=3),
        )  # fmt: skip
        make_registration(db, make_meeting(db, "other"), "far@example.org", reference="OTHER-EEEEEE")
    return plenary


@pytest.fixture
def desk(world: World) -> httpx2.Client:
    """Somebody of the registration desk, as a browser would ask, with a token."""
    program = world.program("desk@example.org", role="desk")
    program.headers["Accept"] = "text/html"
    return program


def references(page: httpx2.Response) -> list[str]:
    """The registrations of a list, in its order."""
    assert page.status_code == 200
    return list(dict.fromkeys(re.findall(r'value="((?:IGF2014|OTHER)-[A-Z0-9]{6})"', page.text)))


def rows(answer: httpx2.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8"), newline="")))


def sheet(answer: httpx2.Response) -> list[dict[str, Any]]:
    """The rows of a workbook."""
    assert answer.status_code == 200
    head, *others = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    return [dict(zip(map(str, head), row, strict=True)) for row in others]


def states(world: World, slug: str = "igf2014") -> dict[str, str]:
    with world.store.reading() as db:
        found = select(Registration).filter_by(meeting_id=meeting_by_slug(db, slug).id).order_by(Registration.id)
        return {one.reference: one.state for one in db.scalars(found)}


def many(world: World, number: int, slug: str = "many", **facts: Any) -> list[str]:
    """Another meeting with so many registrations; their references in the order in which they came."""
    with world.store.writing() as db:
        meeting = make_meeting(db, slug)
        made = [
            make_registration(
                db, meeting, f"p{at}@example.org", family_name=f"Number{at:04d}",
                registered_at=NOON + timedelta(seconds=at), **facts,
            )
            for at in range(number)
        ]  # fmt: skip
        return [one.reference for one in made]


# The list


@pytest.mark.parametrize("role", ["organiser", "desk"])
def test_organisers_and_the_desk_see_everybody_by_name(world: World, role: str) -> None:
    page = world.program("staff@example.org", role=role).get(LIST)
    assert references(page) == [D, A, C, B]
    assert "4 registrations" in page.text
    assert "kenji@example.org" in page.text
    assert page.headers["cache-control"] == "no-store"


SEARCHES = [
    ("q=kenji@", [B]),
    ("q=佐藤", [B]),
    ("q=佐藤健二", [B]),
    ("q=igf2014-ccc", [C]),
    ("q=LOVELACE", [A]),
    ("q=analytical", [A]),
    ("q=Kirdar", [D]),
    ("q=kırdar+lutfi", [D]),
    ("q=kirdar+kenji", []),
    ("q=strasse", [C]),
    ("q=محمد", [C]),
    ("q=محمّد", [C]),
    ("q=%25", []),
    ("q=_", []),
    ("q=%00", []),
    ("q=%07", [D, A, C, B]),
    ("state=withdrawn", [C]),
    ("state=withdrawn&state=confirmed", [A, C]),
    ("state=withdrawn&state=nonsense", [C]),
    ("group=government", [B]),
    ("group=government&group=civil-society", [C, B]),
    ("attendance=online", [A, C]),
    ("country=NG&country=GB", [A, C]),
    ("country=NG&state=withdrawn", [C]),
    ("country=NG&state=confirmed", []),
    ("region=african", [C]),
    ("region=intergovernmental", [D]),
    ("region=western-european-others", [A]),
    ("region=asia-pacific&region=african", [C, B]),
    ("region=none", []),
    ("region=atlantis", []),
    ("language=ja", [B]),
    ("link=unopened", [B]),
    ("link=opened", [D, A, C]),
    ("link=opened&link=unopened", [D, A, C, B]),
    ("link=lost", []),
    ("since=2014-09-02", [D, C, B]),
    ("until=2014-09-02", [A, B]),
    ("since=2014-09-02&until=2014-09-03", [C, B]),
    ("since=yesterday", []),
    ("until=9999-12-31", []),
    ("since=0001-01-01", []),
    ("state=nonsense", []),
    ("state=", [D, A, C, B]),
    ("nonsense=1", [D, A, C, B]),
]


@pytest.mark.parametrize(("query", "found"), SEARCHES)
def test_the_list_and_both_files_take_the_same_filters(desk: httpx2.Client, query: str, found: list[str]) -> None:
    assert references(desk.get(f"{LIST}?{query}")) == found
    assert [row["reference"] for row in rows(desk.get(f"{LIST}.csv?{query}"))] == found
    assert [row["reference"] for row in sheet(desk.get(f"{LIST}.xlsx?{query}"))] == found


SORTS = [
    ("name", [D, A, C, B]),
    ("-name", [B, C, A, D]),
    ("registered", [A, B, C, D]),
    ("-registered", [D, C, B, A]),
    ("country", [B, C, D, A]),  # Japan, Nigeria, Türkiye, United Kingdom
    ("organisation", [A, C, D, B]),
    ("group", [B, D, C, A]),
    ("state", [A, D, B, C]),
    ("line", [D, B, A, C]),
    ("-line", [B, D, C, A]),
    ("shoe size", [D, A, C, B]),
]


@pytest.mark.parametrize(("sort", "found"), SORTS)
def test_the_list_and_both_files_are_sorted_alike(desk: httpx2.Client, sort: str, found: list[str]) -> None:
    assert references(desk.get(f"{LIST}?sort={sort}")) == found
    assert [row["reference"] for row in rows(desk.get(f"{LIST}.csv?sort={sort}"))] == found
    assert [row["reference"] for row in sheet(desk.get(f"{LIST}.xlsx?sort={sort}"))] == found


@pytest.mark.either
def test_countries_are_sorted_as_the_reader_calls_them(desk: httpx2.Client) -> None:
    assert references(desk.get(f"{LIST}?sort=country&lang=ja")) == [A, D, C, B]  # イギリス, トルコ, ナイジェリア, 日本


@pytest.mark.either
def test_the_heads_of_the_columns_sort_and_say_how_it_is_sorted(desk: httpx2.Client) -> None:
    page = desk.get(f"{LIST}?state=waiting&sort=-registered").text
    assert re.findall(r'aria-sort="(\w+)"><a href="([^"]+)"', page) == [
        ("descending", f"{LIST}?state=waiting&amp;sort=registered")
    ]
    assert f'<a href="{LIST}?state=waiting">Name</a>' in page
    assert f'<a href="{LIST}?state=waiting&amp;sort=line">Place in line</a>' in page


@pytest.mark.either
def test_each_state_says_how_many_and_leads_to_them(desk: httpx2.Client) -> None:
    page = desk.get(f"{LIST}?attendance=onsite&state=waiting").text
    nav = page[page.index('aria-label="By state"') : page.index("</nav>", page.index('aria-label="By state"'))]
    assert re.findall(r'<a href="([^"]+)"( aria-current="true")?>([^<]+)</a>', nav) == [
        (f"{LIST}?attendance=onsite", "", "All 2"),
        (f"{LIST}?attendance=onsite&amp;state=waiting", ' aria-current="true"', "On the waiting list 2"),
    ]


@pytest.mark.either
def test_from_one_registration_the_way_leads_back_to_the_list_as_it_was(desk: httpx2.Client) -> None:
    query = "state=waiting&q=Kirdar&sort=line&page=1"
    link = re.search(rf'<a href="({LIST}/{D}[^"]*)"', desk.get(f"{LIST}?{query}").text)
    assert link
    back = f"{LIST}?state=waiting&q=Kirdar&sort=line"
    one = desk.get(link.group(1).replace("&amp;", "&"))
    assert f'href="{back.replace("&", "&amp;")}"' in one.text
    done = desk.post(f"{LIST}/{D}/withdraw?{query}").headers["location"]
    assert done == f"{LIST}/{D}?done=withdraw&state=waiting&q=Kirdar&sort=line&page=1"
    assert f'href="{back.replace("&", "&amp;")}&amp;page=1"' in desk.get(done).text


def test_who_was_erased_is_on_no_list(world: World, desk: httpx2.Client) -> None:
    with world.store.writing() as db:
        db.scalars(select(Registration).filter_by(reference=A)).one().erased_at = clock.now()
    assert references(desk.get(LIST)) == [D, C, B]
    assert [row["reference"] for row in rows(desk.get(f"{LIST}.csv"))] == [D, C, B]
    answer = desk.post(BULK, json={"action": "letter", "reference": [A]}).json()
    assert answer["skipped"] == [{"reference": A, "why": "There is no registration with this reference."}]


@pytest.mark.either
def test_a_long_list_has_pages_and_whole_files_at_the_same_cost(world: World, desk: httpx2.Client) -> None:
    with counted() as few:
        desk.get(LIST)
    many(world, 1050, "long")
    organiser = world.program("staff@example.org", role="organiser", meeting="long")
    with counted() as more:
        page = organiser.get("/long/desk/registrations")
    assert len(few) == len(more)
    assert "1,050 registrations" in page.text
    assert re.findall(r"<bdi>Ada (Number\d+)", page.text) == [f"Number{number:04d}" for number in range(50)]
    last = organiser.get("/long/desk/registrations?page=21&attendance=online").text
    assert re.findall(r"<bdi>Ada (Number\d+)", last) == [f"Number{number:04d}" for number in range(1000, 1050)]
    backwards = [f"Number{number:04d}" for number in range(1049, -1, -1)]
    for read in (rows(organiser.get("/long/desk/registrations.csv?sort=-name")),
                 sheet(organiser.get("/long/desk/registrations.xlsx?sort=-name"))):  # fmt: skip
        assert [row["family_name"] for row in read] == backwards


@pytest.mark.either
def test_a_meeting_without_registrations_says_what_will_be_there(world: World) -> None:
    with world.store.writing() as db:
        make_meeting(db, "empty")
    organiser = world.program("staff@example.org", role="organiser", meeting="empty")
    assert "Nobody has registered yet." in organiser.get("/empty/desk/registrations").text
    assert organiser.get("/empty/desk/registrations.csv").text == ",".join(COLUMNS) + "\r\n"
    assert sheet(organiser.get("/empty/desk/registrations.xlsx")) == []


@pytest.mark.either
def test_the_desk_says_how_many_wait(world: World, desk: httpx2.Client) -> None:
    page = desk.get("/igf2014/desk").text
    assert f'<a href="{LIST}?state=waiting">2 on the waiting list</a>' in page
    assert "waits for approval" not in page
    with world.store.writing() as db:
        make_registration(db, meeting_by_slug(db, "igf2014"), "new@example.org", state="pending")
    assert f'<a href="{LIST}?state=pending">1 waits for approval</a>' in desk.get("/igf2014/desk").text
    rapporteur = world.program("ray@example.org", role="rapporteur")
    assert "waiting list" not in rapporteur.get("/igf2014/desk").text


# The files


def test_the_csv_has_everything(desk: httpx2.Client) -> None:
    answer = desk.get(f"{LIST}.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="igf2014-registrations.csv"'
    assert answer.headers["cache-control"] == "no-store"
    assert answer.text.splitlines()[0] == ",".join(COLUMNS)
    assert rows(answer)[3] == {
        "reference": B,
        "state": "waiting",
        "email": "kenji@example.org",
        "given_name": "健二",
        "family_name": "佐藤",
        "country": "JP",
        "organisation": "総務省",
        "stakeholder_group": "government",
        "attendance": "onsite",
        "public": "no",
        "language": "ja",
        "registered_at": "2014-09-02T09:00:00+00:00",
        "changed_at": "2014-09-01T09:00:00+00:00",
        "opened_at": "",
        "gender": "",
        "first_time": "",
        "offer_until": "",
        "place_in_line": "2",
        "region": "asia-pacific",
    }


def test_the_workbook_has_the_same_with_the_clock_of_the_venue(world: World, desk: httpx2.Client) -> None:
    with world.store.writing() as db:
        one = db.scalars(select(Registration).filter_by(reference=B)).one()
        one.gender, one.first_time = "woman", True
    answer = desk.get(f"{LIST}.xlsx?q=kenji", headers={"Accept-Encoding": "identity"})
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert answer.headers["content-type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert answer.headers["content-disposition"] == 'attachment; filename="igf2014-registrations.xlsx"'
    assert answer.headers["cache-control"] == "no-store"
    assert sheet(answer) == [
        {
            "reference": B,
            "state": "waiting",
            "email": "kenji@example.org",
            "given_name": "健二",
            "family_name": "佐藤",
            "country": "JP",
            "organisation": "総務省",
            "stakeholder_group": "government",
            "attendance": "onsite",
            "public": False,
            "language": "ja",
            "registered_at": (NOON + timedelta(days=1, hours=3)).replace(tzinfo=None),
            "changed_at": (NOON + timedelta(hours=3)).replace(tzinfo=None),
            "opened_at": "",
            "gender": "woman",
            "first_time": True,
            "offer_until": "",
            "place_in_line": 2.0,
            "region": "asia-pacific",
        }
    ]


ODD = [
    "=1+1", "+1", "-1", "@SUM(A1)", "＝1", '=cmd|" /C calc"!A0', "'=1", '"><script>alert(1)</script>', 'a "quoted", name', "a;b",
    "two\u2028lines", "tab\there", "محمد عبد الله", "王小明", "मोहन", "👩🏽‍💻 🏳️‍🌈", "é" * 200, "\u202eevil", "NULL", "007", "1e5",
    "https://example.org/", "_x000D_",
]  # fmt: skip


@pytest.mark.either
def test_whatever_people_are_called_stands_in_both_files_and_runs_in_neither(world: World) -> None:
    with world.store.writing() as db:
        meeting = make_meeting(db, "third")
        for number, name in enumerate(ODD):
            make_registration(
                db, meeting, f"p{number:02d}@example.org", organisation=name, given_name=name[:100], family_name="-",
                registered_at=NOON + timedelta(seconds=number),
            )  # fmt: skip
    organiser = world.program("staff@example.org", role="organiser", meeting="third")
    page = organiser.get("/third/desk/registrations").text
    assert "<script>alert" not in page
    found = rows(organiser.get("/third/desk/registrations.csv?sort=registered"))
    plain = {"=": "'", "+": "'", "-": "'", "@": "'", "＝": "'"}
    assert [row["organisation"] for row in found] == [
        ("'" if name == "'=1" else plain.get(name[0], "")) + name for name in ODD
    ]
    assert {row["family_name"] for row in found} == {"'-"}
    book = sheet(organiser.get("/third/desk/registrations.xlsx?sort=registered"))
    assert [row["organisation"] for row in book] == ODD
    assert [row["given_name"] for row in book] == [name[:100] for name in ODD]


@pytest.mark.either
def test_a_row_that_nobody_understands_does_not_end_the_files(world: World, desk: httpx2.Client) -> None:
    with world.store.writing() as db:
        one = db.scalars(select(Registration).filter_by(reference=C)).one()
        one.country, one.state, one.stakeholder_group, one.language = "ZZ", "limbo", "robots", "tlh"
    assert [row["reference"] for row in rows(desk.get(f"{LIST}.csv"))] == [D, A, C, B]
    assert [row["reference"] for row in sheet(desk.get(f"{LIST}.xlsx"))] == [D, A, C, B]


@pytest.mark.either
@pytest.mark.parametrize("ending", ["\r\n", "\n", "\r", "\u2028"])
def test_a_line_break_in_a_name_is_refused_and_gets_into_no_file(
    world: World, desk: httpx2.Client, ending: str
) -> None:
    said = {
        "given_name": f"Ada{ending}Bcc: all", "family_name": "Lovelace", "email": "new@example.org", "country": "GB",
        "organisation": f"X{ending}Y", "stakeholder_group": "press", "attendance": "online",
    }  # fmt: skip
    answer = world.client().post("/igf2014/register", json=said)
    assert (answer.status_code, set(answer.json()["errors"])) == (422, {"given_name", "organisation"})
    assert rows(desk.get(f"{LIST}.csv?group=press")) == []


@pytest.mark.either
def test_that_somebody_took_a_file_is_logged_without_a_name(
    desk: httpx2.Client, capsys: pytest.CaptureFixture[str]
) -> None:
    assert desk.get(f"{LIST}.csv?q=kenji").status_code == 200
    logged = [line for line in capsys.readouterr().out.splitlines() if "registrations taken" in line]
    assert len(logged) == 1, logged
    assert all(words in logged[0] for words in ("form=csv", "meeting=igf2014", "roles=['desk']", "rows=1", "person="))
    assert "kenji" not in logged[0]


# Something done with many


def test_those_named_are_approved_and_the_others_are_named_with_why(world: World, desk: httpx2.Client) -> None:
    with world.store.writing() as db:
        meeting = meeting_by_slug(db, "igf2014")
        make_registration(db, meeting, "press@example.org", reference="IGF2014-PPPPPP", state="pending")
        make_registration(
            db, meeting, "paper@example.org", reference="IGF2014-QQQQQQ", state="pending", attendance="onsite", turn=9
        )
        change_admission(db, meeting, {"onsite": 2}, clock.now())
    answer = desk.post(
        BULK, json={"action": "approve", "reference": ["igf2014-pppppp", "IGF2014-QQQQQQ", C, "IGF2014-ZZZZZZ", C]}
    )
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "done": [
                {"reference": "IGF2014-PPPPPP", "state": "confirmed"},
                {"reference": "IGF2014-QQQQQQ", "state": "waiting"},
            ],
            "skipped": [
                {"reference": C, "why": "This registration is withdrawn. Take part again first."},
                {"reference": "IGF2014-ZZZZZZ", "why": "There is no registration with this reference."},
            ],
            "left": 0,
            "after": "",
        },
    )
    subjects = [world.mail(f"{who}@example.org")[0]["Subject"] for who in ("press", "paper")]
    assert subjects == ["Your registration for IGF 2014", "Your registration for IGF 2014: you are on the waiting list"]


def test_two_at_the_desk_who_approve_the_same_people_do_it_once(world: World) -> None:
    names = many(world, 20, attendance="onsite", state="pending")
    with world.store.writing() as db:
        change_admission(db, meeting_by_slug(db, "many"), {"onsite": 5}, clock.now())
    programs = [world.program(f"staff{at}@example.org", role="desk", meeting="many") for at in range(4)]
    start = threading.Barrier(4)

    def approve(at: int) -> list[str]:
        start.wait()
        sent = {"action": "approve", "reference": names if at % 2 else names[::-1]}
        answer = programs[at].post("/many/desk/registrations/bulk", json=sent)
        assert answer.status_code == 200
        return [one["reference"] for one in answer.json()["done"]]

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(approve, range(4)))
    assert sorted(name for some in done for name in some) == sorted(names)
    assert sorted(states(world, "many").values()) == ["confirmed"] * 5 + ["waiting"] * 15
    with world.store.reading() as db:
        assert len(list(db.scalars(select(HistoryEntry).filter_by(kind="approved")))) == 20


def test_places_go_to_who_came_first_whatever_the_order_of_the_ticks(world: World) -> None:
    names = many(world, 6, attendance="onsite", state="pending")
    with world.store.writing() as db:
        for at, name in enumerate(names):
            db.scalars(select(Registration).filter_by(reference=name)).one().turn = at + 1
        change_admission(db, meeting_by_slug(db, "many"), {"onsite": 2}, clock.now())
    organiser = world.program("staff@example.org", role="organiser", meeting="many")
    sent = {"action": "approve", "reference": names[::-1]}
    assert organiser.post("/many/desk/registrations/bulk", json=sent).status_code == 200
    assert list(states(world, "many").values()) == ["confirmed"] * 2 + ["waiting"] * 4


def test_whoever_leaves_with_others_is_not_given_a_place_first(world: World) -> None:
    """Eight with places and eight who wait are declined together: nobody is told in between that a place came free."""
    names = many(world, 8, attendance="onsite", state="confirmed")
    with world.store.writing() as db:
        meeting = meeting_by_slug(db, "many")
        for at in range(8):
            one = make_registration(
                db, meeting, f"w{at}@example.org", state="waiting", attendance="onsite", turn=at + 1
            )
            names.append(one.reference)
        change_admission(db, meeting, {"onsite": 8}, clock.now())
    organiser = world.program("staff@example.org", role="organiser", meeting="many")
    answer = organiser.post(
        "/many/desk/registrations/bulk", json={"action": "decline", "reason": "Not this year.", "reference": names}
    )
    assert (len(answer.json()["done"]), answer.json()["skipped"]) == (16, [])
    assert set(states(world, "many").values()) == {"declined"}
    with world.store.reading() as db:
        assert set(db.execute(select(HistoryEntry.kind, HistoryEntry.reason))) == {("declined", "Not this year.")}
    letters = world.mail(at_least=16)
    assert len(letters) == 16
    assert all("Not this year." in text_of(letter) for letter in letters)


STEPS = [
    ("decline", {A: "declined", B: "declined", D: "declined"}, {C: "This registration is withdrawn. Take part again first."}),
    ("withdraw", {A: "withdrawn", B: "withdrawn", D: "withdrawn"}, {C: "This was so already."}),
    ("reinstate", {C: "confirmed"}, {A: "This was so already.", B: "This was so already.", D: "This was so already."}),
    ("check-in", {B: "checked-in"}, {
        A: "This person takes part online. Change that to onsite first.",
        C: "This person takes part online. Change that to onsite first.",
        D: "This registration is on the waiting list.",
    }),
    ("letter", {A: "confirmed", B: "waiting", C: "withdrawn", D: "waiting"}, {}),
]  # fmt: skip


@pytest.mark.parametrize(("action", "done", "skipped"), STEPS)
def test_every_step_is_taken_with_whom_it_can_be_and_said_of_the_others(
    world: World, desk: httpx2.Client, action: str, done: dict[str, str], skipped: dict[str, str]
) -> None:
    with world.store.writing() as db:
        change_admission(db, meeting_by_slug(db, "igf2014"), {"onsite": 0}, clock.now())
        if action == "check-in":
            db.scalars(select(Registration).filter_by(reference=B)).one().state = "confirmed"
    answer = desk.post(BULK, json={"action": action, "all": True, "count": 4}).json()
    assert {one["reference"]: one["state"] for one in answer["done"]} == done
    assert {one["reference"]: one["why"] for one in answer["skipped"]} == skipped
    assert {name: states(world)[name] for name in done} == done


def test_all_that_fit_are_those_that_were_seen_or_nobody(world: World, desk: httpx2.Client) -> None:
    sent = {"action": "withdraw", "all": True, "state": ["waiting", "confirmed"], "attendance": "onsite"}
    refused = desk.post(BULK, json={**sent, "count": 3})
    assert (refused.status_code, refused.json()["count"]) == (409, 2)
    assert set(states(world).values()) == {"confirmed", "waiting", "withdrawn"}
    answer = desk.post(BULK, json={**sent, "count": 2}).json()
    assert [one["reference"] for one in answer["done"]] == [D, B]
    assert states(world) == {A: "confirmed", B: "withdrawn", C: "withdrawn", D: "withdrawn"}


def test_what_was_sent_twice_with_one_key_is_done_once(world: World, desk: httpx2.Client) -> None:
    sent = {"action": "letter", "reference": [A]}
    answers = [desk.post(BULK, json=sent, headers={"Idempotency-Key": "once"}).json() for _ in range(2)]
    assert answers[0] == answers[1]
    with world.store.reading() as db:
        assert len(list(db.scalars(select(HistoryEntry).filter_by(kind="letter-again")))) == 1


def test_more_than_are_taken_at_once_are_done_in_pieces(world: World) -> None:
    names = many(world, PIECE + 20)
    organiser = world.program("staff@example.org", role="organiser", meeting="many")
    sent = {"action": "decline", "all": True, "q": "number"}
    first = organiser.post("/many/desk/registrations/bulk", json={**sent, "count": PIECE + 20}).json()
    assert [one["reference"] for one in first["done"]] == names[:PIECE]
    assert (first["left"], first["after"]) == (20, names[PIECE - 1])
    again = {**sent, "count": first["left"], "after": first["after"]}
    second = organiser.post("/many/desk/registrations/bulk", json=again).json()
    assert [one["reference"] for one in second["done"]] == names[PIECE:]
    assert (second["left"], second["after"]) == (0, "")
    assert set(states(world, "many").values()) == {"declined"}


FAULTS = [
    ({}, {"action", "reference"}),
    ({"action": "promote", "reference": [A]}, {"action"}),
    ({"action": "approve"}, {"reference"}),
    ({"action": "approve", "all": True}, {"count"}),
    ({"action": "approve", "all": True, "count": "many"}, {"count"}),
    ({"action": "decline", "reference": [A], "reason": "x" * 501}, {"reason"}),
    ({"action": "approve", "reference": [f"IGF2014-{number:06d}" for number in range(PIECE + 1)]}, {"reference"}),
]


@pytest.mark.either
@pytest.mark.parametrize(("sent", "faults"), FAULTS)
def test_what_cannot_be_meant_is_refused(
    world: World, desk: httpx2.Client, sent: dict[str, Any], faults: set[str]
) -> None:
    answer = desk.post(BULK, json=sent)
    assert (answer.status_code, set(answer.json()["errors"])) == (422, faults)
    assert states(world) == {A: "confirmed", B: "waiting", C: "withdrawn", D: "waiting"}


def fields(page: httpx2.Response, action: str = BULK) -> dict[str, list[str]]:
    """What the form that posts to `action` sends when nothing is changed in it."""
    form = page.text[page.text.index(f'<form method="post" action="{action}"') :]
    form = form[: form.index("</form>")]
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form):
        found.setdefault(name, []).append(value)
    return found


@pytest.mark.either
def test_a_browser_does_something_with_those_it_ticks_and_reads_what_came_of_it(world: World) -> None:
    browser = world.browser("staff@example.org", role="desk")
    page = browser.get(f"{LIST}?state=waiting&state=confirmed&sort=line")
    given = fields(page)
    assert (given["state"], given["sort"], given["count"]) == (["waiting", "confirmed"], ["line"], ["3"])
    origin = {"Origin": world.base_url}
    nobody = browser.post(BULK, data={**given, "action": "decline", "reason": "No <b>room</b>."}, headers=origin)
    assert nobody.status_code == 422
    assert "Tick those with whom it is to be done." in nobody.text
    assert 'value="No &lt;b&gt;room&lt;/b&gt;."' in nobody.text
    assert '<option selected value="decline">' in nobody.text
    assert references(browser.get(f"{LIST}?state=waiting&state=confirmed&sort=line")) == [D, B, A]
    ticked = {**given, "action": "decline", "reason": "No room.", "reference": [D, C]}
    for _ in range(2):  # a second click does nothing more
        done = browser.post(BULK, data=ticked, headers=origin)
        assert done.status_code == 303
    result = browser.get(done.headers["location"])
    assert "Done with 1 registration." in result.text
    assert f"{LIST}/{C}?state=waiting&amp;state=confirmed&amp;sort=line" in result.text
    assert "This registration is withdrawn. Take part again first." in result.text
    assert f'href="{LIST}?state=waiting&amp;state=confirmed&amp;sort=line"' in result.text
    assert states(world)[D] == "declined"
    assert len(world.mail("lutfi@example.org")) == 1
    # to somebody else it says nothing
    other = world.browser("other@example.org", role="desk")
    assert other.get(done.headers["location"]).status_code == 303


@pytest.mark.either
def test_a_browser_is_asked_again_before_it_does_something_with_all(world: World) -> None:
    browser = world.browser("staff@example.org", role="desk")
    origin = {"Origin": world.base_url}
    given = fields(browser.get(f"{LIST}?region=intergovernmental&country=TR&q=UNESCO"))
    asked = browser.post(BULK, data={**given, "all": "1", "action": "withdraw", "reason": "Moved"}, headers=origin)
    assert asked.status_code == 200
    for words in ("Withdraw: 1 registration", "Intergovernmental organisations", "Türkiye", "UNESCO", 'value="Moved"'):
        assert words in asked.text
    assert states(world)[D] == "waiting"
    done = browser.post(BULK, data={**fields(asked), "reason": "Moved"}, headers=origin)
    assert done.status_code == 303
    assert states(world)[D] == "withdrawn"
    assert browser.get(BULK).headers["location"] == LIST


@pytest.mark.either
def test_a_browser_goes_on_piece_by_piece(world: World) -> None:
    many(world, PIECE + 1, state="withdrawn")
    browser = world.browser("staff@example.org", role="organiser", meeting="many")
    bulk, origin = "/many/desk/registrations/bulk", {"Origin": world.base_url}
    given = fields(browser.get("/many/desk/registrations?q=number"), bulk)
    asked = browser.post(bulk, data={**given, "all": "1", "action": "reinstate"}, headers=origin)
    assert "500 at a time" in asked.text
    first = browser.get(browser.post(bulk, data=fields(asked, bulk), headers=origin).headers["location"])
    assert "Done with 500 registrations." in first.text
    second = browser.get(browser.post(bulk, data=fields(first, bulk), headers=origin).headers["location"])
    assert "Done with 1 registration." in second.text
    assert set(states(world, "many").values()) == {"confirmed"}


@pytest.mark.either
@pytest.mark.parametrize("role", ["chair", "rapporteur", "moderator"])
def test_other_roles_do_nothing_with_anybody(world: World, role: str) -> None:
    program = world.program("staff@example.org", role=role)
    answers = [program.get(address) for address in (LIST, f"{LIST}.csv", f"{LIST}.xlsx", BULK)]
    answers.append(program.post(BULK, json={"action": "withdraw", "reference": [A]}))
    assert {answer.status_code for answer in answers} == {403}
    assert not any("ada@example.org" in answer.text for answer in answers)


@pytest.mark.either
def test_nobody_of_another_meeting_is_touched(world: World, desk: httpx2.Client) -> None:
    answer = desk.post(BULK, json={"action": "withdraw", "reference": ["OTHER-EEEEEE"]}).json()
    assert answer["done"] == []
    assert states(world, "other") == {"OTHER-EEEEEE": "confirmed"}


def test_the_link_still_opens_for_whom_the_desk_has_dealt_with(world: World, desk: httpx2.Client) -> None:
    desk.post(BULK, json={"action": "letter", "all": True, "count": 4})
    with world.store.reading() as db:
        link = private_link(db.scalars(select(Registration).filter_by(reference=B)).one(), world.settings)
    assert link.removeprefix(world.base_url) in text_of(world.mail("kenji@example.org")[0])
