"""Reading a paper as a test reads it."""

import io

from pypdf import PdfReader


def pages_of(data: bytes) -> list[str]:
    """What stands on each page, without blanks and line ends: where a reader of PDF sees them is a matter of layout."""
    return ["".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(data)).pages]


def read(data: bytes) -> str:
    return "".join(pages_of(data))
