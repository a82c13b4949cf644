"""What talents shows on pages it does not own."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.journal.names import register_verbs
from doorstep.foundation.ui.slots import NavItem, register_nav, register_taking_part
from doorstep.talents.permissions import works_at_all
from doorstep.talents.queries.taking_part import own_parts


def _nav(viewer: Viewer) -> list[NavItem]:
    # Whoever works for a body has a full bar already; the seal on the front page leads them here.
    return [] if works_at_all(viewer) else [NavItem(_("人才共育"), "/talents/", "book-open", ("/talents/", "/certificates/"))]


def register() -> None:
    register_taking_part(own_parts, names={"course": gettext_lazy("上了课"), "hours": gettext_lazy("做了志愿服务")})
    register_nav(_nav, order=40)
    register_verbs(
        "course",
        {
            "open": gettext_lazy("开了一门课"),
            "enrol": gettext_lazy("有人进了这一班"),
            "leave": gettext_lazy("有人不来了"),
            "mark": gettext_lazy("打了分"),
            "ask_review": gettext_lazy("请人评审"),
            "review": gettext_lazy("评审人说了"),
            "recuse": gettext_lazy("评审人回避"),
            "publish": gettext_lazy("评审通过，开始公示"),
            "not_passed": gettext_lazy("评审没有通过"),
            "stop_publication": gettext_lazy("异议属实，不发证"),
        },
    )
    register_verbs(
        "certificate",
        {
            "issue": gettext_lazy("发了证书"),
            "renew": gettext_lazy("复审通过，续了一年"),
            "suspend": gettext_lazy("暂停了证书"),
            "resume": gettext_lazy("恢复了证书"),
            "revoke": gettext_lazy("撤销了证书"),
            "warn": gettext_lazy("提醒证书快到期"),
        },
    )
    register_verbs(
        "hours",
        {
            "planned": gettext_lazy("计划了时长"),
            "attended": gettext_lazy("记了实到的时长"),
            "approved": gettext_lazy("认可了时长"),
            "take_back": gettext_lazy("冲掉一行时长"),
            "award": gettext_lazy("记了一次表彰"),
            "evaluation": gettext_lazy("记了一次评价"),
            "prove": gettext_lazy("开了时长证明"),
        },
    )
    register_verbs(
        "profile",
        {
            "keep_profile": gettext_lazy("说了自己会什么"),
            "list": gettext_lazy("归进了人才库的一类"),
            "unlist": gettext_lazy("从人才库的一类里出来"),
        },
    )
    register_verbs(
        "licence",
        {
            "check_licence": gettext_lazy("看过执业资质"),
            "withdraw_licence": gettext_lazy("停用了执业资质"),
            "warn_licence": gettext_lazy("提醒执业资质快到期"),
        },
    )
