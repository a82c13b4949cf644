"""A backup made while others write, brought back elsewhere, is the same town: every table's fingerprint, every file, every next number.

On databases of their own, by the commands a town runs: nothing here shares the tests' transaction.
"""

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

FILL = """
import django; django.setup()
import conftest; conftest.load_town()
from pathlib import Path
from doorstep.affairs.models import Category
from doorstep.affairs import actions
from doorstep.foundation.files.actions import keep_photo
from doorstep.foundation.identity.models import Person
from doorstep.foundation.journal.actions import Actor
from doorstep.foundation.journal.sealing import seal_all
from doorstep.foundation.places.models import Place
from PIL import Image
import io
out = io.BytesIO(); Image.new("RGB", (8, 8), "red").save(out, "PNG")
liu = Person.objects.get(name="刘玉梅")
for n in range(3):
    photo = keep_photo(data=out.getvalue(), audience="public")
    actions.raise_matter(by=Actor(person_id=liu.pk), reporter_id=liu.pk, place=Place.objects.get(code="ruijin"),
        category=Category.objects.select_related("parent").get(code="lighting"), text="楼道灯不亮。\\t\\\\", photos=[photo])
seal_all()
"""
RAISE = """
import django; django.setup()
import sys
from pathlib import Path
from doorstep.affairs.models import Category
from doorstep.affairs import actions
from doorstep.foundation.identity.models import Person
from doorstep.foundation.journal.actions import Actor
from doorstep.foundation.places.models import Place
liu = Person.objects.get(name="刘玉梅")
enough = False
while not enough:
    print(actions.raise_matter(by=Actor(person_id=liu.pk), reporter_id=liu.pk, place=Place.objects.get(code="ruijin"),
        category=Category.objects.select_related("parent").get(code="lighting"), text="路灯又坏了。").number, flush=True)
    enough = Path(sys.argv[1]).exists()
"""
FIND = """
import django; django.setup()
from doorstep.foundation.access.viewer import NOBODY
from doorstep.foundation.search.queries import find
print(len(find(NOBODY, "楼道", size=100).documents))
"""


SPEAK = """
import django; django.setup()
from doorstep.affairs.models import Category
from doorstep.affairs import actions
from doorstep.foundation.identity.models import Account
from doorstep.foundation.journal.actions import Actor
from doorstep.foundation.places.models import Place
for login in ("ye", "luo"):
    person = Account.objects.get(login=login).person
    actions.raise_matter(by=Actor(person_id=person.pk), reporter_id=person.pk, place=Place.objects.get(code="ruijin"),
        category=Category.objects.select_related("parent").get(code="lighting"), text=f"{login}家门口的紫荆树压弯了")
"""
ERASE = """
import django; django.setup()
from datetime import timedelta
from doorstep.foundation import clock
from doorstep.foundation.identity.erasures import ask_erasure
from doorstep.foundation.identity.models import Account
from doorstep.foundation.journal.actions import Actor
from doorstep.foundation.places.models import Place
from doorstep.site.upkeep import erase_asked
for login in ("ye", "luo"):
    person = Account.objects.get(login=login).person
    ask_erasure(person_id=person.pk, due_at=clock.now(), by=Actor(person_id=person.pk), place=Place.objects.get(code="hengli"))
print(erase_asked())
"""
LOOK = """
import django; django.setup()
import sys
from tests.lives.scene import found
print(*sorted({f"{mark}:{cell}" for mark in sys.argv[1:] for cell in found(mark)}), sep="\\n")
"""
YE, LUO = ("叶锦棠", "13900000001", "ye家门口"), ("13900000002", "luo家门口")


class House:
    """A town's home and database, spoken to by commands only."""

    def __init__(self, ground: Any) -> None:
        self.home = ground.home
        self.environment = {
            **os.environ,
            "DOORSTEP_HOME": str(self.home),
            "DOORSTEP_DATABASE_URL": ground.url,
            "DJANGO_SETTINGS_MODULE": "doorstep.site.settings",
            "PYTHONPATH": os.pathsep.join(("src", ".")),
        }
        self.environment.pop("PYTEST_XDIST_WORKER", None)

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        return subprocess.Popen([sys.executable, *arguments], env=self.environment, stdout=subprocess.PIPE, text=True)

    def run(self, *arguments: str, code: int = 0) -> str:
        ended = subprocess.run([sys.executable, *arguments], env=self.environment, capture_output=True, text=True, check=False)
        assert ended.returncode == code, ended.stderr
        return ended.stdout if code == 0 else ended.stderr

    def doorstep(self, *arguments: str, code: int = 0) -> str:
        return self.run("-c", f"import sys; from doorstep.site.command import main; main({list(arguments)!r})", code=code)


@pytest.fixture
def houses(new_ground: Callable[..., Any]) -> list[House]:
    """Two towns' homes, the second with an empty database."""
    return [House(new_ground()), House(new_ground(empty=True))]


@pytest.mark.thorough
def test_a_backup_made_while_others_write_is_restored_the_same(houses: list[House], tmp_path: Path) -> None:
    here, there = houses
    here.run("-c", FILL)
    enough = tmp_path / "enough"
    writer = here.start("-c", RAISE, str(enough))
    assert writer.stdout is not None
    writer.stdout.readline()
    reader = threading.Thread(target=writer.stdout.read)
    reader.start()
    try:
        made = json.loads(here.doorstep("backup", str(tmp_path / "kept")))
        assert writer.poll() is None, "the writer had ended before the backup"
    finally:
        enough.touch()
        reader.join()
    writer.stdout.close()
    assert writer.wait() == 0
    manifest = json.loads((tmp_path / "kept" / "manifest.json").read_text("utf-8"))
    after = json.loads(here.doorstep("fingerprint"))
    assert after["fingerprint"] != made["fingerprint"]

    shutil.copyfile(here.home / "erasures.jsonl", there.home / "erasures.jsonl")
    report = json.loads(there.doorstep("restore", str(tmp_path / "kept")))
    back = json.loads(there.doorstep("fingerprint"))
    assert back["tables"] == manifest["tables"]
    assert (back["fingerprint"], report["fingerprint"]) == (made["fingerprint"], made["fingerprint"])
    assert report["files"] == 6
    assert report["keys_missing"] == [key["key_id"] for key in made["keys"]]
    for each in manifest["files"]:
        assert (there.home / "files" / each["path"]).read_bytes() == (here.home / "files" / each["path"]).read_bytes()

    # The restored town goes on: its journal still refuses changes, its numbers follow those given, what was said is found.
    raised = manifest["tables"]["affairs_matter"]["rows"]
    number = there.run("-c", RAISE, str(enough)).split()[-1]
    assert int(number.rsplit("-", 1)[1]) > raised
    assert there.run("-c", FIND).split()[-1] == "3"
    there.run(
        "-c",
        "import django; django.setup()\nfrom doorstep.foundation.journal.models import Entry\nEntry.objects.all().update(verb='x')",
        code=1,
    )
    assert "NotEmpty" in there.doorstep("restore", str(tmp_path / "kept"), code=2)


@pytest.mark.thorough
def test_what_is_damaged_unfinished_or_in_use_is_refused(houses: list[House], tmp_path: Path) -> None:
    here, there = houses
    here.run("-c", FILL)
    kept = tmp_path / "kept"
    here.doorstep("backup", str(kept))
    shutil.copyfile(here.home / "erasures.jsonl", there.home / "erasures.jsonl")
    assert "not empty" in here.doorstep("backup", str(kept), code=2)
    photo = next(kept.glob("files/photos/*/*.jpg"))
    whole = photo.read_bytes()
    photo.write_bytes(whole[:-1])
    assert "Damaged" in there.doorstep("restore", str(kept), code=2)
    photo.write_bytes(whole)
    for part in [*kept.glob("database.sqlite3"), *kept.glob("tables/affairs_matter.copy")]:
        content = part.read_bytes()
        part.write_bytes(content[:-9])
        assert "Damaged" in there.doorstep("restore", str(kept), code=2)
        part.write_bytes(content)
    (kept / "manifest.json").rename(tmp_path / "manifest.json")
    assert "never finished" in there.doorstep("restore", str(kept), code=2)
    (tmp_path / "manifest.json").rename(kept / "manifest.json")
    there.doorstep("restore", str(kept))


@pytest.mark.thorough
def test_whoever_was_erased_since_is_erased_again(houses: list[House], new_ground: Callable[..., Any], tmp_path: Path) -> None:
    """One wholly, one but for the name that a post needs; both read from the raw tables."""
    here, there = houses
    kept = str(tmp_path / "kept")
    here.run("-c", FILL)
    here.run("-c", SPEAK)
    here.doorstep("backup", kept)
    assert here.run("-c", ERASE).split() == ["1"]
    assert here.run("-c", LOOK, *YE, *LUO).split() == []

    refused = there.doorstep("restore", kept, code=2)
    assert "erasures.jsonl is not there" in refused
    assert "NotEmpty" not in there.doorstep("restore", kept, code=2), "a refused restore had written something"
    shutil.copyfile(here.home / "erasures.jsonl", there.home / "erasures.jsonl")
    report = json.loads(there.doorstep("restore", kept))
    assert (report["erased_again"], report["erased_but_for_the_name"]) == (1, 1)
    assert there.run("-c", LOOK, *YE, *LUO).split() == []
    assert there.run("-c", LOOK, "罗建文").split() == ["罗建文:foundation_person.name"]

    # Without the list they are all back, and it is said.
    lost = House(new_ground(empty=True))
    ended = subprocess.run(
        [sys.executable, "-c", "from doorstep.site.command import main; main()", "restore", kept, "--without-erasures"],
        env=lost.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "NOBODY WAS ERASED AGAIN" in ended.stderr
    back = lost.run("-c", LOOK, *YE, *LUO)
    assert all(mark in back for mark in (*YE, *LUO))
