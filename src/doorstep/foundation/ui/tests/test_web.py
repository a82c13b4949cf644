"""Forms that count once, ways back that lead nowhere else, and the reader's own settings."""

from typing import Any

import pytest

from doorstep.affairs.models import Matter, MatterText
from doorstep.foundation.identity.models import Account
from doorstep.foundation.ui import slots
from doorstep.foundation.ui.slots import NavItem


def test_a_form_sent_twice_counts_once(town: Any, sign_in: Any) -> None:
    matter = town.raise_matter()
    client = sign_in("luo")
    for _ in range(2):
        answer = client.post(f"/m/{matter.number}/answer", {"text": "今晚去换。", "once": "key-of-this-form"})
        assert (answer.status_code, answer["Location"]) == (303, f"/m/{matter.number}")
    assert MatterText.objects.filter(matter=matter).count() == 1


def test_without_a_key_each_sending_counts(town: Any, sign_in: Any) -> None:
    matter = town.raise_matter()
    client = sign_in("luo")
    for _ in range(2):
        client.post(f"/m/{matter.number}/answer", {"text": "今晚去换。"})
    assert MatterText.objects.filter(matter=matter).count() == 2


def test_a_text_too_long_stays_in_the_form(town: Any, sign_in: Any) -> None:
    matter = town.raise_matter()
    answer = sign_in("luo").post(f"/m/{matter.number}/answer", {"text": "长" * 5001})
    assert answer.status_code == 422
    assert "长" * 5001 in answer.content.decode()


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "evil", ""])
@pytest.mark.parametrize(("address", "sent"), [("/ui/language", {"language": "en"}), ("/ui/mode", {"mode": "elder"})])
def test_the_way_back_stays_in_the_house(db: None, client: Any, elsewhere: str, address: str, sent: dict[str, str]) -> None:
    assert client.post(address, {**sent, "next": elsewhere})["Location"] == "/"
    assert client.post(address, {**sent, "next": "/matters/?state=open"})["Location"] == "/matters/?state=open"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil.example"])
def test_signing_in_leads_nowhere_else(town: Any, client: Any, elsewhere: str) -> None:
    answer = client.post("/login/password", {"login": "luo", "password": "a-long-password", "next": elsewhere})
    assert (answer.status_code, answer["Location"]) == (302, "/")


def test_language_is_the_readers_choice_and_chinese_otherwise(town: Any, client: Any) -> None:
    page = client.get("/matters/", headers={"Accept-Language": "en"})
    assert (page["Content-Language"], '<html lang="zh-CN"' in page.content.decode()) == ("zh-CN", True)
    client.post("/ui/language", {"language": "en"})
    page = client.get("/matters/")
    assert (page["Content-Language"], '<html lang="en"' in page.content.decode()) == ("en", True)
    client.post("/ui/language", {"language": "tlh"})
    assert client.get("/matters/")["Content-Language"] == "en"


def test_the_language_chosen_while_signed_in_is_kept_for_what_is_sent(town: Any, client: Any, sign_in: Any) -> None:
    client.post("/ui/language", {"language": "en"})
    assert set(Account.objects.values_list("language", flat=True)) == {""}
    for chosen, kept in (("en", "en"), ("tlh", "en"), ("zh-hans", "zh-hans")):
        sign_in("liu").post("/ui/language", {"language": chosen})
        assert Account.objects.get(login="liu").language == kept
    assert Account.objects.get(login="ye").language == ""


def test_elder_mode_has_three_sizes_and_an_end(town: Any, client: Any) -> None:
    assert 'data-mode="elder"' not in client.get("/").content.decode()
    for given, size in (("1", "1"), ("3", "3"), ("9", "1")):
        client.post("/ui/mode", {"mode": "elder", "size": given})
        assert f'data-mode="elder" data-size="{size}"' in client.get("/").content.decode()
    client.post("/ui/mode", {"mode": "normal"})
    assert 'data-mode="elder"' not in client.get("/").content.decode()


def test_navigation_stands_in_the_order_it_was_given(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots, "_nav", [])
    slots.register_nav(lambda viewer: [NavItem("b", "/b/", "list")], order=20)
    slots.register_nav(lambda viewer: [NavItem("a", "/a/", "list")] if viewer.signed_in else [], order=10)
    assert [item.label for item in slots.nav(town.viewer(town.liu))] == ["a", "b"]


def test_staff_see_their_workbench_in_the_navigation_and_others_do_not(town: Any, sign_in: Any, client: Any) -> None:
    assert 'href="/work/"' in sign_in("luo").get("/").content.decode()
    assert 'href="/work/"' not in sign_in("liu").get("/").content.decode()


def test_everybody_signed_in_comes_to_what_is_their_own_from_every_page(town: Any, sign_in: Any, client: Any) -> None:
    own = ("/my/home/", "/my/calendar", "/my/taking-part", "/my/party", "/my/data", "/my/reads", "/account/security")
    page = client.get("/").content.decode()
    assert [path for path in own if f'href="{path}"' in page] == []
    page = sign_in("ye").get("/").content.decode()
    assert [path for path in own if f'href="{path}"' in page] == list(own)
    assert [sign_in("ye").get(path).status_code for path in own] == [200] * len(own)


def test_a_stale_form_shows_what_was_typed(town: Any) -> None:
    from django.test import Client  # noqa: PLC0415

    strict = Client(enforce_csrf_checks=True)
    answer = strict.post("/raise/what", {"text": "楼道灯不亮，晚上看不见台阶。", "password": "secret-word"})
    assert answer.status_code == 403
    assert "楼道灯不亮，晚上看不见台阶。" in answer.content.decode()
    assert "secret-word" not in answer.content.decode()
    assert not Matter.objects.exists()
