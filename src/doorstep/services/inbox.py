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
    """A rota that was found goes to who asked for it; a published one leads each to their own calendar, a swap to their own places."""
    return {
        item.id: Line(text=_("排好了一份，等您看"), title=_("排班"), url=f"/rota/{item.subject}")
        if item.topic == "propose_rota"
        else Line(text=_swap(item.topic), title=_("换班"), url="/my/rota")
        if item.topic.endswith("_swap")
        else Line(text=_("排班出来了"), title=_("我站的班"), url="/my/calendar")
        for item in items
    }


def _swap(topic: str) -> str:
    return {
        "offer_swap": _("有人想和您换一个班，去看看"),
        "accept_swap": _("对方答应了，班换好了"),
        "decline_swap": _("对方不换，班照旧"),
        "withdraw_swap": _("对方收回了，班照旧"),
    }.get(topic, _("有新进展"))
