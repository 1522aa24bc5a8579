"""States: the one table of moves, and what somebody hears whose move is not in it."""

import pytest

from server.problems import Conflict
from server.registration.states import HOLDS_PLACE, MOVES, OUT, TAKES_PART, By, State, need_move

pytestmark = pytest.mark.either


@pytest.mark.parametrize("before", [None, *State])
@pytest.mark.parametrize("after", State)
@pytest.mark.parametrize("by", By)
def test_what_is_not_in_the_table_is_refused_in_words(before: State | None, after: State, by: By) -> None:
    if by in MOVES.get((before, after), frozenset()):
        need_move(before, after, by)
    else:
        with pytest.raises(Conflict) as refusal:
            need_move(before, after, by)
        assert str(refusal.value).endswith(".")


def test_the_table_leads_everywhere_and_out_of_everything() -> None:
    assert {after for _, after in MOVES} == set(State)
    assert {before for before, _ in MOVES} == {None, *State}
    assert all(before != after for before, after in MOVES)


def test_no_rule_takes_a_place_from_who_takes_part() -> None:
    assert not [move for move, by in MOVES.items() if By.RULE in by and move[0] in TAKES_PART]
    assert TAKES_PART < HOLDS_PLACE
    assert not HOLDS_PLACE & OUT
