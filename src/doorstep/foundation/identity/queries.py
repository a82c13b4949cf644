"""What others may read of persons."""

from collections.abc import Iterable

from doorstep.foundation.identity.models import Person


def names_of(person_ids: Iterable[int]) -> dict[int, str]:
    """Names by person id, in one query; of an erased person none."""
    wanted = set(person_ids)
    return dict(Person.objects.filter(pk__in=wanted, erased_at=None).values_list("pk", "name")) if wanted else {}
