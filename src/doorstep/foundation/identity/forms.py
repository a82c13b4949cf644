"""Forms of signing in, and what to say when a phone or a code is not right."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from doorstep.foundation import clock
from doorstep.foundation.identity import actions
from doorstep.foundation.identity.rules.phone import normalise_phone, phone_problem
from doorstep.foundation.identity.senders import SendingFailed


def phone_message(problem: tuple[str, int]) -> str:
    what, count = problem
    if what == "too_short":
        return ngettext("还差 %(n)d 位。手机号一共 11 位。", "还差 %(n)d 位。手机号一共 11 位。", count) % {"n": count}
    if what == "too_long":
        return ngettext("多了 %(n)d 位。手机号一共 11 位。", "多了 %(n)d 位。手机号一共 11 位。", count) % {"n": count}
    return {
        "empty": _now("请填手机号，办的人好找到您。"),
        "digits_only": _now("手机号只有数字，请看看是不是打错了。"),
        "not_mobile": _now("这不像手机号：手机号以 13 到 19 开头。座机收不到验证码。"),
    }[what]


class PhoneField(forms.CharField):
    def to_python(self, value: Any) -> str:
        return normalise_phone(super().to_python(value) or "")

    def validate(self, value: str) -> None:
        problem = phone_problem(value)
        if problem[0]:
            raise forms.ValidationError(phone_message(problem))


class WhoForm(forms.Form):
    name = forms.CharField(max_length=40, error_messages={"required": _("怎么称呼您？写姓名就行。"), "max_length": _("名字最多 40 个字。")})
    phone = PhoneField(required=False)


class HelperForm(forms.Form):
    """Whom somebody asks to act for them, and until when."""

    name = forms.CharField(max_length=40, error_messages={"required": _("请写对方的姓名。")})
    phone = PhoneField(required=False)
    until_on = forms.DateField(error_messages={"required": _("请写到哪一天为止。"), "invalid": _("请写成 2026-05-20 这样的日期。")})


class PaperHelperForm(HelperForm):
    """The same, signed on paper before a witness."""

    witness = forms.CharField(max_length=80, error_messages={"required": _("请填见证人。")})
    kept_where = forms.CharField(max_length=120, error_messages={"required": _("请填纸存在哪里。")})


class CodeForm(forms.Form):
    code = forms.RegexField(
        r"^\s*\d{6}\s*$", error_messages={"required": _("请填短信里的 6 位验证码。"), "invalid": _("验证码是 6 位数字。")}
    )


class PhoneForm(forms.Form):
    phone = PhoneField(required=False)


class PasswordForm(forms.Form):
    login = forms.CharField(max_length=60, error_messages={"required": _("请填登录名。")})
    password = forms.CharField(max_length=200, strip=False, error_messages={"required": _("请填密码。")})
    otp = forms.CharField(max_length=10, required=False)


class ChosenPasswordForm(forms.Form):
    new = forms.CharField(
        max_length=200,
        min_length=10,
        strip=False,
        error_messages={"required": _("请填新密码。"), "min_length": _("新密码至少 10 个字符。")},
    )


class NewPasswordForm(ChosenPasswordForm):
    old = forms.CharField(max_length=200, strip=False, error_messages={"required": _("请填现在的密码。")})


class StaffLoginForm(ChosenPasswordForm, CodeForm):
    """What somebody who holds a post chooses, with the code of their phone."""

    login = forms.RegexField(
        r"^[a-z][a-z0-9._-]{2,39}$",
        error_messages={"required": _("请填登录名。"), "invalid": _("登录名用小写字母开头，3 到 40 个小写字母、数字。")},
    )


def code_problem(error: Exception) -> str:
    """What to tell somebody whose code did not work."""
    if isinstance(error, actions.TooSoon):
        return ngettext("验证码刚发过，%(n)d 秒后可以再要。", "验证码刚发过，%(n)d 秒后可以再要。", error.seconds) % {"n": error.seconds}
    if isinstance(error, SendingFailed):
        return _now("短信没有发出去，请过一会儿再试，或打物业前台电话，有人替您写。")
    if isinstance(error, actions.TooManyCodes):
        return _now("这个手机号今天要的验证码太多了，请明天再试，或打物业前台电话，有人替您写。")
    if isinstance(error, actions.LockedOut):
        minutes = max(1, int((error.until - clock.now()).total_seconds() // 60) + 1)
        return ngettext(
            "错的次数太多，请 %(n)d 分钟后再试。您写的都还在。", "错的次数太多，请 %(n)d 分钟后再试。您写的都还在。", minutes
        ) % {"n": minutes}
    if isinstance(error, actions.CodeExpired):
        return _now("这个验证码过时了，请再要一个。您写的都还在。")
    return _now("验证码不对，请看看短信里的 6 位数字。您写的都还在。")


def several_of_that_name(name: str) -> str:
    """What to tell somebody whose name and phone may stand for more than one person, or for one who has not been here for long."""
    return _now(
        "这个手机号上有同名的邻居，短信分不清是哪一位。您以前来过，请先登录；说新的事也可以在称呼后面加一个字，例如“%(name)s（儿）”。您写的都还在。"
    ) % {"name": name}
