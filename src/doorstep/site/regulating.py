"""The town administrator's screens of the regulations: a value of the town's own, and the workdays of a year. Looked at first, then written."""

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from doorstep.affairs.queries import top_categories
from doorstep.foundation import clock
from doorstep.foundation.access.request import Request
from doorstep.foundation.identity.queries import names_of
from doorstep.foundation.places.models import Place
from doorstep.foundation.places.queries import town
from doorstep.foundation.regulations import actions
from doorstep.foundation.regulations.deadlines import UNITS
from doorstep.foundation.regulations.queries import RegulationValue, UnknownRegulation, history_of, public_list
from doorstep.foundation.regulations.views import UNITS as UNIT_NAMES
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
    unit = forms.ChoiceField(required=False, choices=[("", ""), *((unit, unit) for unit in UNITS)])
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
    choices = _choices()
    if request.method == "POST":
        form = OwnValueForm(request.POST)
        if form.is_valid():
            given = form.cleaned_data
            try:
                national = actions.check_own_value(
                    town=place, key=given["key"], value=given["value"], on=given["effective_from"], unit=given["unit"]
                )
                if given["key"] not in {each["key"] for each in choices}:
                    raise UnknownRegulation(given["key"])
                if request.POST.get("go") == "set":
                    actions.set_own_value(viewer=request.viewer, town=place, **given)
                    return SeeOther(f"/regulations/#{given['key']}@{place.code}")
            except UnknownRegulation:
                problem = _("没有这一条全国的规则，或那天还没生效。")
            except actions.NotLikeTheNational:
                problem = _("新的数要和全国的一样写法：整数对整数，几分之几对几分之几。")
            except actions.DayHasPassed:
                problem = _("这一天已经过去了。过去怎么定的不再改，请写今天或以后的一天。")
            except actions.NotOverThis as error:
                problem = _not_over(error)
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
            "own_unit": UNIT_NAMES.get(request.POST.get("unit", ""), ""),
            "choices": choices,
            "units": [(unit, UNIT_NAMES[unit]) for unit in UNITS],
            "history": [{"row": row, "who": names.get(row.set_by_id or 0, "")} for row in history],
        },
        status=422 if problem or (form is not None and form.errors) else 200,
    )


def _choices() -> list[dict[str, str]]:
    """What a town may set a value of its own for: each regulation the law leaves open, and of a family each category's."""
    choices = []
    for found in public_list(clock.today()):
        if found.locality != "CN" or actions.bound_of(found).town_may == "no":
            continue
        told = shown(found)
        choices.append({"key": found.key, "label": _label(found, told["sentence"], told["unit"])})
        if found.key.endswith(".default"):
            for category in top_categories():
                sentence = _("%(category)s：%(sentence)s") % {"category": category.name, "sentence": told["sentence"]}
                key = f"{found.key.removesuffix('default')}{category.code}"
                choices.append({"key": key, "label": _label(found, sentence, told["unit"])})
    return choices


def _label(found: RegulationValue, sentence: str, unit: str) -> str:
    return _("%(sentence)s（%(value)s %(unit)s）") % {"value": found.value, "sentence": sentence, "unit": unit}


def _not_over(error: actions.NotOverThis) -> str:
    """Why a value is refused, with the article."""
    told = shown(error.above)
    source = {"source": told["source"], "value": error.above.value, "unit": told["unit"]}
    if error.why == "fixed":
        return _("%(source)s 已经定死了（%(value)s %(unit)s），镇里不能另定。") % source
    if error.why == "laxer" and error.bound.stricter == "higher":
        return _("%(source)s 定的是 %(value)s %(unit)s，镇里只能定得更多，不能更少。") % source
    if error.why == "laxer":
        return _("%(source)s 定的是 %(value)s %(unit)s，镇里只能定得更少，不能更多。") % source
    if error.why == "not_one_of":
        return _("只能写这几个里的一个：%(words)s。") % {"words": ", ".join(error.bound.one_of)}
    if error.bound.most is None:
        return _("这个数最少是 %(least)s。") % {"least": 1 if error.bound.least is None else error.bound.least}
    return _("这个数要在 %(least)s 和 %(most)s 之间。") % {"least": error.bound.least or 0, "most": error.bound.most}


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
