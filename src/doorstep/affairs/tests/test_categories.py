"""What matters can be about: switched on and off, and a town's own."""

from typing import Any

import pytest
from django.test import Client

from doorstep.affairs import queries
from doorstep.affairs.actions import NotAllowed
from doorstep.affairs.actions.categories import NameTaken, NothingLeft, add_category, switch_category
from doorstep.affairs.models import Category
from doorstep.affairs.setup import load_categories
from doorstep.foundation.access.viewer import Viewer, build_viewer
from doorstep.foundation.identity.models import Account
from doorstep.foundation.journal.models import Entry


def admin() -> Viewer:
    return build_viewer(person_id=Account.objects.get(login="townadmin").person_id, is_town_admin=True)


def offered() -> set[str]:
    return {each.code for top, below in queries.categories() for each in (top, *below)}


def test_what_is_off_is_offered_nowhere_and_stays_what_it_was(town: Any, client: Any) -> None:
    matter = town.raise_matter(category_code="blocked_way")
    parking = Category.objects.get(code="parking")
    switch_category(viewer=admin(), town=town.place, category=parking, on=False)
    assert not {"parking", "blocked_way", "charging"} & offered()
    assert queries.category_by_code("blocked_way") is None
    assert queries.category_by_code("lift") is not None
    codes = {each["code"] for each in client.get("/api/v1/codes").json()["categories"]}
    services = {each["service_code"] for each in client.get("/open311/v2/services.json").json()}
    assert not {"parking", "blocked_way"} & (codes | services)
    assert "停车" not in [each.zh for each in queries.top_categories()]
    assert client.get(f"/m/{matter.number}").status_code == 200
    # A newer data file does not switch it on again.
    load_categories()
    assert not Category.objects.get(code="parking").is_active
    switch_category(viewer=admin(), town=town.place, category=parking, on=True)
    assert {"parking", "blocked_way", "charging"} <= offered()
    assert [entry.verb for entry in Entry.objects.filter(kind="category").order_by("id")] == ["category_off", "category_on"]


def test_switching_twice_writes_once_and_something_is_left(town: Any) -> None:
    tops = list(Category.objects.filter(parent=None))
    for top in (tops[0], tops[0], *tops[1:-1]):
        switch_category(viewer=admin(), town=town.place, category=top, on=False)
    assert Entry.objects.filter(verb="category_off").count() == len(tops) - 1
    with pytest.raises(NothingLeft):
        switch_category(viewer=admin(), town=town.place, category=tops[-1], on=False)


def test_a_towns_own_kind_can_be_raised_and_outlives_the_data_file(town: Any) -> None:
    top = add_category(viewer=admin(), town=town.place, zh="荔枝节", en="Lychee fair")
    below = add_category(viewer=admin(), town=town.place, zh="纠纷新类", en="A new dispute", parent=Category.objects.get(code="dispute"))
    assert (top.code, below.code) == ("own-1", "own-2")
    assert below.is_restricted == Category.objects.get(code="dispute").is_restricted
    assert queries.categories()[-1][0] == top
    matter = town.raise_matter(category_code="own-1")
    assert (matter.category.zh, matter.body) == ("荔枝节", town.company)
    assert matter.due_at is not None
    load_categories()
    assert Category.objects.get(code="own-1").zh == "荔枝节"
    with pytest.raises(NameTaken):
        add_category(viewer=admin(), town=town.place, zh="荔枝节 ", en="again")


def test_nobody_but_the_administrator(town: Any) -> None:
    for person in (town.luo, town.lin, town.liu):
        with pytest.raises(NotAllowed):
            add_category(viewer=town.viewer(person), town=town.place, zh="甲", en="A")
        with pytest.raises(NotAllowed):
            switch_category(viewer=town.viewer(person), town=town.place, category=Category.objects.get(code="parking"), on=False)


def test_on_the_screen(town: Any) -> None:
    client = Client()
    client.force_login(Account.objects.get(login="townadmin"), backend="doorstep.foundation.identity.backend.AccountBackend")
    home = "/p/hengli/categories/"
    assert "关掉停车" in client.get(home).content.decode()
    assert client.post(home, {"switch": "parking", "on": "no", "once": "a"}).status_code == 303
    assert "打开停车" in client.get(home).content.decode()
    assert client.post(home, {"switch": "nothing", "on": "no", "once": "b"}).status_code == 404
    refused = client.post(home, {"zh": "荔枝节", "en": "", "once": "c"})
    assert refused.status_code == 422
    assert "还没写英文名。" in refused.content.decode()
    for _ in range(2):
        assert client.post(home, {"zh": "荔枝节", "en": "Lychee fair", "parent": "", "once": "d"}).status_code == 303
    assert Category.objects.filter(zh="荔枝节").count() == 1
    assert "已经有这一类了。" in client.post(home, {"zh": "荔枝节", "en": "x", "parent": "", "once": "e"}).content.decode()
    Category.objects.filter(parent=None).exclude(code="own-1").update(is_active=False)
    assert "至少要留一类" in client.post(home, {"switch": "own-1", "on": "no", "once": "f"}).content.decode()
