"""Folding leaves of a text what people mean when they search for it, in any script."""

import threading
import unicodedata
from collections import OrderedDict
from collections.abc import Iterable
from hashlib import blake2b

#: Marks that make another letter of a kana (が of か). Every other mark is an accent, a vowel or a tone.
_VOICED = "\u3099\u309a"
#: Latin letters with a stroke or without a dot, which Unicode does not take apart, and those that are written as two.
_LATIN = {"ı": "i", "ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe"}
#: Arabic is written with or without the hamza and the dots of a final letter; Persian and Urdu have keys of their own
#: for the same letters. (The forms of alef that Unicode takes apart have lost their marks before this.)
_ARABIC = {"ٱ": "ا", "ة": "ه", "ى": "ي", "ی": "ي", "ک": "ك", "ہ": "ه", "ھ": "ه", "ە": "ه", "ـ": ""}
#: Digits as Arabic and Persian write them.
_DIGITS = dict(zip("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789", strict=True))
#: Hiragana is written for katakana and the other way round.
_KANA = {chr(code): chr(code + 0x60) for code in (*range(0x3041, 0x3097), 0x309D, 0x309E)}
#: Marks that keyboards and word processors write differently.
_MARKS = {**dict.fromkeys("‘’ʼ‛`´", "'"), **dict.fromkeys("“”„«»", '"'), **dict.fromkeys("‐‑‒–—−", "-")}
#: What is not seen: joiners, soft hyphens and marks of direction.
_UNSEEN = dict.fromkeys(
    "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff", ""
)
_PLAIN = str.maketrans({**_LATIN, **_ARABIC, **_DIGITS, **_KANA, **_MARKS, **_UNSEEN})


#: How many `fold_lines` are remembered: what is searched in some large collections.
KEPT = 4000
_kept: OrderedDict[bytes, str] = OrderedDict()
_lock = threading.Lock()


def fold(text: str) -> str:
    """The text without case, accents, width, doubled spaces and ways of writing, as it is compared.

    `Kirdar` finds `Kırdar`, `strasse` finds `Straße`, `ＩＧＦ` finds `IGF`, `ｲﾝﾀｰﾈｯﾄ` and `いんたーねっと` find
    `インターネット`, and `الانترنت` finds `الإنترنت`. Folding twice is folding once. Nothing is remembered: anybody can
    make up as many texts to search for as they like.
    """
    if text.isascii() and "`" not in text:
        return " ".join(text.lower().split())
    folded = _once(text)
    while (again := _once(folded)) != folded:  # a letter may come apart into one that is folded itself
        folded = again
    return folded


def _once(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in apart if not unicodedata.combining(letter) or letter in _VOICED)
    return " ".join(bare.translate(_PLAIN).split())


def fold_lines(texts: Iterable[str]) -> str:
    """The texts of one thing, each folded, a line each.

    Every search asks for the same ones again, so the last are remembered, under a digest of what they were: whatever
    changed in them is another name, and the texts themselves are not kept a second time.
    """
    pieces = list(texts)
    name = blake2b("\0".join(pieces).encode("utf-8", "surrogatepass"), digest_size=16).digest()
    with _lock:
        if (known := _kept.get(name)) is not None:
            _kept.move_to_end(name)
            return known
    folded = "\n".join(map(fold, pieces))
    with _lock:
        _kept[name] = folded
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return folded
