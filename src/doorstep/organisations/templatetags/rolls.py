"""Words for the reasons of a roll's errors."""

from django import template
from django.utils.translation import gettext as _

register = template.Library()


@register.simple_tag
def roll_reason(reason: str) -> str:
    return {
        "missing": _("没有填"),
        "not_a_number": _("不是数字"),
        "not_positive": _("要大于零"),
        "too_fine": _("最多两位小数"),
        "unknown_value": _("不认识的写法"),
        "duplicate_unit": _("同一个房号出现两次"),
        "bad_phone": _("电话不对"),
        "bad_date": _("日期不对"),
        "unknown_column": _("不认识的列"),
        "empty_sheet": _("表是空的"),
    }[reason]


@register.simple_tag
def claim_match(match: str) -> str:
    """What a claim has in common with the roll, for who keeps it."""
    return {
        "full": _("姓名和证件后四位都和名册对上"),
        "name": _("姓名对上，证件后四位没有可对的"),
        "last4_differs": _("姓名对上，证件后四位不一样"),
        "other_name": _("名册上这套房是别的名字"),
        "no_such_unit": _("名册里没有这套房"),
    }[match]
