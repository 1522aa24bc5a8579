"""Word by word what changed between two texts, and two changes in one."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.remote.differences import clash, differences, merged

TEXTS = st.text(alphabet="ab 字.\n", max_size=40)


def marked(before: str, after: str) -> str:
    """The differences, written as `[-gone-]` and `{+added+}`."""
    signs = {"same": "{}", "gone": "[-{}-]", "added": "{{+{}+}}"}
    return "".join(signs[piece.kind].format(piece.text) for piece in differences(before, after))


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("The chair opened it.", "The chair opened it.", "The chair opened it."),
        ("The chair opened it.", "The chair closed it.", "The chair [-opened-]{+closed+} it."),
        ("one two three", "1 2 three", "[-one two-]{+1 2+} three"),
        ("議長が開会した。", "議長は閉会した。", "議長[-が開-]{+は閉+}会した。"),
        ("ที่นี่", "ที่โน่น", "ที่[-นี่-]{+โน่น+}"),
        ("सत्र शुरू हुआ", "सत्र समाप्त हुआ", "सत्र [-शुरू-]{+समाप्त+} हुआ"),
        ("le cafe\u0301 noir", "le cafe noir", "le [-cafe\u0301-]{+cafe+} noir"),
        ("", "new", "{+new+}"),
        ("old", "", "[-old-]"),
        ("", "", ""),
    ],
)
def test_what_changed_is_marked_word_by_word_and_in_unspaced_scripts_by_character(
    before: str, after: str, shown: str
) -> None:
    assert marked(before, after) == shown


@given(TEXTS, TEXTS)
def test_without_what_was_added_it_is_the_older_and_without_what_is_gone_the_newer(before: str, after: str) -> None:
    pieces = differences(before, after)
    assert "".join(piece.text for piece in pieces if piece.kind != "added") == before
    assert "".join(piece.text for piece in pieces if piece.kind != "gone") == after


@pytest.mark.parametrize(
    ("mine", "theirs", "both"),
    [
        ("ONE two three four", "one two three FOUR", "ONE two three FOUR"),
        ("one two three four five", "zero one two three four", "zero one two three four five"),
        ("one two 3 four", "one two 3 four", "one two 3 four"),
        ("one two three four", "one 2 three four", "one 2 three four"),
        ("one 2 three four", "one deux three four", None),
        ("one two three", "one two three four!", None),
    ],
)
def test_two_changes_that_do_not_touch_become_one_text(mine: str, theirs: str, both: str | None) -> None:
    assert merged("one two three four", mine, theirs) == both


@given(TEXTS, TEXTS)
def test_who_changed_nothing_gets_the_words_of_the_other(base: str, other: str) -> None:
    assert merged(base, base, other) == merged(base, other, base) == other


def test_where_a_machine_cannot_decide_ones_own_words_are_proposed() -> None:
    found = clash("one", "mine", "theirs")
    assert (found.proposal, found.clean) == ("mine", False)


@pytest.mark.parametrize(("before", "after"), [("字" * 10_000, "字" * 9_000), ("no " * 3_300, "no yes " * 1_400)])
def test_ten_thousand_times_the_same_word_takes_no_time(before: str, after: str) -> None:
    began = time.monotonic()
    differences(before, after)
    assert time.monotonic() - began < 2
