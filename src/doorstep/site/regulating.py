"""The town administrator's screens of the regulations: a value of the town's own, and the workdays of a year. Looked at first, then written."""

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from doorstep.foundation import clock
from doorstep.foundation.access.request import Request
from doorstep.foundation.identity.queries import names_of
from doorstep.foundation.places.models import Place
from doorstep.foundation.places.queries import town
from doorstep.foundation.regulations import actions
from doorstep.foundation.regulations.queries import RegulationValue, UnknownRegulation, history_of, public_list
from doorstep.foundation.regulations.views import shown
from doorstep.foundation.ui.web import SeeOther, sign_in_first

LONGEST_NOTICE = 60_000
PROBLEMS: dict[str, Promise] = {
    "twice": gettext_lazy("这一天写了两遍"),
    "worked_on_a_weekday": gettext_lazy("这一天本来就上班，不用写"),
    "not_toml": gettext_lazy("这里不合 TOML 的写法"),
    "no_name": gettext_lazy("没写节日的中英文名"),
    "not_a_day": gettext_lazy("不是日期，要写成 2027-01-01"),
    "off_or_work_and_name": gettext_lazy("第二格写“放假”或“上班”，第三格写节日"),
}


class OwnValueForm(forms.Form):
    key = forms.CharField(max_length=80, error_messages={"required": gettext_lazy("请选一条规则。")})
    value = forms.CharField(max_length=60, error_messages={"required": gettext_lazy("还没写新的数。")})
    zh = forms.CharField(max_length=200, error_messages={"required": gettext_lazy("请用一句话说明。")})
    en = forms.CharField(max_length=300, required=False)
    basis = forms.CharField(max_length=160, error_messages={"required": gettext_lazy("请写依据：哪个文件、哪次会议。")})
    effective_from = forms.DateField(
        error_messages={"required": gettext_lazy("请写从哪天起。"), "invalid": gettext_lazy("日期请写成 2026-11-30 这样。")}
    )


def _town_of(request: Request) -> Place:
    place = town()
    if place is None:
        raise Http404
    if not request.viewer.is_town_admin:
        raise PermissionDenied
    return place


@require_http_methods(["GET", "HEAD", "POST"])
def own_values(request: Request) -> HttpResponse:
    """本镇的数: what the town has set, and a form for one more; both values are shown before it is written."""
    if not request.viewer.signed_in:
        return sign_in_first(request)
    place = _town_of(request)
    form, national, problem = None, None, ""
    if request.method == "POST":
        form = OwnValueForm(request.POST)
        if form.is_valid():
            given = form.cleaned_data
            try:
                national = actions.check_own_value(key=given["key"], value=given["value"], on=given["effective_from"])
                if request.POST.get("go") == "set":
                    actions.set_own_value(viewer=request.viewer, town=place, **given)
                    return SeeOther(f"/regulations/#{given['key']}@{place.code}")
            except UnknownRegulation:
                problem = _("没有这一条全国的规则，或那天还没生效。")
            except actions.NotLikeTheNational:
                problem = _("新的数要和全国的一样写法：整数对整数，几分之几对几分之几。")
            except actions.AlreadySet:
                problem = _("这一条从那天起已经有本镇的数了。要改，请另选一天起。")
    history = history_of(place.code)
    names = names_of(row.set_by_id for row in history if row.set_by_id)
    return render(
        request,
        "site/own_values.html",
        {
            "form": form,
            "typed": request.POST
            if request.method == "POST"
            else {"effective_from": clock.today().isoformat(), "key": request.GET.get("key", "")},
            "national": shown(national) if national is not None and not problem else None,
            "problem": problem,
            "choices": [_choice(found) for found in public_list(clock.today()) if found.locality == "CN"],
            "history": [{"row": row, "who": names.get(row.set_by_id or 0, "")} for row in history],
        },
        status=422 if problem or (form is not None and form.errors) else 200,
    )


def _choice(found: RegulationValue) -> dict[str, object]:
    told = shown(found)
    return {
        "key": found.key,
        "label": _("%(sentence)s（%(value)s %(unit)s）") % {"value": found.value, "sentence": told["sentence"], "unit": told["unit"]},
    }


@require_http_methods(["GET", "HEAD", "POST"])
def workdays(request: Request) -> HttpResponse:
    """放假安排: type or upload the state's notice, look at what it says, take it."""
    if not request.viewer.signed_in:
        return sign_in_first(request)
    place = _town_of(request)
    text, reading, problem = "", None, ""
    if request.method == "POST":
        file = request.FILES.get("file")
        try:
            text = file.read(LONGEST_NOTICE + 1).decode("utf-8-sig") if file is not None and file.size else request.POST.get("text", "")
        except UnicodeDecodeError:
            problem = _("这个文件不是 UTF-8 的文字。")
        text = text.replace("\x00", "")
        if len(text) > LONGEST_NOTICE:
            problem, text = _("太长了：一年的放假安排用不了这么多字。"), ""
        elif not problem and not text.strip():
            problem = _("还没写。把国务院办公厅的通知照样子打进来，或选一个文件。")
        elif not problem:
            reading = actions.read_workdays(text)
            if request.POST.get("go") == "write":
                try:
                    actions.write_workdays(viewer=request.viewer, town=place, reading=reading)
                except actions.NothingToImport:
                    problem = _("没有新的日子，或还有写错的地方，没有登记。")
                else:
                    return SeeOther("/regulations/#workdays")
    bad = problem or (reading is not None and reading.problems)
    return render(
        request,
        "site/workdays.html",
        {
            "text": text,
            "reading": reading,
            "problems": [(where, PROBLEMS[code]) for where, code in reading.problems] if reading is not None else [],
            "problem": problem,
        },
        status=422 if bad else 200,
    )
