"""How a matter's state is shown: one chip, by reader."""

from datetime import datetime
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from doorstep.affairs.models import Matter, Transfer
from doorstep.affairs.queries.lists import question_url
from doorstep.affairs.rules.similar import Similar
from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.regulations.deadlines import Limit
from doorstep.foundation.regulations.queries import RegulationValue, unpublished_year, value_of
from doorstep.foundation.ui.slots import part_name
from doorstep.foundation.ui.templatetags.ui import called, chip, day, plate, said, time_left, time_state

register = template.Library()

CHIPS = {
    "registered": ("plain", "inbox"),
    "assigned": ("hand", "hammer"),
    "in_progress": ("hand", "hammer"),
    "awaiting_confirmation": ("you", "bell-ring"),
    "closed_confirmed": ("done", "check"),
    "closed_unconfirmed": ("plain", "circle-dashed"),
    "cannot_be_done": ("plain", "ban"),
    "transferred": ("plain", "corner-up-right"),
    "merged": ("plain", "merge"),
    "returned": ("plain", "undo-2"),
    "withdrawn": ("plain", "undo-2"),
}


@register.simple_tag
def state_chip(matter: Matter, viewer: Viewer) -> SafeString:
    """The state in a word, as this reader would say it."""
    kind, icon = CHIPS[matter.state]
    if matter.state == "awaiting_confirmation":
        is_mine = matter.asks_you or viewer.person_id in (matter.reporter_id, matter.entered_by_id)
        return chip("you" if is_mine else "hand", _("等您说一句") if is_mine else _("等住户说一句"), icon)
    if matter.state == "returned" and viewer.person_id in (matter.reporter_id, matter.entered_by_id):
        return chip("you", _("等您补充"), "bell-ring")
    if matter.state == "in_progress" and matter.reopened:
        return chip("hand", _("重新打开"), "rotate-ccw")
    # Not get_state_display(), which words all eleven states anew for each matter of a list.
    return chip(kind, Matter.State(matter.state).label, icon)


def _year_unknown(limit: Limit | None, until: datetime | None) -> str:
    year = unpublished_year(limit, until)
    return _("%(year)s 年放假安排还没公布，先按周六周日休息来算。") % {"year": year} if year is not None else ""


@register.simple_tag(takes_context=True)
def typed_in(context: Any, form: str, field: str, stands: Any = None) -> Any:
    """What somebody just typed into a field of a form that was refused; else what stands."""
    value = context["typed"].get(field, "") if context.get("form_name") == form else stands
    return "" if value is None else value


register.simple_tag(question_url, name="question_url")


@register.simple_tag
def year_unknown(matter: Matter) -> str:
    """That the end of the running limit may still move, where it reaches a year whose holidays nobody knows; "" where it does not."""
    if not matter.limit_key or matter.limit_key == "promise" or matter.clock_from is None:
        return ""
    on = matter.clock_from.astimezone(clock.TOWN_ZONE).date()
    return _year_unknown(value_of(matter.limit_key, place_lineage_localities=matter.place.localities, on=on).limit, matter.due_at)


@register.simple_tag
def year_unknown_at(found: RegulationValue, until: datetime) -> str:
    """The same of a limit that has not begun."""
    return _year_unknown(found.limit, until)


@register.simple_tag
def matter_row(matter: Matter, viewer: Viewer) -> SafeString:
    """One matter in a list, as a line that can be pressed. Written here: nodes of a template cost half of a list of twenty."""
    scope = format_html("{} ", called(matter.scope)) if matter.place_id != matter.scope_id else ""
    body = format_html("<span>{}</span>", called(matter.body)) if matter.body else ""
    return format_html(
        '<li class="mrow tap"><div><h3><a class="tap-all" href="/m/{}">{}</a></h3>'
        '<p class="meta"><span>{}{}</span><span>{}</span><span>{}</span>{}</p></div>'
        '<div class="side">{}{}</div></li>\n',
        matter.number,
        said(matter.title),
        scope,
        called(matter.place),
        matter.category.name,
        day(matter.raised_at),
        body,
        state_chip(matter, viewer),
        plate(matter.number),
    )


@register.simple_tag
def clock_chip(matter: Matter, now: datetime) -> SafeString:
    """还有 3 小时 / 超 1 天: for whoever works it."""
    state = time_state(matter.clock_from, matter.due_at, now)
    if matter.due_at is None:
        return SafeString("")
    icons = {"late": "alarm-clock-off", "soon": "alarm-clock", "hand": "clock"}
    return chip(state, time_left(matter.due_at, now), icons[state])


@register.simple_tag
def outside_name(code: str) -> str:
    """The office outside, in words."""
    return str(Transfer.To(code).label)


@register.simple_tag
def alike_because(found: Similar) -> str:
    """Why two matters may be the same, in words."""
    words = {
        "same_text": _("说法相近"),
        "same_place": _("同一个地方"),
        "same_scope": _("同一个小区或村"),
        "same_category": _("同一类"),
        "same_top_category": _("相近的类"),
    }
    return _("、").join(words[code] for code in found.because)


@register.simple_tag
def took_part(what: str) -> str:
    """What somebody did, in words."""
    return part_name(what)
