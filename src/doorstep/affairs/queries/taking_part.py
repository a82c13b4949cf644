"""What somebody took part in: theirs alone, and what they print of it."""

from datetime import datetime
from typing import Any

from doorstep.affairs.models import Ballot, HelpOffer, Matter, PollAnswer, TakingPart
from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.clock import TOWN_ZONE
from doorstep.foundation.ui.slots import Part, took_part_in

MOST = 200


def kept(part: Part) -> list[str]:
    """A line as it stands in a printed statement."""
    return [part.what, part.at.astimezone(TOWN_ZONE).date().isoformat(), part.number, part.title]


def lines_of(viewer: Viewer) -> list[Part]:
    """The newest 200 of what every mechanism tells somebody of themselves, newest first."""
    return took_part_in(viewer, at_most=MOST)


def own_parts(viewer: Viewer, most: int) -> list[Part]:
    """What somebody did in matters, votes and polls. Five queries. How somebody voted or answered is nobody's business here; that they did is
    theirs to show."""
    me = viewer.own_id
    parts = []
    for matter in Matter.objects.filter(reporter_id=me).order_by("-id")[:most]:
        parts.append(_of("raised", matter.raised_at, matter))
    for matter in Matter.objects.filter(entered_by_id=me).exclude(reporter_id=me).order_by("-id")[:most]:
        parts.append(_of("written_down", matter.raised_at, matter))
    for offer in HelpOffer.objects.filter(helper_id=me, state=HelpOffer.State.THANKED).select_related("matter").order_by("-id")[:most]:
        parts.append(_of("helped", offer.thanked_at or offer.offered_at, offer.matter))
    voted: dict[str, Part] = {}
    for ballot in Ballot.objects.filter(by_id=me, official_list__replaced_at=None).select_related("vote").order_by("vote_id", "id"):
        vote = ballot.vote
        voted.setdefault(vote.number, Part("voted", ballot.cast_at, vote.number, vote.title, f"/votes/{vote.number}"))
    for answer in PollAnswer.objects.filter(person_id=me).select_related("poll").order_by("-id")[:most]:
        parts.append(Part("answered", answer.answered_at, "", answer.poll.question, f"/polls/{answer.poll_id}"))
    return [*parts, *voted.values()]


def _of(what: str, at: datetime, matter: Matter) -> Part:
    return Part(what, at, matter.number, matter.title if matter.is_public else "", f"/m/{matter.number}")


def took_part(since: datetime) -> set[int]:
    """Who raised a matter that everyone may see, helped a neighbour, voted or answered a poll since: of
    `register_participation`. Votes and polls count once they are closed; how somebody voted is asked nowhere. Four queries."""
    now = clock.now()
    raised = Matter.objects.filter(raised_at__gte=since, is_public=True, is_shielded=False).values_list("reporter_id", flat=True)
    helped = HelpOffer.objects.filter(offered_at__gte=since).exclude(state=HelpOffer.State.TAKEN_BACK).values_list("helper_id", flat=True)
    voted = Ballot.objects.filter(cast_at__gte=since, vote__closed_at__isnull=False).values_list("by_id", flat=True)
    answered = PollAnswer.objects.filter(answered_at__gte=since, poll__closes_at__lte=now).values_list("person_id", flat=True)
    return {*raised, *helped, *voted, *answered}


def statement(token: str) -> TakingPart | None:
    """A printed statement by what its QR says: whoever was handed the paper may look."""
    return TakingPart.objects.select_related("link").filter(link__token=token).first()


def rows_of(made: TakingPart) -> list[dict[str, Any]]:
    return [{"what": what, "on": on, "number": number, "title": title} for what, on, number, title in made.lines]
