"""What a text is searched by. Pure.

Chinese has no blanks between words, and most words are two characters: every run of Chinese characters becomes its single characters and
its pairs of neighbours, every other run of letters and digits stays whole. A query is cut the same way, so a word is found inside a longer
one (灯 in 路灯, 圾桶 in 垃圾桶), and nothing depends on a dictionary. docs/algorithms/search.md.
"""

import re
import unicodedata
from collections.abc import Iterator

LONGEST_TOKEN = 40
MOST_TOKENS = 20_000  # of one document: bounded so that nobody can fill the index with one text
MOST_ASKED = 24

# Blocks of Chinese characters, with the iteration mark and the round zero.
HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af\u3005\u3007"
RUN = re.compile(f"([{HAN}]+)|([^\\W_{HAN}]+)")


def runs(text: str) -> Iterator[tuple[bool, str]]:
    """(Chinese or not, run) of a text in one width and case: ＬＥＤ and led are the same."""
    for found in RUN.finditer(unicodedata.normalize("NFKC", text).lower()):
        yield found[1] is not None, found[0]


def document_tokens(*texts: str) -> list[str]:
    """Every token of the texts, each once, in order of appearance."""
    found: dict[str, None] = {}
    for text in texts:
        for han, run in runs(text):
            if han:
                found.update(dict.fromkeys(run))
                found.update(dict.fromkeys(run[at : at + 2] for at in range(len(run) - 1)))
            else:
                found[run[:LONGEST_TOKEN]] = None
            if len(found) >= MOST_TOKENS:
                return list(found)[:MOST_TOKENS]
    return list(found)


def query_tokens(query: str) -> list[str]:
    """The tokens all of which a document must have: the pairs of a Chinese run (the character itself where it stands alone), other runs whole."""
    found: dict[str, None] = {}
    for han, run in runs(query):
        if han and len(run) > 1:
            found.update(dict.fromkeys(run[at : at + 2] for at in range(len(run) - 1)))
        else:
            found[run[:LONGEST_TOKEN]] = None
    return list(found)[:MOST_ASKED]
