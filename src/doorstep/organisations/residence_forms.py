from django import forms
from django.utils.translation import gettext_lazy as _

from doorstep.foundation.identity.consents import purposes
from doorstep.foundation.identity.models import Death
from doorstep.organisations.models.residence import Residence


class CodeForm(forms.Form):
    code = forms.CharField(max_length=30, error_messages={"required": _("请填纸上的住户码，一共 10 个字。")})
    kind = forms.ChoiceField(choices=Residence.Kind.choices, error_messages={"required": _("请选您是业主、家人还是租户。")})


class JoinForm(forms.Form):
    """An invitation says itself who is invited."""

    code = forms.CharField(max_length=30)


class ClaimForm(forms.Form):
    estate = forms.SlugField(error_messages={"required": _("请选小区。")})
    building = forms.CharField(max_length=20, error_messages={"required": _("请填楼栋。")})
    entrance = forms.CharField(max_length=20, required=False)
    room = forms.CharField(max_length=20, error_messages={"required": _("请填房号。")})
    kind = forms.ChoiceField(choices=Residence.Kind.choices, error_messages={"required": _("请选您是业主、家人还是租户。")})
    last4 = forms.RegexField(
        r"^\s*[0-9A-Za-z]{4}\s*$", required=False, error_messages={"invalid": _("证件后四位是 4 个数字，最后一个可能是 X。")}
    )


class DeathForm(forms.Form):
    died_on = forms.DateField(error_messages={"required": _("请填哪一天。"), "invalid": _("请写成 2026-05-20 这样的日期。")})
    proof = forms.ChoiceField(choices=Death.Proof.choices, error_messages={"required": _("请选看过哪一种证明。")})
    kept_where = forms.CharField(max_length=120, required=False)
    relation = forms.ChoiceField(choices=[("", ""), *Death.Relation.choices], required=False)


class PaperForm(forms.Form):
    """A consent given on paper, entered by who holds the paper."""

    purpose = forms.CharField(max_length=40)
    witness = forms.CharField(max_length=80, error_messages={"required": _("请填见证人。")})
    kept_where = forms.CharField(max_length=120, error_messages={"required": _("请填纸存在哪里。")})

    def clean_purpose(self) -> str:
        purpose: str = self.cleaned_data["purpose"]
        if purpose not in {each.code for each in purposes()}:
            raise forms.ValidationError(_("没有这一项用途。"))
        return purpose
