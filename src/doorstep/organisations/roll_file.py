"""Roll files: reading xlsx and csv as clerks save them, writing what was skipped and what is exported."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import xlsxwriter
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from doorstep.organisations.rules.roll import Cell

Table = list[tuple[int, list[Cell]]]
MOST_ROWS = 200_000


class UnreadableFile(Exception):
    """This is neither an xlsx workbook nor a csv in UTF-8 or GB18030."""


def read_table(data: bytes) -> Table:
    """(row number as the sheet shows it, cells) of the first sheet."""
    if data[:4] == b"PK\x03\x04":
        return _read_xlsx(data)
    return _read_csv(data)


def _read_xlsx(data: bytes) -> Table:
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        table: Table = [
            (number, list[Cell](cells)) for number, cells in enumerate(sheet.iter_rows(values_only=True, max_row=MOST_ROWS), start=1)
        ]
        book.close()
    except (InvalidFileException, KeyError, ValueError, OSError, IndexError, EOFError) as error:
        raise UnreadableFile("xlsx") from error
    except Exception as error:
        # openpyxl lets the errors of zipfile and its XML parser through; the file is what is wrong.
        if type(error).__module__.startswith(("zipfile", "zlib", "xml", "openpyxl", "lxml")):
            raise UnreadableFile("xlsx") from error
        raise
    return table


def _read_csv(data: bytes) -> Table:
    text = None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    if text is None or "\x00" in text:
        raise UnreadableFile("csv")
    first = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    table: Table = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for cells in reader:
            table.append((len(table) + 1, [cell or None for cell in cells]))
    except csv.Error as error:
        raise UnreadableFile("csv") from error
    return table


def defused(text: str) -> str:
    """A text that a spreadsheet would take for a formula is kept a text by a leading apostrophe."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def write_xlsx(rows: Iterable[Sequence[object]], target: str | BinaryIO) -> None:
    """Every cell as text, so that phones, rooms and numbers stay what they are; formulas defused."""
    book = xlsxwriter.Workbook(
        target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    # The same rows are the same bytes: a file says nothing of when it was asked for.
    book.set_properties({"created": datetime(2000, 1, 1)})
    sheet = book.add_worksheet()
    text = book.add_format({"num_format": "@"})
    for y, row in enumerate(rows):
        for x, cell in enumerate(row):
            sheet.write_string(y, x, defused("" if cell is None else str(cell)), text)
    book.close()


def write_csv(rows: Iterable[Sequence[object]], target: Path) -> None:
    """UTF-8 with a BOM, which is what Excel wants to see."""
    target.write_bytes(csv_bytes(rows))


def csv_bytes(rows: Iterable[Sequence[object]]) -> bytes:
    """The same as it is sent; formulas defused."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([defused("" if cell is None else str(cell)) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")
