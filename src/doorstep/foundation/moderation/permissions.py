"""Who looks after what is objected to."""

from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.moderation.models import Case

MODERATING = frozenset({"centre"})  # the town's service centre


def may_moderate(viewer: Viewer) -> bool:
    """Holds a post that works for the service centre. The town's administrator configures and opens nothing: not they."""
    return any(post.body_kind in MODERATING and post.body_id in viewer.bodies for post in viewer.posts)


def is_moderators_key(viewer: Viewer, key: str) -> bool:
    """Resolver of the audience key `moderators:town`."""
    return may_moderate(viewer)


def is_author(viewer: Viewer, case: Case) -> bool:
    return viewer.signed_in and case.author_id == viewer.person_id


def may_decide(viewer: Viewer, case: Case) -> bool:
    """Nobody decides on their own words."""
    return may_moderate(viewer) and not is_author(viewer, case)
