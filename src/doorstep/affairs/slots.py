"""What affairs shows on pages it does not own."""

from django.utils.translation import gettext as _

from doorstep.affairs.queries import waiting_count
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.ui.slots import NavItem, register_nav


def _nav(viewer: Viewer) -> list[NavItem]:
    items = []
    if any(key.startswith("body:") for key in viewer.keys):
        items.append(NavItem(_("要办的事"), "/work/", "clipboard-check", ("/work/",)))
    items.append(NavItem(_("大家的事"), "/matters/", "list", ("/matters/", "/m/")))
    if viewer.signed_in:
        items.append(NavItem(_("我的事"), "/my/", "user", ("/my/",), badge=waiting_count(viewer)))
    return items


def register() -> None:
    register_nav(_nav, order=20)
