"""Reading a paper as a test reads it, and looking at it."""

import io

from pypdf import PdfReader

from doorstep.foundation.printing.press import Facts, drawn


def picture(template: str, facts: Facts) -> bytes:
    """The one page of a paper as PNG, 144 pixels an inch."""
    return drawn(template, facts, "png")


def pages_of(data: bytes) -> list[str]:
    """What stands on each page, without blanks and line ends: where a reader of PDF sees them is a matter of layout."""
    return ["".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(data)).pages]


def read(data: bytes) -> str:
    return "".join(pages_of(data))
