"""组织沿革: what is known of a body or of a place's bodies, by date; from dated facts, posts, terms, texts and the journal."""

from collections.abc import Sequence
from dataclasses import dataclass

from doorstep.foundation.access.viewer import PUBLIC
from doorstep.foundation.clock import TOWN_ZONE
from doorstep.foundation.journal.models import Entry
from doorstep.foundation.places.models import Place
from doorstep.organisations.models import Body, BodyFact, BodyText, FormerIncumbent, PartnerUnit, Post, Term
from doorstep.organisations.rules.dates import first_day

# Told by the journal alone; the other verbs of a body have rows of their own that say more.
TOLD_BY_JOURNAL = ("body_ended", "seal_entered", "seal_ended")


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of a history. `on` as precisely as it is known; `what` a code that the page words with `about` and `person`."""

    on: str
    what: str
    body: Body
    text: str = ""
    source: str = ""
    person: str = ""
    post: Post | None = None
    term: Term | None = None
    published: BodyText | None = None
    how: str = ""
    votes: tuple[int, int] | None = None

    @property
    def year(self) -> str:
        return self.on[:4]

    @property
    def order(self) -> tuple[int, str]:
        first = first_day(self.on)
        return (first.toordinal() if first else 0, self.on)


def history_of(bodies: Sequence[Body]) -> list[Moment]:
    """The history of these bodies, oldest first. Seven queries, however many."""
    by_id = {body.pk: body for body in bodies}
    moments = [Moment(body.founded_on, "founded", body) for body in bodies if body.founded_on]
    for fact in BodyFact.objects.filter(body__in=by_id, taken_back_at=None):
        moments.append(Moment(fact.happened_on, "fact", by_id[fact.body_id], text=fact.text, source=fact.source))
    posts = {post.pk: post for post in Post.objects.filter(body__in=by_id).select_related("person")}
    for post in posts.values():
        body = by_id[post.body_id]
        moments.append(_held(post.held_from.isoformat(), body, post, post))
        if post.ended_because and post.held_until is not None:
            moments.append(
                Moment(post.held_until.isoformat(), "post_ended", body, person=post.person.name, post=post, text=post.ended_because)
            )
    for former in FormerIncumbent.objects.filter(post__in=posts).select_related("person"):
        post = posts[former.post_id]
        moments.append(_held(former.held_from.isoformat(), by_id[post.body_id], post, former))
    for term in Term.objects.filter(body__in=by_id):
        body = by_id[term.body_id]
        moments.append(Moment(term.elected_on.isoformat(), "elected", body, term=term))
        if term.filed_on is not None:
            moments.append(Moment(term.filed_on.isoformat(), "filed", body, term=term))
    for partner in PartnerUnit.objects.filter(branch__in=by_id):
        moments.append(Moment(partner.since.isoformat(), "partner", by_id[partner.branch_id], text=partner.name))
        if partner.until is not None:
            moments.append(Moment(partner.until.isoformat(), "partner_left", by_id[partner.branch_id], text=partner.name))
    for text in BodyText.objects.filter(body__in=by_id).defer("text"):
        moments.append(Moment(text.effective_from.isoformat(), "published", by_id[text.body_id], published=text))
    codes = {body.code: body for body in bodies}
    for entry in Entry.objects.filter(kind="body", subject__in=codes, verb__in=TOLD_BY_JOURNAL, audience=PUBLIC):
        day = str(entry.detail.get("on") or entry.happened_at.astimezone(TOWN_ZONE).date().isoformat())
        moments.append(Moment(day, entry.verb, codes[entry.subject]))
    return sorted(moments, key=lambda moment: moment.order)


def _held(on: str, body: Body, post: Post, holding: Post | FormerIncumbent) -> Moment:
    votes = (holding.votes_for, holding.votes_cast) if holding.votes_for is not None and holding.votes_cast is not None else None
    return Moment(on, "held", body, person=holding.person.name, post=post, how=holding.designated_by, votes=votes)


def bodies_ever_at(place: Place) -> list[Body]:
    """The bodies that serve or served a place itself."""
    return list(Body.objects.filter(place=place).order_by("id"))
