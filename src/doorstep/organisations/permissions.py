from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.places.models import Place

KEEPERS = frozenset({"owners_committee", "property_company"})


def may_keep_roll(viewer: Viewer, estate: Place) -> bool:
    """The estate's committee and property company (those who work for them), and the town's administrator keep its roll."""
    return viewer.is_town_admin or any(
        post.body_kind in KEEPERS and post.place_code == estate.code and f"body:{post.body_id}" in viewer.keys for post in viewer.posts
    )
