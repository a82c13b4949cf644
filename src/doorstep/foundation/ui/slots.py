"""Where a mechanism shows itself on pages it does not own. For display and questions only: effects are direct calls (docs/slots.md)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise

from doorstep.foundation.access.viewer import Viewer

SLOTS: dict[str, str] = {
    "nav": "An entry of the main navigation for a viewer",
    "panel": "A panel on the page of an object another mechanism owns",
    "tile": "A figure with its denominator on a place's page",
    "todo": "Something that waits for this viewer",
    "search_kind": "A kind of thing the search page finds",
    "taking_part": "What somebody took part in, told to them alone",
    "blocker": "A reason why a lower act is refused for now",
}


@dataclass(frozen=True, slots=True)
class NavItem:
    """`prefixes`: paths on which the entry is the current one. `elder` entries are also a primary choice in elder mode."""

    label: str
    url: str
    icon: str
    prefixes: tuple[str, ...] = ()
    badge: int = 0


NavProvider = Callable[[Viewer], list[NavItem]]


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of somebody else's page: the provider's own template and what it shows."""

    template: str
    context: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Blocker:
    """Why an act is refused for now, as a sentence, and where to see to it."""

    says: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Todo:
    """What waits for this viewer, as a sentence, and where to do it."""

    says: str
    url: str


@dataclass(frozen=True, slots=True)
class Part:
    """Something somebody took part in. `what` is a code its mechanism words; `title` is empty where the thing itself is not public;
    `number` is empty where it has none."""

    what: str
    at: datetime
    number: str
    title: str
    url: str


PanelProvider = Callable[[Viewer, Any], Panel | None]
BlockerProvider = Callable[[Any], list[Blocker]]
TileProvider = Callable[[Viewer, Any], Any]
PartProvider = Callable[[Viewer, int], list[Part]]
TodoProvider = Callable[[Viewer], list[Todo]]

_nav: list[tuple[int, NavProvider]] = []
_panels: dict[str, list[tuple[int, PanelProvider]]] = {}
_blockers: dict[str, list[BlockerProvider]] = {}
_todos: list[TodoProvider] = []
_parts: list[PartProvider] = []
_part_names: dict[str, Promise] = {}


def register_nav(provider: NavProvider, *, order: int) -> None:
    """Add entries to the main navigation; lower orders stand first."""
    _nav.append((order, provider))
    _nav.sort(key=lambda each: each[0])


def nav(viewer: Viewer) -> list[NavItem]:
    return [item for _order, provider in _nav for item in provider(viewer)]


def register_panel(kind: str, provider: PanelProvider, *, order: int) -> None:
    """Show something on the page of every object of a kind (`place`, `body`, `unit` …); lower orders stand first."""
    _panels.setdefault(kind, []).append((order, provider))
    _panels[kind].sort(key=lambda each: each[0])


def panels(viewer: Viewer, kind: str, subject: Any) -> list[Panel]:
    """What the mechanisms show this viewer on the page of an object. A provider with nothing to show answers None."""
    shown = (provider(viewer, subject) for _order, provider in _panels.get(kind, ()))
    return [panel for panel in shown if panel is not None]


def register_taking_part(provider: PartProvider, *, names: Mapping[str, Promise]) -> None:
    """Tell somebody what they took part in: (viewer, how many at most) → theirs alone, newest first, in a fixed number of queries. `names`:
    what each code of the provider's is called; a code once printed is never named otherwise."""
    if provider not in _parts:
        _parts.append(provider)
    _part_names.update(names)


def took_part_in(viewer: Viewer, *, at_most: int) -> list[Part]:
    """What the mechanisms know that this viewer took part in, newest first."""
    parts = [part for provider in _parts for part in provider(viewer, at_most)]
    return sorted(parts, key=lambda part: (part.at, part.number), reverse=True)[:at_most]


def part_name(what: str) -> str:
    """What somebody did, in words."""
    return str(_part_names[what])


def register_todo(provider: TodoProvider) -> None:
    """Say on the front page and in the inbox what waits for a viewer. A provider asks no query of somebody it has nothing for."""
    _todos.append(provider)


def todos(viewer: Viewer) -> list[Todo]:
    """Everything that waits for this viewer; nothing for somebody who is not signed in."""
    return [todo for provider in _todos for todo in provider(viewer)] if viewer.signed_in else []


def register_blocker(act: str, provider: BlockerProvider) -> None:
    """Have a say before an act of a lower mechanism (`end_body` …)."""
    _blockers.setdefault(act, []).append(provider)


def blockers(act: str, subject: Any) -> list[Blocker]:
    """Everything that stands in the way of an act on a subject; empty = it may go on."""
    return [found for provider in _blockers.get(act, ()) for found in provider(subject)]
