"""What the meetings of the series are called by their number."""

_FIRST = (
    "First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth", "Ninth", "Tenth", "Eleventh",
    "Twelfth", "Thirteenth", "Fourteenth", "Fifteenth", "Sixteenth", "Seventeenth", "Eighteenth", "Nineteenth",
)  # fmt: skip
_TENS = ("Twent", "Thirt", "Fort", "Fift", "Sixt", "Sevent", "Eight", "Ninet")


def ordinal(number: int) -> str:
    """`Ninth`, `Twenty-first`; from a hundred on `101st`."""
    if number < 20:
        return _FIRST[number - 1]
    if number < 100:
        tens, ones = _TENS[number // 10 - 2], number % 10
        return f"{tens}y-{_FIRST[ones - 1].lower()}" if ones else f"{tens}ieth"
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def english_name(number: int) -> str:
    """The full English name of the meeting with this number."""
    return f"{ordinal(number)} Annual Meeting of the Internet Governance Forum"


def japanese_name(number: int) -> str:
    """The full Japanese name of the meeting with this number."""
    return f"第{number}回インターネット・ガバナンス・フォーラム"
