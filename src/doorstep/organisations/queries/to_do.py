"""What waits for those who work for a body: on their workbench, beside the matters."""

from dataclasses import dataclass

from django.db.models import Count

from doorstep.foundation.access.viewer import HeldPost, Viewer
from doorstep.organisations.models import Body, PartyMember
from doorstep.organisations.permissions import PARTY, REGISTRARS, may_keep_body, renewing_post, works_for
from doorstep.organisations.queries.applications import waiting_count
from doorstep.organisations.queries.due import Due, due_for

MOST_DUE = 12


@dataclass(frozen=True, slots=True)
class Waiting:
    """`due`: the first of what is due, each with whether the viewer may enter it; `more`: how many others. `place`: where the whole list is.
    `branches`: code and name, and how many declarations wait there."""

    due: tuple[tuple[Due, bool], ...]
    more: int
    place: str
    branches: tuple[tuple[Body, int], ...]
    applications: int

    @property
    def anything(self) -> bool:
        return bool(self.due or self.branches or self.applications)


def waiting_at_work(viewer: Viewer) -> Waiting:
    """A fixed number of queries, however many bodies a viewer leads or registers."""
    due = due_for(viewer)
    branch_ids = {post.body_id for post in viewer.posts if post.body_kind in PARTY and works_for(viewer, post.body_id)}
    declared = (
        PartyMember.objects.filter(branch__in=branch_ids, verified_at=None, declined_because="").values("branch_id").annotate(n=Count("id"))
    )
    counts = {row["branch_id"]: row["n"] for row in declared.order_by()} if branch_ids else {}
    branches = Body.objects.filter(pk__in=counts).order_by("id") if counts else []
    return Waiting(
        due=tuple((each, may_enter(viewer, each)) for each in due[:MOST_DUE]),
        more=max(0, len(due) - MOST_DUE),
        place=_widest(viewer),
        branches=tuple((body, counts[body.pk]) for body in branches),
        applications=waiting_count(viewer),
    )


def may_enter(viewer: Viewer, due: Due) -> bool:
    """Whether the viewer of a list of what is due can enter it on the body's own screen. Asked only of bodies they keep, lead or register."""
    if may_keep_body(viewer, due.body):
        return True
    return due.check is not None and due.check.renewal != "" and renewing_post(viewer, due.body) is not None


def _widest(viewer: Viewer) -> str:
    """The code of the place whose list shows the most: of the post of a registrar, else of a party organisation, else of any."""
    working = [post for post in viewer.posts if works_for(viewer, post.body_id)]

    def order(post: HeldPost) -> tuple[int, int]:
        return (0 if post.body_kind in REGISTRARS else 1 if post.body_kind in PARTY else 2, post.lineage.count("/"))

    return min(working, key=order).place_code if working else ""
