"""`doorstep import roster FILE`: formats, section 5."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from doorstep.foundation.journal.actions import Actor, writing
from doorstep.foundation.places.actions import CannotContain, CodeTaken, create_place
from doorstep.foundation.places.models import Place
from doorstep.foundation.places.queries import place_by_code
from doorstep.organisations.roll_file import Table, UnreadableFile, read_table, write_csv, write_xlsx
from doorstep.organisations.roll_import import BadRows, import_table, preview_table

BY = Actor(channel="import")


def run(arguments: list[str]) -> int:
    """Exit 0 good, 2 bad rows or an unreadable file."""
    parser = argparse.ArgumentParser(prog="doorstep import roster")
    parser.add_argument("file")
    parser.add_argument("--estate", required=True, metavar="CODE")
    parser.add_argument("--create", metavar="NAME", help="make the estate")
    parser.add_argument("--under", metavar="CODE", help="the place it stands in")
    parser.add_argument("--dry-run", action="store_true")
    parser.add_argument("--skip-bad", action="store_true")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    path = Path(given.file)
    try:
        table = read_table(path.read_bytes())
    except (OSError, UnreadableFile) as error:
        print(f"doorstep import: cannot read {path.name}: {error}", file=sys.stderr)
        return 2
    estate = place_by_code(given.estate)
    if estate is None and not given.create:
        print(f"doorstep import: no estate {given.estate}; --create NAME --under CODE makes it", file=sys.stderr)
        return 2
    report, code = _import(given, estate, table)
    if report is None:
        return code
    if given.skip_bad and report["errors"] and report["written"]:
        print(f"skipped rows: {_write_skipped(path, table, report)}", file=sys.stderr)
    _show(report, as_json=given.json)
    return code


def _import(given: argparse.Namespace, estate: Place | None, table: Table) -> tuple[dict[str, Any] | None, int]:
    if given.dry_run:
        report = preview_table(estate=estate, table=table)
        return report, 2 if report["errors"] and not given.skip_bad else 0
    try:
        with writing():
            if estate is None:
                under = place_by_code(given.under or "")
                if under is None:
                    print(f"doorstep import: no place {given.under} to create the estate under", file=sys.stderr)
                    return None, 2
                estate = create_place(code=given.estate, kind=Place.Kind.ESTATE, name=given.create, parent=under, by=BY)
            return import_table(estate=estate, table=table, by=BY, skip_bad=given.skip_bad), 0
    except BadRows as error:
        return error.report, 2
    except (CodeTaken, CannotContain) as error:
        print(f"doorstep import: cannot create {given.estate}: {error}", file=sys.stderr)
        return None, 2


def _write_skipped(path: Path, table: Table, report: dict[str, Any]) -> Path:
    """The skipped rows, with the header, in a file beside."""
    bad = {error["row"] for error in report["errors"]}
    head = next(number for number, cells in table if any(cell not in (None, "") for cell in cells))
    rows = [cells for number, cells in table if number == head or number in bad]
    beside = path.with_name(f"{path.stem}-skipped{path.suffix if path.suffix in ('.csv', '.xlsx') else '.csv'}")
    if beside.suffix == ".xlsx":
        write_xlsx(rows, str(beside))
    else:
        write_csv(rows, beside)
    return beside


def _show(report: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(report, ensure_ascii=False, indent=1))
        return
    print(f"{report['rows']} rows: {report['units']} units, {report['persons']} persons, {report['parties']} parties, {report['area']} m²")
    print(
        f"{report['created']} new, {report['changed']} changed, {report['unchanged']} unchanged; {'written' if report['written'] else 'nothing written'}"
    )
    for error in report["errors"]:
        print(f"  row {error['row']}, {error['column']}: {error['reason']}")
    for ask in report["ask"]:
        print(f"  same name, different persons? {ask['name']}: rows {', '.join(map(str, ask['rows']))}")
