"""What services shows on pages it does not own."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.journal.names import register_verbs
from doorstep.foundation.places.models import Place
from doorstep.foundation.ui.slots import NavItem, Panel, register_nav, register_panel, register_taking_part
from doorstep.services.actions.venues import ACCESS
from doorstep.services.permissions import may_keep_venue
from doorstep.services.queries import own_parts
from doorstep.services.rules.opening import open_on

VERBS = {
    "offer": gettext_lazy("开了一项服务"),
    "change_service": gettext_lazy("改了服务的介绍"),
    "set_status": gettext_lazy("改了服务的状态"),
    "stand_regularly": gettext_lazy("有人固定来做"),
    "end_standing": gettext_lazy("固定来做到此为止"),
    "seat": gettext_lazy("按固定安排排上了"),
    "visit": gettext_lazy("记了一次上门"),
    "visit_stars": gettext_lazy("记下了上门满意不满意"),
}
ROTA_VERBS = {
    "ask_for_rota": gettext_lazy("请系统排一份班"),
    "propose_rota": gettext_lazy("排了一份班"),
    "keep_travel_times": gettext_lazy("改了路上的分钟数"),
    "adjust_rota": gettext_lazy("调了一个班"),
    "publish_rota": gettext_lazy("公布了排班"),
    "offer_swap": gettext_lazy("有人想换班"),
    "accept_swap": gettext_lazy("换班换好了"),
    "decline_swap": gettext_lazy("没有换成班"),
    "withdraw_swap": gettext_lazy("收回了换班"),
}
READING_VERBS = {
    "reading_consent": gettext_lazy("同意留血压"),
    "reading_withdrawn": gettext_lazy("收回了同意，留的都删了"),
    "keep_reading": gettext_lazy("留了一次血压"),
    "forget_readings": gettext_lazy("到期的血压删了"),
}


def _nav(viewer: Viewer) -> list[NavItem]:
    items = [NavItem(_("家门口的服务"), "/services/", "calendar-days", ("/services/", "/sessions/"))]
    if viewer.bodies:
        items.append(NavItem(_("排班和签到"), "/rounds/", "users", ("/rounds/",)))
    return items


def _venue(viewer: Viewer, place: Place) -> Panel | None:
    """What visitors want to know of a venue. No query."""
    if place.kind != Place.Kind.VENUE:
        return None
    spans = open_on(place.opening_hours, clock.today())
    keeps = may_keep_venue(viewer, place)
    access = [(name, place.accessibility[name]) for name in ACCESS if name in place.accessibility]
    if not (keeps or access or place.capacity or spans is not None):
        return None
    return Panel("services/_venue.html", {"venue": place, "spans": spans, "access": access, "keeps": keeps})


def register() -> None:
    register_panel("place", _venue, order=10)
    register_taking_part(own_parts, names={"came": gettext_lazy("参加了活动")})
    register_nav(_nav, order=15)
    register_verbs("service", VERBS)
    register_verbs("reading", READING_VERBS)
    register_verbs("rota", ROTA_VERBS)
    register_verbs("coverage", {"count_groups": gettext_lazy("数了楼里有多少人"), "keep_distances": gettext_lazy("改了走路的米数")})
    register_verbs("calendar", {"calendar_key": gettext_lazy("换了自己日历的网址")})
