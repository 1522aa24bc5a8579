"""What changed between two texts, word by word, and two people's changes of one text brought together."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from unicodedata import category

#: Scripts that are written without spaces (Thai, Lao, Burmese, Khmer, kana, Han) are compared by character.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
#: Vowels and accents that hang on the letter before them belong to it, and to its word.
_MARKS = "".join(chr(code) for code in range(0x300, 0x10000) if category(chr(code)).startswith("M"))
_TOKEN = re.compile(rf"\s+|[{_UNSPACED}][{_MARKS}]*|(?:[^\W{_UNSPACED}][{_MARKS}]*)+|[^\w\s][{_MARKS}]*")
#: Comparisons of words beyond which only the rarer words are looked for: "no no no ..." would take minutes.
TOO_MANY = 300_000


@dataclass(frozen=True)
class Piece:
    """Words that are in both texts (`same`), only in the newer one (`added`) or only in the older (`gone`)."""

    kind: str
    text: str


def differences(before: str, after: str) -> list[Piece]:
    """What turns `before` into `after`, in reading order; what is gone stands before what came in its place."""
    old, new = _words(before), _words(after)
    pieces: list[Piece] = []
    for tag, i, j, k, m in _steps(old, new):
        if tag == "equal":
            pieces.append(Piece("same", "".join(old[i:j])))
        else:
            pieces += [Piece("gone", "".join(old[i:j])), Piece("added", "".join(new[k:m]))]
    return [piece for piece in pieces if piece.text]


def merged(base: str, mine: str, theirs: str) -> str | None:
    """Both changes of `base` in one text; None where they touch the same words, so that a person must choose."""
    old, left, right = _words(base), _words(mine), _words(theirs)
    changes = sorted({*_changes(old, left), *_changes(old, right)}, key=lambda change: change[:2])
    for one, other in pairwise(changes):
        if other[0] <= one[1]:  # they overlap, or stand side by side and nobody knows in which order
            return None
    for start, end, words in reversed(changes):
        old[start:end] = words
    return "".join(old)


@dataclass(frozen=True)
class Clash:
    """Two people changed one text: what each of them did to it, and a proposal. `clean`: it holds both changes whole."""

    theirs: list[Piece]
    yours: list[Piece]
    proposal: str
    clean: bool


def clash(base: str, yours: str, theirs: str) -> Clash:
    """The same for a person who must bring the two together; where a machine cannot, their own words are proposed."""
    both = merged(base, yours, theirs)
    return Clash(differences(base, theirs), differences(base, yours), yours if both is None else both, both is not None)


def _changes(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """From where to where in `old` other words stand, and which."""
    yield from ((i, j, tuple(new[k:m])) for tag, i, j, k, m in _steps(old, new) if tag != "equal")


def _words(text: str) -> list[str]:
    return _TOKEN.findall(text)


def _steps(old: Sequence[str], new: Sequence[str]) -> list[tuple[str, int, int, int, int]]:
    """SequenceMatcher's steps, where a space alone between two changes is a part of them: people change phrases."""
    common = Counter(old) & Counter(new)
    costly = sum(number**2 for number in common.values()) > TOO_MANY
    steps: list[tuple[str, int, int, int, int]] = []
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=costly).get_opcodes():
        after_space = len(steps) > 1 and tag != "equal" and steps[-1][0] == "equal"
        if after_space and "".join(old[steps[-1][1] : steps[-1][2]]).isspace():
            steps.pop()
            _, first, _, third, _ = steps.pop()
            steps.append(("replace", first, j, third, m))
        else:
            steps.append((tag, i, j, k, m))
    return steps
