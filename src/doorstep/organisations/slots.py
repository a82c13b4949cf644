"""What organisations shows on pages it does not own."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.journal.names import register_verbs
from doorstep.foundation.places.models import Place
from doorstep.foundation.ui.slots import NavItem, Panel, register_nav, register_panel
from doorstep.organisations.queries.applications import registered_here
from doorstep.organisations.queries.members import my_contacts
from doorstep.organisations.queries.to_do import waiting_at_work

VERBS: dict[str, dict[str, Promise]] = {
    "body": {
        "body_founded": gettext_lazy("登记了这个机构"),
        "body_changed": gettext_lazy("改了机构的资料"),
        "body_ended": gettext_lazy("机构撤销"),
        "post_given": gettext_lazy("有人担任了职务"),
        "post_ended": gettext_lazy("有人不再担任职务"),
        "post_handed_over": gettext_lazy("职务交接"),
        "term_begun": gettext_lazy("登记了一届"),
        "term_dated": gettext_lazy("补记了这一届办的事"),
        "term_warned": gettext_lazy("提醒了该办的事"),
        "text_published": gettext_lazy("发布了文本"),
        "fact_told": gettext_lazy("记了一笔沿革"),
        "fact_taken_back": gettext_lazy("收回了一笔沿革"),
        "seal_entered": gettext_lazy("登记了印章"),
        "seal_used": gettext_lazy("用了印章"),
        "seal_ended": gettext_lazy("印章停用"),
        "partner_registered": gettext_lazy("有单位来报到"),
        "partner_ended": gettext_lazy("报到的单位退出"),
        "contact_named": gettext_lazy("定了楼栋的联系人"),
        "contact_ended": gettext_lazy("楼栋的联系人不再担任"),
    },
    "party": {
        "member_declared": gettext_lazy("有人自愿申报"),
        "member_entered": gettext_lazy("录入了纸面申报"),
        "member_verified": gettext_lazy("支部核实了"),
        "member_declined": gettext_lazy("支部没有核实"),
        "member_taken_back": gettext_lazy("本人撤回了申报"),
    },
    "application": {
        "register_asked": gettext_lazy("申请登记"),
        "register_accepted": gettext_lazy("登记了"),
        "register_refused": gettext_lazy("没有登记"),
        "register_withdrawn": gettext_lazy("本人撤回了"),
        "register_ended": gettext_lazy("登记结束了"),
    },
    "roll": {"roll_imported": gettext_lazy("导入了名册"), "codes_printed": gettext_lazy("印了住户码")},
    "residence": {
        "residence_begun": gettext_lazy("居民认证好了"),
        "residence_ended": gettext_lazy("居民认证结束了"),
        "invited": gettext_lazy("发了邀请"),
        "claim_made": gettext_lazy("有人说自己住在这里"),
        "claim_refused": gettext_lazy("没认下"),
    },
    "unit": {"unit_transferred": gettext_lazy("业主变了")},
}


def _nav(viewer: Viewer) -> list[NavItem]:
    return [NavItem(_("谁在办"), "/organisations/", "landmark", ("/organisations/",))]


def _my_contact(viewer: Viewer, place: Place) -> Panel | None:
    """联系户: whom the resident can turn to, on their own doorstep and for their eyes alone."""
    contacts = my_contacts(viewer, place)
    return Panel("organisations/_my_contact.html", {"contacts": contacts}) if contacts else None


def _registered(viewer: Viewer, place: Place) -> Panel | None:
    """Who is registered here as a worker is asked in: what they offered, and where they can take part."""
    registered = registered_here(viewer, place) if viewer.signed_in else None
    return Panel("organisations/_registered.html", {"registered": registered}) if registered is not None else None


def _to_do(viewer: Viewer, workbench: object) -> Panel | None:
    """What the law asks of the viewer's committees now, declarations and applications that wait for them. A fixed number of queries."""
    waiting = waiting_at_work(viewer)
    return Panel("organisations/_to_do.html", {"waiting": waiting}) if waiting.anything else None


def register() -> None:
    register_nav(_nav, order=30)
    register_panel("place", _my_contact, order=30)
    register_panel("place", _registered, order=31)
    register_panel("work", _to_do, order=30)
    for kind, names in VERBS.items():
        register_verbs(kind, names)
