"""What a published table keeps back, so that no group of 1 to 4 people can be read from it or worked out."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

#: The smallest group whose number is published. Nobody is published, too.
LEAST = 5

#: What somebody can work out: how often each kind of unknown cell is in it, and (below 0, as `~row`) each published sum.
_Equation = Mapping[int, Fraction | int]
#: Ways to add up rows that are tried for each.
_TRIES = 200


@dataclass(frozen=True)
class Sum:
    """A cell that is the sum of others. `named` says whether each part has a row of its own, whatever it holds."""

    total: str
    parts: tuple[str, ...]
    named: bool = True


def is_small(count: int) -> bool:
    """Whether a group is too small to be published."""
    return 0 < count < LEAST


def kept_back(counts: Mapping[str, int], sums: Sequence[Sum]) -> frozenset[str]:
    """The cells that are not to be published: the small ones, and those from which one of them could be worked out.

    `counts` has every cell, `sums` which are sums of which. Whoever knows all that is published and adds and subtracts
    it at will finds out no number from 1 to 4. A sum of nothing else, such as the number of all, is always published:
    it must be at least `LEAST`.
    """
    hidden = {cell for cell, count in counts.items() if is_small(count)}
    while (further := _in_sight(counts, sums, hidden) or _derived(counts, sums, hidden)) is not None:
        hidden.add(further)
    return frozenset(hidden)


def is_blurred(kept: Sequence[int]) -> bool:
    """Whether the parts of a known sum that are kept back could be others than they are, where each says that it is small.

    Two that are 4 each are 8 together, and nothing else is; so are five of 1 each. A zero among them settles it, for
    then none says how large it is.
    """
    small = [count for count in kept if count < LEAST]
    if len(kept) < 2 or sum(kept) < LEAST:
        return False
    lowest = len(small) + LEAST * (len(kept) - len(small))
    highest = (LEAST - 1) * len(small) if len(small) == len(kept) else sum(kept) + 1
    return not small or 0 in small or lowest < sum(kept) < highest


def joined(counts: Sequence[int]) -> list[tuple[int, int]]:
    """Steps of time joined until each is at least `LEAST`: the place of its last one, and how many there are in it."""
    steps: list[tuple[int, int]] = []
    begun = 0
    for place, count in enumerate(counts):
        begun += count
        if begun >= LEAST:
            steps.append((place, begun))
            begun = 0
    if begun and steps:
        steps[-1] = (len(counts) - 1, steps[-1][1] + begun)
    return steps


def _in_sight(counts: Mapping[str, int], sums: Sequence[Sum], hidden: Collection[str]) -> str | None:
    """What must be kept back, too, because a table shows the sum of too little that it keeps back."""
    for one in sums:
        kept = [counts[part] for part in one.parts if part in hidden]
        if one.named and one.total not in hidden and kept and not is_blurred(kept):
            shown = [part for part in one.parts if part not in hidden]
            further = _smallest(counts, shown) or next(iter(_below_others(sums, [one.total])), None)
            if further or shown:
                return further or shown[0]
    return None


def _smallest(counts: Mapping[str, int], cells: Collection[str]) -> str | None:
    """The cell with the fewest people in it, but some."""
    return min((cell for cell in cells if counts[cell]), key=lambda cell: (counts[cell], cell), default=None)


def _below_others(sums: Sequence[Sum], totals: Collection[str]) -> list[str]:
    """Those of the totals that are themselves parts of another sum."""
    return [total for total in totals if any(total in one.parts for one in sums)]


def _derived(counts: Mapping[str, int], sums: Sequence[Sum], hidden: Collection[str]) -> str | None:
    """What must be kept back, too, because a small number follows from several sums, such as regions that overlap.

    Unknown are the cells that are kept back, and those that would have no row anyway: nobody knows that they are empty.
    They fall into kinds, each with the same sums around it: what can be worked out holds a kind as a whole.
    """
    shown = [one for one in sums if one.total not in hidden]
    within = [frozenset(_leaves(sums, one)) for one in shown]
    signature = {cell: frozenset(i for i, cells in enumerate(within) if cell in cells) for cell in counts}
    unnamed = {part for one in sums if not one.named for part in one.parts}
    totals = {one.total for one in sums}
    unknown = [
        cell for cell in counts if cell not in totals and (cell in hidden or (cell in unnamed and not counts[cell]))
    ]
    kinds = sorted({signature[cell] for cell in unknown}, key=sorted)
    people = [sum(counts[cell] for cell in unknown if signature[cell] == kind) for kind in kinds]
    for held, used in _known(kinds, len(shown)):
        if is_small(sum(people[kind] for kind in held)):
            open_cells = [cell for cell in counts if cell not in totals and cell not in hidden]
            alike = {kinds[kind] for kind in held}
            return (  # company of the same kind costs one cell and no sum; else a sum, so that kinds become one
                _smallest(counts, [cell for cell in open_cells if signature[cell] in alike])
                or _smallest(counts, _below_others(sums, [shown[row].total for row in used]))
                or _smallest(counts, [cell for cell in open_cells if signature[cell] & set(used)])
            )
    return None


def _leaves(sums: Sequence[Sum], one: Sum) -> Iterator[str]:
    for part in one.parts:
        deeper = next((other for other in sums if other.total == part), None)
        if deeper is None:
            yield part
        else:
            yield from _leaves(sums, deeper)


def _known(kinds: Sequence[frozenset[int]], sums: int) -> Iterator[tuple[list[int], list[int]]]:
    """The sets of kinds whose number can be worked out, each with the sums that it follows from.

    The sums are solved for one kind after the other (Gauss and Jordan). Each set is then a row of what comes of it, or
    some rows added up in which what is taken away by one is given by another.
    """
    rows = _solved([{~row: 1, **{k: 1 for k, kind in enumerate(kinds) if row in kind}} for row in range(sums)])
    for place, row in enumerate(rows):
        waiting = [(row, frozenset([place]))]
        for _ in range(_TRIES):
            if not waiting:
                break
            mixed, taken = waiting.pop()
            wrong = min((kind for kind, times in mixed.items() if kind >= 0 and times != 1), default=None)
            if wrong is None:
                yield [key for key in mixed if key >= 0], [~key for key in mixed if key < 0]
            else:
                further = [i for i, other in enumerate(rows) if i not in taken and wrong in other]
                waiting += [(_plus(mixed, rows[i], 1), taken | {i}) for i in further]


def _solved(rows: Sequence[_Equation]) -> list[_Equation]:
    done: dict[int, _Equation] = {}
    for row in rows:
        for pivot, other in done.items():
            row = _plus(row, other, -row.get(pivot, 0))
        pivot = min((key for key in row if key >= 0), default=-1)
        if pivot >= 0:
            by = Fraction(1, row[pivot]) if row[pivot] not in (1, -1) else row[pivot]  # fractions are rare, and slow
            row = {key: times * by for key, times in row.items()}
            done = {key: _plus(other, row, -other.get(pivot, 0)) for key, other in done.items()} | {pivot: row}
    return list(done.values())


def _plus(one: _Equation, other: _Equation, times: Fraction | int) -> _Equation:
    if not times:
        return one
    mixed = {key: one.get(key, 0) + times * other.get(key, 0) for key in {**one, **other}}
    return {key: value for key, value in mixed.items() if value}
