"""What the work of a role asks for, who has it on a day, and whose place falls free because they have it no longer."""

from collections.abc import Collection
from datetime import date, datetime

from doorstep.foundation import clock
from doorstep.foundation.journal.actions import SYSTEM, writing
from doorstep.foundation.occasions import actions as occasions
from doorstep.foundation.occasions.models import Occasion, SignUp
from doorstep.foundation.occasions.rules.waiting import LIVE
from doorstep.services.actions.common import NotAllowed, town_day
from doorstep.services.codes import CERTIFICATE, needs_of, team_roles
from doorstep.services.models import Rota, RotaPlace, Service
from doorstep.talents.queries import holds_licence, is_certified, licence_ends, mentors

NO_LONGER_COUNTS = "no_longer_counts"


class LicenceMissing(NotAllowed):
    """The work of this role needs a licence, or a mentor's certificate, that this person does not have on the day (志愿服务条例 art. 16).

    `kind`: the licence's code or CERTIFICATE; `ended_on`: the last day of the latest licence that was checked, None where none ever was;
    `name`: who, where somebody else is spoken of.
    """

    def __init__(self, kind: str, ended_on: date | None, name: str = "") -> None:
        super().__init__(kind)
        self.kind, self.ended_on, self.name = kind, ended_on, name


def require_qualified(service: Service, role: str, person_id: int | None, on: date, *, name: str = "") -> None:
    """Raise LicenceMissing where the role's work needs what this person does not have on the day; somebody unknown has nothing."""
    for kind in needs_of(role, service.licences):
        if person_id is None:
            raise LicenceMissing(kind, None, name)
        if kind == CERTIFICATE:
            if not is_certified(person_id, on):
                raise LicenceMissing(kind, None, name)
        elif not holds_licence(person_id, kind, on):
            raise LicenceMissing(kind, licence_ends([person_id], [kind]).get((person_id, kind)), name)


def good_until(person_ids: Collection[int], kinds: Collection[str]) -> dict[tuple[int, str], date]:
    """(person, kind) → the last day on which it counts, as known today; a pair without one is left out. For days from today on: no certificate
    begins later than that. Three queries."""
    found = licence_ends(person_ids, [kind for kind in kinds if kind != CERTIFICATE])
    if CERTIFICATE in kinds:
        wanted = set(person_ids)
        found |= {(each.person_id, CERTIFICATE): each.valid_until for each in mentors(on=clock.today()) if each.person_id in wanted}
    return found


def free_uncovered(*, now: datetime | None = None) -> int:
    """Free the places of the team whose holders no longer have on the day what the role asks for: withdrawn, suspended, revoked, run out. How
    many. A tick of the worker.

    Each person, the body and who made the rota are told; the next in line is offered the place, else it stands open to all who have what it
    asks for.
    """
    now = now or clock.now()
    ahead = SignUp.objects.filter(
        standing__in=sorted(LIVE), role__in=team_roles(), person__isnull=False, occasion__kind="service",
        occasion__state=Occasion.State.PLANNED, occasion__starts_at__gt=now,
    )  # fmt: skip
    found = list(ahead.select_related("occasion").order_by("occasion_id", "id"))
    services = {each.code: each for each in Service.objects.filter(code__in={each.occasion.subject for each in found})}
    asking = [(each, needs_of(each.role, services[each.occasion.subject].licences)) for each in found if each.occasion.subject in services]
    last = good_until(
        {each.person_id for each, needs in asking if needs and each.person_id}, {kind for _each, needs in asking for kind in needs}
    )
    freed = 0
    for sign_up, needs in asking:
        day, person_id = town_day(sign_up.occasion.starts_at), sign_up.person_id
        if person_id is not None and any((until := last.get((person_id, kind))) is None or until < day for kind in needs):
            freed += _free(services[sign_up.occasion.subject], sign_up, person_id)
    return freed


def _free(service: Service, sign_up: SignUp, person_id: int) -> int:
    """Take one place back; 0 where it counts again by now, or was given up."""
    with writing():
        try:
            require_qualified(service, sign_up.role, person_id, town_day(sign_up.occasion.starts_at))
        except LicenceMissing:
            pass
        else:
            return 0
        places = RotaPlace.objects.filter(
            rota__state=Rota.State.PUBLISHED, occasion_id=sign_up.occasion_id, role=sign_up.role, person_id=person_id
        ).select_related("rota")
        keepers = {f"person:{each.rota.made_by_id}" for each in places if each.rota.made_by_id is not None}
        if not occasions.take_back(
            sign_up=sign_up, by=SYSTEM, because=NO_LONGER_COUNTS, also=sorted({f"body:{service.body_id}", *keepers})
        ):
            return 0
        places.update(person=None, why={"credential": 1})
    return 1
