"""Countries (ISO 3166-1) as people choose them, each with its regional group of the United Nations and its region of M49."""

import csv
import unicodedata
from functools import lru_cache
from pathlib import Path

from babel import Locale

from server.registration.models import StakeholderGroup
from server.web import language

#: Codes of two letters that CLDR names and ISO 3166-1 does not assign to a country.
_NO_COUNTRIES = frozenset(["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"])
#: How the names begin that are written in Chinese characters in Japanese.
_READINGS = {
    "中": "チュウ", "仏": "フツ", "北": "キタ", "南極": "ナンキョク", "南": "ミナミ", "台": "タイワン", "合衆": "ガッシュウ",
    "日": "ニホン", "東": "ヒガシ", "米": "ベイ", "英": "エイ", "西": "ニシ", "赤": "セキドウ", "韓": "カンコク",
}  # fmt: skip
_VOWELS = {"A": "ア", "I": "イ", "U": "ウ", "E": "エ", "O": "オ"}
_REGIONS = Path(__file__).with_name("regions.csv")
_M49 = Path(__file__).with_name("m49.csv")

#: The 249 codes of ISO 3166-1 alpha-2.
CODES = frozenset(
    code
    for code in map(str, Locale("en").territories)
    if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRIES
)


def country_choices(codes: frozenset[str] = CODES) -> list[tuple[str, str]]:
    """Code and name in the current language, in the order of the names."""
    return [choice for choice in _sorted_countries(language.current.get()) if choice[0] in codes]


@lru_cache
def _sorted_countries(tag: str) -> list[tuple[str, str]]:
    names = language.locale(tag).territories
    return sorted(((code, str(names.get(code, code))) for code in CODES), key=lambda pair: _in_order(pair[1]))


def _in_order(name: str) -> str:
    """Åland sorts with A, as a reader expects who does not know where Å stands; Japanese names sort as they are read."""
    read = next((kana + name for kanji, kana in _READINGS.items() if name.startswith(kanji)), name)
    return "".join(letter for letter in unicodedata.normalize("NFKD", _drawn_out(read).casefold()) if letter.isalnum())


def _drawn_out(name: str) -> str:
    """The name with the vowel that each mark of length stands for: オースト is read, and sorts as, オオスト."""
    letters: list[str] = []
    for letter in name:
        vowel = unicodedata.name(letters[-1])[-1] if letter == "ー" and letters else ""
        letters.append(_VOWELS.get(vowel, letter))
    return "".join(letters)


@lru_cache(maxsize=1)
def regional_groups() -> dict[str, str]:
    """The regional group of each of the 193 member states, by country code.

    Türkiye votes and stands for election in the Western European group; the United States attend it as an observer
    and are counted with it for elections.
    """
    with _REGIONS.open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["group"] for row in csv.DictReader(file)}


def region_of(country: str, stakeholder_group: str) -> str:
    """The region under which somebody is counted; an intergovernmental organisation speaks for no country."""
    if stakeholder_group == StakeholderGroup.INTERGOVERNMENTAL:
        return "intergovernmental"
    return regional_groups().get(country, "none")


@lru_cache(maxsize=1)
def m49_areas() -> dict[str, tuple[str, str]]:
    """The geographic region and sub-region of each country code, as the codes of the UN's standard M49.

    Both are empty for Antarctica, which M49 puts in no region, and for Taiwan, which it does not list.
    """
    with _M49.open(encoding="utf-8", newline="") as file:
        return {row["code"]: (row["region"], row["subregion"]) for row in csv.DictReader(file)}
