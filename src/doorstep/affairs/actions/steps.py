"""What the steps of a matter share: locking, who may, the entry, the text, the clock, the counters.

Matters that were merged are locked together, always in the order of their ids, so that two steps at once wait for each other and never in
a ring.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import Q

from doorstep.affairs.models import Matter, MatterAudience, MatterPhoto, MatterText
from doorstep.affairs.permissions import roles_in
from doorstep.affairs.queries import limit_for, routing_for
from doorstep.affairs.rules.matter_states import CONCERNED, MOVES, WITH_BODY, State, Verb, after, resumed
from doorstep.affairs.rules.routing import overseer
from doorstep.affairs.search import index_matter
from doorstep.foundation import clock
from doorstep.foundation.access.viewer import PUBLIC, Viewer
from doorstep.foundation.files.actions import give_to_audience
from doorstep.foundation.files.models import StoredFile
from doorstep.foundation.journal.actions import SYSTEM, Actor, actor_of, record, text_digest
from doorstep.foundation.journal.models import Entry
from doorstep.foundation.moderation.actions import hold_if_listed
from doorstep.foundation.notify.actions import tell
from doorstep.foundation.places.queries import town
from doorstep.foundation.regulations.deadlines import due
from doorstep.foundation.regulations.queries import calendar, value_of
from doorstep.organisations.queries import code_of_body

LONGEST_TEXT = 5000
MOST_PHOTOS = 9


class NotAllowed(PermissionDenied):
    """The viewer knows of the matter, or of the vote, but may not do this: 403 on a page and in the API."""


class DateHasPassed(Exception):
    """What is promised, or is to be done, is for today or a later day."""


class OthersConcerned(Exception):
    """Others raised the same and are in this matter: one of them cannot take it away from all."""


class NothingSaid(Exception):
    """A text is required here."""


class TextTooLong(Exception):
    """`extra` characters more than we keep."""

    def __init__(self, extra: int) -> None:
        super().__init__(extra)
        self.extra = extra


class TooManyPhotos(Exception):
    """More than nine photos."""


def audience_of(matter: Matter) -> str:
    return PUBLIC if matter.is_public else f"matter:{matter.number}"


def checked_text(text: str, longest: int = LONGEST_TEXT) -> str:
    """The text as it is kept. Raises NothingSaid or TextTooLong."""
    text = text.replace("\r\n", "\n").replace("\x00", "").strip()
    if not text:
        raise NothingSaid
    if len(text) > longest:
        raise TextTooLong(len(text) - longest)
    return text


def locked(matter_id: int, *others: int) -> Matter:
    """The matter, locked with everything merged into it (and other matters likewise), as it stands now."""
    ids = [matter_id, *others]
    rows = (
        Matter.objects.select_for_update(of=("self",))
        .select_related("place", "scope", "category__parent", "body")
        .filter(Q(pk__in=ids) | Q(merged_into__in=ids))
        .order_by("pk")
    )
    found = {row.pk: row for row in rows}
    for each in ids:
        found[each].merged_rows = [row for row in found.values() if row.merged_into_id == each]
    chosen = found[matter_id]
    chosen.locked_beside = {each: found[each] for each in others}
    return chosen


def check(viewer: Viewer, matter: Matter, verb: Verb) -> None:
    """Who first, then when: a stranger is refused the same whatever the state."""
    if not roles_in(viewer, matter) & MOVES[verb].roles:
        raise NotAllowed(verb)
    after(matter.state, verb)


def by_post(viewer: Viewer, matter: Matter, body_id: int | None = None) -> Actor:
    post = viewer.post_in(matter.body_id) or viewer.post_in(matter.overdue_body_id) or viewer.post_in(body_id) or viewer.acting_post
    return actor_of(viewer, post=post)


def by_concerned(viewer: Viewer, matter: Matter, channel: str = "web") -> Actor:
    """The actor of somebody concerned: for themselves, or for the one they wrote it down for."""
    return actor_of(viewer, on_behalf_of_id=whom_for(viewer, matter), channel=channel)


def whom_for(viewer: Viewer, matter: Matter) -> int | None:
    """The reporter, where somebody else who wrote it down speaks for them; likewise for a merged matter."""
    if viewer.person_id is None or viewer.person_id == matter.reporter_id:
        return None
    if viewer.person_id == matter.entered_by_id:
        return matter.reporter_id
    return matter.complainants.get(viewer.person_id)


def parties(matter: Matter) -> list[str]:
    """Everyone a step concerns, the complainants of merged matters too; the worker leaves out who took it."""
    persons = {matter.reporter_id, matter.entered_by_id, *matter.complainants}
    keys = [f"person:{person}" for person in sorted(persons)]
    return [*keys, f"body:{matter.body_id}"] if matter.body_id else keys


def show_to(matter: Matter, *keys: str) -> None:
    if not matter.is_public:
        MatterAudience.objects.bulk_create([MatterAudience(matter=matter, key=key) for key in sorted(set(keys))], ignore_conflicts=True)


def enter(
    matter: Matter, verb: Verb, by: Actor, at: datetime, *, detail: dict[str, object] | None = None, audience: str | None = None
) -> Entry:
    """The step's entry in the journal."""
    return record(
        verb=verb.value,
        kind="matter",
        subject=matter.number,
        place=matter.place,
        by=by,
        audience=audience or audience_of(matter),
        detail={"state": matter.state, **(detail or {})},
        happened_at=at,
    )


def say(
    viewer: Viewer,
    matter: Matter,
    kind: str,
    verb: Verb,
    text: str,
    at: datetime,
    photos: Sequence[StoredFile] = (),
    detail: dict[str, object] | None = None,
    channel: str = "web",
) -> MatterText:
    """Keep a text with its entry and tell the parties. An internal note is for the body's own eyes."""
    if viewer.person_id is None:
        raise NotAllowed(verb)
    if len(photos) > MOST_PHOTOS:
        raise TooManyPhotos(len(photos))
    as_concerned = bool(roles_in(viewer, matter) & MOVES[verb].roles & CONCERNED)
    by = by_concerned(viewer, matter, channel) if as_concerned else by_post(viewer, matter)
    inside = kind == MatterText.Kind.NOTE
    salt = secrets.token_hex(16)
    entry = enter(
        matter,
        verb,
        by,
        at,
        detail={"text": text_digest(salt, text), "photos": len(photos), **(detail or {})},
        audience=f"body:{matter.body_id}" if inside else None,
    )
    said = MatterText.objects.create(
        matter=matter, entry_id=entry.pk, kind=kind, text=text, salt=salt, author_id=viewer.person_id, post_id=by.post_id, written_at=at
    )
    for position, file in enumerate(photos):
        give_to_audience(file=file, audience=audience_of(matter))
        MatterPhoto.objects.create(matter=matter, text=said, file=file, position=position)
    tell(entry=entry, to=[f"body:{matter.body_id}"] if inside else parties(matter))
    if matter.is_public and not inside:
        hold_if_listed(kind="matter", subject=matter.number, item=str(said.pk), words=text, author_id=viewer.person_id, place=matter.place)
    return said


def route_by_rule(matter: Matter, at: datetime) -> list[str]:
    """Route by category and place; the audience keys to tell. A matter that no rule fits waits for a person, and one that asks
    neighbours waits for them."""
    chosen = None if matter.category.is_neighbourly else routing_for(matter.place, matter.category)
    if chosen is None:
        return []
    hand_to(matter, chosen.body, chosen.overdue_body, at)
    enter(matter, Verb.ROUTE, SYSTEM, at, detail={"body": code_of_body(chosen.body), "rule": f"{chosen.place}/{chosen.category or '*'}"})
    return [f"body:{chosen.body}"]


def hand_to(matter: Matter, body_id: int, overdue_body_id: int | None, at: datetime) -> None:
    matter.state, matter.closed_at = after(matter.state, Verb.ROUTE), None
    matter.body_id, matter.overdue_body_id = body_id, overdue_body_id
    matter.taken_by = matter.taken_at = None
    run_clock(matter, "matters.response_hours", at)
    oversee_by_level(matter)


def oversee_by_level(matter: Matter) -> None:
    """Let the level a matter was sorted to decide who oversees it, unless it was brought before somebody already."""
    if not matter.level or matter.body_id is None or matter.escalated_at is not None:
        return
    top = town()
    chosen = overseer(
        level=matter.level,
        here=routing_for(matter.place, matter.category),
        at_town=routing_for(top, matter.category) if top is not None else None,
        body=matter.body_id,
    )
    if chosen is not None:
        matter.overdue_body_id = chosen


def readers_of(matter: Matter) -> list[str]:
    """Who may see a restricted matter for the sake of working it: the body that has it, and where its reporter does not want to be known
    to that body the overseeing one, because somebody has to know whose it is. What no rule routes waits for the town's own bodies."""
    if matter.body_id is None and not matter.category.is_neighbourly:
        top = town()
        return [f"office:{top.code}"] if top is not None else []
    bodies = [matter.body_id, matter.overdue_body_id if matter.is_shielded else None]
    return [f"body:{body}" for body in bodies if body is not None]


def run_clock(matter: Matter, subject: str, at: datetime) -> None:
    """Start the limit of the regulations for this category at this place; for the answer to what is urgent the urgent one, where that ends
    sooner."""
    found = limit_for(subject, place=matter.place, category=matter.category, at=at)
    run_until(matter, due(at, found.limit, calendar()), found.key, at)
    if subject == "matters.response_hours":
        run_urgent(matter, at)


def run_urgent(matter: Matter, at: datetime) -> None:
    """Let what is urgent and not yet answered run under the urgent limit, counted from when the running one began; never under a later one."""
    if not matter.is_urgent or matter.first_answered_at is not None or matter.state not in WITH_BODY:
        return
    began = matter.clock_from or at
    urgent = value_of("matters.urgent_hours", place_lineage_localities=matter.place.localities, on=at.astimezone(clock.TOWN_ZONE).date())
    until = due(began, urgent.limit, calendar())
    if matter.due_at is None or until < matter.due_at:
        run_until(matter, until, urgent.key, began)


def run_until(matter: Matter, until: datetime, limit_key: str, at: datetime) -> None:
    matter.clock_from, matter.due_at, matter.limit_key = at, until, limit_key
    matter.escalated_at, matter.overdue_days = None, 0
    matter.paused_left = matter.paused_used = None


def stop_clock(matter: Matter) -> None:
    matter.clock_from = matter.due_at = matter.ask_until = matter.escalated_at = None
    matter.paused_left = matter.paused_used = None
    matter.overdue_days, matter.limit_key = 0, ""


def resume(matter: Matter, at: datetime) -> None:
    """Let a matter go on that waited for its reporter, was merged or comes back from outside: with what was left of its limit, else with a new one."""
    matter.state = resumed(has_body=matter.body_id is not None, answered=matter.first_answered_at is not None)
    if matter.state == State.REGISTERED:
        return
    left, used = matter.paused_left, matter.paused_used
    if left is None or used is None:
        run_clock(matter, "matters.finish_days" if matter.first_answered_at else "matters.response_hours", at)
    else:
        run_until(matter, at + left, matter.limit_key, at - used)
        # A limit that was over before is not told of twice.
        matter.escalated_at = at if left.total_seconds() <= 0 else None


def ask_no_more(matter: Matter) -> None:
    """Nobody is asked any longer, neither here nor in the matters merged into this one."""
    matter.ask_until = None
    if matter.merged_rows:
        Matter.objects.filter(merged_into=matter).update(ask_until=None)


def save(matter: Matter, at: datetime) -> None:
    matter.changed_at = at
    matter.save()
    index_matter(matter)


def count(matter: Matter, before: str | None, *, from_scope: int | None = None) -> None:
    """Move a public matter from one stored counter to another; after everything else, in one order."""
    old = (from_scope or matter.scope_id, before)
    new = (matter.scope_id, str(matter.state))
    if not matter.is_public or old == new:
        return
    steps = sorted([(*new, 1)] if before is None else [(old[0], str(before), -1), (*new, 1)])
    with connection.cursor() as cursor:
        for scope_id, state, step in steps:
            cursor.execute(
                "INSERT INTO affairs_mattercount (scope_id, state, n) VALUES (%s, %s, %s) "
                "ON CONFLICT (scope_id, state) DO UPDATE SET n = affairs_mattercount.n + excluded.n",
                [scope_id, state, step],
            )
