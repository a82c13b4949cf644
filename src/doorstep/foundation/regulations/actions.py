"""Loading the data files. Twice the same changes nothing."""

import tomllib
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from doorstep.foundation.regulations.models import Regulation, Workday
from doorstep.foundation.regulations.queries import forget

DATA = Path(__file__).parent / "data"


def read_regulations(path: Path) -> list[dict[str, Any]]:
    """The rows of one data file, with the file's defaults filled in."""
    content = tomllib.loads(path.read_text("utf-8"))
    defaults = content.get("defaults", {})
    return [{**defaults, **row} for row in content["regulation"]]


def load_regulations(*, extra: Sequence[Path] = ()) -> int:
    """Bring the national and provincial values, and those of `extra` files, into the database; how many are new or changed."""
    changed = 0
    for path in [*sorted(each for each in DATA.glob("*.toml") if not each.name.startswith("town_")), *extra]:
        for row in read_regulations(path):
            given = {
                "value": str(row["value"]),
                "unit": row.get("unit", ""),
                "zh": row["zh"],
                "en": row["en"],
                "source_zh": row["source_zh"],
                "source_en": row["source_en"],
                "effective_to": row.get("effective_to"),
                "certainty": row["certainty"],
            }
            which = {
                "key": row["key"],
                "locality": row.get("locality", "CN"),
                "effective_from": row.get("effective_from", date(2021, 1, 1)),
            }
            kept = Regulation.objects.filter(**which).first()
            if kept is None:
                Regulation.objects.create(**which, **given)
                changed += 1
            elif any(getattr(kept, name) != value for name, value in given.items()):
                Regulation.objects.filter(pk=kept.pk).update(**given)
                changed += 1
    forget()
    return changed


def load_workdays() -> int:
    """Bring the published holidays and worked weekends into the database; how many days."""
    count = 0
    for path in sorted((DATA / "workdays").glob("*.toml")):
        content = tomllib.loads(path.read_text("utf-8"))
        for holiday in content["holiday"]:
            for is_workday, days in ((False, holiday["off"]), (True, holiday.get("worked", []))):
                for day in days:
                    Workday.objects.update_or_create(
                        day=day, defaults={"is_workday": is_workday, "name_zh": holiday["zh"], "name_en": holiday["en"]}
                    )
                    count += 1
    forget()
    return count
