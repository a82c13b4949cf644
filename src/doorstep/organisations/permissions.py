"""Who may do what with bodies, posts, rolls and members. Asked with the Viewer of the request; no query is made here."""

from doorstep.foundation.access.viewer import HeldPost, Viewer
from doorstep.foundation.places.models import Place
from doorstep.organisations.models import Body, BodyApplication

KEEPERS = frozenset({"owners_committee", "property_company"})
# Who looks at those who ask to be registered: the town's service centre, the village's party organisation or committee.
REGISTRARS = frozenset({"centre", "village_party", "village_committee"})
PARTY = frozenset({"party_branch", "village_party", "party_committee"})


def works_for(viewer: Viewer, body_id: int) -> bool:
    """Holds a post there that works the body's matters."""
    return body_id in viewer.bodies


def may_keep_roll(viewer: Viewer, estate: Place) -> bool:
    """The estate's committee and property company (those who work for them), and the town's administrator keep its roll."""
    return viewer.is_town_admin or any(
        post.body_kind in KEEPERS and post.place_code == estate.code and works_for(viewer, post.body_id) for post in viewer.posts
    )


def may_set_up(viewer: Viewer, place: Place) -> bool:
    """The town's administrator sets up every place; who keeps an estate's roll sets up that estate."""
    return viewer.is_town_admin or (place.kind == Place.Kind.ESTATE and may_keep_roll(viewer, place))


def may_found_body(viewer: Viewer, place: Place) -> bool:
    """The town's administrator, those who register bodies for this place or above it, and who sets up the estate."""
    return may_set_up(viewer, place) or registrar_post(viewer, place.lineage) is not None


def may_keep_body(viewer: Viewer, body: Body) -> bool:
    """Those who work for a body keep its page: its posts, texts, terms and seals. The town's administrator does it for those not there yet."""
    return viewer.is_town_admin or works_for(viewer, body.pk)


def renewing_post(viewer: Viewer, body: Body) -> HeldPost | None:
    """The post by which a viewer enters a committee's renewal once nobody is left in office to do it: of the party organisation that leads
    it, else of who registers bodies for its place. When it is time is asked of the terms (queries/committee.py)."""
    leads = next((post for post in viewer.posts if post.body_id == body.led_by_id and works_for(viewer, post.body_id)), None)
    return leads or registrar_post(viewer, body.place.lineage)


def may_see_due(viewer: Viewer, place: Place) -> bool:
    """What is due for the bodies of a place is listed for those who work for one at or above it, and for the administrator."""
    return viewer.is_town_admin or any(
        works_for(viewer, post.body_id) and (place.lineage == post.lineage or place.lineage.startswith(f"{post.lineage}/"))
        for post in viewer.posts
    )


def may_publish(viewer: Viewer, body: Body) -> bool:
    """A text is the body's own word: the administrator does not speak for it."""
    return works_for(viewer, body.pk)


def may_keep_members(viewer: Viewer, branch: Body) -> bool:
    """Membership is for those who work for the branch alone; not for the administrator, not for other posts."""
    return branch.kind in PARTY and works_for(viewer, branch.pk)


def registrar_post(viewer: Viewer, lineage: str) -> HeldPost | None:
    """The post by which a viewer registers bodies at a place: of a service centre, village party organisation or committee at or above it."""
    for post in viewer.posts:
        above = lineage == post.lineage or lineage.startswith(f"{post.lineage}/")
        if post.body_kind in REGISTRARS and above and works_for(viewer, post.body_id):
            return post
    return None


def may_decide(viewer: Viewer, application: BodyApplication) -> bool:
    """Nobody decides on their own."""
    return application.person_id != viewer.person_id and registrar_post(viewer, application.place.lineage) is not None


def may_end(viewer: Viewer, application: BodyApplication) -> bool:
    """The one who is registered, and who registers there."""
    return application.person_id == viewer.own_id or registrar_post(viewer, application.place.lineage) is not None


def may_see_application(viewer: Viewer, application: BodyApplication) -> bool:
    return application.person_id == viewer.own_id or registrar_post(viewer, application.place.lineage) is not None
