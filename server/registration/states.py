"""Where a registration can stand, and the one table of the moves between that."""

from collections.abc import Mapping
from enum import StrEnum

from server.problems import Conflict
from server.web.language import N_


class State(StrEnum):
    """Where a registration stands."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    WAITING = "waiting"
    OFFERED = "offered"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    CHECKED_IN = "checked-in"


class By(StrEnum):
    """Who moves it: the person, somebody at the desk, or a rule (a place came free, an offer ran out)."""

    PARTICIPANT = "participant"
    DESK = "desk"
    RULE = "rule"


#: Who takes part, onsite or online.
TAKES_PART = frozenset({State.CONFIRMED, State.CHECKED_IN})
#: Who has a place, if onsite. An offer holds its place until it is answered or runs out.
HOLDS_PLACE = TAKES_PART | {State.OFFERED}
#: Who does not take part, and is left alone: no reminder, no calendar.
OUT = frozenset({State.DECLINED, State.WITHDRAWN})

_P, _D, _R = By.PARTICIPANT, By.DESK, By.RULE
_ANYBODY = frozenset({_P, _D, _R})
_PEOPLE = frozenset({_P, _D})
_STAFF = frozenset({_D})
_NEW = frozenset({_P})

#: From where (None: not registered) to where, and by whom. What is not in it is not allowed.
MOVES: Mapping[tuple[State | None, State], frozenset[By]] = {
    (None, State.PENDING): _NEW,
    (None, State.CONFIRMED): _NEW,
    (None, State.WAITING): _NEW,
    (State.PENDING, State.CONFIRMED): _PEOPLE,  # approved; or in another group now, which needs no approval
    (State.PENDING, State.WAITING): _PEOPLE,
    (State.PENDING, State.DECLINED): _STAFF,
    (State.PENDING, State.WITHDRAWN): _PEOPLE,
    (State.CONFIRMED, State.PENDING): _PEOPLE,  # in another group now, which needs approval
    (State.CONFIRMED, State.WAITING): _PEOPLE,  # from online to onsite, where there is no place
    (State.CONFIRMED, State.DECLINED): _STAFF,
    (State.CONFIRMED, State.WITHDRAWN): _PEOPLE,
    (State.CONFIRMED, State.CHECKED_IN): _STAFF,
    (State.WAITING, State.CONFIRMED): _ANYBODY,  # a place came free; or online after all
    (State.WAITING, State.OFFERED): frozenset({_R}),
    (State.WAITING, State.PENDING): _PEOPLE,
    (State.WAITING, State.DECLINED): _STAFF,
    (State.WAITING, State.WITHDRAWN): _PEOPLE,
    (State.OFFERED, State.CONFIRMED): _PEOPLE,  # accepted; or online after all
    (State.OFFERED, State.PENDING): _PEOPLE,
    (State.OFFERED, State.DECLINED): _STAFF,
    (State.OFFERED, State.WITHDRAWN): _ANYBODY,  # turned down, or run out
    (State.DECLINED, State.CONFIRMED): _STAFF,
    (State.DECLINED, State.WAITING): _STAFF,
    (State.WITHDRAWN, State.PENDING): _PEOPLE,
    (State.WITHDRAWN, State.CONFIRMED): _PEOPLE,
    (State.WITHDRAWN, State.WAITING): _PEOPLE,
    (State.CHECKED_IN, State.CONFIRMED): _STAFF,
}

_REFUSALS = {
    State.WITHDRAWN: N_("This registration is withdrawn. Take part again first."),
    State.DECLINED: N_("This registration was declined. The registration desk can take it up again."),
    State.CHECKED_IN: N_("This person has checked in at the venue. The registration desk can undo that."),
    State.OFFERED: N_("A place is offered to this person, who has not answered yet."),
    State.PENDING: N_("This registration waits for approval."),
    State.WAITING: N_("This registration is on the waiting list."),
    State.CONFIRMED: N_("This registration is confirmed already."),
}


def need_move(before: State | None, after: State, by: By) -> None:
    """Raises Conflict, saying where the registration stands, for a move that is not in the table."""
    if by not in MOVES.get((before, after), frozenset()):
        raise Conflict(_REFUSALS[before] if before else N_("This cannot be done with this registration."))


def need_in(state: str, *allowed: State) -> None:
    """Raises Conflict, saying where the registration stands, when it stands nowhere among `allowed`."""
    if state not in allowed:
        raise Conflict(_REFUSALS[State(state)])
