"""The demo's five votes: the scenario's figures, on the page, in the API, and counted again from the published file."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from doorstep.affairs.models import RollParty, Vote
from doorstep.foundation.access.viewer import build_viewer
from doorstep.foundation.identity.actions import create_person
from doorstep.foundation.journal.actions import Actor, writing
from doorstep.organisations.actions import create_body, give_post
from doorstep.organisations.demo_roll import demo_roll_rows
from doorstep.organisations.models import Holder
from doorstep.organisations.residence_actions import verify_owner
from doorstep.organisations.roll_import import import_table
from doorstep.site.command import run
from doorstep.site.demo.votes import CASES, Team, cast_votes

BY = Actor(channel="import")
# domain: item, taking part, agree, outcome, reasons
EXPECTED = [
    (9, (742, "71880.40"), (655, "63410.90"), "passed", []),
    (8, (690, "67012.80"), (520, "49900.00"), "failed", ["majority_area"]),
    (5, (680, "70363.40"), (600, "62000.00"), "no_turnout", ["turnout_parties"]),
    (4, (700, "69000.00"), (350, "36000.00"), "failed", ["majority_parties"]),
    (7, (684, "68000.00"), (513, "51000.00"), "passed", []),
]


def test_the_scenarios_cases_are_these() -> None:
    assert [case.item for case in CASES] == [item for item, *_rest in EXPECTED]


@pytest.mark.thorough
def test_each_case_is_final_with_the_scenarios_figures_and_counts_again(
    town: Any, client: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with writing():
        import_table(estate=town.estate, table=demo_roll_rows(), by=BY)
        committee = create_body(code="committee", kind="owners_committee", name="业委会", place=town.estate, by=BY)
        people = [create_person(name=name) for name in ("主任", "甲", "乙", "丙")]
        give_post(body=committee, title="主任", person=people[0], held_from=date(2023, 9, 10), by=BY)
        chair, *tellers = (build_viewer(person_id=person.pk) for person in people)
        holder = Holder.objects.select_related("unit").get(unit__name="瑞寿阁-2-201")
        verify_owner(unit=holder.unit, person_id=holder.person_id, by=BY)
        owner = build_viewer(person_id=holder.person_id)
        team = Team(chair=chair, tellers=(tellers[0], tellers[1], tellers[2]), owner=owner)
        made = cast_votes(estate=town.estate, committee=committee, team=team, matters={})
    assert [vote.number for vote in made] == [f"HL-V-2026-{n:04d}" for n in range(1, 6)]
    for vote, (item, took, agreed, outcome, reasons) in zip(made, EXPECTED, strict=True):
        shown = client.get(f"/api/v1/votes/{vote.number}").json()
        assert (shown["state"], shown["roll"]) == ("final", {"parties": 1021, "area": "100519.20"})
        file = tmp_path / f"{vote.number}.json"
        file.write_bytes(client.get(shown["file"]).content)
        assert run(["tally", str(file)]) == 0
        counted = json.loads(capsys.readouterr().out)
        assert counted == client.get(shown["result"]).json()
        motion = counted["motions"][0]
        assert (motion["item"], motion["outcome"], motion["reasons"]) == (item, outcome, reasons)
        assert (motion["taking_part"]["parties"], motion["taking_part"]["area"]) == took
        assert (motion["agree"]["parties"], motion["agree"]["area"]) == agreed
        page = client.get(f"/votes/{vote.number}").content.decode()
        assert f"{took[0]} 人" in page
        assert f"{int(took[1][:-3]):,}.{took[1][-2:]} ㎡" in page
        assert f"{int(agreed[1][:-3]):,}.{agreed[1][-2:]} ㎡" in page
        assert {each["reason"] for each in counted["rejected"]} == {"proxy_without_document", "spoiled", "superseded"}
    three_units = RollParty.objects.get(vote=made[0], units=3)
    assert three_units.area_hundredths == 11820 + 4500 + 4500
    assert Vote.objects.get(pk=made[2].pk).closes_at == CASES[2].closes
