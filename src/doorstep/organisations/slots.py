"""What organisations shows on pages it does not own."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.journal.names import register_verbs
from doorstep.foundation.ui.slots import NavItem, register_nav


def _nav(viewer: Viewer) -> list[NavItem]:
    return [NavItem(_("谁在办"), "/organisations/", "landmark", ("/organisations/",))]


def register() -> None:
    register_nav(_nav, order=30)
    register_verbs("body", {"body_founded": gettext_lazy("登记了这个机构"), "post_given": gettext_lazy("有人担任了职务")})
    register_verbs("roll", {"roll_imported": gettext_lazy("导入了名册"), "codes_printed": gettext_lazy("印了住户码")})
    register_verbs(
        "residence",
        {
            "residence_begun": gettext_lazy("居民认证好了"),
            "residence_ended": gettext_lazy("居民认证结束了"),
            "invited": gettext_lazy("发了邀请"),
            "claim_made": gettext_lazy("有人说自己住在这里"),
            "claim_refused": gettext_lazy("没认下"),
        },
    )
