"""Who may see an entry, and who what it says."""

from doorstep.foundation.access.viewer import Viewer, may_see
from doorstep.foundation.journal.models import Entry


def may_see_entry(viewer: Viewer, entry: Entry) -> bool:
    return may_see(viewer, entry.audience)


def may_see_content(viewer: Viewer, entry: Entry) -> bool:
    """The content names who acted and for whom: for those two, and for everyone who sees the entry where a post acted for itself.

    A neighbour who may read what was raised may not learn by whom; with the salt they could try every person.
    """
    if viewer.is_me(entry.actor_id) or viewer.is_me(entry.on_behalf_of_id):
        return True
    return entry.on_behalf_of_id is None and (entry.actor_id is None or entry.post_id is not None)
