"""What people type at a service and its sessions. Forms parse; actions decide."""

from datetime import time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from doorstep.services.codes import NEIGHBOUR, PLACE, kinds, roles, team_roles
from doorstep.talents.codes import licences

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
NEEDED = _("这里还没填。")
MOST_MINUTES = 12 * 60


class JoinForm(forms.Form):
    """Signing up oneself, somebody else by name, or a child."""

    role = forms.CharField(max_length=20, required=False)
    alias = forms.CharField(max_length=40, required=False, error_messages={"max_length": _("化名最多 40 个字。")})
    name = forms.CharField(max_length=80, required=False, error_messages={"max_length": _("名字最多 80 个字。")})
    phone = forms.RegexField(
        r"^[0-9 +-]{5,20}$", required=False, error_messages={"invalid": _("电话只写数字，11 位手机或 0769 开头的座机。")}
    )
    age = forms.IntegerField(required=False, min_value=0, max_value=130, error_messages={"invalid": _("年龄写数字。")})
    guardian = forms.BooleanField(required=False)


class SayForm(forms.Form):
    stars = forms.IntegerField(
        min_value=1, max_value=5, error_messages={"required": _("请点一到五颗星。"), "invalid": _("请点一到五颗星。")}
    )
    words = forms.CharField(max_length=300, required=False)
    is_anonymous = forms.BooleanField(required=False)


class CancelForm(forms.Form):
    words = forms.CharField(max_length=300, error_messages={"required": _("为什么不办了？写一句，报了名的人会看到。")})


class PointForm(forms.Form):
    text = forms.CharField(max_length=1000, error_messages={"required": _("还没写说了什么。")})
    speaker = forms.CharField(max_length=24, required=False)
    name = forms.CharField(max_length=80, required=False, error_messages={"max_length": _("名字最多 80 个字。")})
    phone = forms.RegexField(
        r"^[0-9 +-]{5,20}$", required=False, error_messages={"invalid": _("电话只写数字，11 位手机或 0769 开头的座机。")}
    )


class RaiseForm(forms.Form):
    category = forms.CharField(max_length=40, error_messages={"required": _("请选一类。")})
    place = forms.CharField(max_length=60, required=False)


class UploadForm(forms.Form):
    file = forms.FileField(error_messages={"required": _("请选一个文件。")})
    unnamed = forms.IntegerField(required=False, min_value=0, max_value=9999)


class ReadingForm(forms.Form):
    sign_up = forms.IntegerField()
    systolic = forms.IntegerField(error_messages={"required": NEEDED})
    diastolic = forms.IntegerField(error_messages={"required": NEEDED})
    pulse = forms.IntegerField(required=False)


class PaperConsentForm(forms.Form):
    sign_up = forms.IntegerField(error_messages={"required": NEEDED, "invalid": _("单号写数字。")})
    witness = forms.CharField(max_length=80, error_messages={"required": _("见证人写谁？")})
    kept_where = forms.CharField(max_length=120, error_messages={"required": _("纸放在哪里？")})


class VisitForm(forms.Form):
    place = forms.CharField(max_length=60, error_messages={"required": NEEDED})
    name = forms.CharField(max_length=80, required=False)
    visited_at = forms.DateTimeField(input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"], error_messages={"required": NEEDED, "invalid": _("时间请写成 2026-11-30 09:00 这样。")})  # fmt: skip
    minutes = forms.IntegerField(min_value=1, max_value=MOST_MINUTES, error_messages={"required": NEEDED})
    words = forms.CharField(max_length=300, required=False)


class RegularForm(forms.Form):
    phone = forms.CharField(max_length=20, error_messages={"required": NEEDED})
    role = forms.CharField(max_length=20, error_messages={"required": NEEDED})
    series = forms.CharField(max_length=24, error_messages={"required": NEEDED})
    is_named = forms.BooleanField(required=False)


class OfferForm(forms.Form):
    """A new service with how it recurs, or its one date."""

    body = forms.CharField(max_length=60, error_messages={"required": NEEDED})
    kind = forms.CharField(max_length=20, error_messages={"required": NEEDED})
    code = forms.SlugField(max_length=60, error_messages={"required": NEEDED, "invalid": _("网址里的名字只用小写字母、数字和短横。")})
    name = forms.CharField(max_length=80, error_messages={"required": NEEDED})
    name_en = forms.CharField(max_length=120, required=False)
    says = forms.CharField(max_length=300, required=False)
    filing_number = forms.CharField(max_length=60, required=False)

    def clean_kind(self) -> str:
        kind: str = self.cleaned_data["kind"]
        if kind not in kinds():
            raise forms.ValidationError(NEEDED)
        return kind


class PlanForm(forms.Form):
    """When and where: weekdays make a series, none of them one session on the first day."""

    place = forms.CharField(max_length=60, error_messages={"required": NEEDED})
    first = forms.DateField(error_messages={"required": NEEDED, "invalid": _("日期请写成 2026-11-30 这样。")})
    start = forms.TimeField(error_messages={"required": NEEDED, "invalid": _("时间请写成 09:00 这样。")})
    end = forms.TimeField(error_messages={"required": NEEDED, "invalid": _("时间请写成 09:00 这样。")})
    weekdays = forms.MultipleChoiceField(choices=[(day, day) for day in WEEKDAYS], required=False)
    places = forms.IntegerField(required=False, min_value=0, max_value=10000)
    neighbours = forms.IntegerField(required=False, min_value=0, max_value=10000)
    team = forms.ChoiceField(choices=[("", "")], required=False)
    team_places = forms.IntegerField(required=False, min_value=0, max_value=100)
    helpers = forms.IntegerField(required=False, min_value=0, max_value=100)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        team = self.fields["team"]
        assert isinstance(team, forms.ChoiceField)
        team.choices = [("", ""), *[(code, code) for code, role in roles().items() if role.team]]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        start, end = cleaned.get("start"), cleaned.get("end")
        if start and end and end <= start:
            self.add_error("end", _("结束要比开始晚。"))
        return cleaned

    @property
    def minutes(self) -> int:
        start, end = self.cleaned_data["start"], self.cleaned_data["end"]
        return _since_midnight(end) - _since_midnight(start)

    @property
    def rule(self) -> str:
        chosen = self.cleaned_data["weekdays"]
        return f"FREQ=WEEKLY;BYDAY={','.join(day for day in WEEKDAYS if day in chosen)}" if chosen else ""

    @property
    def capacities(self) -> dict[str, int | None]:
        """Visitors without a number come without a limit; a role without a number is not there."""
        data = self.cleaned_data
        found: dict[str, int | None] = {PLACE: data["places"]}
        if data["neighbours"]:
            found[NEIGHBOUR] = data["neighbours"]
        if data["team"] and data["team_places"]:
            found[data["team"]] = data["team_places"]
        if data["helpers"]:
            found["helper"] = data["helpers"]
        return found


class WordsForm(forms.Form):
    """What a service is called and says, and which licences its roles ask for beyond their own: one field per role of the team."""

    name = forms.CharField(max_length=80, error_messages={"required": NEEDED})
    name_en = forms.CharField(max_length=120, required=False)
    says = forms.CharField(max_length=300, required=False)
    says_en = forms.CharField(max_length=400, required=False)
    filing_number = forms.CharField(max_length=60, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for role in sorted(team_roles()):
            self.fields[f"licence_{role}"] = forms.ChoiceField(choices=[("", ""), *((code, code) for code in licences())], required=False)

    @property
    def licences(self) -> dict[str, str]:
        given = {role: self.cleaned_data[f"licence_{role}"] for role in sorted(team_roles())}
        return {role: licence for role, licence in given.items() if licence}


class StatusForm(forms.Form):
    status = forms.ChoiceField(choices=[(each, each) for each in ("active", "temporarily closed", "defunct")])
    words = forms.CharField(max_length=300, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("status") == "defunct" and not cleaned.get("words"):
            self.add_error("words", _("为什么不办了？写一句，报了名的人会看到。"))
        return cleaned


class SeriesForm(forms.Form):
    """How a series goes on from a day: no weekday chosen leaves the rule as it is. One number of places per role; visitors without a number
    come without a limit, any other role without a number is not there."""

    starting = forms.DateField(error_messages={"required": NEEDED, "invalid": _("日期请写成 2026-11-30 这样。")})
    place = forms.CharField(max_length=60, error_messages={"required": NEEDED})
    start = forms.TimeField(error_messages={"required": NEEDED, "invalid": _("时间请写成 09:00 这样。")})
    end = forms.TimeField(error_messages={"required": NEEDED, "invalid": _("时间请写成 09:00 这样。")})
    weekdays = forms.MultipleChoiceField(choices=[(day, day) for day in WEEKDAYS], required=False)
    words = forms.CharField(max_length=300, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for role in roles():
            self.fields[f"cap_{role}"] = forms.IntegerField(
                required=False, min_value=0, max_value=10000, error_messages={"invalid": _("名额写数字。")}
            )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        start, end = cleaned.get("start"), cleaned.get("end")
        if start and end and end <= start:
            self.add_error("end", _("结束要比开始晚。"))
        return cleaned

    @property
    def minutes(self) -> int:
        return _since_midnight(self.cleaned_data["end"]) - _since_midnight(self.cleaned_data["start"])

    @property
    def rule(self) -> str | None:
        chosen = self.cleaned_data["weekdays"]
        return f"FREQ=WEEKLY;BYDAY={','.join(day for day in WEEKDAYS if day in chosen)}" if chosen else None

    @property
    def capacities(self) -> dict[str, int | None]:
        given = {role: self.cleaned_data[f"cap_{role}"] for role in roles()}
        return {PLACE: given.pop(PLACE), **{role: number for role, number in given.items() if number}}


class EndForm(forms.Form):
    """The last day of something, with why."""

    last_day = forms.DateField(error_messages={"required": NEEDED, "invalid": _("日期请写成 2026-11-30 这样。")})
    words = forms.CharField(max_length=300, required=False)


class RotaForm(forms.Form):
    body = forms.CharField(max_length=60, error_messages={"required": NEEDED})
    first_day = forms.DateField(error_messages={"required": NEEDED, "invalid": _("日期请写成 2026-11-30 这样。")})
    last_day = forms.DateField(error_messages={"required": NEEDED, "invalid": _("日期请写成 2026-11-30 这样。")})


class TermsForm(forms.Form):
    """What a mentor wants of the rota."""

    hours = forms.DecimalField(min_value=0, max_value=60, max_digits=4, decimal_places=1, error_messages={"required": NEEDED, "invalid": _("小时写数字。")})  # fmt: skip
    prefers = forms.CharField(max_length=60, required=False)
    never = forms.TypedMultipleChoiceField(choices=[(str(day), "") for day in range(7)], coerce=int, required=False)


def _since_midnight(at: time) -> int:
    return at.hour * 60 + at.minute
