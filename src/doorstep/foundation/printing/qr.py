"""QR codes as drawings, for pages and papers alike."""

from functools import lru_cache

import segno

from doorstep.foundation.printing.press import Fact

QUIET = 2
"""Modules of white left around a code."""


@lru_cache(maxsize=256)
def drawing_of(text: str) -> tuple[int, str]:
    """The side of a QR code in modules, white included, and the SVG path of its dark ones. Kept: a page's code is the same for everybody
    and costs 30 ms."""
    code = segno.make(text, error="m", micro=False)
    path = []
    for y, row in enumerate(code.matrix):
        x = 0
        while x < len(row):
            if row[x]:
                end = x
                while end < len(row) and row[end]:
                    end += 1
                path.append(f"M{x + QUIET} {y + QUIET}h{end - x}v1h-{end - x}z")
                x = end
            else:
                x += 1
    return int(code.symbol_size(border=QUIET)[0]), "".join(path)


def qr_fact(text: str) -> Fact:
    """The same as a fact, for `code` of sheet.typ."""
    side, path = drawing_of(text)
    return {"side": side, "path": path}
