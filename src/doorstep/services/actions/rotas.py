"""The rota of a body: proposed by the rule, looked at, adjusted by hand, published as places at the sessions."""

from datetime import date, datetime, time, timedelta

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.identity.models import Person
from doorstep.foundation.journal.actions import actor_of, record, writing
from doorstep.foundation.journal.models import Entry
from doorstep.foundation.notify.actions import tell
from doorstep.foundation.occasions.models import Occasion, SignUp
from doorstep.foundation.occasions.rules.waiting import LIVE
from doorstep.organisations.models import Body
from doorstep.services.actions.catalogue import give_place
from doorstep.services.actions.common import NotAllowed, number_of
from doorstep.services.codes import team_roles
from doorstep.services.models import MentorTerms, Rota, RotaPlace, Service
from doorstep.services.permissions import works_for
from doorstep.services.rules.rota import Mentor, Question, Shift, broken, propose
from doorstep.talents.queries import licence_ends

LONGEST_DAYS = 62


class NothingToFill(Exception):
    """No session of the span has an empty place for the team."""


class BadSpan(Exception):
    """The last day is before the first, or too far after it."""


class BreaksARule(Exception):
    """This person cannot stand there: no credential, no time, or somewhere else then."""


class PublishedAlready(Exception):
    """A published rota is changed by leaving and taking places."""


def keep_terms(*, viewer: Viewer, weekly_minutes: int, prefers: list[str], never: list[int]) -> MentorTerms:
    """Say what one wants of the rota. Raises NotAllowed."""
    if viewer.person_id is None:
        raise NotAllowed("keep_terms")
    terms, _made = MentorTerms.objects.update_or_create(
        person_id=viewer.person_id,
        defaults={"weekly_minutes": weekly_minutes, "prefers": prefers, "never": sorted(set(never)), "changed_at": clock.now()},
    )
    return terms


def propose_rota(*, viewer: Viewer, body: Body, first_day: date, last_day: date) -> Rota:
    """Ask the rule for a rota of the body's sessions on these days and keep its answer. Raises NotAllowed, BadSpan, NothingToFill."""
    if not works_for(viewer, body):
        raise NotAllowed("propose_rota")
    if last_day < first_day or (last_day - first_day).days > LONGEST_DAYS:
        raise BadSpan
    at = clock.now()
    places, question = _question(body, first_day, last_day)
    if not places:
        raise NothingToFill
    # The search may take a while: no lock is held meanwhile, and publishing checks again.
    found = propose(question)
    why = {each.shift: each for each in found.unfilled}
    with writing():
        rota = Rota.objects.create(
            body=body,
            first_day=first_day,
            last_day=last_day,
            value=found.value,
            bound=found.bound,
            node_limited=found.node_limited,
            made_by_id=viewer.person_id,
            made_at=at,
        )
        rows = []
        for shift, (occasion, role) in zip(question.shifts, places, strict=True):
            held = [int(mentor) for mentor, taken in found.assigned if taken == shift.id]
            empty = [None] * (shift.places - len(held))
            reasons = dict(why[shift.id].why) if shift.id in why else {}
            rows += [
                RotaPlace(rota=rota, occasion=occasion, role=role, person_id=person_id, why={} if person_id else reasons)
                for person_id in [*held, *empty]
            ]
        RotaPlace.objects.bulk_create(rows)
        _note(viewer, rota, "propose_rota", at, {"places": len(rows), "empty": sum(1 for each in rows if each.person_id is None)})
    return rota


def set_place(*, viewer: Viewer, place: RotaPlace, person: Person | None) -> RotaPlace:
    """Put somebody into a place of a proposal by hand, or nobody. Raises NotAllowed, PublishedAlready, BreaksARule."""
    at = clock.now()
    with writing():
        rota = Rota.objects.select_for_update(of=("self",)).select_related("body__place").get(pk=place.rota_id)
        if not works_for(viewer, rota.body):
            raise NotAllowed("adjust_rota")
        if rota.state != Rota.State.PROPOSED:
            raise PublishedAlready(rota.pk)
        if person is not None:
            places, question = _question(rota.body, rota.first_day, rota.last_day)
            ids = {(occasion.pk, role): shift.id for shift, (occasion, role) in zip(question.shifts, places, strict=True)}
            others = RotaPlace.objects.filter(rota=rota, person__isnull=False).exclude(pk=place.pk)
            assigned = [(str(each.person_id), ids[each.occasion_id, each.role]) for each in others if (each.occasion_id, each.role) in ids]
            wanted = (str(person.pk), ids.get((place.occasion_id, place.role), ""))
            known = {mentor.id for mentor in question.mentors}
            if wanted[0] not in known or not wanted[1] or wanted in broken(question, [*(a for a in assigned if a[0] in known), wanted]):
                raise BreaksARule
        place.person, place.set_by_hand, place.why = person, True, {}
        place.save(update_fields=["person", "set_by_hand", "why"])
        _note(viewer, rota, "adjust_rota", at, {"place": place.pk, "filled": person is not None})
    return place


def publish_rota(*, viewer: Viewer, rota: Rota) -> int:
    """Give everyone their places and tell them; how many were given. A place somebody took meanwhile stays theirs. Raises NotAllowed,
    PublishedAlready."""
    at = clock.now()
    with writing():
        rota = Rota.objects.select_for_update(of=("self",)).select_related("body__place").get(pk=rota.pk)
        if not works_for(viewer, rota.body):
            raise NotAllowed("publish_rota")
        if rota.state != Rota.State.PROPOSED:
            raise PublishedAlready(rota.pk)
        by = actor_of(viewer, post=viewer.post_in(rota.body_id))
        services = {each.code: each for each in Service.objects.filter(body=rota.body).select_related("place", "body")}
        given: list[int] = []
        chosen = RotaPlace.objects.filter(rota=rota, person__isnull=False).select_related("occasion").order_by("person_id", "occasion_id")
        for place in chosen:
            if place.person_id is not None and give_place(
                service=services[place.occasion.subject], occasion=place.occasion, person_id=place.person_id, role=place.role, by=by
            ):
                given.append(place.person_id)
        rota.state, rota.published_at = Rota.State.PUBLISHED, at
        rota.save(update_fields=["state", "published_at"])
        entry = _note(viewer, rota, "publish_rota", at, {"given": len(given)}, audience="public")
        tell(entry=entry, to=sorted({f"person:{person_id}" for person_id in given}))
    return len(given)


def _note(viewer: Viewer, rota: Rota, verb: str, at: datetime, detail: dict[str, object], audience: str = "") -> Entry:
    by = actor_of(viewer, post=viewer.post_in(rota.body_id))
    return record(
        verb=verb, kind="rota", subject=str(rota.pk), place=rota.body.place, by=by, audience=audience or f"body:{rota.body_id}", detail=detail,
        happened_at=at,
    )  # fmt: skip


def _question(body: Body, first_day: date, last_day: date) -> tuple[list[tuple[Occasion, str]], Question]:
    """The empty places of the team on these days as the rule's question; the sessions and roles in the order of its shifts. Six queries."""
    monday = datetime.combine(first_day - timedelta(days=first_day.weekday()), time(0), clock.TOWN_ZONE)
    begin = datetime.combine(first_day, time(0), clock.TOWN_ZONE)
    end = datetime.combine(last_day, time(0), clock.TOWN_ZONE) + timedelta(days=1)

    def minute(at: datetime) -> int:
        return int((at - monday).total_seconds()) // 60

    services = {each.code: each for each in Service.objects.filter(body=body)}
    chosen = Occasion.objects.filter(
        kind="service", subject__in=services, state=Occasion.State.PLANNED, starts_at__gte=max(begin, clock.now()), starts_at__lt=end
    )
    sessions = list(chosen.select_related("place").order_by("starts_at", "id"))
    near = SignUp.objects.filter(standing__in=sorted(LIVE), occasion__starts_at__lt=end, occasion__ends_at__gt=monday)
    signed = list(near.exclude(occasion__state=Occasion.State.CANCELLED).filter(person__isnull=False).select_related("occasion"))
    taken: dict[tuple[int, str], int] = {}
    for each in signed:
        taken[each.occasion_id, each.role] = taken.get((each.occasion_id, each.role), 0) + 1
    places, shifts = [], []
    for session in sessions:
        for role, capacity in session.capacities.items():
            left = (capacity or 0) - taken.get((session.pk, role), 0)
            if role in team_roles() and left > 0:
                licence = services[session.subject].licences.get(role, "")
                needs = f"{licence}@{session.starts_at.astimezone(clock.TOWN_ZONE).date().isoformat()}" if licence else ""
                name = f"{session.code}:{role}"
                shifts.append(Shift(name, session.place.code, minute(session.starts_at), minute(session.ends_at), left, needs))
                places.append((session, role))
    terms = list(MentorTerms.objects.select_related("person").order_by("person_id"))
    needed = {shift.needs for shift in shifts if shift.needs}
    last_days = licence_ends([each.person_id for each in terms], {need.partition("@")[0] for need in needed})
    estates = {session.place.code: session.place.lineage.split("/") for session in sessions}
    far = number_of("services.travel_minutes", body.place, first_day)
    travel = {
        (one, other): 5
        for one in estates
        for other in estates
        if one < other and (estates[one][:3] == estates[other][:3] and len(estates[one]) > 2)
    }
    mentors = tuple(
        Mentor(
            id=str(each.person_id),
            credentials=frozenset(
                need
                for need in needed
                if (good := last_days.get((each.person_id, need.partition("@")[0]))) is not None
                and good.isoformat() >= need.partition("@")[2]
            ),
            weekly_minutes=each.weekly_minutes,
            never=frozenset(each.never),
            away=tuple((minute(s.occasion.starts_at), minute(s.occasion.ends_at)) for s in signed if s.person_id == each.person_id),
            prefers=frozenset(code for code, line in estates.items() if set(line) & set(each.prefers)),
        )
        for each in terms
    )
    return places, Question(mentors, tuple(shifts), travel, far)
