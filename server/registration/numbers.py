"""The numbers of those who take part, table by table, with small groups kept back or as they are."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from server.registration.composition import Alike
from server.registration.countries import m49_areas, region_of
from server.registration.disclosure import Sum, is_blurred, is_small, kept_back
from server.registration.models import StakeholderGroup
from server.registration.words import ATTENDANCES, GENDERS, GROUPS, REGIONS
from server.web.language import gettext, lazy
from server.web.render import country_name

#: What those of intergovernmental organisations are in every table: they speak for no country.
IGO = StakeholderGroup.INTERGOVERNMENTAL.value
ALL = "all"
FEW = lazy("fewer than 5")
_KEPT_BACK = lazy("not shown")
_IN_NO_COUNTRY = lazy("Intergovernmental organisations (counted for no country)")
#: M49 as its own publications call it, where CLDR (which the other names are from) means less by its name.
_M49_NAMES = {
    "053": lazy("Australia and New Zealand"),
    "419": lazy("Latin America and the Caribbean"),
    "": lazy("In no region of M49"),
}
_FIRST_TIMES = {"yes": lazy("Yes, the first time"), "no": lazy("No, not the first time")}
_NOT_SAID = lazy("Not said")
_IS_FIRST = {True: "yes", False: "no", None: ""}


@dataclass(frozen=True)
class Row:
    """How many there are of one kind: a number, or the words that stand for it when it is kept back."""

    key: str
    name: str
    count: int | None
    words: str = ""
    inner: bool = False


@dataclass(frozen=True)
class Table:
    """Rows that together are everybody (inner ones are parts of the row above them). `measure` names it in files."""

    measure: str
    title: str
    column: str
    rows: list[Row]
    note: str = ""


@dataclass(frozen=True)
class Numbers:
    """The numbers of a meeting. `total` is None when there are so few people that nothing else is told."""

    total: int | None
    countries: int = 0
    tables: list[Table] = field(default_factory=list)

    @property
    def keeps_back(self) -> bool:
        """Whether anything is not shown."""
        return any(row.count is None for table in self.tables for row in table.rows)


def numbers_of(composition: Iterable[Alike], *, exact: bool) -> Numbers:
    """The numbers of a meeting: exact ones for its organisers, for everybody else those from which nobody follows."""
    cells = _cells(composition)
    counts = {cell: cells[cell] for cell in _known_cells(cells)}
    sums = _sums(counts)
    for one in sums:
        counts[one.total] = sum(counts[part] for part in one.parts)
    if is_small(counts[ALL]) and not exact:
        return Numbers(None)
    hidden = frozenset() if exact else _kept_back(tuple(counts.items()), tuple(sums))
    shown = _Shown(counts, sums, hidden)
    countries = sum(count > 0 for cell, count in counts.items() if cell.startswith("country:"))
    return Numbers(counts[ALL], countries, _tables(shown) if counts[ALL] else [])


@lru_cache(maxsize=16)
def _kept_back(counts: tuple[tuple[str, int], ...], sums: tuple[Sum, ...]) -> frozenset[str]:
    """Remembered, because working it out takes a tenth of a second and many look between two registrations."""
    return kept_back(dict(counts), sums)


def _cells(composition: Iterable[Alike]) -> Counter[str]:
    """How many are in each of the smallest cells."""
    cells = Counter[str]()
    for one in composition:
        is_igo = one.group == IGO
        cells[IGO if is_igo else f"group:{one.group}"] += one.count
        if not is_igo:
            cells[f"country:{one.country}"] += one.count
        cells[f"attendance:{one.attendance}"] += one.count
        cells[f"gender:{one.gender}"] += one.count
        cells[f"first:{_IS_FIRST[one.first_time]}"] += one.count
    return cells


def _known_cells(cells: Iterable[str]) -> list[str]:
    """The cells with people in them, and those that stand in a table even when they are empty."""
    rows = [f"group:{group}" for group in GROUPS if group != IGO]
    rows += [f"country:{code}" for code in m49_areas()]
    rows += [f"attendance:{way}" for way in ATTENDANCES]
    rows += [f"gender:{gender}" for gender in (*GENDERS, "")]
    rows += [f"first:{time}" for time in (*_FIRST_TIMES, "")]
    return list(dict.fromkeys([*rows, IGO, *cells]))


def _sums(cells: Iterable[str]) -> list[Sum]:
    """What adds up to what, in each table and from countries to regions."""
    codes = [cell.removeprefix("country:") for cell in cells if cell.startswith("country:")]
    areas = m49_areas()
    sums = [
        Sum(f"un:{region}", tuple(f"country:{code}" for code in codes if region_of(code, "") == region), named=False)
        for region in REGIONS
        if region != IGO
    ]
    un = tuple(one.total for one in sums)
    inner = sorted({areas.get(code, ("", "")) for code in codes})
    for region, sub in inner:
        within = tuple(f"country:{code}" for code in codes if areas.get(code, ("", "")) == (region, sub))
        sums.append(Sum(f"m49:{sub or region}", within, named=False))
    outer = sorted({region for region, _ in inner if region})
    sums += [Sum(f"m49:{region}", tuple(f"m49:{sub}" for one, sub in inner if one == region)) for region in outer]
    flat = [[cell for cell in cells if cell.startswith(kind)] for kind in ("attendance:", "gender:", "first:")]
    groups = [cell for cell in cells if cell.startswith("group:")]
    m49 = [f"m49:{region}" for region in (*outer, "")]
    return [*sums, *(Sum(ALL, tuple(parts)) for parts in ([*un, IGO], [*m49, IGO], [*groups, IGO], *flat))]


@dataclass(frozen=True)
class _Shown:
    """The cells of all tables, with those that are kept back."""

    counts: Mapping[str, int]
    sums: Sequence[Sum]
    hidden: frozenset[str]

    def row(self, cell: str, name: str, *, inner: bool = False) -> Row:
        key = cell.partition(":")[2] or (cell if cell == IGO else "")
        if cell not in self.hidden:
            return Row(key, str(name), self.counts[cell], inner=inner)
        return Row(key, str(name), None, str(FEW if self._says_few(cell) else _KEPT_BACK), inner)

    def _says_few(self, cell: str) -> bool:
        """Whether a cell may say that it is small, which leaves less room for those beside it."""
        beside = [
            [self.counts[part] for part in one.parts if part in self.hidden]
            for one in self.sums
            if cell in one.parts and one.named
        ]
        return is_small(self.counts[cell]) and all(is_blurred(kept) and 0 not in kept for kept in beside)

    def rows(self, kind: str, names: Mapping[str, str]) -> list[Row]:
        return [self.row(IGO if key == IGO else f"{kind}:{key}", name) for key, name in names.items()]


def _tables(shown: _Shown) -> list[Table]:
    said = shown.counts
    tables = [
        Table(
            "stakeholder_group",
            gettext("By stakeholder group"),
            gettext("Stakeholder group"),
            shown.rows("group", GROUPS),
        ),
        Table(
            "regional_group",
            gettext("By regional group of the United Nations"),
            gettext("Region"),
            shown.rows("un", REGIONS),
        ),
        Table("attendance", gettext("By attendance"), gettext("Attendance"), shown.rows("attendance", ATTENDANCES)),
    ]
    not_said = {"": _NOT_SAID}
    if any(said[f"gender:{key}"] for key in GENDERS):
        tables.append(
            Table("gender", gettext("By gender"), gettext("Gender"), shown.rows("gender", {**GENDERS, **not_said}))
        )
    if any(said[f"first:{key}"] for key in _FIRST_TIMES):
        rows = shown.rows("first", {**_FIRST_TIMES, **not_said})
        tables.append(
            Table("first_time", gettext("First time at a meeting of the series"), gettext("First time"), rows)
        )
    m49 = Table("m49", gettext("By region of the world (M49)"), gettext("Region"), _m49_rows(shown))
    return [
        *tables,
        m49,
        Table("country", gettext("By country or area"), gettext("Country or area"), _country_rows(shown)),
    ]


def _m49_rows(shown: _Shown) -> list[Row]:
    rows = []
    for region in [*sorted({region for region, _ in m49_areas().values() if region}, key=_m49_name), ""]:
        rows.append(shown.row(f"m49:{region}", _m49_name(region)))
        if region:
            subs = {sub for one, sub in m49_areas().values() if one == region}
            rows += [shown.row(f"m49:{sub}", _m49_name(sub), inner=True) for sub in sorted(subs, key=_m49_name)]
    return [*rows, shown.row(IGO, _IN_NO_COUNTRY)]


def _m49_name(code: str) -> str:
    return str(_M49_NAMES[code]) if code in _M49_NAMES else country_name(code)


def _country_rows(shown: _Shown) -> list[Row]:
    """The countries with most people first, and all whose number is kept back as one row, which does not name them."""
    there = {cell.removeprefix("country:"): cell for cell in shown.counts if cell.startswith("country:")}
    named = [
        shown.row(cell, country_name(code))
        for code, cell in there.items()
        if shown.counts[cell] and cell not in shown.hidden
    ]
    rows = sorted(named, key=lambda row: (-(row.count or 0), row.name))
    others = shown.counts[ALL] - sum(row.count or 0 for row in rows)
    if IGO in shown.hidden:
        return [*rows, Row("", gettext("Other countries and areas, and intergovernmental organisations"), others)]
    others -= shown.counts[IGO]
    rows += [Row("", gettext("Other countries and areas"), others)] if others else []
    return [*rows, shown.row(IGO, _IN_NO_COUNTRY)]
