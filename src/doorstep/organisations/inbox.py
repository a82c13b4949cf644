"""How news about posts, applications and declarations is worded in the inbox."""

from django.utils.translation import gettext as _

from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.notify.models import InboxItem
from doorstep.foundation.notify.queries import Line
from doorstep.organisations.data.codes import WARNINGS
from doorstep.organisations.models import BodyApplication
from doorstep.organisations.permissions import may_see_application
from doorstep.organisations.queries import bodies_by_code


def describe_bodies(items: list[InboxItem], viewer: Viewer) -> dict[int, Line]:
    """About a post of the reader's, or what is due for a body of theirs. One query."""
    bodies = bodies_by_code({item.subject for item in items})
    says: dict[str, str] = {
        **{f"due_{code}": str(words) for code, words in WARNINGS.items()},
        "post_given": _("您担任了这里的职务"),
        "post_ended": _("您在这里的职务到期了"),
        "post_handed_over": _("这里的职务交接了"),
    }
    return {
        item.id: Line(text=says.get(item.topic, _("有新进展")), title=bodies[item.subject].name, url=f"/organisations/{item.subject}")
        for item in items
        if item.subject in bodies
    }


def describe_members(items: list[InboxItem], viewer: Viewer) -> dict[int, Line]:
    """About a declaration: to the branch, or to the one who declared. One query."""
    bodies = bodies_by_code({item.subject for item in items})
    says = {
        "member_declared": _("有人来申报"),
        "member_verified": _("支部核实了您的申报"),
        "member_declined": _("支部没有核实您的申报，写了原因"),
    }
    lines = {}
    for item in items:
        if item.subject in bodies and item.topic in says:
            url = f"/organisations/{item.subject}/members/" if item.topic == "member_declared" else "/my/party"
            lines[item.id] = Line(text=says[item.topic], title=bodies[item.subject].name, url=url)
    return lines


def describe_applications(items: list[InboxItem], viewer: Viewer) -> dict[int, Line]:
    """About being registered, for who asked and who decides. One query."""
    wanted = {int(item.subject) for item in items}
    applications = BodyApplication.objects.select_related("place").filter(pk__in=wanted)
    found = {str(each.pk): each for each in applications if may_see_application(viewer, each)}
    says = {
        "register_asked": _("有一家来登记"),
        "register_accepted": _("您的登记通过了"),
        "register_refused": _("您的登记没有通过，写了原因"),
        "register_ended": _("您在这里的登记结束了"),
    }
    invited = _("登记好了，请您一起来")

    def said(item: InboxItem) -> str:
        is_worker = found[item.subject].kind == BodyApplication.Kind.WORKER
        return invited if is_worker and item.topic == "register_accepted" else says.get(item.topic, _("有新进展"))

    return {
        item.id: Line(text=said(item), title=found[item.subject].name, url=f"/organisations/applications/{item.subject}")
        for item in items
        if item.subject in found
    }
