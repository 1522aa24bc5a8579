"""What every page is put together from: times on two clocks, fields with their faults, stretches of days."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any
from zoneinfo import available_timezones

import pytest
from starlette.datastructures import FormData
from wtforms import IntegerField, RadioField, StringField, validators

from server.web import language
from server.web.form import PlainForm, choices
from server.web.render import days, environment, zone_name
from tests.world import at

START, END, LATE = at("2014-09-02T06:00:00Z"), at("2014-09-02T07:30:00Z"), at("2014-09-02T22:30:00Z")


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Every test begins in English."""
    token = language.current.set("en")
    yield
    language.current.reset(token)


def rendered(source: str, **context: Any) -> str:
    return environment().from_string(source).render(**context)


def words(html: str) -> str:
    """The text a reader sees, spaces as one."""
    return " ".join(re.sub(r"<[^>]+>", "", html).split())


def time_of(name: str, *given: object) -> str:
    call = f"{{% from '_time.html' import {name} %}}{{{{ {name}(*given) }}}}"
    return rendered(call, given=given)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((START, END, "Europe/Istanbul"), "Tue, 2 Sept 2014, 09:00–10:30 Istanbul time"),
        ((START, None, "Europe/Istanbul"), "Tue, 2 Sept 2014, 09:00 Istanbul time"),
        ((START, END, "UTC"), "Tue, 2 Sept 2014, 06:00–07:30 UTC"),
        ((START, LATE, "Europe/Istanbul"), "Tue, 2 Sept 2014, 09:00 – Wed 3 Sept, 01:30 Istanbul time"),
        (
            (START, END, "Europe/Istanbul", "Asia/Tokyo"),
            "Tue, 2 Sept 2014, 09:00–10:30 Istanbul time 15:00–16:30 Tokyo time",
        ),
        (
            (LATE, None, "Europe/Istanbul", "America/New_York"),
            "Wed, 3 Sept 2014, 01:30 Istanbul time Tue 2 Sept, 18:30 New York time",
        ),
        ((START, END, "Europe/Istanbul", "Africa/Nairobi"), "Tue, 2 Sept 2014, 09:00–10:30 Istanbul time"),
    ],
)
def test_a_time_is_told_on_the_venues_clock_and_on_the_readers_where_that_differs(
    given: tuple[object, ...], said: str
) -> None:
    assert words(time_of("when", *given)) == said


def test_times_are_told_as_the_language_tells_them() -> None:
    language.current.set("ja")
    told = words(time_of("when", START, LATE, "Europe/Istanbul", "America/New_York"))
    assert told == ("2014年9月2日(火) 09:00 – 9月3日(水) 01:30 イスタンブール時間 02:00–18:30 ニューヨーク時間")


@pytest.mark.parametrize(
    ("zone", "in_english", "in_japanese"),
    [
        ("Asia/Tokyo", "Tokyo time", "東京時間"),
        ("Asia/Kolkata", "Kolkata time", "コルカタ時間"),
        ("Asia/Kathmandu", "Kathmandu time", "カトマンズ時間"),
        ("America/Argentina/Buenos_Aires", "Buenos Aires time", "ブエノスアイレス時間"),
        ("America/New_York", "New York time", "ニューヨーク時間"),
        ("Etc/UTC", "UTC", "UTC"),
        ("Etc/GMT-1", "UTC+1", "UTC+1"),
        ("Etc/GMT+11", "UTC−11", "UTC−11"),
    ],
)
def test_a_zone_is_named_after_its_city(zone: str, in_english: str, in_japanese: str) -> None:
    assert zone_name(zone) == in_english
    language.current.set("ja")
    assert zone_name(zone) == in_japanese


@pytest.mark.parametrize("tag", list(language.LANGUAGES))
def test_every_zone_that_can_be_chosen_has_a_name(tag: str) -> None:
    language.current.set(tag)
    assert [zone for zone in available_timezones() if not zone_name(zone)] == []


def test_a_time_says_to_programs_which_instant_it_is_and_whose_clocks_are_shown() -> None:
    assert re.findall(r"<time ([^>]*)>", time_of("clock_range", START, END, "Europe/Istanbul", "Asia/Tokyo")) == [
        'datetime="2014-09-02T09:00:00+03:00" data-zone="Europe/Istanbul"'
        ' data-end="2014-09-02T10:30:00+03:00" data-reader-zone="Asia/Tokyo"'
    ]


@pytest.mark.parametrize(
    ("first", "last", "tag", "said"),
    [
        (date(2014, 9, 2), date(2014, 9, 5), "en", "2–5 September 2014"),
        (date(2013, 10, 30), date(2013, 11, 2), "en", "30 October – 2 November 2013"),
        (date(2014, 5, 2), date(2014, 5, 2), "en", "2 May 2014"),
        (date(2014, 9, 2), date(2014, 9, 5), "ja", "2014年9月2日～5日"),
    ],
)
def test_a_stretch_of_days_names_its_months_in_full(first: date, last: date, tag: str, said: str) -> None:
    language.current.set(tag)
    assert re.sub(r"\s", " ", days(first, last)) == said


class _Form(PlainForm):
    email = StringField("Email", [validators.InputRequired("Please give your address.")], description="For the letter.")
    group = RadioField("Group", [validators.InputRequired("Please choose.")], choices=choices({"a": "A", "b": "B"}))


FORM = "{% from '_field.html' import field, error_summary %}{{ error_summary(form) }}{% for one in form %}{{ field(one) }}{% endfor %}"


def test_a_fault_is_tied_to_its_field_and_listed_above_with_a_way_there() -> None:
    form = _Form(FormData())
    assert not form.validate()
    page = rendered(FORM, form=form)
    assert re.findall(r'<a href="([^"]*)">([^<]*)', page) == [
        ("#email", "Email: Please give your address."),
        ("#group-0", "Group: Please choose."),
    ]
    assert 'aria-describedby="email-hint email-fault" aria-invalid="true"' in page
    assert set(re.findall(r' id="([^"]*)"', page)) == {
        "faults", "email", "email-hint", "email-fault", "group-0", "group-1", "group-fault",
    }  # fmt: skip


def test_a_form_without_faults_says_nothing_of_any() -> None:
    page = rendered(FORM, form=_Form(FormData({"email": "a@example.org", "group": "a"})))
    assert ("alert" in page, "aria-invalid" in page, 'aria-describedby="email-hint"' in page) == (False, False, True)


class _Plain(PlainForm):
    name = StringField("Name", [validators.DataRequired()])
    title = StringField("Title", [validators.Length(max=3)])
    days = IntegerField("Days", [validators.NumberRange(min=1, max=9)])


@pytest.mark.parametrize(
    ("tag", "said"),
    [
        (
            "en",
            ("This field is required.", "Field cannot be longer than 3 characters.", "Number must be between 1 and 9."),
        ),
        (
            "ja",
            ("この項目は必須です。", "3文字以内で入力してください。", "1以上9以下の数を入力してください。"),
        ),
    ],
)
def test_what_the_form_library_finds_wrong_is_told_in_our_words(tag: str, said: tuple[str, ...]) -> None:
    language.current.set(tag)
    form = _Plain(FormData({"title": "long", "days": "10"}))
    assert not form.validate()
    assert tuple(form.faults().values()) == said
