"""Places: what is given, to whom, and who is next; and how an organisation is counted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.registration.places import Limits, Places, Standing, organisation_key

pytestmark = pytest.mark.either

GROUPS = ["government", "press", "civil-society"]
ORGANISATIONS = ["", "unesco", "isoc", "host"]

numbers = st.none() | st.integers(0, 4)
limits = st.builds(
    Limits,
    onsite=numbers,
    groups=st.dictionaries(st.sampled_from(GROUPS), st.integers(0, 3)),
    organisation=numbers,
    organisations=st.dictionaries(st.sampled_from(ORGANISATIONS[1:]), st.integers(0, 3)),
)
people = st.lists(st.tuples(st.sampled_from(GROUPS), st.sampled_from(ORGANISATIONS)), max_size=12)


def line_of(those: list[tuple[str, str]]) -> list[Standing]:
    return [Standing(number, group, organisation) for number, (group, organisation) in enumerate(those)]


@given(limits=limits, those=people)
def test_a_line_gets_every_place_that_is_free_and_none_beyond(limits: Limits, those: list[tuple[str, str]]) -> None:
    places, line = Places(limits, {}, {}), line_of(those)
    chosen = places.next_of(line)
    assert places.given == len(chosen)
    assert limits.onsite is None or len(chosen) <= limits.onsite
    for group, most in limits.groups.items():
        assert sum(one.group == group for one in chosen) <= most
    for organisation in ORGANISATIONS:
        most_with = limits.of_organisation(organisation)
        assert most_with is None or sum(one.organisation == organisation for one in chosen) <= most_with
    for one in line:
        if one not in chosen:
            assert places.in_the_way(one.group, one.organisation), "somebody waits beside a free place"


@given(limits=limits, those=people)
def test_nobody_is_passed_by_one_with_the_same_limits(limits: Limits, those: list[tuple[str, str]]) -> None:
    line = line_of(those)
    chosen = {one.id for one in Places(limits, {}, {}).next_of(line)}
    for earlier in line:
        for later in line[earlier.id + 1 :]:
            if (earlier.group, earlier.organisation) == (later.group, later.organisation):
                assert earlier.id in chosen or later.id not in chosen


@given(limits=limits, those=people, more=people)
def test_what_is_free_is_never_less_than_nothing(
    limits: Limits, those: list[tuple[str, str]], more: list[tuple[str, str]]
) -> None:
    places = Places(limits, {}, {})
    for group, organisation in those:  # given when there were more places
        places.give(group, organisation)
    assert places.free is None or places.free >= 0
    before = places.given
    chosen = places.next_of(line_of(more))
    assert limits.onsite is None or places.given <= max(before, limits.onsite)
    for one in chosen:
        places.take_back(one.group, one.organisation)
    assert places.given == before


def test_who_stands_in_the_way_is_named() -> None:
    full = Places(Limits(onsite=2), {"press": 2}, {})
    group = Places(Limits(onsite=9, groups={"press": 2}), {"press": 2}, {})
    organisation = Places(Limits(organisation=2, organisations={"host": 50}), {"press": 3}, {"unesco": 2, "host": 2})
    assert [full.in_the_way("government", ""), group.in_the_way("press", ""), group.in_the_way("government", "")] == [
        "onsite", "group", "",
    ]  # fmt: skip
    assert [organisation.in_the_way("press", name) for name in ("unesco", "host", "isoc", "")] == [
        "organisation", "", "", "",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "spellings",
    [
        ["UNESCO", " unesco ", "Unesco.", "ＵＮＥＳＣＯ", "“UNESCO”"],
        ["Société Générale", "SOCIETE  GENERALE", "société générale"],
        ["総務省", " 総務省 "],
        ["الإنترنت", "الانترنت"],
    ],
)
def test_an_organisation_is_one_however_it_is_spelt(spellings: list[str]) -> None:
    keys = {organisation_key(name) for name in spellings}
    assert len(keys) == 1
    assert keys != {""}


@pytest.mark.parametrize("name", ["independent", "Independent", " INDEPENDENT. ", "-", "無所属", "N/A", "...", "个人"])
def test_who_is_with_no_organisation_shares_its_limit_with_nobody(name: str) -> None:
    assert organisation_key(name) == ""
    assert Limits(organisation=1).of_organisation(organisation_key(name)) is None
