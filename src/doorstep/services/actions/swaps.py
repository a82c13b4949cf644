"""Two of a published rota exchange their places, or one gives theirs to the other: offered by one, taken by the other, under the rota's rules."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.identity.models import Person
from doorstep.foundation.journal.actions import actor_of, record, writing
from doorstep.foundation.journal.models import Entry
from doorstep.foundation.notify.actions import tell
from doorstep.foundation.occasions import actions as occasions
from doorstep.foundation.occasions.models import Occasion, SignUp
from doorstep.foundation.occasions.rules.waiting import Standing
from doorstep.services.actions.common import NotAllowed, number_of, town_day
from doorstep.services.actions.qualified import good_until
from doorstep.services.actions.rota_search import ways_between
from doorstep.services.actions.rotas import BreaksARule
from doorstep.services.codes import needs_of, team_roles
from doorstep.services.models import MentorTerms, Rota, RotaPlace, Service, Swap
from doorstep.services.rules.rota import Mentor, Question, Shift, broken


class NotInRota(Exception):
    """Places of one published rota, still to come, held by the two of them; and whoever gets one has said what they want of a rota."""


class SwapOver(Exception):
    """The offer was taken, declined or withdrawn, or one of the two no longer has the place."""


def offer_swap(*, viewer: Viewer, given: SignUp, wanted: SignUp | None = None, to_id: int | None = None) -> Swap:
    """Offer one's place for another's, or to somebody of the same rota as it is. The same offer again is the one that stands.

    Raises NotAllowed, NotInRota, BreaksARule where it would break a rule as things stand.
    """
    at = clock.now()
    if viewer.person_id is None or given.person_id != viewer.person_id:
        raise NotAllowed("offer_swap")
    to_id = wanted.person_id if wanted is not None else to_id
    with writing():
        rota = _rota_of(given, wanted, to_id, at)
        if rota is None or to_id is None or to_id == viewer.person_id:
            raise NotInRota
        _require_rules(rota, _passed(given, wanted, to_id))
        swap, fresh = Swap.objects.get_or_create(
            given=given,
            to_id=to_id,
            state=Swap.State.OPEN,
            defaults={"rota": rota, "wanted": wanted, "by_id": viewer.person_id, "offered_at": at},
        )
        if fresh:
            tell(entry=_note(viewer, swap, "offer_swap", at, to_id), to=[f"person:{to_id}"])
    return swap


def accept_swap(*, viewer: Viewer, swap: Swap) -> Swap:
    """Take an offer: both places change hands at once, or nothing does; who offered is told. Raises NotAllowed, SwapOver, BreaksARule."""
    at = clock.now()
    if viewer.person_id is None or viewer.person_id != swap.to_id:
        raise NotAllowed("accept_swap")
    with writing():
        swap = _locked(swap)
        given, wanted = swap.given, swap.wanted
        if swap.state != Swap.State.OPEN or _rota_of(given, wanted, swap.to_id, at) != swap.rota:
            raise SwapOver(swap.pk)
        passed = _passed(given, wanted, swap.to_id)
        _require_rules(swap.rota, passed)
        try:
            occasions.pass_on(given=passed, by=actor_of(viewer))
        except (occasions.PersonBusy, occasions.AlreadySignedUp) as error:
            raise BreaksARule from error
        for sign_up, person_id in passed:
            RotaPlace.objects.filter(pk=_place(swap.rota, sign_up).pk).update(person_id=person_id)
        _end(swap, Swap.State.ACCEPTED, at)
        tell(entry=_note(viewer, swap, "accept_swap", at, swap.by_id), to=[f"person:{swap.by_id}"])
    return swap


def decline_swap(*, viewer: Viewer, swap: Swap) -> Swap:
    """Leave things as they are; who offered is told. Raises NotAllowed, SwapOver."""
    return _close(viewer, swap, swap.to_id, Swap.State.DECLINED, "decline_swap", swap.by_id)


def withdraw_swap(*, viewer: Viewer, swap: Swap) -> Swap:
    """Take one's offer back; whom it was made to is told. Raises NotAllowed, SwapOver."""
    return _close(viewer, swap, swap.by_id, Swap.State.WITHDRAWN, "withdraw_swap", swap.to_id)


def _close(viewer: Viewer, swap: Swap, who: int, state: Swap.State, verb: str, told: int) -> Swap:
    at = clock.now()
    if viewer.person_id != who:
        raise NotAllowed(verb)
    with writing():
        swap = _locked(swap)
        if swap.state != Swap.State.OPEN:
            raise SwapOver(swap.pk)
        _end(swap, state, at)
        tell(entry=_note(viewer, swap, verb, at, told), to=[f"person:{told}"])
    return swap


def _locked(swap: Swap) -> Swap:
    """The offer as it is now. Both persons are locked first, as everyone does it who changes their places: of two who take offers for the same
    place the second finds it gone."""
    list(Person.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=(swap.by_id, swap.to_id)).order_by("pk"))
    return (
        Swap.objects.select_for_update(of=("self",))
        .select_related("rota__body__place", "given__occasion__place", "given__person", "wanted__occasion__place", "wanted__person")
        .get(pk=swap.pk)
    )


def _end(swap: Swap, state: Swap.State, at: datetime) -> None:
    swap.state, swap.ended_at = state.value, at
    swap.save(update_fields=["state", "ended_at"])


def _passed(given: SignUp, wanted: SignUp | None, to_id: int) -> list[tuple[SignUp, int]]:
    """Which place goes to whom."""
    return [(given, to_id), *([(wanted, given.person_id)] if wanted is not None and given.person_id is not None else [])]


def _place(rota: Rota, sign_up: SignUp) -> RotaPlace:
    """The place of the rota that this sign-up fills."""
    found = RotaPlace.objects.filter(rota=rota, occasion_id=sign_up.occasion_id, role=sign_up.role, person=sign_up.person)
    return found.order_by("id")[0]


def _rota_of(given: SignUp, wanted: SignUp | None, to_id: int | None, at: datetime) -> Rota | None:
    """The published rota in which all these places stand, confirmed and still to come, and in which the other has one too; None for anything
    else. The latest where there are several."""
    for each in (given, wanted):
        if each is None:
            continue
        current = SignUp.objects.select_related("occasion").get(pk=each.pk)
        is_open = current.occasion.state == Occasion.State.PLANNED and current.occasion.starts_at > at
        if current.standing != Standing.CONFIRMED or current.person_id != each.person_id or not is_open:
            return None

    def rotas_with(**facts: object) -> set[int]:
        return set(RotaPlace.objects.filter(rota__state=Rota.State.PUBLISHED, **facts).values_list("rota_id", flat=True))

    chosen = rotas_with(person_id=to_id)
    for each in (given, wanted):
        if each is not None:
            chosen &= rotas_with(person_id=each.person_id, occasion_id=each.occasion_id, role=each.role)
    return Rota.objects.select_related("body__place").get(pk=max(chosen)) if chosen else None


def _require_rules(rota: Rota, passed: Sequence[tuple[SignUp, int]]) -> None:
    """Raise BreaksARule where somebody cannot have the place they would get, by the rules of the rota: what the role asks for on the day, days
    on which they never come, somewhere else then, the way between two sites, the hours of the week; all as things would stand afterwards."""
    people = sorted({each for sign_up, other in passed for each in (sign_up.person_id, other) if each is not None})
    terms = {each.person_id: each for each in MentorTerms.objects.filter(person_id__in=people)}
    if any(other not in terms for _sign_up, other in passed):
        raise NotInRota
    begins = [sign_up.occasion.starts_at.astimezone(clock.TOWN_ZONE) for sign_up, _other in passed]
    monday = datetime.combine((min(begins) - timedelta(days=min(begins).weekday())).date(), time(0), clock.TOWN_ZONE)
    until = datetime.combine((max(begins) + timedelta(days=8 - max(begins).weekday())).date(), time(0), clock.TOWN_ZONE)

    def minute(at: datetime) -> int:
        return int((at - monday).total_seconds()) // 60

    near = SignUp.objects.filter(
        person_id__in=people, standing=Standing.CONFIRMED.value, occasion__starts_at__lt=until, occasion__ends_at__gt=monday
    ).exclude(occasion__state=Occasion.State.CANCELLED)
    moved = {sign_up.pk for sign_up, _other in passed}
    stay = [each for each in near.select_related("occasion__place").order_by("occasion__starts_at", "id") if each.pk not in moved]
    stands = [each for each in stay if each.occasion.kind == "service" and each.role in team_roles()]
    services = Service.objects.in_bulk({sign_up.occasion.subject for sign_up, _other in passed}, field_name="code")

    def shift(sign_up: SignUp, needs: str = "") -> Shift:
        occasion = sign_up.occasion
        return Shift(f"{sign_up.pk}", occasion.place.code, minute(occasion.starts_at), minute(occasion.ends_at), 1, needs)

    wanted, kinds = [], set()
    for sign_up, other in passed:
        asked = needs_of(sign_up.role, services[sign_up.occasion.subject].licences)
        kinds |= set(asked)
        wanted.append((shift(sign_up, "+".join(asked)), other, asked, town_day(sign_up.occasion.starts_at)))
    last = good_until(people, kinds)
    mentors = tuple(
        Mentor(
            id=str(person_id),
            credentials=frozenset(
                each.needs
                for each, other, asked, day in wanted
                if other == person_id and all((good := last.get((person_id, kind))) is not None and good >= day for kind in asked)
            ),
            weekly_minutes=terms[person_id].weekly_minutes if person_id in terms else 7 * 24 * 60,
            never=frozenset(terms[person_id].never) if person_id in terms else frozenset(),
            away=tuple(
                (minute(s.occasion.starts_at), minute(s.occasion.ends_at)) for s in stay if s.person_id == person_id and s not in stands
            ),
        )
        for person_id in people
    )
    shifts = (*(shift(each) for each in stands), *(each for each, *_rest in wanted))
    places = [each.occasion.place for each in stands] + [sign_up.occasion.place for sign_up, _other in passed]
    far = number_of("services.travel_minutes", rota.body.place, town_day(min(begins)))
    new = [(str(other), each.id) for each, other, *_rest in wanted]
    assigned = [*((str(each.person_id), str(each.pk)) for each in stands), *new]
    if set(new) & set(broken(Question(mentors, shifts, ways_between(places), far), assigned)):
        raise BreaksARule


def _note(viewer: Viewer, swap: Swap, verb: str, at: datetime, other: int) -> Entry:
    """An entry for the other of the two; what changes hands stands in the entries of the sessions."""
    return record(
        verb=verb, kind="rota", subject=str(swap.rota_id), place=swap.rota.body.place, by=actor_of(viewer), audience=f"person:{other}",
        detail={"swap": swap.pk}, happened_at=at,
    )  # fmt: skip
