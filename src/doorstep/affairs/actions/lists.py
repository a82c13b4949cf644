"""What a body keeps beside its matters: replies it gives often, questions with their answers, and the pain points of a place."""

from collections.abc import Sequence
from datetime import date, datetime

from doorstep.affairs.actions.steps import DateHasPassed, NotAllowed, checked_text
from doorstep.affairs.models import Matter, PainPoint, Question, ReplyTemplate
from doorstep.affairs.permissions import roles_in, works_at, works_for
from doorstep.affairs.rules.matter_states import Role
from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.identity.models import Person
from doorstep.foundation.journal.actions import Actor, actor_of, record, writing
from doorstep.foundation.places.models import Place
from doorstep.organisations.models import Body
from doorstep.organisations.queries import posts_of

LONGEST_QUESTION = 120
LONGEST_TITLE = 80


class HoldsNoPost(Exception):
    """Who answers for a pain point holds a post in the body that does."""


class AlreadyEnded(Exception):
    """It was taken off the list before."""


def keep_reply(*, viewer: Viewer, body: Body, title: str, text: str) -> ReplyTemplate:
    """Keep a reply for all who work the body's matters."""
    title, text = checked_text(title, 40), checked_text(text)
    if not works_for(viewer, body.pk):
        raise NotAllowed("reply")
    with writing():
        kept = ReplyTemplate.objects.create(body=body, title=title, text=text)
        by = actor_of(viewer, post=viewer.post_in(body.pk))
        record(verb="reply_kept", kind="reply", subject=f"R{kept.pk}", place=body.place, by=by, audience=f"body:{body.pk}")
    return kept


def drop_reply(*, viewer: Viewer, reply: ReplyTemplate) -> None:
    if not works_for(viewer, reply.body_id):
        raise NotAllowed("reply")
    with writing():
        ReplyTemplate.objects.filter(pk=reply.pk).update(is_active=False)
        by = actor_of(viewer, post=viewer.post_in(reply.body_id))
        record(verb="reply_dropped", kind="reply", subject=f"R{reply.pk}", place=reply.body.place, by=by, audience=f"body:{reply.body_id}")


def publish_question(*, viewer: Viewer, matter: Matter, question: str, answer: str, happened_at: datetime | None = None) -> Question:
    """Let an answer that was given once answer everybody. Whoever works the matter writes question and answer anew, naming nobody."""
    question, answer = checked_text(question, LONGEST_QUESTION), checked_text(answer)
    at = happened_at or clock.now()
    if Role.HANDLER not in roles_in(viewer, matter) or matter.body is None:
        raise NotAllowed("question")
    with writing():
        made = Question.objects.create(
            scope=matter.scope,
            category=matter.category,
            question=question,
            answer=answer,
            matter=matter,
            body=matter.body,
            published_by_id=viewer.own_id,
            published_at=at,
        )
        by = actor_of(viewer, post=viewer.post_in(matter.body_id) or viewer.acting_post)
        record(verb="question_published", kind="question", subject=f"Q{made.pk}", place=matter.scope, by=by, happened_at=at)
    return made


def withdraw_question(*, viewer: Viewer, question: Question) -> None:
    """Take a question off the page: the answer is no longer right."""
    if not works_for(viewer, question.body_id):
        raise NotAllowed("question")
    with writing():
        Question.objects.filter(pk=question.pk, withdrawn_at=None).update(withdrawn_at=clock.now())
        by = actor_of(viewer, post=viewer.post_in(question.body_id))
        record(verb="question_withdrawn", kind="question", subject=f"Q{question.pk}", place=question.scope, by=by)


def list_pain_point(
    *,
    viewer: Viewer,
    scope: Place,
    title: str,
    body: Body,
    owner: Person,
    due_on: date,
    matters: Sequence[Matter] = (),
    happened_at: datetime | None = None,
) -> PainPoint:
    """Put on the list what troubles a place again and again: who answers for it and by when, and the matters that come of it.
    Raises DateHasPassed, HoldsNoPost."""
    title = checked_text(title, LONGEST_TITLE)
    at = happened_at or clock.now()
    if not works_at(viewer, scope):
        raise NotAllowed("pain point")
    if due_on < at.astimezone(clock.TOWN_ZONE).date():
        raise DateHasPassed(due_on)
    if all(post.person_id != owner.pk for post in posts_of(body)):
        raise HoldsNoPost(body.code)
    with writing():
        made = PainPoint.objects.create(scope=scope, title=title, body=body, owner=owner, listed_at=at, due_on=due_on)
        for matter in matters:
            if Role.HANDLER not in roles_in(viewer, matter):
                raise NotAllowed("pain point")
            Matter.objects.filter(pk=matter.pk).update(pain_point=made)
        detail = {"body": body.code, "due_on": due_on.isoformat(), "matters": [matter.number for matter in matters]}
        record(
            verb="pain_point_listed",
            kind="pain_point",
            subject=f"T{made.pk}",
            place=scope,
            by=_by(viewer, scope),
            detail=detail,
            happened_at=at,
        )
    return made


def end_pain_point(*, viewer: Viewer, pain_point: PainPoint, result: str, happened_at: datetime | None = None) -> PainPoint:
    """销号: off the list, with what was done."""
    result = checked_text(result, 200)
    at = happened_at or clock.now()
    if not (works_at(viewer, pain_point.scope) or works_for(viewer, pain_point.body_id)):
        raise NotAllowed("pain point")
    with writing():
        pain_point = PainPoint.objects.select_for_update(of=("self",)).select_related("scope").get(pk=pain_point.pk)
        if pain_point.ended_at is not None:
            raise AlreadyEnded(pain_point.pk)
        pain_point.ended_at, pain_point.result = at, result
        pain_point.save(update_fields=["ended_at", "result"])
        record(
            verb="pain_point_ended", kind="pain_point", subject=f"T{pain_point.pk}", place=pain_point.scope, by=_by(viewer, pain_point.scope), happened_at=at
        )  # fmt: skip
    return pain_point


def _by(viewer: Viewer, scope: Place) -> Actor:
    return actor_of(viewer, post=next((post for post in viewer.posts if post.place_code == scope.code), viewer.acting_post))
