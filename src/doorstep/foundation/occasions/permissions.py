"""Who may do what at an occasion. The mechanism above has said who sees it and who runs it, in audience keys; here they are only asked."""

from doorstep.foundation.access.viewer import PUBLIC, Viewer, may_see
from doorstep.foundation.occasions.models import Occasion, Owned, SignUp


class NotAllowed(Exception):
    """The viewer knows of the occasion but may not do this."""


def runs(viewer: Viewer, owned: Owned) -> bool:
    """Whether the viewer is one of those who run a series or an occasion."""
    return owned.run_by != PUBLIC and may_see(viewer, owned.run_by)


def knows(viewer: Viewer, occasion: Occasion) -> bool:
    """Whether the viewer may know of an occasion: it is meant for them, they run it, or they are signed up (or signed somebody up)."""
    if may_see(viewer, occasion.audience) or runs(viewer, occasion):
        return True
    return viewer.signed_in and (
        SignUp.objects.filter(occasion=occasion, person_id=viewer.own_id).exists()
        or SignUp.objects.filter(occasion=occasion, entered_by_id=viewer.own_id).exists()
    )


def speaks_for(viewer: Viewer, sign_up: SignUp) -> bool:
    """Whether the viewer may take back or accept this sign-up: their own, one they made for somebody, or any where they run the occasion."""
    return viewer.person_id is not None and (
        viewer.person_id in (sign_up.person_id, sign_up.entered_by_id) or runs(viewer, sign_up.occasion)
    )
