"""Rules of registration that need no server."""

import re
from collections import Counter

import pytest
from babel import Locale

from server.registration.claiming import new_reference
from server.registration.countries import CODES, country_choices, region_of, regional_groups
from server.registration.forms import is_plain, tidy
from server.registration.models import Attendance, Registration, StakeholderGroup, State
from server.registration.words import ATTENDANCES, GROUPS, REGIONS, STATES
from server.web import language


def test_the_regional_groups_are_those_of_the_member_states() -> None:
    assert Counter(regional_groups().values()) == {
        "african": 54,
        "asia-pacific": 54,
        "eastern-european": 23,
        "latin-american-caribbean": 33,
        "western-european-others": 29,
    }
    assert len(regional_groups()) == 193
    assert set(regional_groups()) <= CODES


@pytest.mark.parametrize(
    ("country", "group", "region"),
    [
        ("TR", "press", "western-european-others"),
        ("US", "government", "western-european-others"),
        ("IL", "civil-society", "western-european-others"),
        ("CY", "government", "asia-pacific"),
        ("KI", "government", "asia-pacific"),
        ("VA", "government", "none"),
        ("HK", "private-sector", "none"),
        ("FR", "intergovernmental", "intergovernmental"),
    ],
)
def test_people_are_counted_in_the_group_of_their_country(country: str, group: str, region: str) -> None:
    assert region_of(country, group) == region


def test_there_are_the_249_countries_of_the_standard() -> None:
    assert len(CODES) == 249
    assert {"AX", "TR", "TW", "PS", "GB", "TL", "SS"} <= CODES
    assert CODES.isdisjoint({"EU", "XK", "UN", "ZZ", "UK"})


@pytest.mark.parametrize("tag", ["en", "ja", "ar", "fr", "ru", "zh"])
def test_every_country_has_a_name_in_every_language(tag: str) -> None:
    assert set(Locale.parse(tag).territories) >= CODES


def test_countries_stand_in_the_order_of_their_names() -> None:
    names = [name for _, name in country_choices()]
    assert names[:3] == ["Afghanistan", "Åland Islands", "Albania"]
    token = language.current.set("ja")
    read = [code for code, _ in country_choices()]
    language.current.reset(token)
    assert read[:2] == ["IS", "IE"]
    assert [code for code in read if code in {"AU", "OM", "CN", "CL", "TD", "JP", "NZ", "NI", "KR", "US"}] == [
        "US", "AU", "OM", "KR", "TD", "CN", "CL", "NI", "JP", "NZ",
    ]  # fmt: skip


def test_everything_that_has_a_name_has_words() -> None:
    assert set(STATES) == set(State)
    assert set(GROUPS) == set(StakeholderGroup)
    assert set(ATTENDANCES) == set(Attendance)
    assert set(REGIONS) == {*regional_groups().values(), "intergovernmental", "none"}


@pytest.mark.parametrize(
    ("short_name", "slug", "pattern"),
    [
        ("IGF 2014", "igf2014", r"IGF2014-[2-9A-HJKMNP-Z]{6}"),
        ("", "my-meeting", r"MYMEETING-[2-9A-HJKMNP-Z]{6}"),
        ("フォーラム", "forum", r"FORUM-[2-9A-HJKMNP-Z]{6}"),
        ("A Very Long Name Indeed", "x", r"AVERYLONGNAM-[2-9A-HJKMNP-Z]{6}"),
    ],
)
def test_a_reference_can_be_read_out(short_name: str, slug: str, pattern: str) -> None:
    assert re.fullmatch(pattern, new_reference(short_name, slug))


@pytest.mark.parametrize("name", ["Nguyễn Thị", "နိုင်", "می‌خواهم", "O’Neill-Łuczak", "佐藤", "👩‍💻", "א ב"])
def test_names_in_every_script_are_plain(name: str) -> None:
    assert is_plain(tidy(name))


@pytest.mark.parametrize("name", ["a\nb", "a\x00b", "a\tb", "a\u2028b", "\u202egnihton", "a\x9fb", "\ud800"])
def test_what_is_not_text_is_not_plain(name: str) -> None:
    assert not is_plain(tidy(name))


def test_somebody_with_one_name_is_called_by_it() -> None:
    assert Registration(given_name="Sukarno", family_name="-").name == "Sukarno"
    assert Registration(given_name="Ada", family_name="Lovelace").name == "Ada Lovelace"
    assert Registration(given_name="花子", family_name="山田").name == "山田 花子"
    assert Registration(given_name="花子", family_name="-").name == "花子"
