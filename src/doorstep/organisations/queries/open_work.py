"""What passes with a post: the mechanisms above say what open work hangs on it, and how to word it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise

from doorstep.foundation.access.viewer import Viewer
from doorstep.organisations.models import Post


@dataclass(frozen=True, slots=True)
class WorkLine:
    """One open thing: its number or code, what it is called, where its page is, when it is due."""

    subject: str
    title: str
    url: str
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OpenWork:
    """`of_post` gives the subjects that are open; `lines` words them for a viewer, leaving out what they may not know of."""

    label: Promise
    of_post: Callable[[Post], list[str]]
    lines: Callable[[Viewer, Sequence[str]], list[WorkLine]]


_kinds: dict[str, OpenWork] = {}


def register_open_work(kind: str, work: OpenWork) -> None:
    """A mechanism whose work hangs on posts says what is open (called in its AppConfig.ready)."""
    _kinds[kind] = work


def open_work_of(post: Post) -> dict[str, list[str]]:
    """Everything open that hangs on a post, by kind."""
    found = {kind: work.of_post(post) for kind, work in _kinds.items()}
    return {kind: subjects for kind, subjects in found.items() if subjects}


def worded(viewer: Viewer, items: Mapping[str, Sequence[str]]) -> list[tuple[str, list[WorkLine]]]:
    """The items as this viewer may read them, under the name of their kind. One or two queries a kind."""
    return [(str(_kinds[kind].label), _kinds[kind].lines(viewer, subjects)) for kind, subjects in items.items() if kind in _kinds]
