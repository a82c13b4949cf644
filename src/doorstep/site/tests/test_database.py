"""One insert stays one statement, however many rows a page writes at once."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from doorstep.foundation.access.middleware import write_reads
from doorstep.foundation.access.models import AccessLog


@pytest.mark.parametrize("reads", [1, 143, 300, 1021])
def test_what_a_page_showed_is_logged_by_one_statement(town: Any, reads: int) -> None:
    viewer = town.viewer(town.luo)
    for n in range(reads):
        viewer.note_read(kind="matter", subject=f"HL-2026-{n:06d}", about_person_id=town.liu.pk, why="handling")
    with CaptureQueriesContext(connection) as asked:
        write_reads(viewer)
    inserts = [each["sql"] for each in asked if each["sql"].startswith("INSERT")]
    assert len(inserts) == 1
    assert AccessLog.objects.count() == reads
