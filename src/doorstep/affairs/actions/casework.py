"""What those who work a matter do beside answering: sort it, take it in hand, ask back, move it, hand it to an office outside; and what its
reporter may do meanwhile: urge."""

from datetime import date, datetime

from doorstep.affairs.actions.steps import (
    NotAllowed,
    OthersConcerned,
    audience_of,
    by_concerned,
    by_post,
    check,
    checked_text,
    count,
    enter,
    locked,
    oversee_by_level,
    parties,
    readers_of,
    resume,
    route_by_rule,
    run_urgent,
    save,
    say,
    show_to,
    stop_clock,
)
from doorstep.affairs.models import Matter, MatterText, Transfer
from doorstep.affairs.permissions import roles_in
from doorstep.affairs.rules.matter_states import Role, Verb, after
from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.journal.actions import writing
from doorstep.foundation.notify.actions import tell
from doorstep.foundation.places.models import Place
from doorstep.foundation.places.queries import scope_of
from doorstep.foundation.regulations.deadlines import due
from doorstep.foundation.regulations.queries import calendar, value_of
from doorstep.organisations.queries import code_of_body

LONGEST_CAUSE = 200


class UrgedAlready(Exception):
    """It was urged a short while ago; `again_at`: when it may be urged again."""

    def __init__(self, again_at: datetime) -> None:
        super().__init__(again_at)
        self.again_at = again_at


class TakenByAnother(Exception):
    """A colleague has it in hand."""


class NotYetThere(Exception):
    """An office cannot have registered something on a day that is still to come."""


def triage_matter(
    *,
    viewer: Viewer,
    matter: Matter,
    severity: str = "",
    pressing: str = "",
    level: str = "",
    relation: str = "",
    households: int | None = None,
    cause: str = "",
    root_cause: str = "",
    happened_at: datetime | None = None,
) -> Matter:
    """Sort a matter: how bad, how many households, at which level, between whom, and why it keeps happening. The level
    decides who oversees it. What is urgent, or 急 of 急难愁盼, and not yet
    answered gets the urgent limit, where that ends sooner."""
    at = happened_at or clock.now()
    if len(root_cause) > LONGEST_CAUSE:
        checked_text(root_cause, LONGEST_CAUSE)
    with writing():
        matter = locked(matter.pk)
        check(viewer, matter, Verb.TRIAGE)
        matter.severity = Matter.Severity(severity) if severity else ""
        matter.pressing = Matter.Pressing(pressing) if pressing else ""
        matter.level = Matter.Level(level) if level else ""
        matter.relation = Matter.Relation(relation) if relation else ""
        matter.cause = Matter.Cause(cause) if cause else ""
        matter.households, matter.root_cause = households, root_cause.strip()
        run_urgent(matter, at)
        oversee_by_level(matter)
        show_to(matter, *readers_of(matter))
        codes: dict[str, object] = {
            "severity": matter.severity,
            "pressing": matter.pressing,
            "level": matter.level,
            "relation": matter.relation,
            "households": households,
            "cause": matter.cause,
            "root_cause": bool(matter.root_cause),
            "overdue_body": code_of_body(matter.overdue_body_id) if matter.overdue_body_id is not None else None,
        }
        inside = f"body:{matter.body_id}" if matter.body_id else audience_of(matter)
        enter(matter, Verb.TRIAGE, by_post(viewer, matter), at, detail=codes, audience=inside)
        save(matter, at)
    return matter


def urge_matter(*, viewer: Viewer, matter: Matter, channel: str = "web", happened_at: datetime | None = None) -> Matter:
    """催办: whoever raised it asks how it stands. The body is told, and the overseeing body once the limit has passed."""
    at = happened_at or clock.now()
    with writing():
        matter = locked(matter.pk)
        check(viewer, matter, Verb.URGE)
        if matter.urged_at is not None:
            on = at.astimezone(clock.TOWN_ZONE).date()
            pause = value_of("matters.urge_days", place_lineage_localities=matter.place.localities, on=on)
            again_at = due(matter.urged_at, pause.limit, calendar())
            if at <= again_at:
                raise UrgedAlready(again_at)
        matter.urged, matter.urged_at = matter.urged + 1, at
        entry = enter(matter, Verb.URGE, by_concerned(viewer, matter, channel), at, detail={"urged": matter.urged})
        late = matter.due_at is not None and matter.due_at < at and matter.overdue_body_id is not None
        tell(entry=entry, to=[f"body:{matter.body_id}", *([f"body:{matter.overdue_body_id}"] if late else [])])
        save(matter, at)
    return matter


def take_matter(*, viewer: Viewer, matter: Matter, happened_at: datetime | None = None) -> Matter:
    """One of the staff takes it in hand, so that colleagues see who has it. Raises TakenByAnother."""
    at = happened_at or clock.now()
    with writing():
        matter = locked(matter.pk)
        check(viewer, matter, Verb.TAKE)
        if matter.taken_by_id is not None and matter.taken_by_id != viewer.person_id:
            raise TakenByAnother(matter.number)
        if matter.taken_by_id is None:
            matter.taken_by_id, matter.taken_at = viewer.person_id, at
            _enter_inside(viewer, matter, Verb.TAKE, at)
            save(matter, at)
    return matter


def release_matter(*, viewer: Viewer, matter: Matter, happened_at: datetime | None = None) -> Matter:
    """Give it back to the colleagues. Any of them may: whoever had it may be away."""
    at = happened_at or clock.now()
    with writing():
        matter = locked(matter.pk)
        check(viewer, matter, Verb.RELEASE)
        if matter.taken_by_id is not None:
            matter.taken_by = matter.taken_at = None
            _enter_inside(viewer, matter, Verb.RELEASE, at)
            save(matter, at)
    return matter


def _enter_inside(viewer: Viewer, matter: Matter, verb: Verb, at: datetime) -> None:
    inside = f"body:{matter.body_id}" if matter.body_id else audience_of(matter)
    enter(matter, verb, by_post(viewer, matter), at, audience=inside)


def return_matter(*, viewer: Viewer, matter: Matter, text: str, happened_at: datetime | None = None) -> MatterText:
    """Ask the reporter back. The clock stops and says so; it goes on with what was left as soon as they add something."""
    text = checked_text(text)
    at = happened_at or clock.now()
    with writing():
        matter = locked(matter.pk)
        check(viewer, matter, Verb.RETURN)
        before = matter.state
        matter.state = after(matter.state, Verb.RETURN)
        limit_key, clock_from, due_at = matter.limit_key, matter.clock_from, matter.due_at
        stop_clock(matter)
        if clock_from is not None and due_at is not None:
            matter.limit_key, matter.paused_left, matter.paused_used = limit_key, due_at - at, at - clock_from
        said = say(viewer, matter, MatterText.Kind.RETURN, Verb.RETURN, text, at)
        save(matter, at)
        count(matter, before)
    return said


def move_matter(*, viewer: Viewer, matter: Matter, place: Place, happened_at: datetime | None = None) -> Matter:
    """It is somewhere else: put it there and route it anew. Both places' pages and the body that had it learn of it."""
    at = happened_at or clock.now()
    with writing():
        matter = locked(matter.pk)
        check(viewer, matter, Verb.MOVE)
        before, old_scope, told = matter.state, matter.scope_id, parties(matter)
        matter.state = after(matter.state, Verb.MOVE)
        by = by_post(viewer, matter)
        entry = enter(matter, Verb.MOVE, by, at, detail={"from": matter.place.code, "place": place.code})
        matter.place, matter.scope = place, scope_of(place)
        matter.body = matter.overdue_body = matter.taken_by = matter.taken_at = None
        stop_clock(matter)
        routed = route_by_rule(matter, at)
        show_to(matter, *readers_of(matter))
        if not routed:
            # Said at the new place too, so that its pages know.
            enter(matter, Verb.MOVE, by, at)
        tell(entry=entry, to=[*told, *routed])
        save(matter, at)
        count(matter, before, from_scope=old_scope)
    return matter


def transfer_matter(
    *,
    viewer: Viewer,
    matter: Matter,
    to: str,
    text: str,
    number: str = "",
    registered_on: date | None = None,
    happened_at: datetime | None = None,
) -> Transfer:
    """Hand it to an office outside: 12345, the petition office, a mediation committee, 110. Ours ends here; what comes back is added."""
    text = checked_text(text)
    at = happened_at or clock.now()
    _refuse_future(registered_on, at)
    with writing():
        matter = locked(matter.pk)
        check(viewer, matter, Verb.TRANSFER)
        before = matter.state
        matter.state = after(matter.state, Verb.TRANSFER)
        stop_clock(matter)
        matter.closed_at, matter.taken_by, matter.taken_at = at, None, None
        made = Transfer.objects.create(
            matter=matter, to=Transfer.To(to), number=number.strip()[:60], registered_on=registered_on, transferred_at=at
        )
        say(viewer, matter, MatterText.Kind.TRANSFER, Verb.TRANSFER, text, at, detail={"to": made.to})
        save(matter, at)
        count(matter, before)
    return made


def note_registered_outside(
    *,
    viewer: Viewer,
    matter: Matter,
    to: str,
    number: str,
    registered_on: date | None = None,
    channel: str = "web",
    happened_at: datetime | None = None,
) -> Transfer:
    """Whoever raised it is registered at an office outside already: where, and under which number. It is there from now on, our clock stops,
    and nobody here is asked first. Raises OthersConcerned where others raised the same."""
    at = happened_at or clock.now()
    number = checked_text(number, 60)
    _refuse_future(registered_on, at)
    with writing():
        matter = locked(matter.pk)
        check(viewer, matter, Verb.OUTSIDE_REGISTERED)
        if matter.category.is_neighbourly:
            raise NotAllowed(Verb.OUTSIDE_REGISTERED)
        if matter.merged_rows:
            raise OthersConcerned(matter.number)
        before = matter.state
        matter.state = after(matter.state, Verb.OUTSIDE_REGISTERED)
        stop_clock(matter)
        matter.closed_at, matter.taken_by, matter.taken_at = at, None, None
        made = Transfer.objects.create(matter=matter, to=Transfer.To(to), number=number, registered_on=registered_on, transferred_at=at)
        detail: dict[str, object] = {"to": made.to, "registered_on": registered_on.isoformat() if registered_on else None}
        entry = enter(matter, Verb.OUTSIDE_REGISTERED, by_concerned(viewer, matter, channel), at, detail=detail)
        tell(entry=entry, to=parties(matter))
        save(matter, at)
        count(matter, before)
    return made


def note_outside_number(
    *, viewer: Viewer, matter: Matter, number: str, registered_on: date | None = None, happened_at: datetime | None = None
) -> Transfer:
    """The office's own number, and the day it registered the matter, by whoever learns of them first."""
    at = happened_at or clock.now()
    number = checked_text(number, 60)
    _refuse_future(registered_on, at)
    with writing():
        matter = locked(matter.pk)
        check(viewer, matter, Verb.OUTSIDE_NUMBER)
        latest = _latest_transfer(matter)
        latest.number, latest.registered_on = number, registered_on
        latest.save(update_fields=["number", "registered_on"])
        as_handler = Role.HANDLER in roles_in(viewer, matter)
        by = by_post(viewer, matter) if as_handler else by_concerned(viewer, matter)
        detail: dict[str, object] = {"to": latest.to, "registered_on": registered_on.isoformat() if registered_on else None}
        entry = enter(matter, Verb.OUTSIDE_NUMBER, by, at, detail=detail)
        tell(entry=entry, to=parties(matter))
        save(matter, at)
    return latest


def outside_answered(*, viewer: Viewer, matter: Matter, text: str, happened_at: datetime | None = None) -> MatterText:
    """What the office outside answered, brought back to whoever raised it."""
    text = checked_text(text)
    at = happened_at or clock.now()
    with writing():
        matter = locked(matter.pk)
        check(viewer, matter, Verb.OUTSIDE_ANSWER)
        latest = _latest_transfer(matter)
        latest.answered_at = at
        latest.save(update_fields=["answered_at"])
        said = say(viewer, matter, MatterText.Kind.OUTSIDE, Verb.OUTSIDE_ANSWER, text, at, detail={"to": latest.to})
        save(matter, at)
    return said


def outside_sent_back(*, viewer: Viewer, matter: Matter, text: str, happened_at: datetime | None = None) -> MatterText:
    """The office outside did not take it, or says that it is the town's: what it said is kept, and whoever had it goes on under a new limit."""
    text = checked_text(text)
    at = happened_at or clock.now()
    with writing():
        matter = locked(matter.pk)
        check(viewer, matter, Verb.OUTSIDE_BACK)
        before = matter.state
        latest = _latest_transfer(matter)
        resume(matter, at)
        matter.closed_at = None
        said = say(viewer, matter, MatterText.Kind.OUTSIDE, Verb.OUTSIDE_BACK, text, at, detail={"to": latest.to, "state": matter.state})
        save(matter, at)
        count(matter, before)
    return said


def _latest_transfer(matter: Matter) -> Transfer:
    return Transfer.objects.select_for_update().filter(matter=matter).latest("id")


def _refuse_future(day: date | None, at: datetime) -> None:
    if day is not None and day > at.astimezone(clock.TOWN_ZONE).date():
        raise NotYetThere(day)
