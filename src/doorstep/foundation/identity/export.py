"""What is held of a person, by section, from every room; and as a file to take along (PIPL art. 45)."""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.core.files.storage import default_storage

from doorstep.foundation import clock
from doorstep.foundation.identity.lifecycle import Section, person_columns
from doorstep.foundation.identity.models import Person

FORMAT = "doorstep.my-data/1"


def held_about(person_id: int) -> list[Section]:
    """Every section that has something to say about this person, the lowest room's first."""
    found = []
    for column in reversed(person_columns()):
        section = column.export(column, person_id)
        if section is not None:
            found.append(section)
    return found


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value


def export_file(person: Person, *, readable: Callable[[list[Section]], str]) -> bytes:
    """A zip: data.json (`doorstep.my-data/1`), data.html made by `readable`, and the files the sections name."""
    sections = held_about(person.pk)
    content = {
        "format": FORMAT,
        "made_at": clock.now().isoformat(timespec="seconds"),
        "name": person.name,
        "sections": [
            {
                "code": section.code,
                "title": section.title,
                "rows": [{label: _plain(value) for label, value in row.items()} for row in section.rows],
                "files": [name for name, _path in section.files],
            }
            for section in sections
        ],
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", json.dumps(content, ensure_ascii=False, indent=1))
        archive.writestr("data.html", readable(sections))
        for section in sections:
            for name, path in section.files:
                with default_storage.open(path) as file:
                    archive.writestr(f"files/{name}", file.read())
    return out.getvalue()
