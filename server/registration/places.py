"""Places onsite: how many there are, how many are given, and who of a line gets the next ones."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from server.folding import fold


@dataclass(frozen=True)
class Limits:
    """How many places there are: in all, for each stakeholder group, for each organisation; None is without end.

    `organisations` are those that have a number of their own, by their folded name.
    """

    onsite: int | None = None
    groups: Mapping[str, int] = field(default_factory=dict)
    organisation: int | None = None
    organisations: Mapping[str, int] = field(default_factory=dict)

    @property
    def any(self) -> bool:
        """Whether anything is limited at all."""
        return self.onsite is not None or bool(self.groups or self.organisations) or self.organisation is not None

    @property
    def by_organisation(self) -> bool:
        """Whether it matters whom somebody is with."""
        return self.organisation is not None or bool(self.organisations)

    def of_organisation(self, key: str) -> int | None:
        """How many places an organisation has; who is with none is not counted with others who are."""
        return self.organisations.get(key, self.organisation if key else None)


@dataclass(frozen=True)
class Standing:
    """Somebody who wants a place: their registration's id, their group, and their organisation's key."""

    id: int
    group: str
    organisation: str


class Places:
    """The places of a meeting: who asks whether there is one more, and gives it, is never told yes too often."""

    def __init__(self, limits: Limits, groups: Mapping[str, int], organisations: Mapping[str, int]) -> None:
        self.limits = limits
        self.groups = Counter(groups)
        self.organisations = Counter(organisations)
        self.given = self.groups.total()

    @property
    def free(self) -> int | None:
        """How many more can be given in all, never less than none; None is without end."""
        return None if self.limits.onsite is None else max(0, self.limits.onsite - self.given)

    def in_the_way(self, group: str, organisation: str, *, seated: bool = False) -> str:
        """What keeps somebody from a place: `onsite` (all are given), `group`, `organisation`, or nothing (empty).

        Who is `seated` has one already, and only wants to be counted elsewhere.
        """
        if self.free == 0 and not seated:
            return "onsite"
        if group in self.limits.groups and self.groups[group] >= self.limits.groups[group]:
            return "group"
        most = self.limits.of_organisation(organisation)
        if most is not None and self.organisations[organisation] >= most:
            return "organisation"
        return ""

    def give(self, group: str, organisation: str) -> None:
        """One place more is given."""
        self.given += 1
        self.groups[group] += 1
        self.organisations[organisation] += 1

    def take_back(self, group: str, organisation: str) -> None:
        """One place less is given."""
        self.given -= 1
        self.groups[group] -= 1
        self.organisations[organisation] -= 1

    def next_of(self, line: Iterable[Standing]) -> list[Standing]:
        """Who of a line gets a place now, first come first served; each is given one.

        Whom the limit of a group or an organisation holds back is passed over and stays where they stand.
        """
        chosen = []
        for one in line:
            if self.free == 0:
                break
            if not self.in_the_way(one.group, one.organisation):
                self.give(one.group, one.organisation)
                chosen.append(one)
        return chosen


#: What people write who are with no organisation, in the languages in which they do.
_NONE = ("independent", "none", "n/a", "na", "no", "individual", "self", "private", "personal", "無所属", "個人", "なし", "無し",
    "indépendant", "indépendante", "independiente", "ninguna", "aucune", "مستقل", "无", "个人", "独立")  # fmt: skip
_NO_ORGANISATION = frozenset(map(fold, _NONE))


def organisation_key(name: str) -> str:
    """How an organisation is counted: its name without case, accents, marks and doubled spaces; empty for none."""
    key = " ".join("".join(mark if mark.isalnum() else " " for mark in fold(name)).split())
    return "" if key in _NO_ORGANISATION or fold(name) in _NO_ORGANISATION else key
