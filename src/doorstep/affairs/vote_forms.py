"""What people type on the pages of a vote. Forms parse; actions decide."""

import re
from datetime import datetime, time
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from doorstep.affairs.forms import text_field
from doorstep.affairs.models import Delivery, RollCorrection, Ruling
from doorstep.foundation.clock import TOWN_ZONE
from doorstep.organisations.models import Unit

ITEMS = (
    (1, _("制定和修改业主大会议事规则")),
    (2, _("制定和修改管理规约")),
    (3, _("选举业主委员会或者更换业主委员会成员")),
    (4, _("选聘和解聘物业服务企业或者其他管理人")),
    (5, _("使用建筑物及其附属设施的维修资金")),
    (6, _("筹集建筑物及其附属设施的维修资金")),
    (7, _("改建、重建建筑物及其附属设施")),
    (8, _("改变共有部分的用途或者利用共有部分从事经营活动")),
    (9, _("有关共有和共同管理权利的其他重大事项")),
)
CHOICES = (("agree", _("同意")), ("against", _("反对")), ("abstain", _("弃权")))
DAY_MESSAGES = {"required": _("请填日期。"), "invalid": _("日期请写成 2026-11-30 这样。")}


class TownTime(forms.DateTimeField):
    """`datetime-local`, in the town's zone."""

    input_formats = ("%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M")

    def __init__(self) -> None:
        super().__init__(error_messages={"required": _("请填日期和时间。"), "invalid": _("时间请写成 2026-11-30 18:00 这样。")})

    def to_python(self, value: Any) -> datetime | None:
        found = super().to_python(value)
        return found.replace(tzinfo=TOWN_ZONE) if isinstance(found, datetime) else None


class PrepareForm(forms.Form):
    title = forms.CharField(max_length=80, error_messages={"required": _("请写一句要定什么。"), "max_length": _("最多 80 个字。")})
    item = forms.TypedChoiceField(choices=ITEMS, coerce=int, error_messages={"required": _("请选是第几项。")})
    text = forms.CharField(max_length=500, error_messages={"required": _("请写议案的原文。"), "max_length": _("最多 500 个字。")})
    why = forms.CharField(max_length=2000, required=False)
    matter = forms.CharField(max_length=40, required=False)
    buildings = forms.MultipleChoiceField(required=False)

    def __init__(self, data: Any, *, buildings: list[tuple[str, str]]) -> None:
        super().__init__(data)
        self.fields["buildings"].choices = buildings  # type: ignore[attr-defined]


class MotionForm(forms.Form):
    item = forms.TypedChoiceField(choices=ITEMS, coerce=int, error_messages={"required": _("请选是第几项。")})
    text = forms.CharField(max_length=500, error_messages={"required": _("请写议案的原文。"), "max_length": _("最多 500 个字。")})


class TellerForm(forms.Form):
    unit = forms.CharField(max_length=80, error_messages={"required": _("请写房号。")})
    name = forms.CharField(max_length=80, error_messages={"required": _("请写名字。")})


class NoticeForm(forms.Form):
    opens_at = TownTime()
    closes_at = TownTime()
    told_on = forms.DateField(error_messages=DAY_MESSAGES)
    official_url = forms.URLField(max_length=300, required=False, assume_scheme="https")


class ExtendForm(forms.Form):
    closes_at = TownTime()


class CorrectForm(forms.Form):
    """What is left empty stays as it is. `holders` are names by 、, each with the room of another unit behind it where a name is not enough."""

    unit = forms.CharField(max_length=80, error_messages={"required": _("请写房号。")})
    area = forms.DecimalField(
        max_digits=12,
        decimal_places=2,
        min_value=Decimal("0.01"),
        required=False,
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_digits", "max_decimal_places", "max_whole_digits"), _("面积请写成 92.30 这样。")
        ),
    )
    status = forms.ChoiceField(choices=Unit.Status.choices, required=False)
    holders = forms.CharField(max_length=400, required=False, error_messages={"max_length": _("最多 400 个字。")})
    reason = forms.ChoiceField(choices=RollCorrection.Reason.choices, error_messages={"required": _("请选依据。")})
    words = forms.CharField(max_length=200, error_messages={"required": _("请写依据。"), "max_length": _("最多 200 个字。")})

    def clean_area(self) -> int | None:
        area: Decimal | None = self.cleaned_data["area"]
        return None if area is None else int(area * 100)

    def clean_holders(self) -> list[tuple[str, str]]:
        """(name, room or nothing)."""
        parts = [part.split() for part in re.split("[、，,;；\n]", self.cleaned_data["holders"]) if part.strip()]
        return [(" ".join(words[:-1]), words[-1]) if len(words) > 1 and "-" in words[-1] else (" ".join(words), "") for words in parts]


class DeliverForm(forms.Form):
    way = forms.ChoiceField(choices=Delivery.Way.choices)
    outcome = forms.ChoiceField(choices=[("delivered", ""), ("undelivered", "")])
    party = forms.TypedMultipleChoiceField(coerce=int, error_messages={"required": _("请勾选是哪几家。")})

    def __init__(self, data: Any, *, parties: list[int]) -> None:
        super().__init__(data)
        self.fields["party"].choices = [(party, str(party)) for party in parties]  # type: ignore[attr-defined]


class ObjectForm(forms.Form):
    text = text_field(required_message=_("请写哪里有疑问。"))


class AnswerObjectionForm(forms.Form):
    text = text_field(required_message=_("还没写答复。"))
    upheld = forms.TypedChoiceField(
        choices=[("yes", ""), ("no", "")], coerce=lambda value: value == "yes", error_messages={"required": _("请选疑问成不成立。")}
    )


class RulingForm(forms.Form):
    ballots = forms.CharField(max_length=600)
    counts = forms.CharField(max_length=16, error_messages={"required": _("请选算哪一张。")})
    code = forms.ChoiceField(choices=Ruling.Code.choices)
    words = forms.CharField(max_length=300, error_messages={"required": _("请写为什么。")})


class AnnulForm(forms.Form):
    because = forms.CharField(max_length=200, error_messages={"required": _("请写哪个法院、案号。")})


class OfficialForm(forms.Form):
    url = forms.URLField(
        max_length=300, assume_scheme="https", error_messages={"required": _("请填官方结果的网址。"), "invalid": _("网址不对。")}
    )


class BallotForm(forms.Form):
    """The choices of a ballot: one field for each motion."""

    def __init__(self, data: Any, *, motions: list[str], required: bool) -> None:
        super().__init__(data)
        self.motions = motions
        for motion in motions:
            self.fields[motion] = forms.ChoiceField(
                choices=CHOICES, required=required, error_messages={"required": _("这一项还没选。不想表态就选“弃权”。")}
            )

    @property
    def choices(self) -> dict[str, str]:
        return {motion: self.cleaned_data[motion] for motion in self.motions if self.cleaned_data.get(motion)}


class EntryForm(BallotForm):
    """What a clerk reads on a paper. `signer` is a holder's id, or `proxy:<holder id>` with the name of who signed."""

    signer = forms.CharField(max_length=40, error_messages={"required": _("请选是谁签的名。")})
    proxy_name = forms.CharField(max_length=80, required=False)
    proxy_document = forms.CharField(max_length=120, required=False)
    handed_in = forms.DateField(error_messages=DAY_MESSAGES)
    channel = forms.ChoiceField(choices=[("paper", ""), ("hall", "")])
    spoiled = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("signer", "").startswith("proxy:") and not cleaned.get("proxy_name"):
            self.add_error("proxy_name", _("谁代签的？请写名字。"))
        return cleaned

    def cast_at(self, *, opens_at: datetime, ends_at: datetime) -> datetime:
        """Noon of the day it was handed in, kept between opening and end: paper knows the day, not the minute."""
        noon = datetime.combine(self.cleaned_data["handed_in"], time(12), TOWN_ZONE)
        if noon.date() == opens_at.astimezone(TOWN_ZONE).date():
            noon = max(noon, opens_at)
        return min(noon, ends_at) if noon.date() == ends_at.astimezone(TOWN_ZONE).date() else noon
