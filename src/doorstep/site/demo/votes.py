"""瑞康花园's five votes: cases A–E on the frozen roll, HL-V-2026-0001 … 0005, all with a final result.

Who took part is found by a deterministic search for sets of households whose number and area come out exactly as the scenario says;
how the ballots came in (paper, hall, the official system's list) is drawn by a fixed seed. Everything goes through the same actions
that the screens call.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from doorstep.affairs.actions import ballots, count, official, votes
from doorstep.affairs.actions.ballots import Reading
from doorstep.affairs.actions.votes import NewMotion
from doorstep.affairs.models import BallotParty, Matter, Paper, RollHolder, RollParty, Vote
from doorstep.affairs.rules.official_list import OfficialRow
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.clock import TOWN_ZONE
from doorstep.foundation.identity.models import Person
from doorstep.foundation.places.models import Place
from doorstep.organisations.models import Body

SEED = 20260402
OFFICIAL = "https://zjj.dg.gov.cn/DGSWXZJ_VoteApp"
DAY = timedelta(days=1)
# Households of several units that take part in every vote, so that one person with three areas is counted once.
ALWAYS = ("瑞金阁-1-302", "瑞宁阁-1-504")
COUPLE = "瑞金阁-1-301"


class NoSuchSet(Exception):
    """No set of households has this number and this area."""


@dataclass(frozen=True, slots=True)
class Case:
    """One vote of the scenario. Measures are (parties, area in hundredths of m²)."""

    title: str
    item: int
    text: str
    why: str
    takes_part: tuple[int, int]
    agrees: tuple[int, int]
    opens: datetime
    closes: datetime
    against: tuple[int, int] | None = None
    announced_until: datetime | None = None
    objection: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Team:
    """Who runs and counts: the chair, three tellers, and an owner with a question."""

    chair: Viewer
    tellers: tuple[Viewer, Viewer, Viewer]
    owner: Viewer


@dataclass(slots=True)
class Household:
    party: RollParty
    holders: list[tuple[int, str]]
    paper: Paper
    choice: str = ""


@dataclass(slots=True)
class Pool:
    """Households of one unit, by area, each list in an order drawn by the seed."""

    by_area: dict[int, list[Household]] = field(default_factory=dict)

    def take(self, parties: int, area: int) -> list[Household]:
        """Exactly so many households with exactly this area together, near the mixture that is left. Raises NoSuchSet."""
        areas = sorted(self.by_area)
        for amounts in _mixtures(parties, area, areas, [len(self.by_area[each]) for each in areas]):
            taken = []
            for each, amount in zip(areas, amounts, strict=True):
                taken += [self.by_area[each].pop() for _ in range(amount)]
            return taken
        raise NoSuchSet(parties, area)


def _mixtures(parties: int, area: int, areas: Sequence[int], stock: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Amounts of each area that fit: all but the two middle ones are tried from the likeliest on, those two then follow."""
    if len(areas) == 2:
        low, high = areas
        more, rest = divmod(area - low * parties, high - low)
        if not rest and 0 <= more <= stock[1] and 0 <= parties - more <= stock[0]:
            yield parties - more, more
        return
    likely = parties * stock[0] // max(sum(stock), 1)
    for amount in sorted(range(min(parties, stock[0]) + 1), key=lambda each: abs(each - likely)):
        left, rest_area = parties - amount, area - areas[0] * amount
        if areas[1] * left <= rest_area <= areas[-1] * left:
            for others in _mixtures(left, rest_area, areas[1:], stock[1:]):
                yield amount, *others


def cast_votes(*, estate: Place, committee: Body, team: Team, matters: dict[int, Matter]) -> list[Vote]:
    """All cases, in order, so that their numbers are those of the scenario. `matters`: what a case grew from, by its index."""
    return [_one(random.Random(SEED + index), estate, committee, team, case, matters.get(index)) for index, case in enumerate(CASES)]


def _one(rng: random.Random, estate: Place, committee: Body, team: Team, case: Case, matter: Matter | None) -> Vote:
    noticed = case.opens.replace(hour=9) - 16 * DAY
    # The day before the five for which the roll is shown; of vote A the morning after the meeting that asked for it.
    prepared = noticed - 6 * DAY
    vote = votes.prepare_vote(
        viewer=team.chair,
        estate=estate,
        convenor=committee,
        title=case.title,
        motions=[NewMotion(case.item, case.text)],
        why=case.why,
        matter=matter,
        happened_at=prepared - timedelta(minutes=45),
    )
    for teller in team.tellers:
        votes.appoint_teller(viewer=team.chair, vote=vote, person=_person(teller), happened_at=prepared - timedelta(minutes=45))
    votes.freeze_roll(viewer=team.chair, vote=vote, happened_at=prepared - timedelta(minutes=30))
    votes.publish_roll(viewer=team.chair, vote=vote, happened_at=prepared - timedelta(minutes=20))
    announced = case.announced_until or case.closes
    vote = votes.give_notice(
        viewer=team.chair,
        vote=vote,
        opens_at=case.opens,
        closes_at=announced,
        residents_committee_told_on=noticed.date(),
        official_url=OFFICIAL,
        happened_at=noticed,
    )
    ballots.issue_ballots(viewer=team.tellers[0], vote=vote, happened_at=case.opens - 4 * DAY)
    households = households_of(rng, vote)
    absent = _deliver(team, vote, households, case.opens - 3 * DAY)
    votes.open_vote(viewer=team.chair, vote=vote, happened_at=case.opens)
    if case.announced_until is not None:
        vote = votes.extend_vote(viewer=team.chair, vote=vote, closes_at=case.closes, happened_at=case.announced_until - timedelta(hours=3))
    taking_part, pool = choose(rng, households, absent, case)
    papers, listed = channels(rng, taking_part)
    moment = moments(rng, case)
    enter_papers(team, papers, moment)
    _extras(team, pool, papers[0], moment)
    votes.close_vote(viewer=team.chair, vote=vote, happened_at=case.closes)
    rows = [OfficialRow(each.party.first_unit, moment(), {"M1": each.choice}) for each in listed]
    # Some cast both: the paper counts.
    rows += [OfficialRow(each.party.first_unit, moment(), {"M1": "abstain"}) for each in papers[1:6]]
    # The wife voted too, and differently: one of the two counts.
    rows.append(OfficialRow(COUPLE, moment(), {"M1": "against"}, papers[0].holders[1][1]))
    at = case.closes + timedelta(hours=1)
    official.receive_official_list(viewer=team.tellers[0], vote=vote, url=OFFICIAL, rows=rows, happened_at=at)
    _rule(team, vote, at)
    count.tally_vote(viewer=team.tellers[0], vote=vote, happened_at=at + timedelta(hours=1))
    vote = count.publish_preliminary(viewer=team.chair, vote=vote, happened_at=at + timedelta(hours=2))
    if case.objection is not None:
        asked = votes.raise_objection(viewer=team.owner, vote=vote, text=case.objection[0], happened_at=case.closes + 2 * DAY)
        votes.answer_objection(viewer=team.chair, objection=asked, text=case.objection[1], upheld=False, happened_at=case.closes + 3 * DAY)
    return count.finish_vote(viewer=team.chair, vote=vote, happened_at=case.closes.replace(hour=9, minute=0) + 8 * DAY)


def households_of(rng: random.Random, vote: Vote) -> dict[str, Household]:
    """Every party of the roll but the developer, by its first unit, in an order drawn by the seed."""
    holders: dict[int, list[tuple[int, str]]] = {}
    rows = RollHolder.objects.filter(party__vote=vote).order_by("id").values_list("party_id", "person_id", "person__name")
    for party_id, person_id, name in rows:
        holders.setdefault(party_id, []).append((person_id, name))
    papers = list(Paper.objects.filter(vote=vote, party__is_developer=False).select_related("party", "vote__place").order_by("serial"))
    rng.shuffle(papers)
    return {paper.party.first_unit: Household(paper.party, holders[paper.party_id], paper) for paper in papers}


def _deliver(team: Team, vote: Vote, households: dict[str, Household], at: datetime) -> list[Household]:
    """Nearly everybody got a paper at the door; three could not be reached and are announced. Those three."""
    every = [each for name, each in households.items() if name not in (*ALWAYS, COUPLE)]
    absent = every[:3]
    reached = [each.party for each in households.values() if each not in absent]
    ballots.record_deliveries(viewer=team.tellers[0], vote=vote, parties=reached, way="hand", delivered=True, happened_at=at)
    ballots.record_deliveries(
        viewer=team.tellers[0], vote=vote, parties=[each.party for each in absent], way="door", delivered=False, happened_at=at
    )
    ballots.announce_undelivered(viewer=team.chair, vote=vote, happened_at=at + DAY)
    return absent


def choose(rng: random.Random, households: dict[str, Household], absent: list[Household], case: Case) -> tuple[list[Household], Pool]:
    """Who takes part and how, to the last hundredth; and who is left. The few are taken first: the many fit into more mixtures."""
    always = [households[name] for name in (*ALWAYS, COUPLE)]
    pool = Pool()
    for each in households.values():
        if each.party.units == 1 and each not in always and each not in absent:
            pool.by_area.setdefault(each.party.area_hundredths, []).append(each)
    others, others_area = case.takes_part[0] - case.agrees[0], case.takes_part[1] - case.agrees[1]
    if case.against is not None:
        against = pool.take(*case.against)
        abstain = pool.take(others - case.against[0], others_area - case.against[1])
    else:
        rest = pool.take(others, others_area)
        rng.shuffle(rest)
        against, abstain = rest[: others * 3 // 4], rest[others * 3 // 4 :]
    agree = always + pool.take(case.agrees[0] - len(always), case.agrees[1] - sum(each.party.area_hundredths for each in always))
    for choice, chosen in (("agree", agree), ("against", against), ("abstain", abstain)):
        for each in chosen:
            each.choice = choice
    rest = agree[len(always) :] + against + abstain
    rng.shuffle(rest)
    return always + rest, pool


def channels(rng: random.Random, taking_part: list[Household]) -> tuple[list[Household], list[Household]]:
    """A quarter on paper, the couple's among them; the others by the official system."""
    couple = next(each for each in taking_part if each.party.first_unit == COUPLE)
    others = [each for each in taking_part if each is not couple]
    amount = len(taking_part) // 4
    return [couple, *others[3 : 3 + amount]], [*others[:3], *others[3 + amount :]]


def moments(rng: random.Random, case: Case) -> Callable[[], datetime]:
    """A moment during voting, by day."""
    days = max((case.closes.date() - case.opens.date()).days, 1)

    def moment() -> datetime:
        day = case.opens.replace(hour=0) + rng.randrange(days) * DAY
        return day + timedelta(hours=rng.randrange(9, 21), minutes=rng.randrange(60), seconds=rng.randrange(60))

    return moment


def enter_papers(team: Team, papers: Sequence[Household], moment: Callable[[], datetime]) -> None:
    """Two clerks enter each paper; every hundredth they read differently, and the third looks. Every sixth was cast in the hall."""
    for index, each in enumerate(papers):
        at = moment().replace(hour=12, minute=0, second=0)
        channel = "hall" if index % 6 == 5 else "paper"
        reading = Reading(each.holders[0][0], {"M1": each.choice}, at, channel)
        misread = Reading(each.holders[0][0], {}, at, channel)
        ballots.enter_paper(viewer=team.tellers[0], paper=each.paper, reading=reading, happened_at=at)
        second = misread if index % 100 == 50 else reading
        ballots.enter_paper(viewer=team.tellers[1], paper=each.paper, reading=second, happened_at=at)
        if second is misread:
            ballots.enter_paper(viewer=team.tellers[2], paper=each.paper, reading=reading, happened_at=at)


def _extras(team: Team, pool: Pool, couple: Household, moment: Callable[[], datetime]) -> None:
    """Two papers that do not count: a neighbour signed for somebody without a written proxy, and a spoiled one."""
    left = [each for area in sorted(pool.by_area) for each in pool.by_area[area]]
    proxy, spoiled = left[0], left[1]
    at = moment().replace(hour=12, minute=0, second=0)
    readings = [
        (proxy.paper, Reading(couple.holders[0][0], {"M1": "agree"}, at, proxy_for_id=proxy.holders[0][0])),
        (spoiled.paper, Reading(spoiled.holders[0][0], {}, at, valid=False)),
    ]
    for paper, reading in readings:
        for teller in team.tellers[:2]:
            ballots.enter_paper(viewer=teller, paper=paper, reading=reading, happened_at=at)


def _rule(team: Team, vote: Vote, at: datetime) -> None:
    """The couple's two ballots: one of them votes for both."""
    couple = BallotParty.objects.filter(party__vote=vote, party__first_unit=COUPLE).order_by("ballot_id")
    labels = list(couple.values_list("ballot__label", flat=True))
    count.rule_on_ballots(
        viewer=team.tellers[0],
        vote=vote,
        ballots=labels,
        counts=labels[0],
        code="co_owner_chosen",
        words="两人到场，商定由先签的一位表决。",
        happened_at=at,
    )


def _person(viewer: Viewer) -> Person:
    return Person.objects.get(pk=viewer.own_id)


def _at(month: int, day: int, hour: int) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=TOWN_ZONE)


CASES = (
    Case(
        title="用公共收益 92,400.00 元翻新康乐场地",
        item=9,
        text="同意从小区公共收益中支出 92,400.00 元，翻新康乐场地地面并更换健身器材。",
        why="康乐场地的地面开裂、器材生锈，有孩子绊倒。议事会商量后建议整体翻新，钱从公共收益出，不向业主另外收。",
        takes_part=(742, 7188040),
        agrees=(655, 6341090),
        against=(52, 512030),
        opens=_at(4, 2, 9),
        closes=_at(4, 11, 18),
        objection=("我家两口子都投了，是不是算了两票？", "核对过：一家共有人只算一人，您家只计一张，回执可以在本页查。"),
    ),
    Case(
        title="320 ㎡绿地改 26 个车位",
        item=8,
        text="同意将北门东侧 320 ㎡绿地改为 26 个停车位，改变共有部分的用途。",
        why="停车难，26 户一起反映过。也有业主舍不得绿地。这是改变共有部分用途，要参加的人四分之三以上同意。",
        takes_part=(690, 6701280),
        agrees=(520, 4990000),
        opens=_at(5, 12, 9),
        closes=_at(5, 21, 18),
    ),
    Case(
        title="使用维修资金 486,000.00 元翻修 18 栋屋面防水",
        item=5,
        text="同意使用建筑物及其附属设施维修资金 486,000.00 元，翻修 18 栋楼的屋面防水。",
        why="顶楼漏水多年，逐栋修补管不久。钱从维修资金出。",
        takes_part=(680, 7036340),
        agrees=(600, 6200000),
        opens=_at(7, 1, 9),
        closes=_at(7, 20, 18),
        announced_until=_at(7, 10, 18),
    ),
    Case(
        title="合同到期后不再续聘恒安物业，另行选聘",
        item=4,
        text="同意物业服务合同到期后不再续聘恒安物业，由业主委员会组织公开选聘新的物业服务企业。",
        why="有业主提出换物业，占人数和面积的百分之二十以上，按规定要表决。",
        takes_part=(700, 6900000),
        agrees=(350, 3600000),
        opens=_at(8, 18, 9),
        closes=_at(8, 27, 18),
    ),
    Case(
        title="拆掉北门旧门岗，改建带雨棚和无障碍坡道的门岗",
        item=7,
        text="同意拆除北门旧门岗，在原址改建带雨棚和无障碍坡道的门岗，费用 168,000.00 元从公共收益支出。",
        why="旧门岗漏雨，轮椅过不去。这是改建，要参加的人四分之三以上同意。",
        takes_part=(684, 6800000),
        agrees=(513, 5100000),
        opens=_at(9, 22, 9),
        closes=_at(10, 9, 18),
    ),
)
