"""How services and their sessions are found: small registers that answer a query themselves."""

from django.utils.formats import date_format

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.occasions import queries as occasions
from doorstep.foundation.search.queries import Hit, having, named
from doorstep.services.models import Service


def find_services(viewer: Viewer, query: str, size: int) -> list[Hit]:
    """Services that are still offered, by name and what they say of themselves. One query."""
    chosen = Service.objects.filter(having(query, "name", "name_en", "says", "says_en")).exclude(status=Service.Status.DEFUNCT)
    return [
        Hit(named(each.name, each.name_en), f"/services/{each.code}", named(each.place.name, each.place.name_en))
        for each in chosen.select_related("place").order_by("place__lineage", "id")[:size]
    ]


def find_sessions(viewer: Viewer, query: str, size: int) -> list[Hit]:
    """The next sessions the viewer may know of, by title and place; those that are over are found through their service. One query."""
    chosen = occasions.visible(viewer).filter(
        having(query, "title", "title_en", "place__name", "place__name_en"), kind="service", ends_at__gt=clock.now()
    )
    return [
        Hit(
            named(each.title, each.title_en),
            f"/sessions/{each.code}",
            f"{date_format(each.starts_at.astimezone(clock.TOWN_ZONE), 'Y-m-d H:i')} · {named(each.place.name, each.place.name_en)}",
        )
        for each in chosen.select_related("place").order_by("starts_at", "id")[:size]
    ]
