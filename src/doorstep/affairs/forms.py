"""What people type into the steps of raising a matter and into its thread. Forms parse; actions decide."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from doorstep.affairs.actions import LONGEST_TEXT
from doorstep.affairs.actions.counter import LONGEST_NOTE
from doorstep.affairs.models import Matter, Transfer
from doorstep.foundation.clock import TOWN_ZONE
from doorstep.foundation.identity.rules.phone import LANDLINE, is_mobile, normalise_phone


def text_field(*, required_message: Any) -> forms.CharField:
    return forms.CharField(
        max_length=LONGEST_TEXT,
        strip=True,
        error_messages={
            "required": required_message,
            "max_length": _("写得太长了：最多 %(limit_value)d 个字，现在 %(show_value)d 个。请分成几件，或把长的部分拍成照片。"),
            "null_characters_not_allowed": _("里面有看不见的特殊字符，请删掉再试。"),
        },
    )


class WhatForm(forms.Form):
    text = text_field(required_message=_("还没写发生了什么。写一句就行。"))


class WhereForm(forms.Form):
    place = forms.CharField(max_length=60, error_messages={"required": _("请选是哪个地方。")})
    category = forms.CharField(max_length=40, error_messages={"required": _("请选一类，好找对人。拿不准就选“其他”。")})
    spot = forms.CharField(max_length=80, required=False, error_messages={"max_length": _("具体位置最多 80 个字。")})
    see = forms.ChoiceField(choices=[("neighbours", ""), ("named", ""), ("handlers", "")], initial="neighbours")
    shield = forms.BooleanField(required=False)
    behalf = forms.BooleanField(required=False)
    behalf_name = forms.CharField(max_length=80, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("behalf") and not cleaned.get("behalf_name"):
            self.add_error("behalf_name", _("替谁说的？请写名字。"))
        return cleaned


class AnswerForm(forms.Form):
    text = text_field(required_message=_("还没写答复。"))
    promised_on = forms.DateField(required=False, error_messages={"invalid": _("日期请写成 2026-11-30 这样。")})


class SayForm(forms.Form):
    text = text_field(required_message=_("请写一句话说明。"))


class ConfirmForm(forms.Form):
    text = forms.CharField(max_length=LONGEST_TEXT, required=False)


class RouteForm(forms.Form):
    body = forms.CharField(max_length=60, error_messages={"required": _("请选交给谁。")})


# At the counter


class AnyPhoneField(forms.CharField):
    """A mobile phone or a landline; most people at a counter have one of the two, some neither."""

    def to_python(self, value: Any) -> str:
        return normalise_phone(super().to_python(value) or "")

    def validate(self, value: str) -> None:
        if value and not (is_mobile(value) or LANDLINE.fullmatch(value)):
            raise forms.ValidationError(_("这不像电话号码：手机 11 位，座机要带区号。没有电话就空着。"))


class NoteForm(forms.Form):
    """One line in a busy hour."""

    note = forms.CharField(
        max_length=LONGEST_NOTE,
        error_messages={"required": _("先记一句：什么事。"), "max_length": _("先记一句就行，最多 %(limit_value)d 个字。")},
    )
    name = forms.CharField(max_length=80, required=False)
    phone = AnyPhoneField(required=False)


class CounterForm(forms.Form):
    """What somebody says at a counter."""

    text = text_field(required_message=_("还没写什么事。一句就行。"))
    name = forms.CharField(max_length=80, error_messages={"required": _("怎么称呼？办好了要找得到人。")})
    phone = AnyPhoneField(required=False)
    place = forms.CharField(max_length=60, error_messages={"required": _("请选是哪个地方。")})
    category = forms.CharField(max_length=40, error_messages={"required": _("请选一类，好找对人。拿不准就选“其他”。")})
    spot = forms.CharField(max_length=80, required=False)
    hidden = forms.BooleanField(required=False)
    shield = forms.BooleanField(required=False)
    said_at = forms.DateTimeField(
        required=False,
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
        error_messages={"invalid": _("时间请写成 2026-11-30 09:30 这样。")},
    )

    def clean_said_at(self) -> Any:
        given = self.cleaned_data.get("said_at")
        return given.replace(tzinfo=TOWN_ZONE) if given is not None else None


class PinForm(forms.Form):
    pin = forms.RegexField(
        r"^\s*\d{6}\s*$", error_messages={"required": _("请填小票上的 6 位数字。"), "invalid": _("小票上的密码是 6 位数字。")}
    )


class AsideForm(forms.Form):
    why = forms.CharField(max_length=LONGEST_NOTE, error_messages={"required": _("写一句为什么不用登记。")})


# Working a matter


class TriageForm(forms.Form):
    severity = forms.ChoiceField(required=False, choices=[("", ""), *Matter.Severity.choices])
    pressing = forms.ChoiceField(required=False, choices=[("", ""), *Matter.Pressing.choices])
    level = forms.ChoiceField(required=False, choices=[("", ""), *Matter.Level.choices])
    relation = forms.ChoiceField(required=False, choices=[("", ""), *Matter.Relation.choices])
    households = forms.IntegerField(required=False, min_value=1, max_value=100000, error_messages={"invalid": _("户数写数字。")})
    cause = forms.ChoiceField(required=False, choices=[("", ""), *Matter.Cause.choices])
    root_cause = forms.CharField(max_length=200, required=False, error_messages={"max_length": _("原因最多 200 个字。")})


class MergeForm(forms.Form):
    into = forms.CharField(max_length=40, error_messages={"required": _("并到哪一件？写它的号。")})


class PlaceForm(forms.Form):
    place = forms.CharField(max_length=60, error_messages={"required": _("请选是哪个地方。")})


class TransferForm(forms.Form):
    to = forms.ChoiceField(
        choices=Transfer.To.choices, error_messages={"required": _("请选转到哪里。"), "invalid_choice": _("请选转到哪里。")}
    )
    text = text_field(required_message=_("请写一句：为什么转，住户接下来怎么办。"))
    number = forms.CharField(max_length=60, required=False)
    registered_on = forms.DateField(required=False, error_messages={"invalid": _("日期请写成 2026-11-30 这样。")})


class OutsideRegisteredForm(forms.Form):
    to = forms.ChoiceField(
        choices=Transfer.To.choices, error_messages={"required": _("请选在哪里登记的。"), "invalid_choice": _("请选在哪里登记的。")}
    )
    number = forms.CharField(max_length=60, error_messages={"required": _("请填那边的编号。"), "max_length": _("编号最多 60 个字。")})
    registered_on = forms.DateField(required=False, error_messages={"invalid": _("日期请写成 2026-11-30 这样。")})


class OutsideNumberForm(forms.Form):
    number = forms.CharField(max_length=60, error_messages={"required": _("请填那边的编号。"), "max_length": _("编号最多 60 个字。")})
    registered_on = forms.DateField(required=False, error_messages={"invalid": _("日期请写成 2026-11-30 这样。")})


class QuestionForm(forms.Form):
    question = forms.CharField(max_length=120, error_messages={"required": _("请写大家会怎么问。"), "max_length": _("问题最多 120 个字。")})
    answer = text_field(required_message=_("请写答案。"))


class ReplyForm(forms.Form):
    body = forms.CharField(max_length=60)
    title = forms.CharField(max_length=40, error_messages={"required": _("请写个短名字，好找。"), "max_length": _("名字最多 40 个字。")})
    text = text_field(required_message=_("请写答复的话。"))


class PainPointForm(forms.Form):
    title = forms.CharField(max_length=80, error_messages={"required": _("请写是什么难处。"), "max_length": _("最多 80 个字。")})
    post = forms.IntegerField(
        min_value=1, max_value=2**31, error_messages={"required": _("请选由谁负责。"), "invalid": _("请选由谁负责。")}
    )
    due_on = forms.DateField(error_messages={"required": _("请定一个日子。"), "invalid": _("日期请写成 2026-11-30 这样。")})
    matters = forms.CharField(max_length=400, required=False)


class ResultForm(forms.Form):
    result = forms.CharField(max_length=200, error_messages={"required": _("请写做了什么。"), "max_length": _("最多 200 个字。")})


# Neighbours


class OfferForm(forms.Form):
    text = forms.CharField(max_length=200, required=False, error_messages={"max_length": _("最多 200 个字。")})


class ThanksForm(forms.Form):
    thanks = forms.CharField(max_length=200, error_messages={"required": _("说一句谢谢就行。"), "max_length": _("最多 200 个字。")})
