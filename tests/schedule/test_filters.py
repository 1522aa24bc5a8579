"""Filters: what they take, and the one way in which they are written."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from server.folding import fold
from server.meetings.models import Room, SessionType, Track
from server.schedule.filters import NAMES, Filter
from server.schedule.models import Session, SessionPerson

WORKSHOP = SessionType(key="workshop", name={"en": "Workshop", "ja": "ワークショップ"})
FORUM = SessionType(key="open-forum", name={"en": "Open Forum"})
RIGHTS = Track(key="human-rights", name={"en": "Internet and Human Rights"})
HALL = Room(key="main-hall", name={"en": "Main Hall"})


def session(code: str, **facts: object) -> Session:
    given = {"title": {"en": code}, "description": {}, "type": WORKSHOP, "track": None, "room": None, "day": None}
    return Session(code=code, **{**given, **facts})


PROGRAMME = [
    session("ws1", track=RIGHTS, day=date(2014, 9, 2), title={"en": "Kırdar and Übung", "ar": "إدارة الإنترنت"}),
    session("ws2", room=HALL, day=date(2014, 9, 2), description={"ja": "インターネットの将来を考える"}),
    session("of1", type=FORUM, track=RIGHTS, room=HALL, day=date(2014, 9, 3)),
    session("of2", type=FORUM, people=[SessionPerson(name="Ada Lovelace", organisation="Société Générale")]),
]

names = st.sampled_from([*NAMES, *(f"hide.{name}" for name in NAMES), "tz", "view", "hide.", "hide.tz"])
values = st.sampled_from(
    ["workshop", "open-forum", "human-rights", "main-hall", "2014-09-02", "ws1", "of", "nothing", ""]
)
queries = st.lists(st.tuples(names, values), max_size=6)


def taken(*pairs: tuple[str, str]) -> list[str]:
    return [one.code for one in Filter.parse(pairs).apply(PROGRAMME)]


def test_no_filter_takes_everything() -> None:
    assert taken() == ["ws1", "ws2", "of1", "of2"]


def test_repeated_values_are_alternatives_and_different_names_must_all_fit() -> None:
    assert taken(("code", "ws1"), ("code", "of2")) == ["ws1", "of2"]
    assert taken(("track", "human-rights"), ("type", "open-forum")) == ["of1"]
    assert taken(("day", "2014-09-02"), ("room", "main-hall")) == ["ws2"]


def test_what_is_hidden_stays_hidden() -> None:
    assert taken(("hide.type", "workshop")) == ["of1", "of2"]
    assert taken(("type", "workshop"), ("hide.type", "workshop")) == []
    assert taken(("code", "ws1"), ("code", "ws2"), ("hide.room", "main-hall")) == ["ws1"]
    assert taken(("hide.q", "lovelace")) == ["ws1", "ws2", "of1"]


def test_an_unknown_value_selects_nothing_and_an_unknown_name_is_ignored() -> None:
    assert taken(("type", "nonsense")) == []
    assert taken(("day", "not a day")) == []
    assert taken(("tz", "Asia/Tokyo"), ("colour", "blue"), ("hide.colour", "blue")) == ["ws1", "ws2", "of1", "of2"]
    assert taken(("hide.type", "nonsense")) == ["ws1", "ws2", "of1", "of2"]


def test_what_a_form_leaves_empty_says_nothing() -> None:
    assert taken(("type", ""), ("q", "  "), ("code", "ws1")) == ["ws1"]


def test_a_text_is_found_whatever_its_case_accents_width_and_script() -> None:
    assert taken(("q", "KIRDAR")) == ["ws1"]
    assert taken(("q", "ubung")) == ["ws1"]
    assert taken(("q", "الإنترنت")) == ["ws1"]
    assert taken(("q", "ｲﾝﾀｰﾈｯﾄの将来")) == ["ws2"]
    assert taken(("q", "societe generale")) == ["of2"]
    assert taken(("q", "ワークショップ")) == ["ws1", "ws2"]
    assert taken(("q", "rights human")) == ["ws1", "of1"]
    assert taken(("q", "lovelace"), ("q", "Übung")) == ["ws1", "of2"]


def test_somebody_is_found_by_name_and_an_organisation_by_its_own() -> None:
    there = [
        session("a", people=[SessionPerson(name="Ayşe Kırdar", organisation="Example Org")]),
        session("b", people=[SessionPerson(name="", organisation="Example Org"), SessionPerson(name="Bo")]),
    ]

    def of(*names: str, name: str = "person") -> list[str]:
        return [one.code for one in Filter.parse([(name, value) for value in names]).apply(there)]

    assert of("ayse kirdar") == of("Ayşe  KIRDAR") == ["a"]
    assert of("Example Org") == ["b"]
    assert of("Ayşe Kırdar", "bo") == ["a", "b"]
    assert of("Ayşe") == []
    assert of("bo", name="hide.person") == ["a"]


def test_a_name_can_be_replaced_and_taken_away() -> None:
    chosen = Filter.parse([("day", "2014-09-02"), ("type", "workshop"), ("hide.day", "2014-09-05")])
    assert chosen.replaced("day", "2014-09-03").query_string() == "day=2014-09-03&type=workshop&hide.day=2014-09-05"
    assert chosen.replaced("day").query_string() == "type=workshop&hide.day=2014-09-05"


@given(queries)
def test_the_canonical_form_says_the_same_and_is_one(pairs: list[tuple[str, str]]) -> None:
    chosen = Filter.parse(pairs)
    again = Filter.parse(chosen.pairs())
    assert again == chosen
    assert again.query_string() == chosen.query_string() == Filter.parse(reversed(pairs)).query_string()
    assert again.apply(PROGRAMME) == chosen.apply(PROGRAMME)


@given(queries, values)
def test_one_more_value_of_a_name_never_takes_less_and_hiding_never_takes_more(
    pairs: list[tuple[str, str]], value: str
) -> None:
    before = {one.code for one in Filter.parse(pairs).apply(PROGRAMME)}
    if any(name == "type" and given for name, given in pairs):
        assert before <= {one.code for one in Filter.parse([*pairs, ("type", value)]).apply(PROGRAMME)}
    assert before >= {one.code for one in Filter.parse([*pairs, ("hide.type", value)]).apply(PROGRAMME)}


@given(st.text(max_size=40))
def test_folding_twice_changes_nothing_and_a_title_finds_itself(words: str) -> None:
    assert fold(fold(words)) == fold(words)
    if fold(words):
        assert Filter.parse([("q", words)]).apply([session("x", title={"en": words})])
