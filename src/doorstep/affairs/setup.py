"""What affairs needs in a new town: the category tree."""

import tomllib
from pathlib import Path
from typing import Any

from doorstep.affairs.models import Category

DATA = Path(__file__).parent / "data" / "categories.toml"


def load_categories() -> int:
    """Bring the category tree of the data file into the database; how many. Names are updated, codes are kept."""
    rows = tomllib.loads(DATA.read_text("utf-8"))["category"]
    position = 0
    for row in rows:
        position += 10
        top = _keep(row, None, position)
        for index, below in enumerate(row["below"], start=1):
            _keep({**below, "restricted": row.get("restricted", False)}, top, position + index)
    return Category.objects.count()


def _keep(row: dict[str, Any], parent: Category | None, position: int) -> Category:
    kept, _made = Category.objects.update_or_create(
        code=row["code"],
        defaults={
            "parent": parent,
            "zh": row["zh"],
            "en": row["en"],
            "hint_zh": row.get("hint_zh", ""),
            "hint_en": row.get("hint_en", ""),
            "notice_zh": row.get("notice_zh", ""),
            "notice_en": row.get("notice_en", ""),
            "icon": row.get("icon", ""),
            "position": position,
            "is_restricted": row.get("restricted", False),
            "is_neighbourly": row.get("neighbourly", False),
        },
    )
    return kept
