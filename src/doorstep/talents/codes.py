"""Codes and their words: categories, skills and licences are data (data/kinds.toml); reasons, and time in hours and minutes."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.translation import get_language
from django.utils.translation import gettext as _

DATA = Path(__file__).parent / "data" / "kinds.toml"


@dataclass(frozen=True, slots=True)
class Code:
    """A public code with its two names."""

    code: str
    zh: str
    en: str

    def __str__(self) -> str:
        return self.en if (get_language() or "").startswith("en") else self.zh


@cache
def _read() -> dict[str, dict[str, Code]]:
    tables = tomllib.loads(DATA.read_text("utf-8"))
    return {name: {row["code"]: Code(row["code"], row["zh"], row["en"]) for row in rows} for name, rows in tables.items()}


def categories() -> dict[str, Code]:
    return _read()["category"]


def skills() -> dict[str, Code]:
    return _read()["skill"]


def licences() -> dict[str, Code]:
    return _read()["licence"]


def days() -> dict[str, str]:
    """Codes of the days of the week."""
    return {"mo": _("周一"), "tu": _("周二"), "we": _("周三"), "th": _("周四"), "fr": _("周五"), "sa": _("周六"), "su": _("周日")}


def times() -> dict[str, str]:
    """mo-am … su-eve: when somebody has time."""
    parts = {"am": _("上午"), "pm": _("下午"), "eve": _("晚上")}
    return {f"{day}-{part}": f"{name} {words}" for day, name in days().items() for part, words in parts.items()}


def reason_text(code: str) -> str:
    """A reason code in words."""
    return {
        "attendance": _("到课学时不够"),
        "practice": _("实训时间不够"),
        "written_missing": _("还没笔试"),
        "written_failed": _("笔试没及格"),
        "practical_missing": _("还没实操考核"),
        "practical_failed": _("实操没及格"),
        "interview_missing": _("还没面谈"),
        "interview_failed": _("面谈没通过"),
        "reviewers_missing": _("评审人不够，要再请"),
        "reviews_waiting": _("还有人没评"),
        "reviews_not_more_than_half": _("同意的没有过半"),
        "objection": _("公示期间有人提出异议，属实"),
        "self": _("就是学员本人"),
        "household": _("与学员同户"),
        "assessed": _("给学员打过分"),
        "taught": _("教过这位学员"),
        "relative": _("与学员是亲属"),
        "interest": _("与结果有利害关系"),
        "licence_expired": _("执业资质过期"),
        "complaint": _("有投诉，正在查"),
        "own_wish": _("本人要求"),
        "false_facts": _("材料不实"),
        "misconduct": _("行为不当"),
        "away": _("暂时不能参加"),
        "not_there": _("没有到场"),
        "shorter": _("实际时间短一些"),
        "longer": _("实际时间长一些"),
        "twice": _("记重了"),
        "wrong_person": _("记错了人"),
        "other": _("其他"),
    }.get(code, code)


def reasons_text(codes: Iterable[str]) -> str:
    """Reason codes in words, as a list in the page's language."""
    separator = ", " if (get_language() or "").startswith("en") else "、"
    return separator.join(reason_text(code) for code in codes)


def time_text(minutes: int) -> str:
    """Minutes as hours and minutes: 9 小时 30 分. Exact."""
    sign, minutes = ("−" if minutes < 0 else ""), abs(minutes)
    whole, rest = divmod(minutes, 60)
    if not rest:
        return sign + _("%(hours)d 小时") % {"hours": whole}
    if not whole:
        return sign + _("%(minutes)d 分") % {"minutes": rest}
    return sign + _("%(hours)d 小时 %(minutes)d 分") % {"hours": whole, "minutes": rest}
