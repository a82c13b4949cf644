"""How matters are worded in the inbox."""

from django.utils.translation import gettext as _

from doorstep.affairs.models import Matter
from doorstep.affairs.queries import visible
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.notify.models import InboxItem
from doorstep.foundation.notify.queries import Line
from doorstep.foundation.ui.templatetags.ui import name_of


def sentence(topic: str, matter: Matter, viewer: Viewer) -> str:
    """What happened, as this reader would say it."""
    is_mine = viewer.person_id in (matter.reporter_id, matter.entered_by_id)
    body = name_of(matter.body) or _("办事的人")
    if is_mine:
        return {
            "raise": _("您说的事登记了"),
            "route": _("%(body)s在办您的事") % {"body": body},
            "answer": _("%(body)s答复了") % {"body": body},
            "done": _("%(body)s说办好了，等您说一句") % {"body": body},
            "cannot": _("%(body)s说办不了，写了原因") % {"body": body},
            "lapse": _("没等到您的话，记为“未确认”"),
            "escalate": _("到点没办，已经转给上一级"),
            "reopen": _("您的事重新打开了"),
        }.get(topic, _("您的事有新进展"))
    return {
        "raise": _("来了一件新事"),
        "route": _("转来一件事"),
        "confirm": _("住户说办好了"),
        "dispute": _("住户说还没好，重新打开"),
        "reopen": _("住户重新打开了"),
        "add": _("住户补充了"),
        "note": _("同事写了备注"),
        "lapse": _("住户没有说，记为“未确认”"),
        "withdraw": _("住户撤回了"),
        "escalate": _("有一件事超期了"),
    }.get(topic, _("有新进展"))


def describe(items: list[InboxItem], viewer: Viewer) -> dict[int, Line]:
    """Lines for inbox items about matters the viewer may still see. One query."""
    numbers = {item.subject for item in items}
    matters = {matter.number: matter for matter in visible(viewer).select_related("body").filter(number__in=numbers)}
    lines = {}
    for item in items:
        matter = matters.get(item.subject)
        if matter is not None:
            lines[item.id] = Line(text=sentence(item.topic, matter, viewer), title=matter.title, url=f"/m/{matter.number}")
    return lines
