"""What people type into the steps of raising a matter and into its thread. Forms parse; actions decide."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from doorstep.affairs.actions import LONGEST_TEXT


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
