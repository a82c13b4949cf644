"""What organisations shows on pages it does not own."""

from django.utils.translation import gettext as _

from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.ui.slots import NavItem, register_nav


def _nav(viewer: Viewer) -> list[NavItem]:
    return [NavItem(_("谁在办"), "/organisations/", "landmark", ("/organisations/",))]


def register() -> None:
    register_nav(_nav, order=30)
