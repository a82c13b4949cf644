"""Scenes for tests of this mechanism and of those above it: an estate with a small roll and a vote brought as far as one likes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from doorstep.affairs.actions import ballots, count, votes
from doorstep.affairs.actions.ballots import Reading
from doorstep.affairs.actions.votes import NewMotion
from doorstep.affairs.models import Paper, RollUnit, Vote
from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer, build_viewer
from doorstep.foundation.clock import TOWN_ZONE
from doorstep.foundation.identity.actions import create_account, create_person
from doorstep.foundation.identity.models import Person
from doorstep.foundation.journal.actions import Actor
from doorstep.foundation.places.models import Place
from doorstep.foundation.regulations.models import Regulation
from doorstep.foundation.regulations.queries import forget
from doorstep.organisations.actions import create_body, give_post
from doorstep.organisations.models import Body, Holder, Unit
from doorstep.organisations.models.residence import Residence
from doorstep.organisations.rules.roll import party_key

BY = Actor(channel="import")
DAY = timedelta(days=1)
FROZEN = datetime(2026, 3, 11, 8, 30, tzinfo=TOWN_ZONE)
NOTICED = datetime(2026, 3, 17, 9, 0, tzinfo=TOWN_ZONE)
OPENS = datetime(2026, 4, 2, 9, 0, tzinfo=TOWN_ZONE)
CLOSES = datetime(2026, 4, 11, 18, 0, tzinfo=TOWN_ZONE)
STEPS = ("draft", "frozen", "roll_published", "noticed", "issued", "open", "closed", "tallied", "preliminary", "final")


def set_rule(place: Place, key: str, value: str, *, unit: str = "") -> None:
    """Let an estate have its own value of a regulation."""
    Regulation.objects.create(
        key=key,
        locality=place.code,
        value=value,
        unit=unit,
        zh=key,
        en=key,
        source_zh="议事规则",
        source_en="rules of procedure",
        effective_from=date(2016, 1, 1),
        certainty="M",
    )
    forget()


def add_unit(
    estate: Place, name: str, area_hundredths: int, holders: Sequence[Person], *, kind: str = "flat", status: str = "delivered"
) -> Unit:
    """A unit of the estate's roll, its holders verified as owners; its building is the place whose name its own begins with, else the first."""
    buildings = list(Place.objects.filter(parent=estate, kind="building").order_by("id"))
    building = next((each for each in buildings if name.startswith(each.name)), buildings[0])
    unit = Unit.objects.create(
        estate=estate,
        building=building,
        name=name,
        room=name.rsplit("-", 1)[-1],
        area_hundredths=area_hundredths,
        kind=kind,
        status=status,
        party_key=party_key(status, [person.pk for person in holders]),
    )
    Holder.objects.bulk_create([Holder(unit=unit, person=person) for person in holders])
    Residence.objects.bulk_create(
        [Residence(unit=unit, person=person, kind="owner", how="keeper", from_on=clock.today()) for person in holders]
    )
    return unit


@dataclass
class VoteScene:
    """An estate, its owners' committee with a chair, three tellers, and owners with logins `owner1` …, one flat of 80.00 m² each."""

    estate: Place
    committee: Body
    chair: Person
    tellers: list[Person]
    owners: list[Person]
    units: list[Unit] = field(default_factory=list)

    def viewer(self, person: Person) -> Viewer:
        return build_viewer(person_id=person.pk, name=person.name)

    @property
    def convenor(self) -> Viewer:
        return self.viewer(self.chair)

    def teller(self, index: int = 0) -> Viewer:
        return self.viewer(self.tellers[index])

    def prepare(self, **facts: object) -> Vote:
        given: dict[str, object] = {
            "estate": self.estate,
            "convenor": self.committee,
            "title": "用公共收益翻新康乐场地",
            "motions": [NewMotion(9, "同意用公共收益 92,400.00 元翻新康乐场地。")],
            "happened_at": FROZEN - DAY,
        }
        vote = votes.prepare_vote(viewer=self.convenor, **{**given, **facts})  # type: ignore[arg-type]
        for person in self.tellers:
            votes.appoint_teller(viewer=self.convenor, vote=vote, person=person, happened_at=FROZEN - DAY)
        return vote

    def bring(self, vote: Vote, state: str) -> Vote:
        """Take a vote through the next steps until it is in this state."""
        while vote.state != state:
            vote = self._next(vote)
        return vote

    def _next(self, vote: Vote) -> Vote:
        chair, teller = self.convenor, self.teller()
        if vote.state == "draft":
            return votes.freeze_roll(viewer=chair, vote=vote, happened_at=FROZEN)
        if vote.state == "frozen":
            return votes.publish_roll(viewer=chair, vote=vote, happened_at=FROZEN)
        if vote.state == "roll_published":
            return votes.give_notice(
                viewer=chair,
                vote=vote,
                opens_at=OPENS,
                closes_at=CLOSES,
                residents_committee_told_on=NOTICED.date(),
                happened_at=NOTICED,
            )
        if vote.state == "noticed":
            return ballots.issue_ballots(viewer=teller, vote=vote, happened_at=OPENS - 3 * DAY)
        if vote.state == "issued":
            return votes.open_vote(viewer=chair, vote=vote, happened_at=OPENS)
        if vote.state == "open":
            return votes.close_vote(viewer=chair, vote=vote, happened_at=vote.closes_at)
        if vote.state == "closed":
            return count.tally_vote(viewer=teller, vote=vote, happened_at=vote.closes_at)
        if vote.state == "tallied":
            return count.publish_preliminary(viewer=chair, vote=vote, happened_at=vote.closes_at)
        assert vote.state == "preliminary"
        assert vote.objections_until is not None
        return count.finish_vote(viewer=chair, vote=vote, happened_at=vote.objections_until + timedelta(hours=9))

    def paper(self, vote: Vote, unit: str) -> Paper:
        """The paper in force of the party that holds a unit."""
        party = RollUnit.objects.get(vote=vote, name=unit).party
        return Paper.objects.select_related("vote__place", "party").get(party=party, replaced_at=None)

    def hand_in(self, vote: Vote, unit: str, by: Person, choice: str, **facts: object) -> None:
        """A paper entered alike by two clerks."""
        given: dict[str, object] = {"choices": {"M1": choice} if choice else {}, "cast_at": OPENS + DAY, **facts}
        reading = Reading(by_id=by.pk, **given)  # type: ignore[arg-type]
        for index in (0, 1):
            ballots.enter_paper(viewer=self.teller(index), paper=self.paper(vote, unit), reading=reading, happened_at=OPENS + DAY)


def vote_scene(estate: Place, *, owners: int = 6) -> VoteScene:
    """An estate ready to vote."""
    committee = create_body(code=f"{estate.code}-owners", kind="owners_committee", name="业主委员会", place=estate, by=BY)

    def person(login: str, name: str) -> Person:
        made = create_person(name=name)
        create_account(person=made, login=login, password=None)
        return made

    chair = person("chair", "郑国梁")
    give_post(body=committee, title="主任", person=chair, held_from=date(2023, 9, 10), by=BY)
    tellers = [person(f"teller{index}", name) for index, name in enumerate(("何婉仪", "陈启明", "苏丽芬"), start=1)]
    people = [person(f"owner{index}", f"业主{index}") for index in range(1, owners + 1)]
    units = [add_unit(estate, f"瑞金阁-1-{100 + index}", 8000, [each]) for index, each in enumerate(people, start=1)]
    return VoteScene(estate, committee, chair, tellers, people, units)
