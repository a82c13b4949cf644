"""What waits for those who work for a body: on their workbench, beside the matters."""

from dataclasses import dataclass

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.organisations.models import Body, PartyMember
from doorstep.organisations.permissions import PARTY, works_for
from doorstep.organisations.queries.applications import waiting_count
from doorstep.organisations.queries.bodies import posts_of
from doorstep.organisations.queries.committee import LawCheck, law_check


@dataclass(frozen=True, slots=True)
class Waiting:
    """`committees`: those for which the law asks something now. `branches`: code and name, and how many declarations wait there."""

    committees: tuple[tuple[Body, LawCheck], ...]
    branches: tuple[tuple[Body, int], ...]
    applications: int

    @property
    def anything(self) -> bool:
        return bool(self.committees or self.branches or self.applications)


def waiting_at_work(viewer: Viewer) -> Waiting:
    """Asked only for bodies the viewer works for, of which there are one or two."""
    working = [post for post in viewer.posts if works_for(viewer, post.body_id)]
    committees = []
    for body in _bodies({post.body_id for post in working if post.body_kind == Body.Kind.OWNERS_COMMITTEE}):
        check = law_check(body, posts_of(body), clock.today())
        if check is not None and check.to_do:
            committees.append((body, check))
    branches = []
    for body in _bodies({post.body_id for post in working if post.body_kind in PARTY}):
        declared = PartyMember.objects.filter(branch=body, verified_at=None, declined_because="").count()
        if declared:
            branches.append((body, declared))
    return Waiting(tuple(committees), tuple(branches), waiting_count(viewer))


def _bodies(ids: set[int]) -> list[Body]:
    return list(Body.objects.filter(pk__in=ids).select_related("place").order_by("id")) if ids else []
