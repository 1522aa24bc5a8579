"""The running rules under any order of what people, the desk and time do: never oversold, never idle, by the table."""

import tempfile
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select

from server import schema
from server.app import notice_board
from server.database import Database, Store
from server.meetings.models import Meeting
from server.problems import Problem
from server.registration import actions, deciding
from server.registration.erasing import erase
from server.registration.line import admission_of, held_admission, lapsed_offers, places_of, settle
from server.registration.models import By, HistoryEntry, Particulars, Registration
from server.registration.moving import PARTICIPANT, Mover
from server.registration.states import HOLDS_PLACE, MOVES, State
from tests.makers import NOON, make_meeting

pytestmark = pytest.mark.either

GROUPS = ["government", "civil-society", "press"]  # the last needs approval
ORGANISATIONS = ["independent", "UNESCO", "ISOC"]
DESK = Mover(By.DESK)

said = st.fixed_dictionaries(
    {
        "stakeholder_group": st.sampled_from(["civil-society", *GROUPS]),
        "organisation": st.sampled_from(ORGANISATIONS),
        "attendance": st.sampled_from(["onsite", "onsite", "onsite", "online"]),
    }
)
few = st.sampled_from([1, 2, 3, 0, None])
everybody = st.integers(0, 5)


def particulars(facts: dict[str, str]) -> Particulars:
    return Particulars(
        given_name="Ada", family_name="Lovelace", country="GB", gender="", first_time=None, public=False, **facts
    )  # type: ignore[typeddict-item]


class Registering(RuleBasedStateMachine):
    """Six people, a desk, an organiser who changes the limits, and a clock."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.store = Store(f"sqlite:///{Path(self.folder.name) / 'rules.db'}", notice_board())
        schema.METADATA.create_all(self.store.engine)
        self.now = NOON
        with self.store.writing() as db:
            self.meeting_id = make_meeting(db).id
        self.held: Counter[str] = Counter()

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    def do(self, work: Callable[[Database], Any]) -> None:
        """One request: kept whole when it works, and leaving nothing when it is refused."""
        try:
            with self.store.writing() as db:
                work(db)
        except Problem:
            pass

    def with_one(self, number: int, work: Callable[[Database, Registration], Any]) -> None:
        def found(db: Database) -> None:
            known = db.scalars(select(Registration).filter_by(erased_at=None).order_by(Registration.id)).all()
            if known:
                work(db, known[number % len(known)])

        self.do(found)

    def meeting(self, db: Database) -> Meeting:
        return db.get_one(Meeting, self.meeting_id)

    @rule(number=everybody, facts=said)
    def registers(self, number: int, facts: dict[str, str]) -> None:
        self.do(
            lambda db: actions.register(
                db, self.meeting(db), f"{number}@example.org", particulars(facts), language="en", now=self.now
            )
        )

    @rule(number=everybody, facts=said, by=st.sampled_from([PARTICIPANT, DESK]))
    def changes(self, number: int, facts: dict[str, str], by: Mover) -> None:
        self.with_one(number, lambda db, one: actions.change(db, one, particulars(facts), by, self.now))

    @rule(number=everybody)
    def withdraws(self, number: int) -> None:
        self.with_one(number, lambda db, one: actions.withdraw(db, one, PARTICIPANT, self.now))

    @rule(number=everybody, by=st.sampled_from([PARTICIPANT, DESK]))
    def is_erased(self, number: int, by: Mover) -> None:
        self.with_one(number, lambda db, one: erase(db, one, by, self.now))

    @rule(number=everybody)
    def comes_back(self, number: int) -> None:
        self.with_one(number, lambda db, one: actions.take_part_again(db, one, self.now))

    @rule(number=everybody)
    def accepts(self, number: int) -> None:
        self.with_one(number, lambda db, one: actions.accept(db, one, PARTICIPANT, self.now))

    @rule(
        number=everybody,
        what=st.sampled_from(["approve", "decline", "reinstate", "check_in", "undo_check_in", "withdraw_for"]),
    )
    def is_decided_on(self, number: int, what: str) -> None:
        self.with_one(number, lambda db, one: getattr(deciding, what)(db, one, DESK, self.now))

    @rule(number=everybody, position=st.integers(1, 10), reason=st.sampled_from(["", "speaks in the opening"]))
    def is_moved_in_the_line(self, number: int, position: int, reason: str) -> None:
        self.with_one(number, lambda db, one: deciding.reorder(db, one, position, DESK, self.now, reason=reason))

    @initialize(onsite=few, offer_hours=st.sampled_from([None, 1]), those=st.lists(said, min_size=2, max_size=4))
    def begins(self, those: list[dict[str, str]], **facts: Any) -> None:
        self.do(lambda db: deciding.change_admission(db, self.meeting(db), facts, self.now))
        for number, one in enumerate(those):
            self.registers(number, one)

    @rule(
        onsite=few, organisation=st.none() | st.integers(1, 2), groups=st.dictionaries(st.sampled_from(GROUPS), st.integers(0, 2)),
        own=st.dictionaries(st.just("Unesco "), st.integers(0, 3)), offer_hours=st.sampled_from([None, 1]),
    )  # fmt: skip
    def limits_are_set(self, offer_hours: int | None, own: dict[str, int], **facts: Any) -> None:
        facts |= {"organisations": own, "offer_hours": offer_hours}
        self.do(lambda db: deciding.change_admission(db, self.meeting(db), facts, self.now))

    @rule(minutes=st.sampled_from([20, 70]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

        def clockwork(db: Database) -> None:
            for meeting_id in lapsed_offers(db, self.now):
                settle(db, held_admission(db, meeting_id), self.now)

        self.do(clockwork)

    @invariant()
    def nobody_has_a_place_beyond_the_limits(self) -> None:
        """A limit may be set below what is given; then nobody loses a place, and nobody gets one."""
        with self.store.reading() as db:
            limits = admission_of(db, self.meeting_id).limits
            onsite = select(Registration).filter_by(attendance="onsite").where(Registration.state.in_(HOLDS_PLACE))
            held: Counter[str] = Counter()
            for one in db.scalars(onsite):
                held.update(["onsite", f"group {one.stakeholder_group}", f"with {one.organisation_key}"])
            most = {"onsite": limits.onsite, **{f"group {name}": number for name, number in limits.groups.items()}}
            most |= {f"with {key}": limits.of_organisation(key) for key in ("", "unesco", "isoc")}
            for name, count in held.items():
                assert most.get(name) is None or count <= max(most[name], self.held[name]), f"oversold: {name}"
            self.held = held

    @invariant()
    def no_place_is_free_while_somebody_waits_for_it(self) -> None:
        with self.store.reading() as db:
            admission = admission_of(db, self.meeting_id)
            waiting = db.scalars(select(Registration).filter_by(state=State.WAITING)).all()
            for one in waiting:
                places = places_of(db, admission, {one.organisation_key})
                assert places.in_the_way(one.stakeholder_group, one.organisation_key), "a place is idle"
            turns = [one.turn for one in waiting]
            assert None not in turns
            assert len(set(turns)) == len(turns)
            assert all(one.onsite for one in waiting)

    @invariant()
    def every_move_is_in_the_table_and_the_history_is_whole(self) -> None:
        with self.store.reading() as db:
            stands: dict[int, str | None] = {}
            for entry in db.scalars(select(HistoryEntry).order_by(HistoryEntry.id)):
                if not entry.after:
                    continue
                before = State(entry.before) if entry.before else None
                known = stands.get(entry.registration_id)
                if before is not None:
                    assert known == before
                    assert By(entry.by) in MOVES[before, State(entry.after)]
                else:
                    assert known in (None, State.WITHDRAWN)  # registered anew
                    assert By(entry.by) in MOVES[None, State(entry.after)]
                stands[entry.registration_id] = entry.after
            whole = select(Registration.id, Registration.state).where(Registration.erased_at.is_(None))
            assert stands == dict(db.execute(whole).all())

    @invariant()
    def an_offer_that_stands_has_an_end(self) -> None:
        with self.store.reading() as db:
            for state, until in db.execute(select(Registration.state, Registration.offer_until)):
                assert (until is not None) == (state == State.OFFERED)
                assert until is None or until > self.now, "an offer that ran out still holds a place"


TestRegistering = Registering.TestCase
TestRegistering.settings = settings(
    max_examples=40, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
