"""Who gets what at a place, and before whom it comes when it stays late, set from its screen. A rule of the deepest place decides
(rules/routing.py)."""

from doorstep.affairs.actions.steps import NotAllowed
from doorstep.affairs.models import Category, EscalationStep, RoutingRule
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.clock.kept import forget_kept
from doorstep.foundation.journal.actions import actor_of, record, writing
from doorstep.foundation.places.models import Place
from doorstep.organisations.models import Body
from doorstep.organisations.permissions import may_set_up
from doorstep.organisations.queries import bodies_serving


class CannotServe(Exception):
    """A matter can be given to bodies at this place or above that have somebody to work it."""


class DaysOutOfRange(Exception):
    """A step of escalation is 1 to 365 days past the limit."""


class TwiceTheSame(Exception):
    """Who oversees is another body than who works."""


def set_routing(
    *, viewer: Viewer, place: Place, category: Category | None, body: Body | None, overdue_body: Body | None = None
) -> RoutingRule | None:
    """Say who gets the matters of a category at a place, and who is told when it is not done in time. `body` None takes the place's own rule
    away, so that the place above decides again. Matters that are under way stay where they are. Raises CannotServe, TwiceTheSame."""
    if not may_set_up(viewer, place):
        raise NotAllowed
    if body is not None and overdue_body is not None and body.pk == overdue_body.pk:
        raise TwiceTheSame(body.code)
    with writing():
        Place.objects.select_for_update().get(pk=place.pk)
        serving = {each.pk for each in bodies_serving(place)}
        if any(each is not None and each.pk not in serving for each in (body, overdue_body)):
            raise CannotServe(place.code)
        own = RoutingRule.objects.filter(place=place, category=category)
        rule = None
        if body is None:
            if own.delete()[0] == 0:
                return None
        else:
            rule = own.first() or RoutingRule(place=place, category=category)
            if rule.pk is not None and (rule.body_id, rule.overdue_body_id) == (body.pk, overdue_body.pk if overdue_body else None):
                return rule
            rule.body, rule.overdue_body = body, overdue_body
            rule.save()
        record(
            verb="routing_set",
            kind="routing",
            subject=place.code,
            place=place,
            by=actor_of(viewer),
            detail={
                "category": category.code if category else None,
                "body": body.code if body else None,
                "overdue_body": overdue_body.code if overdue_body else None,
            },
        )
        forget_kept()
    return rule


LONGEST_STEP = 365


def set_escalation(*, viewer: Viewer, place: Place, days: int, body: Body | None) -> EscalationStep | None:
    """Say before whom a matter at or below this place comes so many days past its limit; `body` None takes the step away. What was brought
    further already stays there. Raises CannotServe, DaysOutOfRange."""
    if not may_set_up(viewer, place):
        raise NotAllowed
    if not 1 <= days <= LONGEST_STEP:
        raise DaysOutOfRange(days)
    with writing():
        Place.objects.select_for_update().get(pk=place.pk)
        if body is not None and all(each.pk != body.pk for each in bodies_serving(place)):
            raise CannotServe(place.code)
        step = EscalationStep.objects.filter(place=place, days=days).first()
        if (step.body_id if step is not None else None) == (body.pk if body is not None else None):
            return step
        if body is None:
            assert step is not None
            step.delete()
            step = None
        else:
            step = step or EscalationStep(place=place, days=days)
            step.body = body
            step.save()
        detail = {"days": days, "body": body.code if body else None}
        record(verb="escalation_set", kind="routing", subject=place.code, place=place, by=actor_of(viewer), detail=detail)
    return step
