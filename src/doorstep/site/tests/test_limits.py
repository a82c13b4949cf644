from typing import Any

import pytest

from doorstep.foundation.access.limits import Rate
from doorstep.foundation.identity.actions import issue_token
from doorstep.foundation.identity.models import Account
from doorstep.foundation.notify.models import Preference
from doorstep.site import limits

FEW = Rate(most=2, seconds=3600)


def test_one_person_is_stopped_and_a_neighbour_at_the_same_address_is_not(town: Any, sign_in: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PERSON", FEW)
    send = {"go": "modes", "mode-matter": "off"}
    assert [sign_in("liu").post("/notices/", send).status_code for _ in range(3)] == [303, 303, 429]
    assert sign_in("ye").post("/notices/", send).status_code == 303
    assert Preference.objects.count() == 2


def test_an_address_is_stopped_whoever_writes(town: Any, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ADDRESS", FEW)
    answers = [client.post("/raise/what", {"text": "灯不亮"}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [303, 303, 429]
    assert "短时间里试的次数太多了" in answers[-1].content.decode()
    assert 0 < int(answers[-1]["Retry-After"]) <= 3600
    assert client.get("/matters/").status_code == 200
    assert client.post("/raise/what", {"text": "灯不亮"}, REMOTE_ADDR="10.0.0.9").status_code == 303


def test_a_token_is_stopped_with_a_problem(town: Any, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PERSON", FEW)
    token = issue_token(account=Account.objects.get(login="liu"))
    body = {"place": "ruijin", "category": "lighting", "text": "灯不亮"}
    for expected in (201, 201, 429):
        answer = client.post("/api/v1/matters", body, "application/json", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == expected
    assert answer["Content-Type"] == "application/problem+json"
    assert 'doorstep_refused_too_often_total{method="POST"}' in client.get("/metrics").content.decode()
    assert answer.json()["code"] == "too_often"
    assert "Retry-After" in answer


def test_searching_is_bounded_too(town: Any, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "NARROW", {("GET", "/search/"): FEW})
    assert [client.get("/search/", {"q": "灯"}).status_code for _ in range(3)] == [200, 200, 429]


@pytest.mark.parametrize("path", ["/", "/matters/", "/search/?q=灯", "/regulations/", "/nowhere", "/api/v1/matters", "/healthz"])
def test_every_answer_carries_the_headers_and_no_page_needs_anything_inline(town: Any, client: Any, path: str) -> None:
    answer = client.get(path)
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["X-Frame-Options"] == "DENY"
    page = answer.content.decode()
    assert " style=" not in page
    assert " onclick=" not in page
    assert "<script>" not in page
