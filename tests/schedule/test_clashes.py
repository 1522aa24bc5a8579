"""Clashes: each rule against a plain count of minutes, and what a clash says, whichever side it is seen from."""

import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import combinations, product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as thoroughly
from hypothesis import strategies as st

from server.schedule.clash_words import RULE_NAMES, SEVERITY_NAMES, worded
from server.schedule.clashes import MOST_CLASHES, Clash, Hours, Kind, Setting, by_session, find_clashes
from server.schedule.plan import Named, Planned
from server.schedule.rules import DEFAULTS, MOST_MINUTES, Rule, Rules, Severity

NOON = datetime(2014, 9, 2, 12, tzinfo=UTC)
ADA, BO = Named("chair", "Ada Chair"), Named("speaker", "Bo")
STRICT = dict.fromkeys(Rule, Severity.WARNED)
TODAY = NOON.date()


def at(minutes: int) -> datetime:
    """So many minutes after noon in UTC."""
    return NOON + timedelta(minutes=minutes)


def session(code: str, start: int | None = 0, minutes: int | None = 60, **facts: Any) -> Planned:
    given = {"title": {"en": f"Title of {code}"}, "type": "ws", "day": TODAY, **facts}
    return Planned(code=code, uid=code, starts_at=None if start is None else at(start), minutes=minutes, **given)


def setting(**facts: Any) -> Setting:
    given: dict[str, Any] = {
        "timezone": "Europe/Berlin", "days": (TODAY,), "rooms": {"hall": 100, "attic": 10, "garden": None},
        "types": {"ws": Kind(60), "main": Kind(90, stands_alone=True)}, "closures": (), "absences": (),
        "rules": Rules(STRICT), "audience": {}, "waivers": {},
    }  # fmt: skip
    return Setting(**{**given, **facts})


def found(*sessions: Planned, **facts: Any) -> list[tuple[Any, ...]]:
    """What is found, shortly: `(rule, sides, subject, found, wanted)`."""
    return [short(clash) for clash in find_clashes(sessions, setting(**facts))]


def short(clash: Clash) -> tuple[Any, ...]:
    return clash.rule.value, clash.sides, clash.subject, clash.found, clash.wanted


# Any plan: a night in Berlin in which the clocks go back (2014-10-26, 01:00 UTC), and the night after it.

DUSK = datetime(2014, 10, 25, 20, tzinfo=UTC)
BACK = datetime(2014, 10, 26, 1, tzinfo=UTC)
DAYS = [date(2014, 10, day) for day in (24, 25, 26, 27)]
starts = st.sampled_from([0, 25]).flatmap(
    lambda hours: st.integers(0, 60).map(lambda fives: DUSK + timedelta(hours=hours, minutes=5 * fives))
)
people = st.builds(
    Named,
    st.sampled_from(["chair", "speaker"]),
    st.sampled_from(["Ada", "ＡＤＡ", " Ádá", "Bo", ""]),
    st.sampled_from(["", "Example Org"]),
    st.just(""),
    st.sampled_from([None, None, 1, 2]),
)
planned = st.builds(
    Planned,
    code=st.text("abc", min_size=1, max_size=3), uid=st.just(""), title=st.just({}),
    type=st.sampled_from(["ws", "ws", "main"]), track=st.sampled_from([None, "t1", "t2"]),
    room=st.sampled_from([None, "hall", "attic", "garden"]), day=st.sampled_from([None, *DAYS]),
    starts_at=st.none() | starts | starts, minutes=st.none() | st.sampled_from([5, 15, 60, 90, 180]),
    status=st.sampled_from(["confirmed", "confirmed", "confirmed", "cancelled"]),
    people=st.lists(people, max_size=3).map(tuple),
    expected=st.none() | st.integers(5, 15), buffer=st.sampled_from([0, 0, 10, 30]),
)  # fmt: skip
plans = st.lists(planned, max_size=9, unique_by=lambda one: one.code)


def hours(*keys: str) -> st.SearchStrategy[tuple[Hours, ...]]:
    made = st.builds(
        lambda key, start, fives: Hours(key, start, start + timedelta(minutes=5 * fives)),
        st.sampled_from(keys), starts, st.integers(1, 30),
    )  # fmt: skip
    return st.lists(made, max_size=3, unique_by=lambda one: (one.key.strip().lower(), one.starts_at)).map(tuple)


settings = st.builds(
    setting,
    days=st.just(tuple(DAYS[1:3])),
    closures=hours("", "hall", "attic"),
    absences=hours("ada", "BO", ""),
    rules=st.builds(Rules, st.just(STRICT), st.sampled_from([0, 10, 25]), st.sampled_from([0, 5, 20])),
    audience=st.dictionaries(st.sampled_from(["a", "b", "c", "aa"]), st.integers(5, 15)),
)


# The same rules once more, as plainly as can be: a session is the set of its minutes, and every pair is tried.


def minutes_of(start: datetime, length: int) -> set[int]:
    first = int(start.timestamp()) // 60
    return set(range(first, first + length))


def taken(one: Planned, given: Setting) -> set[int]:
    if one.starts_at is None:
        return set()
    return minutes_of(one.starts_at, given.types[one.type].usual_minutes if one.minutes is None else one.minutes)


def closed(one: Hours) -> set[int]:
    return minutes_of(one.starts_at, int((one.ends_at - one.starts_at).total_seconds()) // 60)


def ada_or_bo(name: str) -> str:
    return {"a": "ada", "ａ": "ada", "á": "ada", "b": "bo", "": ""}[name.strip().lower()[:1]]


def shared(one: Planned, other: Planned) -> int:
    """How many people are in both: accounts and names that are the same person, taken together, are counted once."""
    who = list({(person.person, ada_or_bo(person.name)) for person in one.people + other.people if person.name})
    label = {each: number for number, each in enumerate(who)}
    for _ in who:
        for each, that in product(who, who):
            if each[0] == that[0] is not None or (each[1] == that[1] and None in (each[0], that[0])):
                label[each] = label[that] = min(label[each], label[that])
    sides = [{label[person.person, ada_or_bo(person.name)] for person in x.people if person.name} for x in (one, other)]
    return len(sides[0] & sides[1])


def local_date(moment: datetime) -> date:
    return (moment + timedelta(hours=2 if moment < BACK else 1)).date()


def plain_pairs(one: Planned, other: Planned, given: Setting) -> list[tuple[Any, ...]]:
    if one.starts_at is None or other.starts_at is None:
        return []
    if one.starts_at > other.starts_at:
        one, other = other, one
    mine, theirs = taken(one, given), taken(other, given)
    both, gap, sides = bool(mine & theirs), min(theirs) - max(mine) - 1, tuple(sorted([one.code, other.code]))
    one_room = one.room is not None and one.room == other.room
    made: list[tuple[Any, ...]] = []
    if both:
        made += [("room-twice", sides, one.room, 0, 0)] if one_room else []
        made += [("track-twice", sides, one.track, 0, 0)] if one.track and one.track == other.track else []
        made += [("person-twice", sides, "", 0, 0)] * shared(one, other)
        alone = sorted(each.code for each in (one, other) if each.type == "main")
        made += [("not-alone", sides, alone[0], 0, 0)] if alone else []
    else:
        keep = max(given.rules.buffer, one.buffer)
        made += [("buffer", sides, one.room, gap, keep)] if one_room and gap < keep else []
        far = one.room is not None and other.room is not None and not one_room and gap < given.rules.walk
        made += [("room-change", sides, "", gap, given.rules.walk)] * (shared(one, other) if far else 0)
    return made


def plain_single(one: Planned, given: Setting) -> list[tuple[Any, ...]]:
    side, mine, made = (one.code,), taken(one, given), list[tuple[Any, ...]]()
    made += [("room-closed", side, x.key, 0, 0) for x in given.closures if x.key in ("", one.room) and closed(x) & mine]
    names = {ada_or_bo(person.name) for person in one.people if person.name}
    made += [
        ("person-absent", side, "", 0, 0) for x in given.absences if ada_or_bo(x.key) in names and closed(x) & mine
    ]
    many, seats = sorted([one.expected or 0, given.audience.get(one.code, 0)])[1], given.rooms.get(one.room or "")
    made += [("room-small", side, one.room, many, seats)] if seats is not None and seats < many else []
    usual = {"ws": 60, "main": 90}[one.type]
    made += [("unusual-length", side, one.type, one.minutes, usual)] if one.minutes not in (None, usual) else []
    start = one.starts_at and local_date(one.starts_at)
    if (one.day or start) and (one.day or start) not in given.days:
        made += [("outside-days", side, str(one.day or start), 0, 0)]
    elif one.day and start and start not in (one.day, one.day + timedelta(days=1)):
        made += [("outside-days", side, f"{one.day}/{start}", 0, 0)]
    return made


def plainly(sessions: list[Planned], given: Setting) -> Counter[tuple[Any, ...]]:
    held = [one for one in sessions if one.status != "cancelled"]
    pairs = [made for one, other in combinations(held, 2) for made in plain_pairs(one, other, given)]
    return Counter(pairs + [made for one in held for made in plain_single(one, given)])


PERSONAL = {Rule.PERSON_TWICE, Rule.PERSON_ABSENT, Rule.ROOM_CHANGE}


@thoroughly(max_examples=400)
@given(plans, settings)
def test_every_rule_finds_what_a_plain_count_of_minutes_finds(sessions: list[Planned], given: Setting) -> None:
    """Whose name it is, spelt in several ways, is looked at below."""
    clashes = find_clashes(sessions, given)
    nameless = [
        (rule, sides, "" if rule in PERSONAL else subject, *counts)
        for rule, sides, subject, *counts in map(short, clashes)
    ]
    assert Counter(nameless) == plainly(sessions, given)
    typed = {one.code: {person.name for person in one.people} for one in sessions}
    whose = [(clash.subject, [typed[code] for code in clash.sides]) for clash in clashes if clash.rule in PERSONAL]
    assert [subject for subject, sides in whose if not any(subject in names for names in sides)] == []


@given(plans.flatmap(lambda plan: st.tuples(st.just(plan), st.permutations(plan))), settings)
def test_the_order_of_the_sessions_makes_no_difference(
    plan: tuple[list[Planned], list[Planned]], given: Setting
) -> None:
    assert find_clashes(plan[0], given) == find_clashes(plan[1], given)


@given(plans, settings)
def test_both_sides_see_the_same_clash_and_nobody_else_sees_it(sessions: list[Planned], given: Setting) -> None:
    clashes = find_clashes(sessions, given)
    seen = by_session(clashes)
    assert {code: [clash for clash in clashes if code in clash.sides] for code in seen} == seen
    assert {code for clash in clashes for code in clash.sides} == set(seen)
    assert all(list(clash.sides) == sorted(set(clash.sides)) for clash in clashes)


@given(plans, settings)
def test_clashes_come_by_time_code_and_rule_and_each_has_a_case_of_its_own(
    sessions: list[Planned], given: Setting
) -> None:
    clashes = find_clashes(sessions, given)
    begins = {one.code: one.starts_at or datetime(9999, 1, 1, tzinfo=UTC) for one in sessions}
    order = [(min(begins[x] for x in one.sides), one.code, list(Rule).index(one.rule)) for one in clashes]
    assert order == sorted(order)
    assert len({clash.case for clash in clashes}) == len(clashes)


@given(plans, settings, st.data())
def test_a_waiver_lets_exactly_its_clash_be(sessions: list[Planned], given: Setting, data: st.DataObject) -> None:
    clashes = find_clashes(sessions, given)
    cases = data.draw(st.lists(st.sampled_from([one.case for one in clashes]), unique=True)) if clashes else []
    after = find_clashes(sessions, setting(**{**vars(given), "waivers": dict.fromkeys(cases, "They agreed")}))
    assert [one.waived for one in clashes] == [None] * len(clashes)
    assert [one.case for one in after] == [one.case for one in clashes]
    assert [one.case for one in after if one.waived == "They agreed"] == [x.case for x in clashes if x.case in cases]


@given(plans, settings, st.dictionaries(st.sampled_from(Rule), st.sampled_from(Severity)))
def test_each_rule_is_as_strict_as_the_meeting_says(
    sessions: list[Planned], given: Setting, strictness: dict[Rule, Severity]
) -> None:
    everything = find_clashes(sessions, given)
    rules = Rules(strictness, given.rules.walk, given.rules.buffer)
    wanted = {**DEFAULTS, **strictness}
    kept = [(one.case, wanted[one.rule]) for one in everything if wanted[one.rule] != Severity.IGNORED]
    clashes = find_clashes(sessions, setting(**{**vars(given), "rules": rules}))
    assert [(one.case, one.severity) for one in clashes] == kept
    assert [one.blocks for one in clashes] == [severity == Severity.FORBIDDEN for _, severity in kept]


def test_what_most_meetings_mean_by_strict() -> None:
    assert {rule.value: Rules().severity(rule).value for rule in Rule} == {
        "room-twice": "forbidden", "person-twice": "forbidden", "room-closed": "forbidden", "room-small": "warned",
        "person-absent": "warned", "not-alone": "warned", "track-twice": "ignored", "room-change": "warned",
        "buffer": "warned", "outside-days": "warned", "unusual-length": "warned",
    }  # fmt: skip


# Times.

OVERLAPS = {"identical": (0, 60), "nested": (15, 30), "partly": (59, 60), "around": (-30, 180), "before": (-59, 60)}


@pytest.mark.parametrize("other", OVERLAPS.values(), ids=OVERLAPS.keys())
def test_one_minute_together_is_enough(other: tuple[int, int]) -> None:
    one, two = session("ws1", room="hall", people=(ADA,)), session("ws2", *other, room="hall", people=(ADA,))
    twice = [("room-twice", ("ws1", "ws2"), "hall", 0, 0), ("person-twice", ("ws1", "ws2"), "Ada Chair", 0, 0)]
    assert [each for each in found(one, two) if each[0] != "unusual-length"] == twice


@pytest.mark.parametrize("start", [60, -60])
def test_back_to_back_is_no_clash(start: int) -> None:
    one = session("ws1", room="hall", track="t", type="main", minutes=60, people=(ADA,))
    other = session("ws2", start, room="hall", track="t", people=(ADA,))
    hours = (Hours("", at(-120), at(min(0, start))), Hours("hall", at(max(60, start + 60)), at(240)))
    absences = (Hours("ada chair", at(-120), at(min(0, start))),)
    plain = {"types": {"ws": Kind(60), "main": Kind(60, stands_alone=True)}}
    assert found(one, other, closures=hours, absences=absences, **plain) == []


def test_who_has_no_length_takes_what_is_usual() -> None:
    usual = session("ws1", minutes=None, room="hall")
    assert found(usual, session("ws2", 59, room="hall")) == [("room-twice", ("ws1", "ws2"), "hall", 0, 0)]
    assert found(usual, session("ws2", 60, room="hall")) == []
    long = session("ws1", minutes=None, room="hall", type="main")
    assert found(long, session("ws2", 90, room="hall")) == []


def test_what_is_cancelled_or_has_no_start_clashes_with_nothing() -> None:
    facts: dict[str, Any] = {"room": "attic", "track": "t", "people": (ADA,)}
    kept, gone = session("ws1", **facts), session("ws2", minutes=5, day=None, status="cancelled", expected=999, **facts)
    assert found(kept, gone, session("ws3", None, **facts), session("ws4", None, type="main", minutes=90)) == []


def test_a_session_without_a_room_meets_nobody_in_it() -> None:
    assert found(session("ws1"), session("ws2"), session("ws3", 60), rules=Rules(STRICT, walk=9, buffer=9)) == []


BERLIN_NIGHT = {"timezone": "Europe/Berlin", "days": (date(2014, 10, 25), date(2014, 10, 26))}


@pytest.mark.parametrize(
    ("start", "day", "outside"),
    [
        ("2014-10-25T21:59:59", 25, ""),
        ("2014-10-25T22:00:00", 25, ""),  # 0:00 of the 26th, still the night of the 25th
        ("2014-10-26T22:59:00", 25, ""),  # 23:59 of the 26th, for the clocks went back
        ("2014-10-26T23:00:00", 25, "2014-10-25/2014-10-27"),
        ("2014-10-25T21:59:00", 26, "2014-10-26/2014-10-25"),
        ("2014-10-25T22:00:00", 26, ""),
        ("2014-10-26T23:30:00", 26, ""),
        ("2014-10-26T22:59:00", None, ""),
        ("2014-10-26T23:00:00", None, "2014-10-27"),
        ("2014-10-24T21:59:00", None, "2014-10-24"),
        ("2014-10-24T22:00:00", None, ""),
        ("2014-10-26T12:00:00", 27, "2014-10-27"),
        (None, 27, "2014-10-27"),
        (None, 25, ""),
        (None, None, ""),
    ],
)
def test_a_session_is_on_a_day_of_the_meeting_or_in_the_night_after_it(
    start: str | None, day: int | None, outside: str
) -> None:
    starts_at = datetime.fromisoformat(start).replace(tzinfo=UTC) if start else None
    late = session("ws1", None, day=day and date(2014, 10, day)).changed(starts_at=starts_at)
    assert found(late, **BERLIN_NIGHT) == ([("outside-days", ("ws1",), outside, 0, 0)] if outside else [])


def test_over_midnight_and_over_a_change_of_the_clocks_sessions_overlap_as_time_passes() -> None:
    at_half_past_two = [datetime(2014, 10, 26, hour, 30, tzinfo=UTC) for hour in (0, 1)]  # twice on the clock there
    first, again, before = (
        session(code, None, room="hall", day=date(2014, 10, 25)).changed(starts_at=start)
        for code, start in zip("abc", [*at_half_past_two, datetime(2014, 10, 25, 21, 30, tzinfo=UTC)], strict=True)
    )
    assert found(first, again, before, **BERLIN_NIGHT) == []
    past_midnight = before.changed(code="d", starts_at=datetime(2014, 10, 25, 22, tzinfo=UTC))
    assert found(before, past_midnight, **BERLIN_NIGHT) == [("room-twice", ("c", "d"), "hall", 0, 0)]


# People.


def who_is_twice(one: tuple[Named, ...], other: tuple[Named, ...]) -> list[str]:
    return [clash[2] for clash in found(session("a", people=one), session("b", 30, people=other))]


@pytest.mark.parametrize(
    ("one", "other", "twice"),
    [
        ((ADA,), (Named("speaker", "  ada  CHAIR"),), ["Ada Chair"]),  # any part, however it is written
        ((Named("chair", "Ünal Kırdar"),), (Named("organiser", "UNAL KIRDAR"),), ["Ünal Kırdar"]),
        ((ADA, BO), (BO, ADA), ["Ada Chair", "Bo"]),
        ((ADA, Named("speaker", "Ada Chair")), (ADA, ADA), ["Ada Chair"]),
        ((Named("chair", "", "Example Org"),), (Named("chair", "", "Example Org"),), []),
        ((Named("chair", "", "Org", person=1),), (Named("chair", " ", "Org", person=1),), []),
        ((Named("chair", "Ada", person=1),), (Named("chair", "Ada", person=2),), []),
        ((Named("chair", "Ada", person=1),), (Named("chair", "A. Chair", person=1),), ["Ada"]),
        ((Named("chair", "Ada", person=1),), (Named("chair", "ADA"),), ["Ada"]),
        ((Named("chair", "Ada", person=1),), (Named("chair", "Bo"),), []),
        # two of one name are two people; one of them named twice, by account and by name, is one
        ((Named("chair", "Li", person=1), Named("speaker", "Li", person=2)),
         (Named("chair", "Li", person=2), Named("speaker", "Li", person=1)), ["Li", "Li"]),
        ((Named("chair", "Li", person=1), Named("speaker", "Li")),
         (Named("chair", "Li", person=1), Named("speaker", "Li")), ["Li"]),
        ((Named("chair", "Li", person=1), Named("speaker", "L. Li", person=1)),
         (Named("chair", "Li"), Named("speaker", "L. Li")), ["Li"]),
    ],
)  # fmt: skip
def test_who_is_in_two_places(one: tuple[Named, ...], other: tuple[Named, ...], twice: list[str]) -> None:
    assert who_is_twice(one, other) == twice
    assert len(who_is_twice(other, one)) == len(twice)


def test_people_are_in_two_places_also_where_a_session_is_held_again() -> None:
    assert found(session("ws1", people=(ADA,)), session("ws1-2", repeats="ws1", people=(ADA,))) == [
        ("person-twice", ("ws1", "ws1-2"), "Ada Chair", 0, 0)
    ]


def test_who_changes_rooms_needs_the_time_to_walk() -> None:
    def walked(gap: int, there: str | None = "attic", walk: int = 10) -> list[tuple[Any, ...]]:
        sessions = session("b", room="hall", people=(ADA,)), session("a", 60 + gap, room=there, people=(ADA,))
        return found(*sessions, rules=Rules(STRICT, walk=walk))

    assert walked(9) == [("room-change", ("a", "b"), "Ada Chair", 9, 10)]
    assert walked(0) == [("room-change", ("a", "b"), "Ada Chair", 0, 10)]
    assert walked(10) == walked(5, "hall") == walked(5, None) == walked(0, walk=0) == []
    assert walked(-1) == [("person-twice", ("a", "b"), "Ada Chair", 0, 0)]


# Rooms.


def test_a_room_is_kept_free_as_long_as_the_meeting_or_the_session_before_it_wants() -> None:
    def free(gap: int, meeting: int = 0, before: int = 0, after: int = 0) -> list[tuple[Any, ...]]:
        first = session("b", room="hall", buffer=before)
        return found(first, session("a", 60 + gap, room="hall", buffer=after), rules=Rules(STRICT, buffer=meeting))

    assert free(9, meeting=10) == free(9, meeting=10, before=5) == [("buffer", ("a", "b"), "hall", 9, 10)]
    assert free(0, before=15) == free(0, before=15, meeting=5) == [("buffer", ("a", "b"), "hall", 0, 15)]
    assert free(10, meeting=10) == free(15, before=15) == free(0, after=15) == []
    assert free(-10, meeting=10) == [("room-twice", ("a", "b"), "hall", 0, 0)]


def test_a_long_buffer_reaches_over_the_next_session() -> None:
    plan = [session("a", room="hall", buffer=90), session("b", 60, 15, room="hall"), session("c", 75, room="hall")]
    assert [one for one in found(*plan) if one[0] == "buffer"] == [
        ("buffer", ("a", "b"), "hall", 0, 90),
        ("buffer", ("a", "c"), "hall", 15, 90),
    ]


def test_a_room_or_the_whole_venue_is_closed() -> None:
    noon = Hours("hall", at(59), at(90), "Fire drill")
    sessions = session("a", room="hall"), session("b", room="attic"), session("c")
    assert found(*sessions, closures=(noon,)) == [("room-closed", ("a",), "hall", 0, 0)]
    venue = (Hours("", at(-90), at(1)), Hours("", at(-90), at(0)))
    assert found(*sessions, closures=venue) == [("room-closed", (code,), "", 0, 0) for code in "abc"]
    (clash,) = find_clashes(sessions, setting(closures=(noon,)))
    assert clash.hours == noon
    assert str(clash.hours and clash.hours.starts_at)[11:] == "14:59:00+02:00"


def test_a_room_is_too_small_for_those_who_are_expected_or_have_chosen_it() -> None:
    def small(room: str | None, expected: int | None, chosen: int = 0) -> list[tuple[Any, ...]]:
        return found(session("a", None, room=room, expected=expected), audience={"a": chosen, "b": 999})

    assert small("attic", 11) == small("attic", 3, 11) == small("attic", None, 11)
    assert small("attic", 11) == [("room-small", ("a",), "attic", 11, 10)]
    assert small("attic", 12, 11) == [("room-small", ("a",), "attic", 12, 10)]
    assert small("attic", 10) == small("attic", None) == small("garden", 999) == small(None, 999) == []
    assert found(session("a", room="attic", expected=1), rooms={"attic": 0}) == [("room-small", ("a",), "attic", 1, 0)]


def test_whom_we_know_to_be_away_is_absent_however_their_name_is_typed() -> None:
    one = session("a", people=(Named("speaker", "Bo"), Named("chair", "Ádá  Chair"), Named("speaker", "ADA CHAIR")))
    away = Hours("ada chair", at(59), at(60))
    assert found(one, absences=(away, Hours("Ada", at(0), at(60)), Hours(" ", at(0), at(60)))) == [
        ("person-absent", ("a",), "Ádá  Chair", 0, 0)
    ]
    assert found(session("a", people=(Named("chair", "", "ada chair"),)), absences=(away,)) == []


# Together.


def test_a_session_that_stands_alone_has_no_other_beside_it_in_any_room() -> None:
    main, beside = session("b", 0, 90, type="main", room="hall"), session("a", 89, room="attic")
    assert found(main, beside, session("c", 90)) == [("not-alone", ("a", "b"), "b", 0, 0)]
    assert found(main, beside.changed(type="main", minutes=90)) == [("not-alone", ("a", "b"), "a", 0, 0)]


def test_the_length_that_somebody_gave_is_usual() -> None:
    assert found(session("a", None, 45)) == [("unusual-length", ("a",), "ws", 45, 60)]
    assert found(session("a", None, 60), session("b", None, None), session("c", 60, 90, type="main")) == []


# Cases.


def cases(*sessions: Planned, **facts: Any) -> list[str]:
    return [clash.case for clash in find_clashes(sessions, setting(**facts))]


@given(plans, settings, st.sampled_from(["hall", "attic", "garden", None]))
def test_a_waiver_does_not_follow_a_session_into_another_room(
    sessions: list[Planned], given: Setting, room: str | None
) -> None:
    for moved in sessions:
        if moved.room != room:
            before = {one.case for one in find_clashes(sessions, given) if moved.code in one.sides}
            elsewhere = [one.changed(room=room) if one is moved else one for one in sessions]
            after = {one.case for one in find_clashes(elsewhere, given) if moved.code in one.sides}
            assert before & after == set()


def test_a_case_stays_when_what_it_is_about_stays() -> None:
    one, other = session("a", room="hall", people=(ADA,)), session("b", room="attic", people=(BO, ADA))
    (case,) = cases(one, other)
    also = other.changed(people=(Named("organiser", "ADA CHAIR"), ADA), title={"en": "Other"}, starts_at=at(10))
    assert cases(also, one.changed(people=(Named("speaker", "ádá chair"),), tags=("new",))) == [case]
    assert len(case) < 600
    assert case.isprintable()


def test_a_case_is_of_its_own_hours_length_and_day() -> None:
    one = session("a", room="hall", people=(ADA, BO))
    early, late = (Hours("hall", at(0), at(end)) for end in (10, 20))
    here, soon = Hours("", at(0), at(10)), Hours("ada chair", at(0), at(10))
    made = [
        *cases(one, closures=(early, late, here, early)),
        *cases(one, absences=(soon, Hours("ADA CHAIR", at(0), at(10)), Hours("bo", at(0), at(10)))),
        *cases(one.changed(minutes=45)),
        *cases(one.changed(minutes=30)),
        *cases(one.changed(day=TODAY - timedelta(days=1))),
        *cases(one.changed(day=TODAY - timedelta(days=2))),
    ]
    assert len(set(made)) == len(made) == 9


def test_the_longest_names_make_a_case_that_can_be_kept() -> None:
    facts: dict[str, Any] = {"room": "r" * 60, "people": (Named("chair", "ﷺ" * 200),)}
    made = cases(session("a" * 60, **facts), session("b" * 60, **facts))
    assert [len(case) <= 600 for case in made] == [True, True]


# How strict a meeting is, as it is kept.

strictnesses = st.dictionaries(st.sampled_from(Rule), st.sampled_from(Severity))
spans = st.integers(0, MOST_MINUTES)
odd = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just([]) | st.sampled_from([*Severity])
odd_severities = odd | st.dictionaries(st.sampled_from([*map(str, Rule), "weather"]), odd)
kept_somehow = st.fixed_dictionaries(
    {}, optional={"severities": odd_severities, "walk": odd, "buffer": odd, "other": odd}
)


@given(st.builds(Rules, strictnesses, spans, spans))
def test_rules_come_back_from_json_as_they_were(rules: Rules) -> None:
    assert Rules.from_json(json.loads(json.dumps(rules.to_json()))) == rules


@given(kept_somehow)
def test_whatever_was_kept_makes_rules(kept: dict[str, Any]) -> None:
    rules = Rules.from_json(kept)
    assert Rules.from_json(rules.to_json()) == rules
    assert all(type(minutes) is int and 0 <= minutes <= MOST_MINUTES for minutes in (rules.walk, rules.buffer))


def test_what_is_not_known_is_passed_over_and_the_rest_is_kept() -> None:
    kept = {
        "severities": {"room-twice": "warned", "buffer": "often", "room-closed": None, "weather": "forbidden"},
        "walk": 5, "buffer": "7", "colour": "red",
    }  # fmt: skip
    assert Rules.from_json(kept) == Rules({Rule.ROOM_TWICE: Severity.WARNED}, walk=5)
    assert Rules.from_json({"severities": ["room-twice"], "walk": True, "buffer": -1}) == Rules()
    assert Rules.from_json({"walk": MOST_MINUTES}) == Rules(walk=MOST_MINUTES)
    assert Rules.from_json({"walk": MOST_MINUTES + 1, "buffer": 2.5}) == Rules.from_json({}) == Rules()
    assert Rules({Rule.BUFFER: Severity.FORBIDDEN}, 5, 7).to_json() == {
        "severities": {"buffer": "forbidden"}, "walk": 5, "buffer": 7
    }  # fmt: skip


# Words.


def names(what: str, key: str) -> str:
    return f"<{what} {key}>"


def sentences(*sessions: Planned, seen_from: str, **facts: Any) -> dict[str, str]:
    clashes = by_session(find_clashes(sessions, setting(**facts))).get(seen_from, [])
    return {clash.rule.value: worded(clash, seen_from, names) for clash in clashes}


def test_a_clash_of_two_is_worded_for_each_of_them() -> None:
    one = session("a", room="hall", track="t", people=(ADA,))
    other = session("b", type="main", minutes=90, room="hall", track="t", people=(ADA,))
    assert sentences(one, other, seen_from="a") == {
        "room-twice": "<session b> is also in <room hall> at this time.",
        "person-twice": "Ada Chair is also in <session b> at this time.",
        "track-twice": "<session b> is at the same time and also belongs to <track t>.",
        "not-alone": "No other session is to be at the same time as <session b>.",
    }
    assert sentences(one, other, seen_from="b") == {
        "room-twice": "<session a> is also in <room hall> at this time.",
        "person-twice": "Ada Chair is also in <session a> at this time.",
        "track-twice": "<session a> is at the same time and also belongs to <track t>.",
        "not-alone": "No other session is to be at the same time, but <session a> is.",
    }


def test_too_little_time_is_worded_with_what_there_is_and_what_is_needed() -> None:
    rules = Rules(STRICT, walk=10, buffer=15)
    one, here = session("a", room="hall", people=(ADA,)), session("b", 64, room="hall")
    there = session("b", 64, room="attic", people=(ADA,))
    assert sentences(one, here, seen_from="b", rules=rules) == {
        "buffer": "<room hall> is free for 4 min between this session and <session a>; it has to be 15 min."
    }
    assert sentences(one, there, seen_from="a", rules=rules) == {
        "room-change": "Ada Chair has 4 min between this session and <session b>, and needs 10 min to change rooms."
    }


def test_a_clash_of_one_is_worded() -> None:
    one = session("a", 0, 45, room="attic", expected=1200, people=(ADA,), day=TODAY - timedelta(days=1))
    away = Hours("ada chair", at(-60), at(60 * 24))
    drill = Hours("attic", at(0), at(30), "100% drill")
    days = (TODAY - timedelta(days=1), TODAY)
    assert sentences(one, seen_from="a", absences=(away,), closures=(drill,), days=days) == {
        "room-closed": "<room attic> is closed at this time: 14:00–14:30 (100% drill).",
        "room-small": "More people are expected (1,200) than <room attic> has seats (10).",
        "person-absent": "Ada Chair cannot come at this time: Tue 2 Sept, 13:00 – Wed 3 Sept, 14:00.",
        "unusual-length": "It takes 45 min. Sessions of its type usually take 60 min.",
    }
    venue = (Hours("", at(0), at(30)),)
    assert sentences(one, seen_from="a", closures=venue, audience={}, rooms={}, days=()) == {
        "room-closed": "The whole venue is closed at this time: 14:00–14:30.",
        "outside-days": "Mon 1 Sept is not a day of the meeting.",
        "unusual-length": "It takes 45 min. Sessions of its type usually take 60 min.",
    }
    early = session("a", day=TODAY + timedelta(days=1))
    assert sentences(early, seen_from="a", days=(TODAY, TODAY + timedelta(days=1))) == {
        "outside-days": "It belongs to Wed 3 Sept but starts on Tue 2 Sept."
    }


def test_every_rule_and_severity_has_a_name() -> None:
    assert (set(RULE_NAMES), set(SEVERITY_NAMES)) == (set(Rule), set(Severity))
    assert len(set(RULE_NAMES.values())) == len(Rule)


@given(plans, settings)
def test_every_clash_can_be_said_from_each_of_its_sides(sessions: list[Planned], given: Setting) -> None:
    for clash in find_clashes(sessions, given):
        for code in clash.sides:
            others = [f"<session {one}>" for one in clash.sides if one != code]
            said = worded(clash, code, names)
            assert [one for one in others if one in said] == others
            assert f"<session {code}>" not in said


def test_of_very_many_clashes_the_first_of_each_rule_are_told_whatever_the_order() -> None:
    crowd = [session(f"ws{number:03}", room="hall", minutes=90) for number in range(60)]  # 1,770 pairs
    alone = session("main1", room="attic", type="main", minutes=60)
    clashes = find_clashes([*crowd, alone], setting(rules=Rules(STRICT)))
    told = Counter(clash.rule.value for clash in clashes)
    assert told["room-twice"] == MOST_CLASHES
    assert told["not-alone"] == 60
    assert find_clashes([alone, *reversed(crowd)], setting(rules=Rules(STRICT))) == clashes
