"""What is due for bodies: findings of the law on committees, and posts of others whose time runs out. By place, and for one body at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.places.models import Place
from doorstep.foundation.regulations.queries import RegulationValue, value_of
from doorstep.organisations.models import Body, Post
from doorstep.organisations.permissions import PARTY, REGISTRARS, may_see_due, works_for
from doorstep.organisations.queries.committee import LawCheck, law_checks, months_before
from doorstep.organisations.rules.committee import Finding
from doorstep.organisations.rules.term_ends import Held
from doorstep.organisations.rules.term_ends import finding as end_of

# Whose posts are watched; an owners' committee has terms.
WATCHED = PARTY | {Body.Kind.ASSOCIATION, Body.Kind.VILLAGE_COMMITTEE, Body.Kind.OVERSIGHT_COMMITTEE, Body.Kind.MEDIATION_COMMITTEE}
MOST = 200


@dataclass(frozen=True, slots=True)
class Due:
    """One thing that is due. `post`: whose time runs out; None for a finding about a committee's term (`check`)."""

    body: Body
    finding: Finding
    value: RegulationValue
    post: Post | None = None
    check: LawCheck | None = None

    @property
    def about(self) -> str:
        """What it is about, the same as long as it is the same finding."""
        which = f"post:{self.post.pk}" if self.post is not None else f"term:{self.check.term.pk}" if self.check is not None else ""
        return f"{which}:{self.finding.by or ''}"

    @property
    def order(self) -> tuple[bool, date, int, str]:
        return (self.finding.by is None, self.finding.by or date.max, self.body.pk, self.finding.code)


def dues_of(bodies: Sequence[Body], today: date) -> list[Due]:
    """Everything to be done about these bodies (with their places), the earliest day first. Six queries, however many."""
    checks = law_checks([body for body in bodies if body.ended_on is None], today)
    found = [
        Due(body, finding, value, check=checks[body.pk]) for body in bodies if body.pk in checks for finding, value in checks[body.pk].to_do
    ]
    found += _ending([body for body in bodies if body.kind in WATCHED and body.ended_on is None], today)
    return sorted(found, key=lambda due: due.order)


def _ending(bodies: Sequence[Body], today: date) -> list[Due]:
    posts: dict[int, list[Post]] = {}
    for post in Post.objects.filter(body__in=bodies).select_related("person").order_by("id") if bodies else ():
        posts.setdefault(post.body_id, []).append(post)
    return [due for body in bodies for post in posts.get(body.pk, []) if (due := _end_of(body, post, posts[body.pk], today)) is not None]


def _end_of(body: Body, post: Post, beside: Sequence[Post], today: date) -> Due | None:
    """What is due for one post; `beside`: all posts of the body, of every time."""
    until = post.held_until
    # Somebody who was let go has ended; whose time is written down runs out.
    if until is None or post.ended_because:
        return None
    keys = ("body.term_warning_months.party", "body.term_warning_months") if body.kind in PARTY else ("body.term_warning_months",)
    warns = value_of(*keys, place_lineage_localities=body.place.localities, on=today)
    shown = value_of("body.term_over_months", place_lineage_localities=body.place.localities, on=today)
    if until < months_before(today, shown.limit):
        return None
    followed = any(
        other.pk != post.pk and other.title == post.title and other.held_from > post.held_from and (other.held_until is None or other.held_until > until)
        for other in beside
    )  # fmt: skip
    ends = end_of(Held(until, followed), key=warns.key, warn_from=months_before(until, warns.limit), today=today)
    return Due(body, ends, warns, post=post) if ends is not None else None


def due_at(viewer: Viewer, place: Place) -> list[Due] | None:
    """What is due at a place and below it; None for who does not work at it or above. A fixed number of queries."""
    if not may_see_due(viewer, place):
        return None
    inside = Q(place=place) | Q(place__lineage__startswith=f"{place.lineage}/")
    return dues_of(_watched(inside), clock.today())


def due_for(viewer: Viewer) -> list[Due]:
    """What is due for the bodies a viewer works for, leads, or registers: on their workbench. A fixed number of queries."""
    working = [post for post in viewer.posts if works_for(viewer, post.body_id)]
    if not working:
        return []
    mine = Q(pk__in=[post.body_id for post in working]) | Q(led_by__in=[post.body_id for post in working if post.body_kind in PARTY])
    for post in working:
        if post.body_kind in REGISTRARS:
            mine |= Q(place__lineage=post.lineage) | Q(place__lineage__startswith=f"{post.lineage}/")
    return dues_of(_watched(mine), clock.today())


def all_watched() -> list[Body]:
    """Every body that anything can be due for: for the worker."""
    return _watched(Q())


def _watched(which: Q) -> list[Body]:
    kinds = {*WATCHED, Body.Kind.OWNERS_COMMITTEE}
    chosen = Body.objects.filter(which, kind__in=kinds, ended_on=None).select_related("place", "led_by")
    return list(chosen.order_by("place__lineage", "id"))
