"""Offers of neighbours, as each side may see them, and the thanks wall."""

from dataclasses import dataclass

from doorstep.affairs.models import HelpOffer, Matter, MatterText
from doorstep.affairs.permissions import roles_in
from doorstep.affairs.queries.matters import Scopes, at_scopes, matters_in
from doorstep.affairs.rules.matter_states import Role
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.places.models import Place


@dataclass(frozen=True, slots=True)
class Help:
    """`offers`: all of them, for the one who asked; `own`: one's own, for a helper."""

    offers: list[HelpOffer]
    own: HelpOffer | None
    may_offer: bool


def help_for(viewer: Viewer, matter: Matter) -> Help | None:
    """Who offered to help, as this viewer may know. None where the matter asks no neighbours. One query."""
    if not matter.category.is_neighbourly:
        return None
    asked = Role.REPORTER in roles_in(viewer, matter)
    chosen = HelpOffer.objects.filter(matter=matter).select_related("helper").order_by("id")
    offers = list(chosen if asked else chosen.filter(helper_id=viewer.own_id))
    own = None if asked else next(iter(offers), None)
    return Help(offers if asked else [], own, not asked and own is None and matter.state == Matter.State.REGISTERED)


def offer_for(viewer: Viewer, offer_id: int) -> HelpOffer | None:
    """An offer, for the one who asked and the one who offered."""
    found = HelpOffer.objects.select_related("matter__category", "matter__place").filter(pk=offer_id).first()
    if found is None:
        return None
    return found if viewer.person_id == found.helper_id or Role.REPORTER in roles_in(viewer, found.matter) else None


def thanks_at(*, place: Place, scope_ids: Scopes, size: int = 60) -> list[MatterText]:
    """The thanks wall: words of thanks for neighbours' help with public matters, newest first. No names."""
    places: dict[str, object] = {f"matter__{key}": value for key, value in at_scopes(scope_ids).items()}
    if scope_ids is not None and not scope_ids:
        places = {"matter__in": Matter.objects.filter(matters_in(place, scope_ids))}
    chosen = MatterText.objects.filter(kind=MatterText.Kind.THANKS, hidden_because="", matter__is_public=True, **places).exclude(text="")
    return list(chosen.select_related("matter__scope").order_by("-id")[:size])
