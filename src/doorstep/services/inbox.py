"""How news of a service is worded in the inbox."""

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.notify.models import InboxItem
from doorstep.foundation.notify.queries import Line
from doorstep.services.queries import services_by_code


def describe(items: list[InboxItem], viewer: Viewer) -> dict[int, Line]:
    """Lines for inbox items about services. One query."""
    services = services_by_code(item.subject for item in items)
    english = (get_language() or "").startswith("en")
    lines = {}
    for item in items:
        service = services.get(item.subject)
        if service is not None:
            title = service.name_en or service.name if english else service.name
            lines[item.id] = Line(text=_("有新进展"), title=title, url=f"/services/{service.code}")
    return lines


def describe_rota(items: list[InboxItem], viewer: Viewer) -> dict[int, Line]:
    """A rota that was found goes to who asked for it; a published one leads each to their own calendar."""
    return {
        item.id: Line(text=_("排好了一份，等您看"), title=_("排班"), url=f"/rota/{item.subject}")
        if item.topic == "propose_rota"
        else Line(text=_("排班出来了"), title=_("我站的班"), url="/my/calendar")
        for item in items
    }
