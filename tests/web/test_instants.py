"""An instant in a form: written as the clock of a place shows it, kept in UTC."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import FormData

from server.web.form import InstantField, PlainForm

# The engine of the database does nothing differently here.
pytestmark = pytest.mark.either

ZONES = ["Europe/Istanbul", "Asia/Kathmandu", "America/St_Johns", "Pacific/Apia", "Europe/Berlin", "UTC"]


class Plan(PlainForm):
    """A form with an instant."""

    at = InstantField("At")


def entered(text: str, zone: str = "Europe/Istanbul") -> Plan:
    form = Plan(FormData({"at": text}), meta={"zone": zone})
    form.validate()
    return form


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2014-09-02T18:00", "2014-09-02T15:00:00+00:00"),
        (" 2014-09-02T18:00 ", "2014-09-02T15:00:00+00:00"),
        ("2014-09-02 18:00", "2014-09-02T15:00:00+00:00"),
        ("2014-12-02T18:00", "2014-12-02T16:00:00+00:00"),
        ("2014-09-02T18:00Z", "2014-09-02T18:00:00+00:00"),
        ("2014-09-02T18:00+09:00", "2014-09-02T09:00:00+00:00"),
    ],
)
def test_what_is_entered_is_an_instant_on_the_clocks_of_the_place(text: str, moment: str) -> None:
    form = entered(text)
    assert (form.at.data, form.errors) == (datetime.fromisoformat(moment), {})


@pytest.mark.parametrize("text", ["soon", "2014-13-01T00:00", "0001-01-01T00:00", "9999-12-31T23:59-12:00", "18:00"])
def test_what_is_no_instant_is_said_to_be_none(text: str) -> None:
    form = entered(text, "Pacific/Apia")
    assert (form.at.data, list(form.errors)) == (None, ["at"])
    assert f'value="{text}"' in form.at()


def test_a_time_that_the_clocks_leave_out_is_refused_and_one_they_show_twice_is_the_first() -> None:
    assert "there is no such time" in entered("2030-03-31T02:30", "Europe/Berlin").errors["at"][0]
    twice = entered("2030-10-27T02:30", "Europe/Berlin")
    assert twice.at.data == datetime(2030, 10, 27, 0, 30, tzinfo=UTC)


def test_nothing_entered_is_none() -> None:
    form = entered("")
    assert (form.at.data, form.errors) == (None, {})


@given(
    moment=st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)).map(lambda one: one.replace(second=0, microsecond=0, tzinfo=UTC)),
    zone=st.sampled_from(ZONES),
)  # fmt: skip
def test_what_is_shown_is_taken_as_it_was_except_in_the_hour_that_comes_twice(moment: datetime, zone: str) -> None:
    shown = Plan(meta={"zone": zone}, at=moment).at._value()
    again = entered(shown, zone).at.data
    assert Plan(meta={"zone": zone}, at=again).at._value() == shown
    assert abs((again - moment).total_seconds()) <= 3600, "the first of the two"
