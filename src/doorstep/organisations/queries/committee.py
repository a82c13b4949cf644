"""A committee's term as the law looks at it, its cross-appointments, and what a council lacks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.places.models import Place
from doorstep.foundation.regulations.deadlines import Limit, last_day
from doorstep.foundation.regulations.queries import RegulationValue, calendar, value_of
from doorstep.organisations.data.codes import seats
from doorstep.organisations.models import Body, BodySeal, BodyText, FormerIncumbent, Post, Term
from doorstep.organisations.permissions import renewing_post
from doorstep.organisations.rules import committee as rules
from doorstep.organisations.rules.composition import Share, cross_appointments, missing_seats

RENEWAL_SEARCH_DAYS = 400


@dataclass(frozen=True, slots=True)
class LawCheck:
    """The latest term of a committee with everything the law has to say about it, each with the regulation it rests on.

    `callers`, `removers`: how many members can have the committee meet, and propose that one is removed, of the seats there are.
    """

    term: Term
    findings: tuple[tuple[rules.Finding, RegulationValue], ...]
    renewal: str
    callers: tuple[int, RegulationValue]
    called_within: RegulationValue
    removers: tuple[int, RegulationValue]
    removing_owners: RegulationValue
    calling_owners: RegulationValue

    @property
    def to_do(self) -> tuple[tuple[rules.Finding, RegulationValue], ...]:
        return tuple(each for each in self.findings if each[0].is_to_do)


def law_check(body: Body, today: date) -> LawCheck | None:
    """None for a body that no law on committees speaks of, or whose term nobody entered. Five queries."""
    return law_checks([body], today).get(body.pk)


def law_checks(bodies: Sequence[Body], today: date) -> dict[int, LawCheck]:
    """The same for many, by the body's id (bodies with their places). Five queries, however many; none where there is no committee."""
    committees = {body.pk: body for body in bodies if body.kind == Body.Kind.OWNERS_COMMITTEE}
    terms: dict[int, list[Term]] = {}
    for term in Term.objects.filter(body__in=committees).order_by("-starts_on") if committees else ():
        terms.setdefault(term.body_id, []).append(term)
    if not terms:
        return {}
    known = _Known(list(terms), today)
    return {pk: _check(committees[pk], each, known, today) for pk, each in terms.items()}


class _Known:
    """What is known of the members, seals and texts of some committees. Four queries."""

    def __init__(self, ids: list[int], today: date) -> None:
        self.members: dict[int, set[int]] = {}
        self.changes: dict[int, set[date]] = {}
        self.seals: dict[int, list[date]] = {}
        self.published: dict[int, set[str]] = {}
        for post in Post.objects.filter(body__in=ids).select_related("body"):
            if post.body.ended_on is None and post.held_from <= today and (post.held_until is None or post.held_until >= today):
                self.members.setdefault(post.body_id, set()).add(post.person_id)
            self._change(post.body_id, post.held_from, today)
            if post.held_until is not None and post.held_until < today:
                self._change(post.body_id, post.held_until + timedelta(days=1), today)
        for body_id, since in FormerIncumbent.objects.filter(post__body__in=ids).values_list("post__body_id", "held_from"):
            self._change(body_id, since, today)
        for body_id, since in BodySeal.objects.filter(body__in=ids).values_list("body_id", "since"):
            self.seals.setdefault(body_id, []).append(since)
        for body_id, kind in BodyText.objects.filter(body__in=ids, effective_from__lte=today).values_list("body_id", "kind").distinct():
            self.published.setdefault(body_id, set()).add(kind)

    def _change(self, body_id: int, on: date, today: date) -> None:
        if on <= today:
            self.changes.setdefault(body_id, set()).add(on)


def _check(body: Body, terms: list[Term], known: _Known, today: date) -> LawCheck:
    term, after_another = terms[0], len(terms) > 1

    def value(key: str) -> RegulationValue:
        return value_of(key, place_lineage_localities=body.place.localities, on=today)

    facts = rules.Term(
        seats=term.seats,
        members=len(known.members.get(body.pk, ())),
        elected_on=term.elected_on,
        starts_on=term.starts_on,
        ends_on=term.ends_on,
        after_another=after_another,
        first_met_on=term.first_met_on,
        filed_on=term.filed_on,
        handed_over_on=term.handed_over_on,
        renewal_begun_on=term.renewal_begun_on,
        changes_reported_on=term.changes_reported_on,
        # The seal of the term before goes on: one entered for this term is meant.
        seal_since=min((since for since in known.seals.get(body.pk, ()) if since >= term.elected_on), default=None),
        changes=tuple(sorted(known.changes.get(body.pk, ()))),
        published=frozenset(known.published.get(body.pk, ())),
    )
    change = rules.first_unreported(facts)
    limits = rules.Limits(
        size_min=value("committee.size_min").number,
        size_max=value("committee.size_max").number,
        longest_until=_day_before(last_day(term.starts_on, value("committee.term_years").limit, calendar())),
        first_meeting_by=last_day(term.elected_on, value("committee.first_meeting_days").limit, calendar()),
        filing_by=last_day(term.elected_on, value("committee.filing_days").limit, calendar(), civil=True),
        handover_by=last_day(term.starts_on, value("committee.handover_days").limit, calendar()),
        renewal_from=months_before(term.ends_on, value("committee.renewal_months").limit),
        least_share=value("committee.least_share").fraction,
        change_by=last_day(change, value("committee.change_report_days").limit, calendar(), civil=True) if change is not None else None,
        public_list=tuple(value("committee.public_list").value.split(",")),
    )
    callers, removers = value("committee.members_call_share"), value("committee.removal_members_share")
    return LawCheck(
        term=term,
        findings=tuple((finding, value(finding.key)) for finding in rules.findings(facts, limits, today)),
        renewal=rules.renewal_stage(ends_on=term.ends_on, filed_on=term.filed_on, after_another=after_another, today=today),
        callers=(rules.callers_needed(term.seats, callers.fraction), callers),
        called_within=value("committee.called_meeting_days"),
        removers=(rules.callers_needed(term.seats, removers.fraction), removers),
        removing_owners=value("committee.removal_owners_share"),
        calling_owners=value("owners_vote.call_share"),
    )


def renewal_of(viewer: Viewer, body: Body, today: date) -> str:
    """What of a committee's renewal the viewer may enter for it: `term`, `members`, or nothing. At most one query."""
    if body.kind != Body.Kind.OWNERS_COMMITTEE or body.ended_on is not None or renewing_post(viewer, body) is None:
        return ""
    terms = list(Term.objects.filter(body=body).order_by("-starts_on")[:2])
    if not terms:
        return ""
    return rules.renewal_stage(ends_on=terms[0].ends_on, filed_on=terms[0].filed_on, after_another=len(terms) > 1, today=today)


def _day_before(day: date) -> date:
    return date.fromordinal(day.toordinal() - 1)


def months_before(day: date, limit: Limit) -> date:
    """The latest day from which the limit has run out by `day`: 9 September less three months → 9 June."""
    start = day
    for back in range(RENEWAL_SEARCH_DAYS):
        start = date.fromordinal(day.toordinal() - back)
        if last_day(start, limit, calendar()) <= day:
            break
    return start


@dataclass(frozen=True, slots=True)
class Cross:
    """Somebody who sits in the committee and in the branch: the two posts, and since when they have held both."""

    committee: Post
    branch: Post
    since: date


@dataclass(frozen=True, slots=True)
class CrossRegister:
    """交叉任职: the rate, what the Red Property sheet asks for beside it, and who it is."""

    share: Share
    value: RegulationValue
    rows: tuple[Cross, ...]


def cross_of(place: Place) -> CrossRegister | None:
    """Of the committee's members at a place, who also sit in its branch: as public as the posts are. None where there is no committee or no
    branch. One query."""
    today = clock.today()
    posts = (
        Post.objects.filter(
            body__place=place,
            body__ended_on=None,
            body__kind__in=[Body.Kind.OWNERS_COMMITTEE, Body.Kind.PARTY_BRANCH],
            held_from__lte=today,
        )
        .exclude(held_until__lt=today)
        .select_related("person", "body")
        .order_by("position", "id")
    )
    # Of somebody with several posts in one body the first stands for it, held since the earliest.
    held: dict[str, dict[int, Post]] = {}
    since: dict[tuple[str, int], date] = {}
    for post in posts:
        held.setdefault(post.body.kind, {}).setdefault(post.person_id, post)
        key = (post.body.kind, post.person_id)
        since[key] = min(since.get(key, post.held_from), post.held_from)
    if Body.Kind.OWNERS_COMMITTEE not in held or Body.Kind.PARTY_BRANCH not in held:
        return None
    committee, branch = held[Body.Kind.OWNERS_COMMITTEE], held[Body.Kind.PARTY_BRANCH]
    rows = tuple(
        Cross(post, branch[person], max(since[Body.Kind.OWNERS_COMMITTEE, person], since[Body.Kind.PARTY_BRANCH, person]))
        for person, post in committee.items()
        if person in branch
    )
    return CrossRegister(
        cross_appointments(committee, branch), value_of("committee.cross_share", place_lineage_localities=place.localities, on=today), rows
    )


def lacking_seats(body: Body, posts: list[Post]) -> tuple[str, ...] | None:
    """Codes of the seats a council lacks; None for a body that is no council. No query."""
    if body.kind != Body.Kind.ASSOCIATION:
        return None
    return missing_seats(seats(), [post.seat for post in posts])
