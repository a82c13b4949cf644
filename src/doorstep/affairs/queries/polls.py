"""Reads of polls. Everybody may know of a poll; how it stands is shown when it is over, never who answered what."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from doorstep.affairs.models import Poll, PollAnswer
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.places.models import Place


@dataclass(frozen=True, slots=True)
class PollPage:
    """`counts` are (text, answers) and empty while it is open; `households` is the place's, where it is known."""

    poll: Poll
    is_over: bool
    answered: int
    own: str
    counts: list[tuple[str, int]]
    households: int | None
    may_close: bool


def poll_by_id(poll_id: int) -> Poll | None:
    return Poll.objects.select_related("place", "body").filter(pk=poll_id).first()


def polls_at(place: Place, *, size: int = 20) -> list[Poll]:
    """The newest polls at and below a place. One query."""
    inside = Q(place__lineage=place.lineage) | Q(place__lineage__startswith=f"{place.lineage}/")
    return list(Poll.objects.filter(inside).select_related("place", "body").order_by("-id")[:size])


def poll_page(viewer: Viewer, poll: Poll, *, now: datetime) -> PollPage:
    """A poll as this viewer may see it. Two queries."""
    is_over = poll.closed_at is not None or now > poll.closes_at
    by_option = dict(PollAnswer.objects.filter(poll=poll).values_list("option").annotate(n=Count("id")))
    own = PollAnswer.objects.filter(poll=poll, person_id=viewer.own_id).first() if viewer.signed_in else None
    return PollPage(
        poll=poll,
        is_over=is_over,
        answered=sum(by_option.values()),
        own=poll.options[own.option] if own else "",
        counts=[(text, by_option.get(index, 0)) for index, text in enumerate(poll.options)] if is_over else [],
        households=poll.place.households,
        may_close=not is_over and poll.body_id in viewer.bodies,
    )
