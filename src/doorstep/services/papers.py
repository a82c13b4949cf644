"""What services has printed as PDF: the facts of each paper, in the words of its page."""

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from doorstep.foundation.places.models import Place
from doorstep.foundation.printing.press import Fact, Facts
from doorstep.foundation.printing.qr import qr_fact
from doorstep.foundation.ui import formats
from doorstep.foundation.ui.templatetags.ui import day, name_of
from doorstep.services.queries import Event, Week
from doorstep.services.templatetags.services import occasion_title, times


def _english() -> bool:
    return (get_language() or "").startswith("en")


def week_notice(place: Place, week: Week, *, url: str) -> Facts:
    """The notice of a week for the wall of a building: for services/notice.typ."""
    return {
        "title": _("本周家门口"),
        "date": week.monday.isoformat(),
        "place": name_of(place),
        "span": f"{day(week.monday)}—{day(week.days[-1].on)}",
        "days": [
            {
                "day": day(each.on),
                "weekday": formats.weekday(each.on, english=_english()),
                "events": [_event(event) for event in each.events],
            }
            for each in week.days
            if each.events
        ],
        "nothing": "" if week.ahead else _("这周剩下的几天没有安排。"),
        "qr": qr_fact(url),
        "url": url,
        "scan": _("扫码看后面的安排、报名"),
        "call": _("没有手机，打 %(phone)s 也能报。") % {"phone": place.phone} if place.phone else "",
        "free": _("这里不收钱"),
    }


def _event(event: Event) -> Fact:
    says = ""
    if event.service is not None and not event.is_off:
        says = (event.service.says_en if _english() else "") or event.service.says
    return {
        "time": times(event.occasion),
        "title": occasion_title(event.occasion),
        "where": name_of(event.occasion.place),
        "says": says,
        "off": _("这天停") if event.is_off else "",
    }
