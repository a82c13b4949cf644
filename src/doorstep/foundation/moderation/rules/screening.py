"""What a word list says of a text. Pure: lists are arguments."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class WordList:
    """Words, or a pattern, and the reason for which a text with one of them is held."""

    reason: str
    words: tuple[str, ...] = ()
    pattern: str = ""


def plain(text: str) -> str:
    """One width, one case, no blanks: what is written apart is read together."""
    return "".join(unicodedata.normalize("NFKC", text).lower().split())


# The words of the lists, read as a text is read: the same ones for every text.
_plain_word = lru_cache(maxsize=10_000)(plain)


def reason_to_hold(text: str, lists: Sequence[WordList]) -> str:
    """The reason of the first list that finds something; "" when none does."""
    read = plain(text)
    for each in lists:
        if any(_plain_word(word) in read for word in each.words) or (each.pattern and re.search(each.pattern, read)):
            return each.reason
    return ""
