"""Folding: what is written differently and means the same is found, in every script."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from server import folding
from server.folding import KEPT, fold, fold_lines
from server.meetings.models import SessionType
from server.schedule.filters import Filter, searchable
from server.schedule.models import Session, SessionPerson


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


def workshop(words: str, name: str = "") -> Session:
    kind = SessionType(key="workshop", name={"en": name})
    return Session(code="ws1", title={"en": words}, description={}, type=kind)


def test_what_somebody_searches_for_is_not_kept() -> None:
    there = workshop("Übung")
    there.people = [SessionPerson(name="Ayşe Kırdar", organisation="")]
    Filter.parse([("q", "übung"), ("person", "ayse kirdar")]).fits(there)
    before = list(folding._kept)
    for number in range(50):
        pairs = [("q", f"Ünicode {number}"), ("hide.q", f"Ö {number}"), ("person", f"Ärzte {number}")]
        assert not Filter.parse(pairs).fits(there)
    assert sorted(folding._kept) == sorted(before)
    assert not hasattr(fold, "cache_info")


def test_a_text_is_folded_once_for_many_searches() -> None:
    there = workshop("Größe " * 5000)
    assert searchable(there) is searchable(workshop("Größe " * 5000))
    assert Filter.parse([("q", "grosse")]).fits(there)


def test_what_was_changed_is_found_by_what_it_says_now() -> None:
    there = workshop("Übung", name="Wörkshop")
    assert Filter.parse([("q", "workshop ubung")]).fits(there)
    there.type.name = {"en": "Förum"}
    there.title = {"en": "Título"}
    assert Filter.parse([("q", "forum titulo")]).fits(there)
    assert not Filter.parse([("q", "workshop")]).fits(there)
    assert not Filter.parse([("q", "ubung")]).fits(there)


def test_there_is_a_bound_to_how_much_is_kept() -> None:
    for number in range(KEPT + 50):
        assert fold_lines([f"É{number}", "À"]) == f"e{number}\na"
    assert len(folding._kept) == KEPT


def test_a_long_search_is_cut_and_a_long_name_is_still_found() -> None:
    organisation = "Société " * 40
    there = workshop("Title")
    there.people = [SessionPerson(name="", organisation=organisation[:300])]
    assert Filter.parse([("person", organisation[:300])]).fits(there)
    for name in ("q", "person", "hide.q"):
        chosen = Filter.parse([(name, "ﷺ " * 100_000)])
        assert all(len(value) <= 300 for _, value in chosen.pairs())
        assert Filter.parse(chosen.pairs()) == chosen
