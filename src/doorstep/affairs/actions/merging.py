"""Ten complaints of one thing are one matter. A merged matter keeps its number and says where it went; its complainant is informed and
asked like the first one, and can be taken out again while the matter is open."""

from datetime import datetime

from doorstep.affairs.actions.steps import by_concerned, by_post, check, count, enter, locked, parties, resume, save, stop_clock
from doorstep.affairs.models import Matter
from doorstep.affairs.permissions import roles_in
from doorstep.affairs.rules.matter_states import OPEN, Role, Verb, after
from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.journal.actions import writing
from doorstep.foundation.notify.actions import tell


class CannotMerge(Exception):
    """Two matters do not go together. `why`: itself, unknown, ended, restricted."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def merge_matter(*, viewer: Viewer, matter: Matter, into: Matter, happened_at: datetime | None = None) -> Matter:
    """Let a matter go on in another one, with everything that was merged into it before. Who works it decides, or its reporter, who saw
    that a neighbour had said the same.

    Nobody learns by this what was not meant for them: only a public matter takes in others', and what is restricted by its kind stays
    by itself.
    """
    at = happened_at or clock.now()
    if matter.pk == into.pk:
        raise CannotMerge("itself")
    with writing():
        matter = locked(matter.pk, into.pk)
        into = matter.locked_beside[into.pk]
        check(viewer, matter, Verb.MERGE)
        if into.state not in OPEN:
            raise CannotMerge("ended")
        alone = matter.category.is_restricted or matter.category.is_neighbourly or into.category.is_neighbourly
        if alone or not (into.is_public or into.reporter_id == matter.reporter_id):
            raise CannotMerge("restricted")
        by = by_post(viewer, matter) if Role.HANDLER in roles_in(viewer, matter) else by_concerned(viewer, matter)
        before = matter.state
        matter.state = after(matter.state, Verb.MERGE)
        stop_clock(matter)
        matter.taken_by = matter.taken_at = None
        moved = [matter, *matter.merged_rows]
        for row in moved:
            row.merged_into, row.merged_count = into, 0
            row.word, row.word_at, row.ask_until = "", None, into.ask_until
            if row is not matter:
                row.save(update_fields=["merged_into", "merged_count", "word", "word_at", "ask_until"])
        told = parties(matter)
        into.merged_count += len(moved)
        into.merged_rows = [*into.merged_rows, *moved]
        entry = enter(matter, Verb.MERGE, by, at, detail={"into": into.number})
        tell(entry=entry, to=told)
        # What is not public is counted here, not named.
        taken = enter(into, Verb.MERGE, by, at, detail={"from": matter.number if matter.is_public else "", "merged": into.merged_count})
        tell(entry=taken, to=[f"person:{into.reporter_id}", *([f"body:{into.body_id}"] if into.body_id else [])], topic="merged_in")
        save(matter, at)
        save(into, at)
        count(matter, before)
    return matter


def unmerge_matter(*, viewer: Viewer, matter: Matter, happened_at: datetime | None = None) -> Matter:
    """Take a matter out again: it was another thing after all. It goes on by itself with a new limit."""
    at = happened_at or clock.now()
    with writing():
        main_id = Matter.objects.values_list("merged_into", flat=True).get(pk=matter.pk)
        matter = locked(matter.pk, *([main_id] if main_id else []))
        check(viewer, matter, Verb.UNMERGE)
        if main_id is None or matter.merged_into_id != main_id:
            # Somebody merged or took it out in between; the caller looks again.
            raise CannotMerge("ended")
        main = matter.locked_beside[main_id]
        if main.state not in OPEN:
            raise CannotMerge("ended")
        by = by_post(viewer, matter)
        before = matter.state
        matter.merged_into = None
        matter.word, matter.word_at, matter.ask_until = "", None, None
        resume(matter, at)
        main.merged_count -= 1
        main.merged_rows = [row for row in main.merged_rows if row.pk != matter.pk]
        entry = enter(matter, Verb.UNMERGE, by, at, detail={"from": main.number})
        tell(entry=entry, to=parties(matter))
        enter(main, Verb.UNMERGE, by, at, detail={"out": matter.number if matter.is_public else "", "merged": main.merged_count})
        save(matter, at)
        save(main, at)
        count(matter, before)
    return matter
