"""What affairs shows on pages it does not own."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.affairs.queries import waiting_count
from doorstep.affairs.rules.matter_states import Verb
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.journal.names import register_verbs
from doorstep.foundation.ui.slots import NavItem, register_nav

VERBS: dict[str, Promise] = {
    Verb.RAISE: gettext_lazy("提出"),
    Verb.ROUTE: gettext_lazy("派出"),
    Verb.ANSWER: gettext_lazy("答复"),
    Verb.DONE: gettext_lazy("办的人说：办好了"),
    Verb.CONFIRM: gettext_lazy("住户说：办好了"),
    Verb.DISPUTE: gettext_lazy("住户说：还没好"),
    Verb.REOPEN: gettext_lazy("重新打开"),
    Verb.CANNOT: gettext_lazy("无法办理"),
    Verb.LAPSE: gettext_lazy("没等到住户的话，记为未确认"),
    Verb.WITHDRAW: gettext_lazy("撤回"),
    Verb.ADD: gettext_lazy("补充"),
    Verb.NOTE: gettext_lazy("内部备注"),
    Verb.ESCALATE: gettext_lazy("到点没办，转给上一级"),
}


def _nav(viewer: Viewer) -> list[NavItem]:
    items = []
    if any(key.startswith("body:") for key in viewer.keys):
        items.append(NavItem(_("要办的事"), "/work/", "clipboard-check", ("/work/",)))
    items.append(NavItem(_("大家的事"), "/matters/", "list", ("/matters/", "/m/")))
    items.append(NavItem(_("业主表决"), "/votes/", "landmark", ("/votes/",)))
    if viewer.signed_in:
        items.append(NavItem(_("我的事"), "/my/", "user", ("/my/",), badge=waiting_count(viewer)))
    return items


def register() -> None:
    register_nav(_nav, order=20)
    register_verbs("matter", VERBS)
