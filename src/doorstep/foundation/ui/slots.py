"""Where a mechanism shows itself on pages it does not own. For display and questions only: effects are direct calls (docs/slots.md)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from doorstep.foundation.access.viewer import Viewer

SLOTS: dict[str, str] = {
    "nav": "An entry of the main navigation for a viewer",
    "panel": "A panel on the page of an object another mechanism owns",
    "tile": "A figure with its denominator on a place's page",
    "todo": "Something that waits for this viewer",
    "search_kind": "A kind of thing the search page finds",
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
PanelProvider = Callable[[Viewer, str, Any], Any]
TileProvider = Callable[[Viewer, Any], Any]
TodoProvider = Callable[[Viewer], list[Any]]

_nav: list[tuple[int, NavProvider]] = []


def register_nav(provider: NavProvider, *, order: int) -> None:
    """Add entries to the main navigation; lower orders stand first."""
    _nav.append((order, provider))
    _nav.sort(key=lambda each: each[0])


def nav(viewer: Viewer) -> list[NavItem]:
    return [item for _order, provider in _nav for item in provider(viewer)]
