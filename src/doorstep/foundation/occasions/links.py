"""Where an occasion leads. The mechanism above registers its kind in AppConfig.ready; without it, to the place's page."""

from collections.abc import Callable

from doorstep.foundation.occasions.models import Occasion

Link = Callable[[Occasion], str]

_links: dict[str, Link] = {}


def register_link(kind: str, link: Link) -> None:
    _links[kind] = link


def link_of(occasion: Occasion) -> str:
    """The path of the page that tells of an occasion. The place has to be loaded."""
    link = _links.get(occasion.kind)
    return link(occasion) if link else f"/p/{occasion.place.code}/"
