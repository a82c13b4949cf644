"""The rota of a body: asked for, looked at, adjusted by hand, published as places at the sessions. The search is in rota_search.py."""

from collections.abc import Mapping
from datetime import date, datetime

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.identity.models import Person
from doorstep.foundation.journal.actions import actor_of, record, writing
from doorstep.foundation.journal.models import Entry
from doorstep.foundation.notify.actions import tell
from doorstep.foundation.places.models import Place
from doorstep.organisations.models import Body
from doorstep.services.actions.catalogue import give_place
from doorstep.services.actions.common import NotAllowed
from doorstep.services.actions.rota_search import find_rota, is_stuck, question_of
from doorstep.services.models import MentorTerms, Rota, RotaPlace, Service, TravelTime
from doorstep.services.permissions import works_for
from doorstep.services.rules.rota import broken

LONGEST_DAYS = 62
LONGEST_WAY = 240


class NothingToFill(Exception):
    """No session of the span has an empty place for the team."""


class BadSpan(Exception):
    """The last day is before the first, or too far after it."""


class BreaksARule(Exception):
    """This person cannot stand there: no credential, no time, or somewhere else then."""


class StillSearching(Exception):
    """The worker has not found it yet."""


class PublishedAlready(Exception):
    """A published rota is changed by leaving and taking places."""


class NotAWay(Exception):
    """Minutes from one site to another one: 0 to 240."""


def keep_travel_times(*, viewer: Viewer, body: Body, site: Place, minutes: Mapping[int, int | None]) -> int:
    """Say how long the way from a site to others (by id) takes, for every rota of the town; None forgets it. How many changed.

    Raises NotAllowed, NotAWay.
    """
    if not works_for(viewer, body):
        raise NotAllowed("keep_travel_times")
    if any(other == site.pk or (way is not None and not 0 <= way <= LONGEST_WAY) for other, way in minutes.items()):
        raise NotAWay
    at = clock.now()
    with writing():
        pairs = {other: (min(site.pk, other), max(site.pk, other)) for other in minutes}
        kept = {(each.one_id, each.other_id): each.minutes for each in TravelTime.objects.filter(one_id__in=[p[0] for p in pairs.values()])}
        changed = {other: way for other, way in minutes.items() if kept.get(pairs[other]) != way}
        for other, way in changed.items():
            one_id, other_id = pairs[other]
            if way is None:
                TravelTime.objects.filter(one_id=one_id, other_id=other_id).delete()
            else:
                TravelTime.objects.update_or_create(one_id=one_id, other_id=other_id, defaults={"minutes": way, "changed_at": at})
        if changed:
            record(
                verb="keep_travel_times", kind="rota", subject=site.code, place=site, by=actor_of(viewer, post=viewer.post_in(body.pk)),
                audience=f"body:{body.pk}", detail={"pairs": len(changed)}, happened_at=at,
            )  # fmt: skip
    return len(changed)


def keep_terms(*, viewer: Viewer, weekly_minutes: int, prefers: list[str], never: list[int]) -> MentorTerms:
    """Say what one wants of the rota. Raises NotAllowed."""
    if viewer.person_id is None:
        raise NotAllowed("keep_terms")
    terms, _made = MentorTerms.objects.update_or_create(
        person_id=viewer.person_id,
        defaults={"weekly_minutes": weekly_minutes, "prefers": prefers, "never": sorted(set(never)), "changed_at": clock.now()},
    )
    return terms


def ask_for_rota(*, viewer: Viewer, body: Body, first_day: date, last_day: date) -> Rota:
    """Ask for a rota of the body's sessions on these days: the worker searches it. Raises NotAllowed, BadSpan, NothingToFill."""
    if not works_for(viewer, body):
        raise NotAllowed("ask_for_rota")
    if last_day < first_day or (last_day - first_day).days > LONGEST_DAYS:
        raise BadSpan
    at = clock.now()
    _places, question = question_of(body, first_day, last_day)
    wanted = sum(shift.places for shift in question.shifts)
    if not wanted:
        raise NothingToFill
    with writing():
        rota = Rota.objects.create(
            body=body,
            first_day=first_day,
            last_day=last_day,
            wanted=wanted,
            state=Rota.State.ASKED,
            made_by_id=viewer.person_id,
            made_at=at,
        )
        _note(viewer, rota, "ask_for_rota", at, {"places": wanted})
        find_rota.enqueue(rota.pk)
    return rota


def ask_again(*, viewer: Viewer, rota: Rota) -> Rota:
    """Have a search that failed or was cut off begin anew. Raises NotAllowed, StillSearching, PublishedAlready."""
    at = clock.now()
    with writing():
        rota = _locked(viewer, rota.pk, "ask_for_rota")
        if rota.state in (Rota.State.PROPOSED, Rota.State.PUBLISHED, Rota.State.DROPPED):
            raise PublishedAlready(rota.pk)
        if not is_stuck(rota, at):
            raise StillSearching(rota.pk)
        rota.state, rota.began_at, rota.made_at = Rota.State.ASKED, None, at
        rota.save(update_fields=["state", "began_at", "made_at"])
        _note(viewer, rota, "ask_for_rota", at, {"places": rota.wanted})
        find_rota.enqueue(rota.pk)
    return rota


def set_place(*, viewer: Viewer, place: RotaPlace, person: Person | None) -> RotaPlace:
    """Put somebody into a place of a proposal by hand, or nobody. Raises NotAllowed, StillSearching, PublishedAlready, BreaksARule."""
    at = clock.now()
    with writing():
        rota = _locked(viewer, place.rota_id, "adjust_rota")
        _require_proposed(rota)
        if person is not None:
            places, question = question_of(rota.body, rota.first_day, rota.last_day)
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
    StillSearching, PublishedAlready."""
    at = clock.now()
    with writing():
        rota = _locked(viewer, rota.pk, "publish_rota")
        _require_proposed(rota)
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


def _locked(viewer: Viewer, rota_id: int, what: str) -> Rota:
    rota = Rota.objects.select_for_update(of=("self",)).select_related("body__place").get(pk=rota_id)
    if not works_for(viewer, rota.body):
        raise NotAllowed(what)
    return rota


def _require_proposed(rota: Rota) -> None:
    if rota.state in (Rota.State.ASKED, Rota.State.SEARCHING, Rota.State.FAILED):
        raise StillSearching(rota.pk)
    if rota.state != Rota.State.PROPOSED:
        raise PublishedAlready(rota.pk)


def _note(viewer: Viewer, rota: Rota, verb: str, at: datetime, detail: dict[str, object], audience: str = "") -> Entry:
    by = actor_of(viewer, post=viewer.post_in(rota.body_id))
    return record(
        verb=verb, kind="rota", subject=str(rota.pk), place=rota.body.place, by=by, audience=audience or f"body:{rota.body_id}", detail=detail,
        happened_at=at,
    )  # fmt: skip
