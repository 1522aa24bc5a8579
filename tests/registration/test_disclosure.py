"""Small groups: whoever adds and subtracts what is published works out no number from 1 to 4."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.registration.disclosure import LEAST, Sum, is_blurred, is_small, joined, kept_back

# The engine of the database does nothing differently here.
pytestmark = pytest.mark.either

FLAT = [Sum("all", ("a", "b", "c", "d"))]


def with_sums(cells: Mapping[str, int], sums: Sequence[Sum]) -> dict[str, int]:
    """The cells with their sums; a sum stands after those it is made of."""
    counts = dict(cells)
    for one in sums:
        counts[one.total] = sum(counts[part] for part in one.parts)
    return counts


def flat(*numbers: int) -> set[str]:
    return set(kept_back(with_sums(dict(zip("abcd", numbers, strict=True)), FLAT), FLAT))


@pytest.mark.parametrize(
    ("numbers", "hidden"),
    [
        ((5, 6, 0, 700), ""),
        ((100, 0, 0, 0), ""),
        ((2, 7, 9, 30), "ab"),  # one alone would be the rest
        ((1, 5, 9, 30), "abc"),  # 6 together: the smaller would be 1 for certain
        ((2, 3, 9, 30), "ab"),
        ((1, 2, 9, 30), "abc"),
        ((4, 4, 9, 30), "abc"),  # 8 together: nothing but 4 and 4
        ((1, 1, 1, 2), "abcd"),
        ((2, 1, 1, 1), "abcd"),
        ((3, 0, 0, 90), "ad"),
        ((4, 4, 0, 0), "abc"),  # a nobody is kept back rather than that the two are told
    ],
)
def test_a_small_number_takes_company_along(numbers: tuple[int, ...], hidden: str) -> None:
    assert flat(*numbers) == set(hidden)


def test_nothing_follows_from_a_country_to_its_region() -> None:
    sums = [
        Sum("north", ("NO", "SE", "FI"), named=False),
        Sum("south", ("IT", "ES"), named=False),
        Sum("all", ("north", "south")),
    ]
    counts = with_sums({"NO": 3, "SE": 20, "FI": 30, "IT": 8, "ES": 90}, sums)
    assert kept_back(counts, sums) == {"NO", "SE"}
    counts = with_sums({"NO": 3, "SE": 0, "FI": 0, "IT": 8, "ES": 90}, sums)
    assert kept_back(counts, sums) == {"NO", "north", "south", "IT"}


#: Two ways to divide the same countries: W is in A and X, M in A and Y, E in B and Y.
OVERLAP = [
    Sum("A", ("w1", "w2", "m1"), named=False),
    Sum("B", ("e1", "e2"), named=False),
    Sum("X", ("w1", "w2"), named=False),
    Sum("Y", ("m1", "e1", "e2"), named=False),
    Sum("all", ("A", "B", "igo")),
    Sum("all", ("X", "Y", "igo")),
]


def test_what_lies_between_two_overlapping_regions_is_kept_back() -> None:
    counts = with_sums({"w1": 4, "w2": 3, "m1": 2, "e1": 9, "e2": 30, "igo": 10}, OVERLAP)
    hidden = kept_back(counts, OVERLAP)
    # A keeps back 9 and X keeps back 7 people: that the 2 between them are m1's must not follow.
    assert not {"w1", "w2", "m1"} - hidden
    assert worst(counts, OVERLAP, hidden) == 0


def worst(counts: Mapping[str, int], sums: Sequence[Sum], hidden: frozenset[str]) -> int:
    """The smallest number of people above none that adding and subtracting gives for some set of cells, if it is small.

    Every set of cells that are not known is tried against every sum that is, with an elimination of its own.
    """
    totals = {one.total for one in sums}
    of = {one.total: one.parts for one in sums}

    def leaves(cell: str) -> set[str]:
        return {leaf for part in of[cell] for leaf in leaves(part)} if cell in of else {cell}

    unnamed = {part for one in sums if not one.named for part in one.parts}
    cells = [c for c in counts if c not in totals and (c in hidden or (c in unnamed and not counts[c]))]
    rows = [
        [Fraction(cell in set().union(*map(leaves, one.parts))) for cell in cells]
        for one in sums
        if one.total not in hidden
    ]
    rank = rank_of(rows)
    found = 0
    for chosen in product((0, 1), repeat=len(cells)):
        people = sum(counts[cell] for cell, is_in in zip(cells, chosen, strict=True) if is_in)
        if is_small(people) and rank_of([*rows, [Fraction(one) for one in chosen]]) == rank:
            found = people
    return found


def rank_of(rows: list[list[Fraction]]) -> int:
    rows = [list(row) for row in rows]
    rank = 0
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((row for row in rows[rank:] if row[column]), None)
        if pivot is None:
            continue
        rows.remove(pivot)
        rows.insert(rank, pivot)
        rows[rank + 1 :] = [
            [one - row[column] / pivot[column] * other for one, other in zip(row, pivot, strict=True)]
            for row in rows[rank + 1 :]
        ]
        rank += 1
    return rank


NUMBERS = st.one_of(st.integers(0, 12), st.sampled_from([0, 1, 4, 5, 60]))


@st.composite
def worlds(draw: st.DrawFn) -> tuple[dict[str, int], list[Sum]]:
    """Seven countries in up to three regions and, crosswise, up to three others in two continents; groups beside them."""
    cells = {f"c{n}": draw(NUMBERS) for n in range(7)} | {"igo": draw(NUMBERS)}
    un = [draw(st.integers(0, 2)) for _ in range(7)]
    sub = [draw(st.integers(0, 2)) for _ in range(7)]

    def parts(places: list[int], place: int) -> tuple[str, ...]:
        return tuple(f"c{n}" for n in range(7) if places[n] == place)

    sums = [Sum(f"un{place}", parts(un, place), named=False) for place in range(3)]
    sums += [Sum(f"sub{place}", parts(sub, place), named=False) for place in range(3)]
    sums += [
        Sum("east", ("sub0", "sub1")),
        Sum("all", ("un0", "un1", "un2", "igo")),
        Sum("all", ("east", "sub2", "igo")),
    ]
    rest = sum(cells[f"c{n}"] for n in range(7))
    first = draw(st.integers(0, rest))
    cells |= {"g1": first, "g2": rest - first}
    return cells, [*sums, Sum("all", ("g1", "g2", "igo"))]


@settings(max_examples=150, deadline=None)
@given(worlds())
def test_nothing_small_can_be_worked_out_across_tables(world: tuple[dict[str, int], list[Sum]]) -> None:
    cells, sums = world
    counts = with_sums(cells, sums)
    if counts["all"] < LEAST:
        return
    hidden = kept_back(counts, sums)
    assert not [cell for cell, count in counts.items() if is_small(count) and cell not in hidden]
    assert worst(counts, sums, hidden) == 0
    assert "all" not in hidden


@settings(max_examples=400)
@given(st.lists(NUMBERS, min_size=1, max_size=8))
def test_in_one_table_what_is_kept_back_is_nothing_or_five_in_two_cells(numbers: list[int]) -> None:
    cells = {f"k{n}": number for n, number in enumerate(numbers)}
    sums = [Sum("all", tuple(cells))]
    counts = with_sums(cells, sums)
    if counts["all"] < LEAST:
        return
    hidden = [cells[cell] for cell in sorted(kept_back(counts, sums))]
    assert sum(hidden) == 0 or (sum(hidden) >= LEAST and len(hidden) > 1)
    assert not hidden or is_blurred(hidden) or hidden == numbers
    if not any(map(is_small, numbers)):
        assert hidden == []


@given(worlds())
def test_where_nobody_is_few_nothing_is_kept_back(world: tuple[dict[str, int], list[Sum]]) -> None:
    cells, sums = world
    counts = with_sums({cell: count + LEAST if cell[0] != "g" else 90 for cell, count in cells.items()}, sums[:-1])
    assert kept_back({c: n for c, n in counts.items() if c[0] != "g"}, sums[:-1]) == frozenset()


@given(st.lists(st.integers(0, 9), max_size=30))
def test_weeks_are_joined_until_each_step_is_large_enough(weeks: list[int]) -> None:
    steps = joined(weeks)
    assert all(count >= LEAST for _, count in steps)
    if sum(weeks) >= LEAST:
        assert sum(count for _, count in steps) == sum(weeks)
        ends = [place for place, _ in steps]
        assert [sum(weeks[: end + 1]) for end in ends] == [sum(c for _, c in steps[: n + 1]) for n in range(len(steps))]
    else:
        assert steps == []
