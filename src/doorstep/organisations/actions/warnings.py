"""What is due is told to those who can do something about it: once for each finding, by the worker."""

from doorstep.foundation import clock
from doorstep.foundation.journal.actions import SYSTEM, record, writing
from doorstep.foundation.notify.actions import tell
from doorstep.foundation.places.models import Place
from doorstep.organisations.models import Body, LawWarning
from doorstep.organisations.queries.due import Due, all_watched, dues_of
from doorstep.organisations.rules.committee import WARNED

VILLAGE = (Body.Kind.VILLAGE_PARTY, Body.Kind.VILLAGE_COMMITTEE)


def warn_of_terms(*, at_most: int = 500) -> int:
    """Tell each body, the one that leads it and the village what is due for it (rules.committee.WARNED). How many findings were told.

    A finding that is no more is forgotten, so that it is told again should it come back. Twice on one day, or by two workers at once, tells once.
    """
    bodies = all_watched()
    found = [due for due in dues_of(bodies, clock.today()) if due.finding.code in WARNED]
    _forget({_key(due) for due in found})
    known = {(row.body_id, row.finding, row.about) for row in LawWarning.objects.all()}
    new = [due for due in found if _key(due) not in known]
    return sum(_warn(due) for due in new[:at_most])


def _key(due: Due) -> tuple[int, str, str]:
    return due.body.pk, due.finding.code, due.about


def _forget(present: set[tuple[int, str, str]]) -> None:
    gone = [row.pk for row in LawWarning.objects.all() if (row.body_id, row.finding, row.about) not in present]
    if gone:
        LawWarning.objects.filter(pk__in=gone).delete()


def _warn(due: Due) -> bool:
    body = due.body
    with writing():
        _row, is_new = LawWarning.objects.get_or_create(
            body=body, finding=due.finding.code, about=due.about, defaults={"told_at": clock.now()}
        )
        if not is_new:
            return False
        entry = record(
            verb="term_warned",
            kind="body",
            subject=body.code,
            place=body.place,
            by=SYSTEM,
            because=[due.finding.code],
            detail={"by": due.finding.by.isoformat() if due.finding.by else None},
        )
        keys = {f"body:{body.pk}", *(f"body:{pk}" for pk in ([body.led_by_id] if body.led_by_id else [])), *_village(body.place)}
        tell(entry=entry, to=keys, topic=f"due_{due.finding.code}")
    return True


def _village(place: Place) -> list[str]:
    """The party organisation and the committee of the village; where it has neither, whoever registers bodies for the place."""
    here = Body.objects.filter(place__code__in=place.codes, ended_on=None)
    ids = list(here.filter(kind__in=VILLAGE).values_list("pk", flat=True)) or list(
        here.filter(kind=Body.Kind.CENTRE).values_list("pk", flat=True)
    )
    return [f"body:{pk}" for pk in ids]
