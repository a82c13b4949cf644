"""What others may read of persons."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from django.db.models import Count, Q

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Contribution
from doorstep.foundation.identity.models import Account, Attempt, ErasureRequest, Person, Session
from doorstep.foundation.identity.rules.names import same_name


def names_of(person_ids: Iterable[int]) -> dict[int, str]:
    """Names by person id, in one query; of an erased person none."""
    wanted = set(person_ids)
    return dict(Person.objects.filter(pk__in=wanted, erased_at=None).values_list("pk", "name")) if wanted else {}


def language_of(person_id: int) -> str:
    """The language in which somebody is written to: what they chose while signed in, else the town's."""
    chosen = Account.objects.filter(person_id=person_id).values_list("language", flat=True).first()
    return chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def former_contribution(person_id: int) -> Contribution:
    """The persons merged into this one: what was meant for them is meant for this one too."""
    with connection.cursor() as cursor:
        # Asked at every request of somebody signed in: no models.
        cursor.execute("SELECT id FROM foundation_person WHERE merged_into_id = %s", [person_id])
        former = frozenset(pk for (pk,) in cursor.fetchall())
    return Contribution(keys=frozenset(f"person:{each}" for each in former), former_ids=former)


def reachable(person_ids: Iterable[int]) -> set[int]:
    """Who may be told something: the living, one that was merged away as the one they are now. One query."""
    wanted = set(person_ids)
    rows = Person.objects.filter(pk__in=wanted, erased_at=None, died_on=None).values_list("pk", "merged_into_id") if wanted else ()
    return {into or pk for pk, into in rows}


def person_by_contact(*, phone: str, name: str) -> int | None:
    """The person of the open account that fits a phone and a name; None where there is none, or more than one."""
    accounts = Account.objects.filter(phone=phone, is_active=True).select_related("person") if phone else ()
    found = [account.person_id for account in accounts if same_name(account.person.name, name)]
    return found[0] if len(found) == 1 else None


@dataclass(frozen=True, slots=True)
class IdentityState:
    """For the metrics: accounts open and closed, running sessions of accounts, what is locked out just now, erasures by how far they are."""

    accounts: dict[str, int]
    sessions: int
    locked_out: int
    erasures: dict[str, int]


def identity_state() -> IdentityState:
    now = clock.now()
    asked = ErasureRequest.objects.filter(withdrawn_at=None, done_at=None)
    return IdentityState(
        accounts=Account.objects.aggregate(open=Count("id", filter=Q(is_active=True)), closed=Count("id", filter=Q(is_active=False))),
        sessions=Session.objects.filter(account__isnull=False, expire_date__gt=now).count(),
        locked_out=Attempt.objects.filter(locked_until__gt=now).count(),
        # Due and not begun for longer than the worker's round: something is wrong with it.
        erasures=asked.aggregate(
            thought_over=Count("id", filter=Q(begun_at=None, due_at__gt=now)),
            due=Count("id", filter=Q(begun_at=None, due_at__lte=now)),
            but_for_the_name=Count("id", filter=Q(begun_at__isnull=False)),
        ),
    )
