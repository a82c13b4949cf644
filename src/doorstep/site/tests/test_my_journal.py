"""/my/journal: what the journal holds of oneself, in words, with a link only to what one may still see, and its proof."""

import re
from datetime import date
from typing import Any

from doorstep.affairs.models import Matter
from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Contribution, Viewer, build_viewer
from doorstep.foundation.identity.actions import create_person
from doorstep.foundation.journal.actions import Actor, record, writing
from doorstep.foundation.journal.queries import concerning
from doorstep.foundation.journal.testing import seal_now
from doorstep.organisations.actions import end_post, give_post, hand_over
from doorstep.organisations.models import Post


def rows(page: str) -> list[str]:
    return re.findall(r'<li class="py-3">(.*?)</li>', page, re.S)


def of(sign_in: Any, login: str, query: str = "") -> list[str]:
    answer = sign_in(login).get(f"/my/journal{query}")
    assert answer.status_code == 200
    return rows(answer.content.decode())


def write(by: Actor, place: Any, **facts: Any) -> None:
    with writing():
        record(**{"verb": "fact_told", "kind": "body", "subject": "branch", "place": place, "by": by, **facts})


def test_what_one_did_was_done_for_one_and_names_one(town: Any, sign_in: Any) -> None:
    matter = town.raise_matter()
    town.raise_matter(by=Actor(person_id=town.luo.pk, on_behalf_of_id=town.liu.pk, channel="counter"))
    give_post(body=town.company, title="楼长", person=town.liu, held_from=date(2026, 1, 1), by=Actor(person_id=town.lin.pk))
    about, *others = of(sign_in, "liu")
    helped = next(row for row in others if "替您办的" in row)
    own = others[-1]
    assert "有人担任了职务" in about
    assert "和您有关" in about
    assert 'href="/organisations/hengan"' in about
    assert "罗建文" in helped
    assert "您办的" in own
    assert f'href="/m/{matter.number}"' in own
    assert any("您替别人办的" in row for row in of(sign_in, "luo"))
    assert of(sign_in, "ye") == []


def test_how_others_deal_with_somebody_is_not_theirs_to_read(town: Any, sign_in: Any) -> None:
    write(Actor(person_id=town.luo.pk), town.estate, audience=f"body:{town.company.pk}", detail={"person": town.liu.pk})
    assert of(sign_in, "liu") == []
    write(Actor(person_id=town.luo.pk), town.estate, audience=f"person:{town.liu.pk}")
    assert len(of(sign_in, "liu")) == 1
    # Who did it reads it as theirs.
    assert sum("您办的" in row for row in of(sign_in, "luo")) == 2


def test_a_link_only_to_what_one_may_still_see(town: Any, sign_in: Any) -> None:
    matter = town.raise_matter(is_public=False)
    write(Actor(person_id=town.ye.pk), town.estate, kind="matter", verb="raise", subject=matter.number, audience=f"matter:{matter.number}")
    seal_now()
    (row,) = of(sign_in, "ye")
    assert "您办的" in row
    assert matter.number not in row
    assert "proof.json" not in row
    mine = of(sign_in, "liu")
    assert matter.number in mine[-1]
    assert "proof.json" in mine[-1]


def test_every_proof_that_is_offered_is_given(town: Any, sign_in: Any) -> None:
    town.raise_matter()
    town.raise_matter(is_public=False)
    assert "刚记下" in of(sign_in, "liu")[0]
    seal_now()
    client = sign_in("liu")
    proofs = re.findall(r'href="(/journal/proof\.json\?entry=\d+)"', client.get("/my/journal").content.decode())
    assert len(proofs) >= 2
    for address in proofs:
        assert client.get(address).json()["content"]["actor"] in (town.liu.pk, None), address


def test_a_post_that_was_handed_over_is_told_to_both(town: Any, sign_in: Any) -> None:
    post = Post.objects.get(body=town.company)
    hand_over(
        viewer=build_viewer(person_id=town.lin.pk, is_town_admin=True), post=post, name="叶锦棠", phone="13900000001", on=clock.today()
    )
    assert any("职务交接" in row for row in of(sign_in, "luo"))
    assert any("职务交接" in row for row in of(sign_in, "ye"))
    assert not any("职务交接" in row for row in of(sign_in, "liu"))


def test_the_newest_first_page_by_page(town: Any, sign_in: Any) -> None:
    for number in range(65):
        write(Actor(person_id=town.ye.pk), town.estate, detail={"n": number})
    viewer = build_viewer(person_id=town.ye.pk)
    seen, before = [], None
    while True:
        steps, before = concerning(viewer, before=before)
        seen += [step.entry.detail["n"] for step in steps]
        if before is None:
            break
    assert seen == list(reversed(range(65)))
    first = sign_in("ye").get("/my/journal").content.decode()
    assert len(rows(first)) == 30
    following = re.search(r'href="\?before=(\d+)"', first)
    assert following is not None
    assert len(of(sign_in, "ye", f"?before={following[1]}")) == 30


def test_persons_merged_into_one_are_one(town: Any) -> None:
    before = create_person(name="叶锦棠")
    write(Actor(person_id=before.pk), town.estate)

    class Merged(Viewer):
        @property
        def _later(self) -> Contribution:
            return Contribution(former_ids=frozenset({before.pk}))

    (step,), _more = concerning(Merged(person_id=town.ye.pk, is_whole=True))
    assert step.how == "by"


def test_a_post_ended_is_told_and_the_page_is_reached_from_ones_data(town: Any, sign_in: Any) -> None:
    post = Post.objects.get(body=town.company)
    end_post(viewer=build_viewer(person_id=town.lin.pk, is_town_admin=True), post=post, on=clock.today(), because="resigned")
    assert "有人不再担任职务" in of(sign_in, "luo")[0]
    assert 'href="/my/journal"' in sign_in("luo").get("/my/data").content.decode()
    assert not Matter.objects.exists()
