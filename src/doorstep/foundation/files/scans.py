"""What a scanned paper is before it is kept: a PDF that only shows pages. Pure apart from pypdf: bytes in, bytes out."""

import io
from collections.abc import Iterator
from dataclasses import dataclass

from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, StreamObject

MAX_BYTES = 20 * 1024 * 1024
MAX_PAGES = 60
MAX_OBJECTS = 20_000
# What makes a PDF do something, or carry another file: ISO 32000-1, 7.11.4, 12.6 and 12.7.3. A scan has none of it.
ACTIVE = frozenset(
    {"/JavaScript", "/JS", "/AA", "/OpenAction", "/Launch", "/SubmitForm", "/ImportData", "/EmbeddedFile", "/EmbeddedFiles", "/RichMedia", "/XFA", "/GoToR", "/Rendition"}
)  # fmt: skip


class NotAScan(Exception):
    """The bytes are no PDF that can be read, or one that is locked."""


class ScanTooLarge(Exception):
    """More bytes, pages or parts than we take."""


class ScanActs(Exception):
    """It holds a script, an action or another file."""


@dataclass(frozen=True, slots=True)
class Scan:
    """A PDF ready to be kept: its pages alone, without title, author, program or dates."""

    data: bytes
    pages: int


def looks_like_scan(data: bytes) -> bool:
    return data[:1024].lstrip().startswith(b"%PDF-")


def read_scan(data: bytes) -> Scan:
    """Sniff, bound, refuse what acts, and write the pages anew: what is not part of a page is left behind."""
    if len(data) > MAX_BYTES:
        raise ScanTooLarge(len(data))
    if not looks_like_scan(data):
        raise NotAScan
    try:
        reader = PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted:
            raise NotAScan
        pages = len(reader.pages)
        if not pages:
            raise NotAScan
        if pages > MAX_PAGES:
            raise ScanTooLarge(pages)
        if any(name in ACTIVE for name in _names(reader)):
            raise ScanActs
        writer = PdfWriter()
        for page in reader.pages:
            writer.add_page(page)
        writer.metadata = None
        out = io.BytesIO()
        writer.write(out)
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, OSError) as error:
        # pypdf reports a broken file in all of these ways.
        raise NotAScan from error
    return Scan(out.getvalue(), pages)


def _names(reader: PdfReader) -> Iterator[str]:
    """Every key, and every kind of action, of everything that the file's root and pages lead to."""
    waiting: list[object] = [reader.trailer]
    seen: set[int] = set()
    count = 0
    while waiting:
        count += 1
        if count > MAX_OBJECTS * 10 or len(seen) > MAX_OBJECTS:
            raise ScanTooLarge(count)
        each = waiting.pop()
        if isinstance(each, IndirectObject):
            if each.idnum in seen:
                continue
            seen.add(each.idnum)
            waiting.append(each.get_object())
        elif isinstance(each, (DictionaryObject, StreamObject)):
            for key in each:
                yield str(key)
                value = each.raw_get(key)
                if key == "/S":
                    yield str(value)
                waiting.append(value)
        elif isinstance(each, ArrayObject):
            waiting.extend(each)
