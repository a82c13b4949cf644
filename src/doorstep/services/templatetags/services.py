"""How services and their times are written on pages."""

from datetime import date, datetime

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from doorstep.affairs.models import Matter
from doorstep.foundation import clock
from doorstep.foundation.occasions.models import Occasion, SeriesPlan
from doorstep.foundation.ui import formats
from doorstep.foundation.ui.templatetags.ui import plate, said
from doorstep.services.codes import roles
from doorstep.services.models import Service

register = template.Library()
DAYS = {"MO": 0, "TU": 1, "WE": 2, "TH": 3, "FR": 4, "SA": 5, "SU": 6}


def _english() -> bool:
    return (get_language() or "").startswith("en")


@register.filter
def times(occasion: Occasion) -> str:
    """09:00—11:00."""
    return f"{formats.clock_time(occasion.starts_at)}—{formats.clock_time(occasion.ends_at)}"


@register.filter
def begins(occasion: Occasion) -> str:
    return formats.clock_time(occasion.starts_at)


@register.filter
def hm(at: datetime | None) -> str:
    return formats.clock_time(at) if at else ""


@register.filter
def weekday_of(at: datetime) -> str:
    """今天, 明天 or the weekday: 周二 · Tue."""
    day, today = at.astimezone(clock.TOWN_ZONE).date(), clock.today()
    away = (day - today).days
    if away in (0, 1):
        return (_("今天"), _("明天"))[away]
    return short_weekday(day) if _english() else f"周{short_weekday(day)}"


@register.filter
def short_weekday(on: date) -> str:
    """二 · Tue."""
    return formats.WEEKDAYS_EN[on.weekday()] if _english() else formats.WEEKDAYS_ZH[on.weekday()]


@register.filter
def recurs(plan: SeriesPlan) -> str:
    """每周二 09:00—11:00; what recurs otherwise by its first day."""
    begin = plan.start.hour * 60 + plan.start.minute
    end = begin + plan.minutes
    span = f"{begin // 60:02d}:{begin % 60:02d}—{end // 60 % 24:02d}:{end % 60:02d}"
    parts = dict(part.split("=", 1) for part in plan.rule.split(";") if "=" in part)
    days = [DAYS[day[-2:]] for day in parts.get("BYDAY", "").split(",") if day[-2:] in DAYS]
    if parts.get("FREQ") == "WEEKLY" and parts.get("INTERVAL", "1") == "1" and days:
        if _english():
            return f"every {', '.join(formats.WEEKDAYS_EN[day] for day in days)} {span}"
        return f"每周{'、'.join(formats.WEEKDAYS_ZH[day] for day in days)} {span}"
    first = formats.day(plan.first, english=_english(), this_year=clock.today().year)
    return _("%(day)s起 %(span)s") % {"day": first, "span": span}


@register.filter
def hours(minutes: int) -> str:
    """570 → 9.5."""
    whole, rest = divmod(minutes, 60)
    return f"{whole}.{rest * 10 // 60}" if rest else str(whole)


@register.filter
def role_name(code: str) -> str:
    return str(roles()[code]) if code in roles() else code


@register.simple_tag
def service_name(service: Service) -> SafeString:
    if _english() and not service.name_en:
        return said(service.name)
    return format_html("{}", service.name_en if _english() else service.name)


@register.simple_tag
def service_says(service: Service) -> SafeString:
    if _english() and not service.says_en:
        return said(service.says)
    return format_html("{}", service.says_en if _english() else service.says)


@register.simple_tag
def occasion_title(occasion: Occasion) -> str:
    """As plain text, for the title of a page."""
    return occasion.title_en or occasion.title if _english() else occasion.title


@register.simple_tag
def plate_of(matter: Matter) -> SafeString:
    return plate(matter.number, f"/m/{matter.number}")
