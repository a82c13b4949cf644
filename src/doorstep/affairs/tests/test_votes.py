"""An owners' vote through its actions: the order of the law, who may take which step, two clerks, secrecy, rulings, what is published."""

import json
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from doorstep.affairs.actions import NotAllowed, ballots, count, official, votes
from doorstep.affairs.actions.ballots import Reading
from doorstep.affairs.actions.votes import NewMotion
from doorstep.affairs.models import (
    Ballot,
    BallotParty,
    OfficialList,
    Paper,
    PaperEntry,
    RollCorrection,
    RollParty,
    RollUnit,
    Teller,
    Vote,
    VoteRecord,
)
from doorstep.affairs.queries import votes as queries
from doorstep.affairs.rules.official_list import ListError, OfficialRow
from doorstep.affairs.rules.tally import read_vote, result_document, tally
from doorstep.affairs.rules.vote_file import pseudonym
from doorstep.affairs.rules.vote_states import MOVES, NotPossible, Role, State, Verb
from doorstep.affairs.testing import BY, CLOSES, DAY, FROZEN, NOTICED, OPENS, VoteScene, add_unit, set_rule, vote_scene
from doorstep.foundation.access.viewer import NOBODY
from doorstep.foundation.identity.actions import create_person
from doorstep.foundation.journal.models import Entry
from doorstep.foundation.notify.actions import deliver_pending
from doorstep.foundation.notify.models import InboxItem
from doorstep.foundation.notify.queries import lines_of
from doorstep.foundation.places.actions import create_place
from doorstep.organisations.actions import create_body, give_post
from doorstep.organisations.models import Body, Post


@pytest.fixture
def scene(town: Any) -> VoteScene:
    return vote_scene(town.estate)


def units(scene: VoteScene) -> list[str]:
    return [unit.name for unit in scene.units]


# Preparing and the frozen roll


def test_of_a_vote_in_preparation_only_its_tellers_are_told(scene: VoteScene) -> None:
    vote = scene.prepare()
    while deliver_pending():
        pass
    teller = scene.tellers[0]
    told = list(InboxItem.objects.filter(person=teller, subject=vote.number))
    assert [line.title for line in lines_of(told, scene.viewer(teller)).values()] == [vote.title]
    # Somebody who counts no longer, and nobody at all, learn nothing; once it is announced, everybody may.
    Teller.objects.filter(vote=vote, person=teller).delete()
    assert lines_of(told, scene.viewer(teller)) == lines_of(told, NOBODY) == {}
    scene.bring(vote, "roll_published")
    assert [line.title for line in lines_of(told, NOBODY).values()] == [vote.title]


def test_the_whole_way_to_a_final_result(scene: VoteScene) -> None:
    vote = scene.bring(scene.prepare(), "open")
    assert vote.number.startswith("HL-V-2026-")
    assert (vote.parties, vote.units, vote.area_hundredths) == (6, 6, 48000)
    for unit, owner, choice in zip(units(scene)[:5], scene.owners, ["agree", "agree", "agree", "against", "abstain"], strict=False):
        scene.hand_in(vote, unit, owner, choice)
    vote = scene.bring(vote, "final")
    motion = vote.result["motions"][0]
    assert motion["taking_part"] == {"parties": 5, "area": "400.00"}
    assert (motion["agree"]["parties"], motion["against"]["parties"], motion["abstain"]["parties"]) == (3, 1, 1)
    assert motion["outcome"] == "passed"
    verbs = list(Entry.objects.filter(kind="vote", subject=vote.number, audience="public").order_by("id").values_list("verb", flat=True))
    assert [verb for verb in verbs if verb not in ("teller_appointed", "motion_added")] == [
        "vote_prepared", "roll_frozen", "roll_published", "vote_noticed", "ballots_issued", "vote_opened", "vote_closed",
        "vote_tallied", "preliminary_published", "result_final",
    ]  # fmt: skip


def test_identical_holder_sets_are_one_person_and_the_developer_is_one(scene: VoteScene) -> None:
    one, two = scene.owners[:2]
    add_unit(scene.estate, "瑞金阁-2-101", 5000, [one])
    add_unit(scene.estate, "瑞金阁-2-102", 5000, [one, two])
    add_unit(scene.estate, "瑞金阁-2-103", 5000, [two, one])
    add_unit(scene.estate, "商铺-1", 4500, [one], status="unsold")
    add_unit(scene.estate, "商铺-2", 4500, [two], status="undelivered")
    add_unit(scene.estate, "车位-1", 1200, [one], kind="parking")
    vote = scene.bring(scene.prepare(), "frozen")
    assert (vote.parties, vote.units, vote.area_hundredths) == (8, 11, 48000 + 15000 + 9000)
    assert RollParty.objects.get(vote=vote, is_developer=True).area_hundredths == 9000
    assert RollUnit.objects.get(vote=vote, name="车位-1").party is None


def test_parking_counts_where_the_estates_own_rules_say_so(scene: VoteScene) -> None:
    add_unit(scene.estate, "车位-1", 1200, [scene.owners[0]], kind="parking")
    set_rule(scene.estate, "owners_vote.count_parking", "yes")
    vote = scene.bring(scene.prepare(), "frozen")
    assert (vote.units, vote.area_hundredths) == (7, 49200)


def test_a_sale_after_freezing_moves_nothing_and_a_correction_moves_the_fingerprint(scene: VoteScene) -> None:
    vote = scene.bring(scene.prepare(), "roll_published")
    before = vote.fingerprint
    scene.units[0].area_hundredths = 9999
    scene.units[0].save()
    assert RollUnit.objects.get(vote=vote, name=scene.units[0].name).area_hundredths == 8000
    correction = votes.correct_roll(
        viewer=scene.convenor, vote=vote, unit=units(scene)[0], reason="register", words="登记簿为 78.50", area_hundredths=7850
    )
    vote.refresh_from_db()
    assert (correction.before["area"], correction.after["area"]) == (8000, 7850)
    assert vote.area_hundredths == 47850
    entry = Entry.objects.get(verb="roll_corrected", subject=vote.number)
    assert (entry.detail["before"], entry.detail["roll"]) == (before, vote.fingerprint)
    assert before != vote.fingerprint
    assert read_vote(count.full_document(vote)) is not None
    assert result_document(tally(read_vote(count.full_document(vote))))["roll"]["fingerprint"] == vote.fingerprint  # type: ignore[index]


def test_two_parties_become_one_when_a_correction_names_the_same_holders(scene: VoteScene) -> None:
    vote = scene.bring(scene.prepare(), "noticed")
    votes.correct_roll(
        viewer=scene.convenor, vote=vote, unit=units(scene)[1], reason="transfer", words="3 月 1 日过户", holders=[scene.owners[0]]
    )
    vote.refresh_from_db()
    assert (vote.parties, vote.units) == (5, 6)


def test_a_correction_changes_area_status_and_holders_each_by_itself(scene: VoteScene) -> None:
    vote = scene.bring(scene.prepare(), "roll_published")
    unit, other = units(scene)[0], scene.owners[1]
    given: list[tuple[str, dict[str, Any]]] = [
        ("area", {"area_hundredths": 7850}),
        ("status", {"status": "undelivered"}),
        ("holders", {"holders": [other]}),
    ]
    for fact, change in given:
        made = votes.correct_roll(viewer=scene.convenor, vote=vote, unit=unit, reason="register", words="核对", **change)
        assert [name for name in made.before if made.before[name] != made.after[name]] == [fact]
        entry = Entry.objects.filter(verb="roll_corrected", subject=vote.number).latest("id")
        assert (entry.detail["correction"], entry.detail["changed"]) == (made.pk, [fact])
    row = RollUnit.objects.select_related("party").get(vote=vote, name=unit)
    assert (row.area_hundredths, row.status, row.holders, row.party.is_developer) == (7850, "undelivered", [other.pk], True)
    assert RollCorrection.objects.filter(vote=vote).count() == 3


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({}, votes.NothingCorrected),
        ({"area_hundredths": 8000, "status": "delivered"}, votes.NothingCorrected),
        ({"area_hundredths": 0}, votes.WrongArea),
        ({"holders": []}, votes.NoHolder),
        ({"area_hundredths": 1, "unit": "瑞金阁-9-999"}, votes.NotOnThisRoll),
    ],
)
def test_a_correction_that_mends_nothing_or_cannot_be_counted_is_refused(scene: VoteScene, change: dict[str, Any], refusal: Any) -> None:
    vote = scene.bring(scene.prepare(), "roll_published")
    before = vote.fingerprint
    given = {"unit": units(scene)[0], **change}
    with pytest.raises(refusal):
        votes.correct_roll(viewer=scene.convenor, vote=vote, reason="clerical", words="核对", **given)
    vote.refresh_from_db()
    assert (vote.fingerprint, RollCorrection.objects.count()) == (before, 0)
    assert read_vote(count.full_document(vote)) is not None


def test_after_ballots_are_printed_the_roll_is_not_corrected(scene: VoteScene) -> None:
    vote = scene.bring(scene.prepare(), "issued")
    with pytest.raises(NotPossible):
        votes.correct_roll(viewer=scene.convenor, vote=vote, unit=units(scene)[0], reason="survey", words="测绘", area_hundredths=1)


def test_a_vote_of_one_building_counts_that_building_alone(scene: VoteScene, town: Any) -> None:
    create_place(code="ruiyin", kind="building", name="瑞银阁", parent=scene.estate, by=BY)
    add_unit(scene.estate, "瑞银阁-1-101", 7000, [scene.owners[0]])
    vote = scene.bring(scene.prepare(buildings=["ruiyin"]), "frozen")
    assert (vote.parties, vote.area_hundredths) == (1, 7000)
    with pytest.raises(votes.NoSuchBuilding):
        scene.prepare(buildings=["gekeng"])


def test_an_unannounced_motion_is_refused(scene: VoteScene) -> None:
    vote = scene.bring(scene.prepare(), "roll_published")
    votes.add_motion(viewer=scene.convenor, vote=vote, motion=NewMotion(5, "使用维修资金更换水泵。"))
    vote = scene.bring(vote, "noticed")
    with pytest.raises(NotPossible):
        votes.add_motion(viewer=scene.convenor, vote=vote, motion=NewMotion(5, "顺便换电梯。"))
    with pytest.raises(votes.WrongItem):
        votes.add_motion(viewer=scene.convenor, vote=scene.prepare(), motion=NewMotion(10, "没有第十项。"))


@pytest.mark.parametrize(("opens", "fits"), [(OPENS, True), (OPENS - DAY, False), (NOTICED + 15 * DAY, False), (NOTICED + 16 * DAY, True)])
def test_voting_opens_after_fifteen_days_of_notice(scene: VoteScene, opens: Any, fits: bool) -> None:
    vote = scene.bring(scene.prepare(), "roll_published")

    def give() -> Vote:
        return votes.give_notice(
            viewer=scene.convenor,
            vote=vote,
            opens_at=opens,
            closes_at=CLOSES,
            residents_committee_told_on=NOTICED.date(),
            happened_at=NOTICED,
        )

    if fits:
        assert give().residents_committee_told_on == NOTICED.date()
    else:
        with pytest.raises(votes.NoticeTooShort):
            give()


def _notice(scene: VoteScene, vote: Vote, at: Any) -> Vote:
    return votes.give_notice(
        viewer=scene.convenor,
        vote=vote,
        opens_at=OPENS + 9 * DAY,
        closes_at=CLOSES + 9 * DAY,
        residents_committee_told_on=at.date(),
        happened_at=at,
    )


@pytest.mark.parametrize(
    ("days", "at", "fits"), [(5, "16T23:59:59", False), (5, "17T00:00:00", True), (6, "17T23:59:59", False), (6, "18T00:00:00", True)]
)
def test_the_notice_follows_when_the_roll_has_been_shown(scene: VoteScene, days: int, at: str, fits: bool) -> None:
    set_rule(scene.estate, "owners_vote.roll_objection_days", str(days), unit="days")
    vote = scene.bring(scene.prepare(), "roll_published")
    noticed = datetime.fromisoformat(f"2026-03-{at}+08:00")
    if fits:
        assert _notice(scene, vote, noticed).state == "noticed"
    else:
        with pytest.raises(votes.RollPeriodRuns) as error:
            _notice(scene, vote, noticed)
        assert error.value.until == datetime.fromisoformat(f"2026-03-{11 + days}T23:59:59+08:00")


def test_neither_notice_nor_papers_while_an_objection_to_the_roll_has_no_answer(scene: VoteScene) -> None:
    vote = scene.bring(scene.prepare(), "roll_published")
    first = votes.raise_objection(viewer=scene.viewer(scene.owners[0]), vote=vote, text="我家面积不对", happened_at=FROZEN + DAY)
    with pytest.raises(votes.RollObjectionsOpen):
        scene.bring(vote, "noticed")
    votes.answer_objection(viewer=scene.convenor, objection=first, text="核对过", upheld=False, happened_at=FROZEN + 2 * DAY)
    vote = scene.bring(vote, "noticed")
    second = votes.raise_objection(viewer=scene.viewer(scene.owners[1]), vote=vote, text="我家也不对", happened_at=NOTICED + DAY)
    with pytest.raises(votes.RollObjectionsOpen):
        scene.bring(vote, "issued")
    assert not Paper.objects.filter(vote=vote).exists()
    votes.answer_objection(viewer=scene.convenor, objection=second, text="改了", upheld=True, happened_at=NOTICED + 2 * DAY)
    assert scene.bring(vote, "issued").state == "issued"


def test_voting_opens_and_closes_when_it_was_announced(scene: VoteScene) -> None:
    vote = scene.bring(scene.prepare(), "issued")
    with pytest.raises(votes.TooEarly):
        votes.open_vote(viewer=scene.convenor, vote=vote, happened_at=OPENS - timedelta(minutes=1))
    vote = scene.bring(vote, "open")
    with pytest.raises(votes.TooEarly):
        votes.close_vote(viewer=scene.convenor, vote=vote, happened_at=CLOSES - timedelta(minutes=1))


def test_an_extension_moves_the_end_and_stays_a_fact(scene: VoteScene) -> None:
    vote = scene.bring(scene.prepare(), "open")
    with pytest.raises(votes.WrongPeriod):
        votes.extend_vote(viewer=scene.convenor, vote=vote, closes_at=CLOSES)
    with pytest.raises(votes.TooLate):
        votes.extend_vote(viewer=scene.convenor, vote=vote, closes_at=CLOSES + 20 * DAY, happened_at=CLOSES + timedelta(minutes=1))
    vote = votes.extend_vote(viewer=scene.convenor, vote=vote, closes_at=CLOSES + 20 * DAY, happened_at=CLOSES - DAY)
    scene.hand_in(vote, units(scene)[0], scene.owners[0], "agree", cast_at=CLOSES + DAY)
    entry = Entry.objects.get(verb="vote_extended", subject=vote.number)
    assert entry.because == ["turnout_short"]
    assert entry.detail["to"] == "2026-05-01T18:00:00+08:00"
    with pytest.raises(votes.TooEarly):
        votes.close_vote(viewer=scene.convenor, vote=vote, happened_at=CLOSES)


def test_too_few_can_be_asked_again_in_a_vote_of_its_own(scene: VoteScene) -> None:
    vote = scene.bring(scene.prepare(), "open")
    scene.hand_in(vote, units(scene)[0], scene.owners[0], "agree")
    vote = scene.bring(vote, "final")
    assert vote.result["motions"][0]["outcome"] == "no_turnout"
    again = count.reconvene_vote(viewer=scene.convenor, vote=vote, happened_at=CLOSES + 20 * DAY)
    assert (again.reconvenes_id, again.state) == (vote.pk, "draft")
    assert [motion.text for motion in again.motions.all()] == [motion.text for motion in vote.motions.all()]


# Who may do which step

STEPS = [
    ("draft", Verb.FREEZE, lambda v, vote: votes.freeze_roll(viewer=v, vote=vote)),
    ("frozen", Verb.SHOW_ROLL, lambda v, vote: votes.publish_roll(viewer=v, vote=vote)),
    ("noticed", Verb.ISSUE, lambda v, vote: ballots.issue_ballots(viewer=v, vote=vote)),
    ("issued", Verb.PRINT, lambda v, vote: ballots.print_papers(viewer=v, vote=vote, papers=[])),
    ("issued", Verb.ANNOUNCE, lambda v, vote: ballots.announce_undelivered(viewer=v, vote=vote)),
    ("issued", Verb.OPEN, lambda v, vote: votes.open_vote(viewer=v, vote=vote, happened_at=OPENS)),
    ("issued", Verb.CALL_OFF, lambda v, vote: votes.call_off(viewer=v, vote=vote)),
    ("open", Verb.EXTEND, lambda v, vote: votes.extend_vote(viewer=v, vote=vote, closes_at=CLOSES + DAY, happened_at=CLOSES)),
    ("open", Verb.CLOSE, lambda v, vote: votes.close_vote(viewer=v, vote=vote, happened_at=CLOSES)),
    ("closed", Verb.TALLY, lambda v, vote: count.tally_vote(viewer=v, vote=vote)),
    ("tallied", Verb.PUBLISH, lambda v, vote: count.publish_preliminary(viewer=v, vote=vote, happened_at=CLOSES)),
    ("preliminary", Verb.RECOUNT, lambda v, vote: count.begin_recount(viewer=v, vote=vote)),
    ("preliminary", Verb.FINISH, lambda v, vote: count.finish_vote(viewer=v, vote=vote, happened_at=CLOSES + 9 * DAY)),
    ("final", Verb.ANNUL, lambda v, vote: count.annul_result(viewer=v, vote=vote, because="（2026）粤 19 民初 1 号")),
    ("final", Verb.INSPECT, lambda v, vote: count.inspect_ballots(viewer=v, vote=vote, unit="瑞金阁-1-101", ground="court")),
]


@pytest.mark.parametrize(("state", "verb", "act"), STEPS, ids=[verb for _state, verb, _act in STEPS])
def test_each_step_is_for_its_roles_alone(scene: VoteScene, town: Any, state: str, verb: Verb, act: Any) -> None:
    vote = scene.bring(scene.prepare(), state)
    if verb == Verb.RECOUNT:
        asked = votes.raise_objection(viewer=scene.viewer(scene.owners[0]), vote=vote, text="数错了", happened_at=CLOSES + DAY)
        votes.answer_objection(viewer=scene.convenor, objection=asked, text="是", upheld=True, happened_at=CLOSES + DAY)
    everyone = {
        Role.CONVENOR: scene.convenor,
        Role.TELLER: scene.teller(),
        Role.OWNER: scene.viewer(scene.owners[0]),
        "branch": town.viewer(town.lin),
        "property": town.viewer(town.luo),
        "nobody": NOBODY,
    }
    allowed = [viewer for role, viewer in everyone.items() if role in MOVES[verb].roles]
    for role, viewer in everyone.items():
        if role not in MOVES[verb].roles:
            with pytest.raises(NotAllowed):
                act(viewer, vote)
    assert allowed
    act(allowed[0], vote)


def test_what_does_not_fit_the_state_is_refused_to_those_who_otherwise_may(scene: VoteScene) -> None:
    vote = scene.bring(scene.prepare(), "open")
    with pytest.raises(NotPossible):
        count.tally_vote(viewer=scene.teller(), vote=vote)
    with pytest.raises(NotPossible):
        votes.freeze_roll(viewer=scene.convenor, vote=vote)


def test_only_the_estates_own_committee_convenes(scene: VoteScene, town: Any) -> None:
    with pytest.raises(votes.NotAConvenor):
        scene.prepare(convenor=town.branch)
    elsewhere = create_place(code="cuihu", kind="estate", name="翠湖", parent=scene.estate.parent, by=BY)
    with pytest.raises(votes.NotAConvenor, match="elsewhere"):
        scene.prepare(estate=elsewhere)
    with pytest.raises(NotAllowed):
        votes.prepare_vote(
            viewer=town.viewer(town.lin), estate=scene.estate, convenor=scene.committee, title="x", motions=[NewMotion(9, "y")]
        )


def _convene(scene: VoteScene, kind: str, place: Any, *items: int, why: str = "小区还没有业主委员会") -> Vote:
    body = create_body(code=f"convenor-{kind}", kind=kind, name="召集人", place=place, by=BY)
    person = create_person(name="组长")
    give_post(body=body, title="组长", person=person, held_from=date(2023, 9, 10), by=BY)
    motions = [NewMotion(item, "议案") for item in items]
    return votes.prepare_vote(viewer=scene.viewer(person), estate=scene.estate, convenor=body, title="选举", motions=motions, why=why)


def _end_committee(scene: VoteScene) -> None:
    Body.objects.filter(pk=scene.committee.pk).update(ended_on=date(2024, 1, 1), ended_because="dissolved")


def test_the_preparatory_group_holds_the_vote_that_elects_the_first_committee(scene: VoteScene) -> None:
    _end_committee(scene)
    vote = _convene(scene, "preparatory_group", scene.estate, 1, 2, 3)
    chair = scene.viewer(Post.objects.get(body=vote.convenor).person)
    with pytest.raises(votes.NotAConvenor, match="item"):
        votes.add_motion(viewer=chair, vote=vote, motion=NewMotion(9, "顺便"))
    scene.chair = Post.objects.get(body=vote.convenor).person
    for person in scene.tellers:
        votes.appoint_teller(viewer=chair, vote=vote, person=person)
    assert scene.bring(vote, "final").state == "final"


def test_a_preparatory_group_convenes_no_more_once_there_is_a_committee(scene: VoteScene) -> None:
    with pytest.raises(votes.NotAConvenor, match="committee_in_office"):
        _convene(scene, "preparatory_group", scene.estate, 3)


def test_a_renewal_group_and_the_towns_office_convene_the_election(scene: VoteScene, town: Any) -> None:
    assert _convene(scene, "renewal_group", scene.estate, 3).state == "draft"
    assert _convene(scene, "town_office", town.place, 3).state == "draft"


@pytest.mark.parametrize("kind", ["preparatory_group", "renewal_group", "town_office"])
def test_who_convenes_an_election_convenes_nothing_else(scene: VoteScene, town: Any, kind: str) -> None:
    _end_committee(scene)
    with pytest.raises(votes.NotAConvenor, match="item"):
        _convene(scene, kind, town.place if kind == "town_office" else scene.estate, 3, 4)
    assert not Vote.objects.exists()


def test_an_office_says_on_what_ground_it_convenes(scene: VoteScene, town: Any) -> None:
    with pytest.raises(votes.NotAConvenor, match="no_ground"):
        _convene(scene, "town_office", town.place, 3, why=" ")


def test_a_town_may_let_nobody_but_the_committee_convene(scene: VoteScene) -> None:
    _end_committee(scene)
    set_rule(scene.estate, "owners_vote.convenes.preparatory_group", "none")
    with pytest.raises(votes.NotAConvenor, match="not_a_convenor"):
        _convene(scene, "preparatory_group", scene.estate, 3)


# Two clerks


def test_two_clerks_who_read_the_same_acknowledge_a_ballot(scene: VoteScene) -> None:
    vote = scene.bring(scene.prepare(), "open")
    paper = scene.paper(vote, units(scene)[0])
    reading = Reading(by_id=scene.owners[0].pk, choices={"M1": "agree"}, cast_at=OPENS + DAY)
    assert ballots.enter_paper(viewer=scene.teller(0), paper=paper, reading=reading) is None
    with pytest.raises(ballots.AlreadyEntered):
        ballots.enter_paper(viewer=scene.teller(0), paper=paper, reading=reading)
    made = ballots.enter_paper(viewer=scene.teller(1), paper=paper, reading=reading)
    assert made is not None
    assert (made.label, made.choices, BallotParty.objects.filter(ballot=made).count()) == (paper.label, {"M1": "agree"}, 1)
    with pytest.raises(ballots.AlreadyEntered):
        ballots.enter_paper(viewer=scene.teller(2), paper=paper, reading=reading)


@pytest.mark.parametrize(
    ("change", "differs"),
    [
        ({"choices": {"M1": "against"}}, ["M1"]),
        ({"choices": {}}, ["M1"]),
        ({"valid": False}, ["valid"]),
        ({"channel": "hall"}, ["channel"]),
        ({"cast_at": OPENS + 2 * DAY}, ["cast_at"]),
        ({"proxy_document": "委托书"}, ["proxy_document"]),
    ],
)
def test_what_two_clerks_read_differently_is_settled_by_a_third_look(scene: VoteScene, change: dict[str, Any], differs: list[str]) -> None:
    vote = scene.bring(scene.prepare(), "open")
    paper = scene.paper(vote, units(scene)[0])
    first: dict[str, Any] = {"by_id": scene.owners[0].pk, "choices": {"M1": "agree"}, "cast_at": OPENS + DAY}
    ballots.enter_paper(viewer=scene.teller(0), paper=paper, reading=Reading(**first))
    assert ballots.enter_paper(viewer=scene.teller(1), paper=paper, reading=Reading(**{**first, **change})) is None
    paper.refresh_from_db()
    assert paper.differs == differs
    assert not Ballot.objects.filter(vote=vote).exists()
    vote = scene.bring(vote, "closed")
    with pytest.raises(count.NotAllEntered):
        count.tally_vote(viewer=scene.teller(), vote=vote)
    with pytest.raises(ballots.AlreadyEntered):
        ballots.enter_paper(viewer=scene.teller(1), paper=paper, reading=Reading(**first))
    made = ballots.enter_paper(viewer=scene.teller(2), paper=paper, reading=Reading(**{**first, **change}))
    assert made is not None
    assert {name: getattr(made, name) for name in change} == change
    assert count.tally_vote(viewer=scene.teller(), vote=vote).state == "tallied"


def test_a_paper_is_signed_by_its_own_holder_or_for_one(scene: VoteScene) -> None:
    vote = scene.bring(scene.prepare(), "open")
    paper = scene.paper(vote, units(scene)[0])
    stranger = scene.owners[1]
    with pytest.raises(votes.NotOnThisRoll):
        ballots.enter_paper(viewer=scene.teller(), paper=paper, reading=Reading(stranger.pk, {"M1": "agree"}, OPENS + DAY))
    with pytest.raises(ballots.OutsidePeriod):
        ballots.enter_paper(viewer=scene.teller(), paper=paper, reading=Reading(scene.owners[0].pk, {"M1": "agree"}, OPENS - DAY))
    with pytest.raises(ballots.NoChoice):
        ballots.enter_paper(viewer=scene.teller(), paper=paper, reading=Reading(scene.owners[0].pk, {"M2": "agree"}, OPENS + DAY))
    scene.hand_in(vote, units(scene)[0], stranger, "agree", proxy_for_id=scene.owners[0].pk)
    scene.hand_in(vote, units(scene)[2], stranger, "agree", proxy_for_id=scene.owners[2].pk, proxy_document="委托书 3 号")
    vote = scene.bring(vote, "tallied")
    assert vote.result["rejected"] == [{"ballot": "K0001", "reason": "proxy_without_document"}]
    assert vote.result["motions"][0]["taking_part"]["parties"] == 1


def test_the_database_refuses_a_second_entry_of_a_round_and_a_second_electronic_ballot(scene: VoteScene) -> None:
    set_rule(scene.estate, "owners_vote.electronic_channel", "own")
    vote = scene.bring(scene.prepare(), "open")
    scene.hand_in(vote, units(scene)[0], scene.owners[0], "agree")
    entry = PaperEntry.objects.filter(round=1).get()
    with pytest.raises(IntegrityError), transaction.atomic():
        PaperEntry.objects.create(**{**_fields(entry), "clerk_id": scene.tellers[2].pk})
    cast = ballots.cast_ballot(viewer=scene.viewer(scene.owners[1]), vote=vote, choices={"M1": "agree"}, happened_at=OPENS + DAY)
    with pytest.raises(ballots.AlreadyCast):
        ballots.cast_ballot(viewer=scene.viewer(scene.owners[1]), vote=vote, choices={"M1": "against"}, happened_at=OPENS + DAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        Ballot.objects.create(**{**_fields(cast), "label": "E1"})


def _fields(row: Any) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if not field.primary_key}


def test_a_lost_paper_is_replaced_and_one_that_is_being_entered_is_not(scene: VoteScene) -> None:
    vote = scene.bring(scene.prepare(), "open")
    lost = scene.paper(vote, units(scene)[0])
    fresh = ballots.replace_paper(viewer=scene.teller(), paper=lost)
    assert (fresh.label, fresh.party_id) == ("K0007", lost.party_id)
    reading = Reading(scene.owners[0].pk, {"M1": "agree"}, OPENS + DAY)
    with pytest.raises(ballots.PaperReplaced):
        ballots.enter_paper(viewer=scene.teller(), paper=lost, reading=reading)
    ballots.enter_paper(viewer=scene.teller(), paper=fresh, reading=reading)
    with pytest.raises(ballots.EntryHasBegun):
        ballots.replace_paper(viewer=scene.teller(), paper=fresh)


def test_what_could_not_be_delivered_is_announced_once(scene: VoteScene) -> None:
    vote = scene.bring(scene.prepare(), "issued")
    parties = list(RollParty.objects.filter(vote=vote).order_by("position"))
    ballots.record_deliveries(viewer=scene.convenor, vote=vote, parties=parties, way="hand", delivered=True)
    for party in parties[:2]:
        ballots.record_delivery(viewer=scene.convenor, vote=vote, party=party, way="door", delivered=False)
    ballots.record_delivery(viewer=scene.convenor, vote=vote, party=parties[0], way="post", delivered=True)
    assert ballots.announce_undelivered(viewer=scene.convenor, vote=vote) == 1
    assert ballots.announce_undelivered(viewer=scene.convenor, vote=vote) == 0


# Electronic


def receive(scene: VoteScene, vote: Vote, rows: list[OfficialRow], **how: Any) -> int:
    return official.receive_official_list(viewer=scene.teller(), vote=vote, url="https://vote.example/1", rows=rows, **how)


def test_the_same_list_twice_changes_nothing(scene: VoteScene) -> None:
    vote = scene.bring(scene.prepare(), "closed")
    rows = [OfficialRow(unit, OPENS + DAY, {"M1": "agree"}) for unit in units(scene)[:4]]
    assert receive(scene, vote, rows) == receive(scene, vote, rows) == 4
    assert [Ballot.objects.count(), BallotParty.objects.count(), OfficialList.objects.count()] == [4, 4, 1]
    assert Entry.objects.filter(subject=vote.number, verb__startswith="official_list").count() == 1


def test_another_list_replaces_the_first_with_a_reason_until_the_count(scene: VoteScene) -> None:
    vote = scene.bring(scene.prepare(), "closed")
    receive(scene, vote, [OfficialRow(units(scene)[0], OPENS + DAY, {"M1": "agree"})])
    ruled = [OfficialRow(unit, OPENS + DAY, {"M1": "against"}) for unit in units(scene)[1:4]]
    with pytest.raises(official.ListReceived):
        receive(scene, vote, ruled)
    with pytest.raises(official.ListReceived):
        receive(scene, vote, ruled, reason="  ")
    assert receive(scene, vote, ruled, reason="导错了楼") == 3
    before, now = OfficialList.objects.order_by("id")
    assert (before.replaced_at is not None, now.reason, now.replaced_at) == (True, "导错了楼", None)
    entry = Entry.objects.get(subject=vote.number, verb="official_list_replaced")
    assert (entry.detail["instead_of"], entry.detail["list"]) == (before.sha256, now.sha256)
    # The ballots of the first stay as rows, nobody's turnout and no receipt.
    assert Ballot.objects.filter(vote=vote, official_list=before).count() == 1
    assert queries.turnout(vote).parties == 3
    assert queries.receipts_of(scene.viewer(scene.owners[0]), vote) == []
    vote = scene.bring(vote, "tallied")
    assert vote.result["motions"][0]["taking_part"]["parties"] == vote.result["motions"][0]["against"]["parties"] == 3
    with pytest.raises(NotPossible):
        receive(scene, vote, ruled[:1], reason="再换")


def test_a_ruling_about_a_replaced_ballot_is_made_anew(scene: VoteScene) -> None:
    wife = create_person(name="妻子")
    add_unit(scene.estate, "瑞金阁-2-101", 5000, [scene.owners[0], wife])
    vote = scene.bring(scene.prepare(), "open")
    scene.hand_in(vote, "瑞金阁-2-101", wife, "agree")
    vote = scene.bring(vote, "closed")

    def rows(second: int) -> list[OfficialRow]:
        return [OfficialRow("瑞金阁-2-101", OPENS + timedelta(days=1, seconds=second), {"M1": "against"}, "业主1")]

    def rule() -> None:
        (clash,) = queries.clashes(scene.teller(), vote)
        labels = [ballot.label for ballot in clash.ballots]
        count.rule_on_ballots(viewer=scene.teller(), vote=vote, ballots=labels, counts="K0007", code="co_owner_chosen", words="商定")

    receive(scene, vote, rows(0))
    rule()
    receive(scene, vote, rows(1), reason="时间错了")
    assert [clash.ruled for clash in queries.clashes(scene.teller(), vote)] == [False]
    rule()
    vote = scene.bring(vote, "tallied")
    assert vote.result["motions"][0]["contested"] == 0
    assert len(json.loads(VoteRecord.objects.get(vote=vote).full_file)["rulings"]) == 1


def test_rows_of_one_person_that_differ_stay_and_the_latest_counts(scene: VoteScene) -> None:
    add_unit(scene.estate, "瑞金阁-2-101", 5000, [scene.owners[0]])
    vote = scene.bring(scene.prepare(), "closed")
    first = units(scene)[0]
    rows = [
        OfficialRow("瑞金阁-2-101", OPENS + 2 * DAY, {"M1": "against"}),
        OfficialRow(first, OPENS + DAY, {"M1": "agree"}),
        OfficialRow(first, OPENS + DAY, {"M1": "agree"}),
    ]
    assert receive(scene, vote, rows) == 2
    vote = scene.bring(vote, "tallied")
    assert vote.result["motions"][0]["against"] == {"parties": 1, "area": "130.00"}
    assert [each["reason"] for each in vote.result["rejected"]] == ["superseded"]


def test_an_upload_that_was_not_taken_over_is_no_part_of_the_vote(scene: VoteScene) -> None:
    vote = scene.bring(scene.prepare(), "closed")
    rows = [OfficialRow(units(scene)[0], OPENS + DAY, {"M1": "agree"})]
    given: dict[str, Any] = {"viewer": scene.teller(), "vote": vote, "url": "https://vote.example/1", "file_name": "a.csv"}
    upload = official.upload_official_list(**given, rows=rows)
    bad = official.upload_official_list(**given, rows=rows, errors=[ListError(2, "时间", "bad_time")])
    with pytest.raises(official.ListGone):
        official.write_official_list(viewer=scene.teller(), upload=upload)
    with pytest.raises(official.BadList):
        official.write_official_list(viewer=scene.teller(), upload=bad)
    assert (bad.rows, Ballot.objects.count(), queries.turnout(vote).parties) == ([], 0, 0)
    good = official.upload_official_list(**given, rows=rows)
    for viewer in (scene.convenor, scene.viewer(scene.owners[0])):
        with pytest.raises(NotAllowed):
            official.write_official_list(viewer=viewer, upload=good)
    vote = scene.bring(vote, "tallied")
    assert not OfficialList.objects.exists()


def test_the_database_holds_one_list_in_force(scene: VoteScene) -> None:
    vote = scene.bring(scene.prepare(), "closed")
    receive(scene, vote, [OfficialRow(units(scene)[0], OPENS + DAY, {"M1": "agree"})])
    twin = _fields(OfficialList.objects.get())
    with pytest.raises(IntegrityError), transaction.atomic():
        OfficialList.objects.create(**twin)


def test_where_the_official_system_alone_may_an_own_ballot_is_refused(scene: VoteScene) -> None:
    vote = scene.bring(scene.prepare(), "open")
    assert vote.electronic == "official_only"
    with pytest.raises(ballots.OfficialChannelOnly):
        ballots.cast_ballot(viewer=scene.viewer(scene.owners[0]), vote=vote, choices={"M1": "agree"}, happened_at=OPENS + DAY)
    rows = [OfficialRow(unit, OPENS + DAY, {"M1": "agree"}) for unit in units(scene)[:4]]
    for wrong in (
        OfficialRow("没有的房", OPENS + DAY, {"M1": "agree"}),
        OfficialRow(units(scene)[0], CLOSES + DAY, {"M1": "agree"}),
        OfficialRow(units(scene)[0], OPENS + DAY, {}),
        OfficialRow(units(scene)[0], OPENS + DAY, {"M1": "agree"}, "没有的人"),
    ):
        with pytest.raises(official.BadList):
            receive(scene, vote, [*rows, wrong])
    assert not OfficialList.objects.exists()
    assert receive(scene, vote, rows) == 4
    vote = scene.bring(vote, "tallied")
    assert vote.official_url == "https://vote.example/1"
    assert vote.result["motions"][0]["agree"]["parties"] == 4


def test_where_either_system_may_both_ballots_come_in_and_the_latest_counts(scene: VoteScene) -> None:
    set_rule(scene.estate, "owners_vote.electronic_channel", "either")
    vote = scene.bring(scene.prepare(), "open")
    ballots.cast_ballot(viewer=scene.viewer(scene.owners[0]), vote=vote, choices={"M1": "agree"}, happened_at=OPENS + DAY)
    rows = [OfficialRow(units(scene)[0], OPENS + 2 * DAY, {"M1": "against"})]
    assert receive(scene, vote, rows) == 1
    vote = scene.bring(vote, "tallied")
    assert vote.result["motions"][0]["against"]["parties"] == 1
    assert [each["reason"] for each in vote.result["rejected"]] == ["superseded"]


def test_an_owner_casts_once_and_nobody_else_does(scene: VoteScene, town: Any) -> None:
    set_rule(scene.estate, "owners_vote.electronic_channel", "own")
    vote = scene.bring(scene.prepare(), "open")
    owner = scene.viewer(scene.owners[0])
    with pytest.raises(ballots.NoChoice):
        ballots.cast_ballot(viewer=owner, vote=vote, choices={}, happened_at=OPENS + DAY)
    with pytest.raises(ballots.NoChoice):
        ballots.cast_ballot(viewer=owner, vote=vote, choices={"M1": "yes"}, happened_at=OPENS + DAY)
    with pytest.raises(NotAllowed):
        ballots.cast_ballot(viewer=town.viewer(town.ye), vote=vote, choices={"M1": "agree"}, happened_at=OPENS + DAY)
    with pytest.raises(ballots.VotingIsOver):
        ballots.cast_ballot(viewer=owner, vote=vote, choices={"M1": "agree"}, happened_at=CLOSES + timedelta(seconds=1))
    ballots.cast_ballot(viewer=owner, vote=vote, choices={"M1": "agree"}, happened_at=CLOSES)
    vote = scene.bring(vote, "closed")
    with pytest.raises(ballots.VotingIsOver):
        ballots.cast_ballot(viewer=scene.viewer(scene.owners[1]), vote=vote, choices={"M1": "agree"}, happened_at=CLOSES)


def test_the_code_on_a_paper_casts_for_its_holder_and_guessing_ends_it(scene: VoteScene) -> None:
    set_rule(scene.estate, "owners_vote.electronic_channel", "either")
    vote = scene.bring(scene.prepare(), "open")
    papers = list(Paper.objects.filter(vote=vote).order_by("serial")[:2])
    printed = ballots.print_papers(viewer=scene.teller(), vote=vote, papers=papers)
    made = ballots.cast_with_code(
        paper=papers[0], code=printed[0].code, by_id=scene.owners[0].pk, choices={"M1": "agree"}, happened_at=OPENS + DAY
    )
    assert made.by_id == scene.owners[0].pk
    with pytest.raises(votes.NotOnThisRoll):
        ballots.cast_with_code(
            paper=papers[1], code=printed[1].code, by_id=scene.owners[0].pk, choices={"M1": "agree"}, happened_at=OPENS + DAY
        )
    for _ in range(8):
        with pytest.raises(ballots.WrongPaperCode):
            ballots.check_paper_code(paper=papers[1], code="00000000")
    with pytest.raises(ballots.WrongPaperCode):
        ballots.check_paper_code(paper=papers[1], code=printed[1].code)
    assert printed[1].code not in json.dumps([entry.detail for entry in Entry.objects.all()])


# The count, its files, rulings and objections


def test_a_couples_two_ballots_count_once_after_a_ruling(scene: VoteScene) -> None:
    one, two = scene.owners[:2]
    add_unit(scene.estate, "瑞金阁-2-102", 5000, [one, two])
    set_rule(scene.estate, "owners_vote.electronic_channel", "own")
    vote = scene.bring(scene.prepare(), "open")
    ballots.cast_ballot(viewer=scene.viewer(two), vote=vote, choices={"M1": "against"}, happened_at=OPENS + DAY)
    scene.hand_in(vote, "瑞金阁-2-102", one, "agree")
    vote = scene.bring(vote, "tallied")
    assert vote.result["motions"][0]["contested"] == 1
    vote = scene.bring(vote, "preliminary")
    for upheld in (False, True):
        with pytest.raises(count.NothingUpheld):
            count.begin_recount(viewer=scene.convenor, vote=vote)
        asked = votes.raise_objection(viewer=scene.viewer(one), vote=vote, text="我家两张票怎么没算", happened_at=CLOSES + DAY)
        votes.answer_objection(viewer=scene.convenor, objection=asked, text="核对了", upheld=upheld, happened_at=CLOSES + 2 * DAY)
    vote = count.begin_recount(viewer=scene.convenor, vote=vote)
    labels = list(Ballot.objects.filter(vote=vote).values_list("label", flat=True))
    with pytest.raises(count.NotOneVoter):
        count.rule_on_ballots(viewer=scene.teller(), vote=vote, ballots=labels, counts="K9999", code="signature", words="x")
    paper_label = next(label for label in labels if label.startswith("K"))
    count.rule_on_ballots(
        viewer=scene.teller(), vote=vote, ballots=labels, counts=paper_label, code="co_owner_chosen", words="两人到场，由丈夫表决"
    )
    vote = scene.bring(vote, "tallied")
    assert vote.result["motions"][0]["contested"] == 0
    record = VoteRecord.objects.get(vote=vote)
    assert json.loads(record.full_file)["rulings"][0]["because"] == "两人到场，由丈夫表决"
    assert json.loads(record.open_file)["rulings"][0]["because"] == "co_owner_chosen"


def test_the_open_file_says_the_same_without_saying_who(scene: VoteScene) -> None:
    vote = scene.bring(scene.prepare(), "open")
    for unit, owner, choice in zip(units(scene), scene.owners, ["agree", "against", "abstain", "agree", "", "agree"], strict=True):
        scene.hand_in(vote, unit, owner, choice, proxy_document="委托书 7 号" if choice == "abstain" else "")
    vote = scene.bring(vote, "final")
    record = VoteRecord.objects.get(vote=vote)
    full, shown = json.loads(record.full_file), json.loads(record.open_file)
    for word in ("瑞金阁", "K0001", "委托书", *[f"P{owner.pk}" for owner in scene.owners]):
        assert word not in record.open_file
    key = bytes.fromhex(record.key)
    assert [unit["unit"] for unit in shown["roll"]] == sorted(pseudonym(key, unit) for unit in units(scene))
    assert [ballot["id"] for ballot in shown["ballots"]] == sorted(pseudonym(key, ballot["id"]) for ballot in full["ballots"])
    assert sorted(ballot["cast_at"] for ballot in shown["ballots"]) == [
        (OPENS + timedelta(seconds=rank)).isoformat(timespec="seconds") for rank in range(6)
    ]
    assert {ballot["proxy_document"] for ballot in shown["ballots"]} == {None, "held"}
    full_result, open_result = (result_document(tally(read_vote(each))) for each in (full, shown))
    assert full_result["motions"] == open_result["motions"] == vote.result["motions"]
    assert open_result == record.open_result
    entry = Entry.objects.get(verb="result_final", subject=vote.number)
    assert (entry.detail["full"], entry.detail["open"]) == (record.full_sha256, record.open_sha256)


def test_objections_are_answered_before_the_result_is_final(scene: VoteScene) -> None:
    vote = scene.bring(scene.prepare(), "preliminary")
    assert vote.objections_until is not None
    with pytest.raises(NotAllowed):
        votes.raise_objection(viewer=scene.convenor, vote=vote, text="我不是业主")
    objection = votes.raise_objection(viewer=scene.viewer(scene.owners[0]), vote=vote, text="我家投了两张。", happened_at=CLOSES + DAY)
    with pytest.raises(votes.TooLate):
        votes.raise_objection(viewer=scene.viewer(scene.owners[0]), vote=vote, text="晚了", happened_at=CLOSES + 8 * DAY)
    after = vote.objections_until + timedelta(hours=9)
    with pytest.raises(count.Unanswered):
        count.finish_vote(viewer=scene.convenor, vote=vote, happened_at=after)
    with pytest.raises(NotAllowed):
        votes.answer_objection(viewer=scene.teller(), objection=objection, text="核对过", upheld=False)
    votes.answer_objection(
        viewer=scene.convenor, objection=objection, text="核对过，只算一张。", upheld=False, happened_at=CLOSES + 2 * DAY
    )
    with pytest.raises(votes.AlreadyAnswered):
        votes.answer_objection(viewer=scene.convenor, objection=objection, text="再答", upheld=True)
    with pytest.raises(votes.TooEarly):
        count.finish_vote(viewer=scene.convenor, vote=vote, happened_at=vote.objections_until)
    assert count.finish_vote(viewer=scene.convenor, vote=vote, happened_at=after).state == "final"
    assert not Entry.objects.filter(detail__icontains="两张").exists()


def test_an_annulled_result_stays_readable_as_a_fact(scene: VoteScene) -> None:
    vote = scene.bring(scene.prepare(), "final")
    vote = count.annul_result(viewer=scene.convenor, vote=vote, because="（2026）粤 19 民初 1 号", happened_at=CLOSES + 90 * DAY)
    assert (vote.state, vote.result is not None) == ("annulled", True)


def test_an_inspection_tells_whose_ballots_they_are_and_leaves_its_ground(scene: VoteScene) -> None:
    vote = scene.bring(scene.prepare(), "open")
    scene.hand_in(vote, units(scene)[0], scene.owners[0], "agree")
    vote = scene.bring(vote, "final")
    teller = scene.teller()
    with pytest.raises(count.UnknownGround):
        count.inspect_ballots(viewer=teller, vote=vote, unit=units(scene)[0], ground="curiosity")
    found = count.inspect_ballots(viewer=teller, vote=vote, unit=units(scene)[0], ground="court")
    assert [ballot.choices for ballot in found] == [{"M1": "agree"}]
    assert [(read.about_person_id, read.why) for read in teller.reads] == [(scene.owners[0].pk, "inspection:court")]
    assert Entry.objects.get(verb="ballots_inspected").audience == f"tellers:{vote.number}"


def test_no_entry_of_the_journal_holds_a_choice(scene: VoteScene) -> None:
    set_rule(scene.estate, "owners_vote.electronic_channel", "own")
    vote = scene.bring(scene.prepare(), "open")
    scene.hand_in(vote, units(scene)[0], scene.owners[0], "against")
    ballots.cast_ballot(viewer=scene.viewer(scene.owners[1]), vote=vote, choices={"M1": "abstain"}, happened_at=OPENS + DAY)
    told = json.dumps([[entry.detail, entry.because] for entry in Entry.objects.filter(subject=vote.number)])
    assert "against" not in told
    assert "abstain" not in told
    assert set(Entry.objects.filter(verb__in=["ballot_cast", "ballot_entered"]).values_list("audience", flat=True)) == {
        f"tellers:{vote.number}"
    }


def test_every_state_has_a_way_on_or_is_an_end() -> None:
    ways = {state: {move.target for move in MOVES.values() if state in move.sources and move.target} for state in State}
    assert {state for state, onward in ways.items() if not onward} == {State.ANNULLED, State.CALLED_OFF}
    assert ways[State.OPEN] == {State.CLOSED}
    assert all(move.target is None for verb, move in MOVES.items() if verb in (Verb.CAST, Verb.ENTER, Verb.OFFICIAL))
