"""Who may do what in a matter and in a vote. Asked with the Viewer of the request; but for who is a teller and who raised a matter that was merged, no query is made here."""

from doorstep.affairs.models import Matter, Vote
from doorstep.affairs.rules import vote_states
from doorstep.affairs.rules.matter_states import Role, Verb, possible
from doorstep.foundation.access.viewer import Viewer, may_see
from doorstep.foundation.places.models import Place
from doorstep.foundation.places.queries import town


def roles_in(viewer: Viewer, matter: Matter) -> frozenset[Role]:
    """What the viewer is in this matter: its reporter (or who wrote it down for them), one who raised the same, its handler, or nothing.
    What neighbours were asked for has no handler: neighbours see it and answer it, and no office learns who asked."""
    roles = set()
    if viewer.person_id is not None and viewer.person_id in (matter.reporter_id, matter.entered_by_id):
        roles.add(Role.REPORTER)
    elif viewer.person_id is not None and viewer.person_id in matter.complainants:
        roles.add(Role.COMPLAINANT)
    if not matter.category.is_neighbourly and (
        works_for(viewer, matter.body_id)
        or (matter.escalated_at is not None and works_for(viewer, matter.overdue_body_id))
        or (matter.body_id is None and may_triage(viewer, matter))
    ):
        roles.add(Role.HANDLER)
    return frozenset(roles)


def works_for(viewer: Viewer, body_id: int | None) -> bool:
    return body_id is not None and body_id in viewer.bodies


def works_at(viewer: Viewer, place: Place) -> bool:
    """Whether the viewer works matters of a body that serves this place or one above it."""
    lineage = place.lineage
    return any(
        (lineage == post.lineage or lineage.startswith(f"{post.lineage}/")) and post.body_id in viewer.bodies for post in viewer.posts
    )


def may_triage(viewer: Viewer, matter: Matter) -> bool:
    """Matters that no rule routes are looked at by whoever works matters at or above their place; what is not public by the town's own bodies
    alone, since it may be about the others."""
    return works_at(viewer, matter.place) if matter.is_public else works_for_town(viewer)


def works_for_town(viewer: Viewer) -> bool:
    """Whether the viewer works matters of a body of the town itself."""
    top = town()
    return top is not None and any(post.place_code == top.code and post.body_id in viewer.bodies for post in viewer.posts)


def may_use_counter(viewer: Viewer) -> bool:
    """Whoever holds a post may write down what a neighbour says: at an office, or between two coffees."""
    return viewer.is_staff


def may_renew_pin(viewer: Viewer, matter: Matter) -> bool:
    """A lost slip is replaced by who wrote it down, or at another counter that serves the place; entered in the journal either way."""
    if viewer.person_id is not None and viewer.person_id == matter.entered_by_id:
        return True
    lineage = matter.place.lineage
    return any(lineage == post.lineage or lineage.startswith(f"{post.lineage}/") for post in viewer.posts)


def may(viewer: Viewer, verb: Verb, matter: Matter) -> bool:
    """Whether this viewer may do this now."""
    return verb in possible(matter.state, roles_in(viewer, matter))


def may_see_reporter(viewer: Viewer, matter: Matter) -> bool:
    """The reporter's side and the handlers know who raised it; everyone where the reporter chose to be named. Where the reporter asked not
    to be known to the body complained about, only the overseeing body knows."""
    roles = roles_in(viewer, matter)
    if Role.REPORTER in roles:
        return True
    if matter.is_shielded:
        return works_for(viewer, matter.overdue_body_id) and not works_for(viewer, matter.body_id)
    return (matter.is_named and matter.is_public) or Role.HANDLER in roles


def may_see_inside(viewer: Viewer, matter: Matter) -> bool:
    """Internal notes: handlers only, never the reporter's side."""
    return Role.HANDLER in roles_in(viewer, matter) and viewer.person_id not in (matter.reporter_id, matter.entered_by_id)


def vote_roles(viewer: Viewer, vote: Vote) -> frozenset[vote_states.Role]:
    """What the viewer is in this vote. Only named tellers are tellers: neither the committee's chair nor the town's administrator."""
    roles = set()
    if works_for(viewer, vote.convenor_id):
        roles.add(vote_states.Role.CONVENOR)
    if viewer.signed_in and may_see(viewer, f"tellers:{vote.number}"):
        roles.add(vote_states.Role.TELLER)
    if f"owners:{vote.place.code}" in viewer.keys:
        roles.add(vote_states.Role.OWNER)
    return frozenset(roles)


def may_read_ballots(vote: Vote, roles: frozenset[vote_states.Role]) -> bool:
    """Tellers, while they count. Before closing nobody; once the result is final by an inspection with its ground alone."""
    return vote_states.Role.TELLER in roles and vote_states.State(vote.state) in vote_states.COUNTING
