"""Tags of talents' pages."""

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from doorstep.foundation.ui.templatetags.ui import chip
from doorstep.talents import codes
from doorstep.talents.codes import reason_text, reasons_text, time_text
from doorstep.talents.models import Course, CourseSession, HoursLine

register = template.Library()


def _english() -> bool:
    return (get_language() or "").startswith("en")


register.filter("reason", reason_text)
register.filter("reasons", reasons_text)
register.filter("time", time_text)


@register.filter
def category(code: str) -> str:
    return str(codes.categories()[code])


@register.filter
def skill(code: str) -> str:
    return str(codes.skills()[code])


@register.simple_tag
def standing_chip(standing: str) -> SafeString:
    """How a certificate stands, as word and icon."""
    kind, words, icon = {
        "valid": ("done", _("有效"), "circle-check"),
        "suspended": ("soon", _("已暂停"), "clock"),
        "revoked": ("late", _("已撤销"), "ban"),
        "expired": ("plain", _("已过期"), "circle-dashed"),
    }[standing]
    return chip(kind, words, icon)


@register.simple_tag
def state_chip(state: str) -> SafeString:
    """How far a student is."""
    kind, words, icon = {
        "learning": ("hand", _("在学"), "book-open"),
        "reviewed": ("hand", _("评审中"), "users"),
        "published": ("soon", _("公示中"), "megaphone"),
        "certified": ("done", _("已发证"), "circle-check"),
        "not_passed": ("plain", _("没通过"), "minus"),
    }[state]
    return chip(kind, words, icon)


@register.simple_tag
def review_word(standing: str) -> str:
    return {"asked": _("还没评"), "recused": _("回避"), "agreed": _("同意"), "refused": _("不同意")}[standing]


@register.simple_tag
def stage_word(line: HoursLine) -> str:
    if line.minutes < 0:
        return _("更正")
    return {"planned": _("计划"), "attended": _("实到"), "approved": _("已认可")}[line.stage]


@register.simple_tag
def kind_word(kind: str) -> str:
    return {"service": _("服务"), "practice": _("实训"), "training": _("培训")}[kind]


@register.simple_tag
def title_of(thing: Course | HoursLine) -> str:
    """The title of a course or a line in the page's language."""
    return (thing.title_en or thing.title) if _english() else thing.title


@register.simple_tag
def session_title(session: CourseSession) -> str:
    return (session.occasion.title_en or session.occasion.title) if _english() else session.occasion.title
