from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from doorstep.foundation import clock
from doorstep.foundation.places.queries import place_by_code
from doorstep.foundation.regulations.models import Workday
from doorstep.foundation.regulations.queries import RegulationValue, calendar, exceptional_days, in_force_with

SUBJECTS: dict[str, Any] = {
    "matters": _("诉求办理"),
    "calendar": _("日历"),
    "talents": _("人才共育"),
    "owners_vote": _("业主共同决定"),
    "committee": _("业主委员会"),
    "body": _("机构"),
    "property": _("物业服务"),
    "disclosure": _("公示公开"),
    "petition": _("信访"),
    "mediation": _("人民调解"),
    "occasions": _("活动和报名"),
    "volunteer": _("志愿服务"),
    "wish": _("微心愿"),
    "notify": _("消息"),
    "privacy": _("个人信息"),
    "logs": _("日志"),
    "security": _("登录安全"),
    "residence": _("居民认证"),
    "health": _("健康数据"),
    "services": _("服务共享"),
    "children": _("未成年人"),
    "certificate": _("证书"),
    "village": _("村（居）务"),
}
UNITS: dict[str, Any] = {
    "minutes": _("分钟"),
    "hours": _("小时"),
    "workdays": _("个工作日"),
    "days": _("日"),
    "months": _("个月"),
    "years": _("年"),
    "persons": _("人"),
}


@require_safe
def regulations(request: HttpRequest) -> HttpResponse:
    """规则库: every value in force, with its source; and the workdays of this year."""
    wanted = request.GET.get("q", "").strip()[:60]
    groups: dict[str, list[dict[str, Any]]] = {}
    for found in in_force_with(wanted, clock.today()):
        groups.setdefault(found.key.partition(".")[0], []).append(shown(found))
    year = clock.today().year
    return render(
        request,
        "regulations/list.html",
        {
            "groups": [
                (subject, SUBJECTS.get(subject, subject), rows)
                for subject, rows in sorted(groups.items(), key=lambda each: list(SUBJECTS).index(each[0]) if each[0] in SUBJECTS else 99)
            ],
            "q": wanted,
            "year": year,
            "days": runs(exceptional_days(year)),
            "published": calendar().is_published(clock.today()),
        },
    )


def runs(days: Sequence[Workday]) -> list[dict[str, Any]]:
    """Exceptional days of one kind that follow each other, as one row from the first to the last."""
    rows: list[dict[str, Any]] = []
    for each in days:
        last = rows[-1] if rows else None
        same = last is not None and (last["name_zh"], last["is_workday"]) == (each.name_zh, each.is_workday)
        if last is not None and same and each.day - last["until"] == timedelta(days=1):
            last["until"] = each.day
        else:
            rows.append(
                {"since": each.day, "until": each.day, "name_zh": each.name_zh, "name_en": each.name_en, "is_workday": each.is_workday}
            )
    return rows


def shown(found: RegulationValue) -> dict[str, Any]:
    """A value in the page's language."""
    english = (get_language() or "").startswith("en")
    return {
        "key": found.key,
        "value": found.value,
        "is_word": str(found.value)[:1].isalpha(),
        "unit": UNITS.get(found.unit, ""),
        "sentence": found.en if english else found.zh,
        "source": found.source_en if english else found.source_zh,
        "since": found.effective_from,
        "locality": found.locality,
        "whose": place_by_code(found.locality) if found.locality != "CN" else None,
        "certainty": found.certainty,
        "anchor": found.anchor,
    }
