"""A committee's term as the law looks at it, its cross-appointments, and what a council lacks."""

from dataclasses import dataclass
from datetime import date

from doorstep.foundation import clock
from doorstep.foundation.places.models import Place
from doorstep.foundation.regulations.deadlines import Limit, last_day
from doorstep.foundation.regulations.queries import RegulationValue, calendar, value_of
from doorstep.organisations.data.codes import seats
from doorstep.organisations.models import Body, Post, Term
from doorstep.organisations.rules import committee as rules
from doorstep.organisations.rules.composition import Share, cross_appointments, missing_seats

RENEWAL_SEARCH_DAYS = 400


@dataclass(frozen=True, slots=True)
class LawCheck:
    """The latest term of a committee with everything the law has to say about it, each with the regulation it rests on."""

    term: Term
    findings: tuple[tuple[rules.Finding, RegulationValue], ...]

    @property
    def to_do(self) -> tuple[tuple[rules.Finding, RegulationValue], ...]:
        return tuple(each for each in self.findings if each[0].is_to_do)


def law_check(body: Body, posts: list[Post], today: date) -> LawCheck | None:
    """None for a body that no law on committees speaks of, or whose term nobody entered. `posts`: as held today. Two queries."""
    if body.kind != Body.Kind.OWNERS_COMMITTEE:
        return None
    terms = list(Term.objects.filter(body=body).order_by("-starts_on")[:2])
    if not terms:
        return None
    term = terms[0]

    def value(key: str) -> RegulationValue:
        return value_of(key, place_lineage_localities=body.place.localities, on=today)

    limits = rules.Limits(
        size_min=value("committee.size_min").number,
        size_max=value("committee.size_max").number,
        longest_until=_day_before(last_day(term.starts_on, value("committee.term_years").limit, calendar())),
        first_meeting_by=last_day(term.elected_on, value("committee.first_meeting_days").limit, calendar()),
        filing_by=last_day(term.elected_on, value("committee.filing_days").limit, calendar(), civil=True),
        handover_by=last_day(term.starts_on, value("committee.handover_days").limit, calendar()),
        renewal_from=_months_before(term.ends_on, value("committee.renewal_months").limit),
        least_share=value("committee.least_share").fraction,
    )
    facts = rules.Term(
        seats=term.seats,
        members=len({post.person_id for post in posts}),
        elected_on=term.elected_on,
        starts_on=term.starts_on,
        ends_on=term.ends_on,
        after_another=len(terms) > 1,
        first_met_on=term.first_met_on,
        filed_on=term.filed_on,
        handed_over_on=term.handed_over_on,
        renewal_begun_on=term.renewal_begun_on,
    )
    return LawCheck(term, tuple((finding, value(finding.key)) for finding in rules.findings(facts, limits, today)))


def _day_before(day: date) -> date:
    return date.fromordinal(day.toordinal() - 1)


def _months_before(day: date, limit: Limit) -> date:
    """The latest day from which the limit has run out by `day`: 9 September less three months → 9 June."""
    start = day
    for back in range(RENEWAL_SEARCH_DAYS):
        start = date.fromordinal(day.toordinal() - back)
        if last_day(start, limit, calendar()) <= day:
            break
    return start


def cross_of(place: Place) -> tuple[Share, RegulationValue] | None:
    """Of the committee's members at a place, how many also sit in its branch; beside it what the Red Property sheet asks for.
    None where there is no committee or no branch. Two queries."""
    posts = Post.objects.filter(
        body__place=place,
        body__ended_on=None,
        body__kind__in=[Body.Kind.OWNERS_COMMITTEE, Body.Kind.PARTY_BRANCH],
        held_from__lte=clock.today(),
    ).exclude(held_until__lt=clock.today())
    held: dict[str, set[int]] = {}
    for kind, person in posts.values_list("body__kind", "person_id"):
        held.setdefault(kind, set()).add(person)
    if Body.Kind.OWNERS_COMMITTEE not in held or Body.Kind.PARTY_BRANCH not in held:
        return None
    share = cross_appointments(held[Body.Kind.OWNERS_COMMITTEE], held[Body.Kind.PARTY_BRANCH])
    return share, value_of("committee.cross_share", place_lineage_localities=place.localities, on=clock.today())


def lacking_seats(body: Body, posts: list[Post]) -> tuple[str, ...] | None:
    """Codes of the seats a council lacks; None for a body that is no council. No query."""
    if body.kind != Body.Kind.ASSOCIATION:
        return None
    return missing_seats(seats(), [post.seat for post in posts])
