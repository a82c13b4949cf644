"""A matter's title when the reporter wrote only the text."""

import re

LONGEST = 28


def title_of(text: str) -> str:
    """The first sentence; where that is long its first clauses, and at most 28 characters with an ellipsis."""
    flat = " ".join(text.split())
    sentence = re.split(r"(?<=[。！？!?；;])|(?<=\. )", flat, maxsplit=1)[0].rstrip("。.；; ")
    if len(sentence) <= LONGEST:
        return sentence or flat[:LONGEST]
    title = ""
    for clause in re.split(r"(?<=[，,、])", sentence):
        if len(title) + len(clause) > LONGEST:
            break
        title += clause
    title = title.rstrip("，,、")
    return title if len(title) >= 6 else sentence[: LONGEST - 1] + "…"
