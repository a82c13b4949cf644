"""What a text is searched by. Pure.

Chinese has no blanks between words, and most words are two characters: every run of Chinese characters becomes its single characters and
its pairs of neighbours, every other run of letters and digits stays whole. A query is cut the same way, so a word is found inside a longer
one (灯 in 路灯, 圾桶 in 垃圾桶), and nothing depends on a dictionary. docs/algorithms/search.md.
"""

import unicodedata
from collections.abc import Iterator

LONGEST_TOKEN = 40
MOST_TOKENS = 20_000  # of one document: bounded so that nobody can fill the index with one text
MOST_ASKED = 24

# Blocks of Chinese characters, with the iteration mark and the round zero.
HAN = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x323AF), (0x3005, 0x3005), (0x3007, 0x3007))


def is_han(character: str) -> bool:
    point = ord(character)
    return any(first <= point <= last for first, last in HAN)


def runs(text: str) -> Iterator[tuple[bool, str]]:
    """(Chinese or not, run) of a text in one width and case: ＬＥＤ and led are the same."""
    run, run_is_han = "", False
    for character in unicodedata.normalize("NFKC", text).lower():
        han = is_han(character)
        if run and (han != run_is_han or not (han or character.isalnum())):
            yield run_is_han, run
            run = ""
        if han or character.isalnum():
            run, run_is_han = run + character, han
    if run:
        yield run_is_han, run


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
