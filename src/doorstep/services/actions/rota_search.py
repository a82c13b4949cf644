"""The search for a rota, off the request: what is asked of the rule, how far it is, and what came out."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from django_tasks import task

from doorstep.foundation import clock
from doorstep.foundation.journal.actions import SYSTEM, record, writing
from doorstep.foundation.notify.actions import tell
from doorstep.foundation.occasions.models import Occasion, SignUp
from doorstep.foundation.occasions.rules.waiting import LIVE
from doorstep.foundation.places.models import Place
from doorstep.organisations.models import Body
from doorstep.services.actions.common import number_of, town_day
from doorstep.services.actions.qualified import good_until
from doorstep.services.codes import needs_of, team_roles
from doorstep.services.models import MentorTerms, Rota, RotaPlace, Service, TravelTime
from doorstep.services.rules.rota import Mentor, Question, Shift, propose

# Minutes between two venues of one estate or village, where the town's table says nothing else.
WITHIN_AN_ESTATE = 5
# A search takes seconds, the largest a minute: after this long the worker that had it is gone.
CUT_OFF = timedelta(minutes=10)


def is_stuck(rota: Rota, now: datetime) -> bool:
    """Whether nobody searches for it any more: it failed, or whoever searched was cut off."""
    if rota.state == Rota.State.FAILED:
        return True
    since = rota.began_at or rota.made_at
    return rota.state in (Rota.State.ASKED, Rota.State.SEARCHING) and now - since > CUT_OFF


@task()
def find_rota(rota_id: int) -> None:
    """The worker's part: see `search_rota`."""
    search_rota(rota_id=rota_id)


def search_rota(*, rota_id: int) -> bool:
    """Search for a rota that was asked for and keep the answer with its gap; False where somebody else has it already.

    No lock is held meanwhile: publishing checks every place again. While it goes on, the row says how far it is. A search that fails says so
    in the row, and the error goes on to the worker.
    """
    if not Rota.objects.filter(pk=rota_id, state=Rota.State.ASKED).update(state=Rota.State.SEARCHING, began_at=clock.now()):
        return False
    rota = Rota.objects.select_related("body__place").get(pk=rota_id)

    def report(value: int | None, bound: int) -> None:
        Rota.objects.filter(pk=rota_id).update(value=value or 0, bound=bound)

    try:
        places, question = question_of(rota.body, rota.first_day, rota.last_day)
        found = propose(question, report=report)
    except Exception:
        Rota.objects.filter(pk=rota_id).update(state=Rota.State.FAILED)
        raise
    why = {each.shift: each for each in found.unfilled}
    at = clock.now()
    with writing():
        # Whoever was thought to be cut off and comes back late finds that another search has begun.
        if not Rota.objects.select_for_update().filter(pk=rota_id, state=Rota.State.SEARCHING, began_at=rota.began_at).exists():
            return False
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
        rota.value, rota.bound, rota.node_limited, rota.state = found.value, found.bound, found.node_limited, Rota.State.PROPOSED
        rota.save(update_fields=["value", "bound", "node_limited", "state"])
        entry = record(
            verb="propose_rota", kind="rota", subject=str(rota.pk), place=rota.body.place, by=SYSTEM, audience=f"body:{rota.body_id}",
            detail={"places": len(rows), "empty": sum(1 for each in rows if each.person_id is None)}, happened_at=at,
        )  # fmt: skip
        if rota.made_by_id is not None:
            tell(entry=entry, to=[f"person:{rota.made_by_id}"])
    return True


def ways_between(places: Iterable[Place]) -> dict[tuple[str, str], int]:
    """Minutes between sites, by their codes in order: the town's table, else what is said of two within one estate or village. One query."""
    sites = {place.pk: place for place in places}
    lines = {place.code: place.codes for place in sites.values()}
    travel = {
        (one, other): WITHIN_AN_ESTATE
        for one in lines
        for other in lines
        if one < other and (lines[one][:3] == lines[other][:3] and len(lines[one]) > 2)
    }
    for one_id, other_id, way in TravelTime.objects.filter(one__in=sites, other__in=sites).values_list("one_id", "other_id", "minutes"):
        one, other = sorted((sites[one_id].code, sites[other_id].code))
        travel[one, other] = way
    return travel


def question_of(body: Body, first_day: date, last_day: date) -> tuple[list[tuple[Occasion, str]], Question]:
    """The empty places of the team on these days as the rule's question; the sessions and roles in the order of its shifts. Nine queries."""
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
                asked = "+".join(needs_of(role, services[session.subject].licences))
                needs = f"{asked}@{town_day(session.starts_at).isoformat()}" if asked else ""
                name = f"{session.code}:{role}"
                shifts.append(Shift(name, session.place.code, minute(session.starts_at), minute(session.ends_at), left, needs))
                places.append((session, role))
    terms = list(MentorTerms.objects.select_related("person").order_by("person_id"))
    needed = {shift.needs for shift in shifts if shift.needs}
    last_days = good_until([each.person_id for each in terms], {kind for need in needed for kind in need.partition("@")[0].split("+")})
    estates = {session.place.code: session.place.lineage.split("/") for session in sessions}
    far = number_of("services.travel_minutes", body.place, first_day)
    travel = ways_between(session.place for session in sessions)
    mentors = tuple(
        Mentor(
            id=str(each.person_id),
            credentials=frozenset(
                need
                for need in needed
                if all(
                    (good := last_days.get((each.person_id, kind))) is not None and good.isoformat() >= need.partition("@")[2]
                    for kind in need.partition("@")[0].split("+")
                )
            ),
            weekly_minutes=each.weekly_minutes,
            never=frozenset(each.never),
            away=tuple((minute(s.occasion.starts_at), minute(s.occasion.ends_at)) for s in signed if s.person_id == each.person_id),
            prefers=frozenset(code for code, line in estates.items() if set(line) & set(each.prefers)),
        )
        for each in terms
    )
    return places, Question(mentors, tuple(shifts), travel, far)
