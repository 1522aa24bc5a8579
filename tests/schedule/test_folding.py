"""Folding: what is written differently and means the same is found, in every script."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from server.meetings.models import SessionType
from server.schedule.filters import Filter
from server.schedule.folding import fold
from server.schedule.models import Session


@pytest.mark.parametrize(
    ("written", "sought"),
    [
        ("Straße", "STRASSE"),
        ("Kırdar, İstanbul", "kirdar, istanbul"),
        ("Łódź, Ærø, Þór", "lodz, aero, thor"),
        ("Children’s “rights” – online", 'children\'s "rights" - online'),
        ("ＩＧＦ　２０１４", "igf 2014"),
        ("إدارة الإنترنت", "اداره الانترنت"),
        ("أمن آسيا ٱلآن", "امن اسيا الان"),
        ("مَدْرَسَةٌ", "مدرسة"),
        ("مـــرحبا على", "مرحبا علي"),
        ("یک کشور", "يك كشور"),
        ("می\u200cخواهم", "میخواهم"),
        ("٢٠١٤ و ۲۰۱۴", "2014 و 2014"),
        ("ﺍﻹﻧﺘﺮﻧﺖ", "الانترنت"),
        ("インターネット", "いんたーねっと"),
        ("ガバナンス", "ｶﾞﾊﾞﾅﾝｽ"),
        ("がばなんす", "ガバナンス"),
    ],
)
def test_two_ways_of_writing_are_one(written: str, sought: str) -> None:
    assert fold(written) == fold(sought)


@pytest.mark.parametrize(("one", "other"), [("カキ", "カギ"), ("ビル", "ビール"), ("مكتب", "مكتبة"), ("o", "0")])
def test_different_words_stay_different(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_japanese_is_found_without_spaces() -> None:
    kind = SessionType(key="workshop", name={})
    there = Session(code="ws1", title={"ja": "インターネットの将来を考える"}, description={}, type=kind)
    for sought in ("将来", "ﾈｯﾄの将来", "いんたーねっと　考える"):
        assert Filter.parse([("q", sought)]).fits(there)
    assert not Filter.parse([("q", "過去")]).fits(there)


@settings(max_examples=500)
@given(st.text(max_size=40))
@example("ͺ")
@example("ϓ")
@example("ﷺ ㍿ ǰ ẞ İ ﬃ ゛ ヿ ｀")
def test_folding_twice_is_folding_once_and_every_title_finds_itself(title: str) -> None:
    assert fold(fold(title)) == fold(title)
    there = Session(code="ws1", title={"en": title}, description={}, type=SessionType(key="workshop", name={}))
    assert Filter.parse([("q", title)]).fits(there)
