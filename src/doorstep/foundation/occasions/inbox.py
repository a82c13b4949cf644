"""How occasions are worded: in the inbox, and their entries in the journal."""

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.notify.models import InboxItem
from doorstep.foundation.notify.queries import Line
from doorstep.foundation.occasions.links import link_of
from doorstep.foundation.occasions.models import Occasion
from doorstep.foundation.occasions.queries import visible

VERBS = {
    "plan": gettext_lazy("排了一场"),
    "cancel": gettext_lazy("取消了这一场"),
    "move": gettext_lazy("改了时间或地方"),
    "place_taken": gettext_lazy("地方被占，停了这一场"),
    "sign_up": gettext_lazy("有人报了名"),
    "wait": gettext_lazy("有人排上了队"),
    "offer": gettext_lazy("给下一位留了名额"),
    "accept": gettext_lazy("留的名额确认了"),
    "lapse": gettext_lazy("留的名额过了时间"),
    "withdraw": gettext_lazy("有人取消了报名"),
    "take_back": gettext_lazy("证书不算数了，位置空了出来"),
    "pass_on": gettext_lazy("把位置换给了别人"),
    "check_in": gettext_lazy("有人签到"),
    "check_out": gettext_lazy("有人签退"),
    "record_attendance": gettext_lazy("记下了谁来过"),
    "remind": gettext_lazy("提醒了报名的人"),
    "feedback": gettext_lazy("有人说了办得怎么样"),
    "write_point": gettext_lazy("记下了一句话"),
    "raise_point": gettext_lazy("把一句话转成了一件事"),
}
SERIES_VERBS = {
    "plan_series": gettext_lazy("排了一个系列"),
    "set_out": gettext_lazy("排出了后面的场次"),
    "add_date": gettext_lazy("加了一场"),
    "change_series": gettext_lazy("改了后面的安排"),
    "end_series": gettext_lazy("系列到此为止"),
}


def sentence(topic: str) -> str:
    """What happened, as one would say it at the gate."""
    return {
        "sign_up": _("名报上了"),
        "wait": _("人满了，先排着队"),
        "offer": _("轮到您了：有一个名额给您留着，去确认一下"),
        "accept": _("名额确认了"),
        "lapse": _("留的名额过了时间，给了下一位"),
        "withdraw": _("报名取消了"),
        "take_back": _("证书到那天不算数，这个位置空出来了，可以再找人"),
        "remind": _("快开始了，别忘了来"),
        "pass_on": _("换班换好了，去看看您的日历"),
        "cancel": _("这一场不办了"),
        "move": _("这一场改了时间或地方"),
        "place_taken": _("这一场的地方被占了，先停下了"),
    }.get(topic, _("有新进展"))


def describe(items: list[InboxItem], viewer: Viewer) -> dict[int, Line]:
    """Lines for inbox items about occasions the viewer may still see. One query."""
    codes = {item.subject for item in items}
    occasions: dict[str, Occasion] = {each.code: each for each in visible(viewer).select_related("place").filter(code__in=codes)}
    english = (get_language() or "").startswith("en")
    lines = {}
    for item in items:
        occasion = occasions.get(item.subject)
        if occasion is not None:
            title = occasion.title_en or occasion.title if english else occasion.title
            lines[item.id] = Line(text=sentence(item.topic), title=title, url=link_of(occasion))
    return lines
