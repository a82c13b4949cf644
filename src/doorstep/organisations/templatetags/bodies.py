"""Words for what happened to bodies, what the law says of a committee, and the codes of 组织共建."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import template
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from doorstep.foundation.journal.names import verb_name
from doorstep.foundation.regulations.queries import RegulationValue
from doorstep.foundation.ui.templatetags.ui import day, name_of, titled
from doorstep.organisations.data import codes
from doorstep.organisations.models import BodyText
from doorstep.organisations.queries.history import Moment
from doorstep.organisations.rules.committee import Finding

register = template.Library()
TABLES: dict[str, Mapping[str, Promise]] = {
    "ending": codes.ENDINGS,
    "post_ending": codes.POST_ENDINGS,
    "transfer": codes.TRANSFERS,
    "refusal": codes.REFUSALS,
    "decline": codes.DECLINES,
}

KINDS_OF_TEXTS = dict(BodyText.Kind.choices)
SHORT: dict[str, Promise] = {
    "founded": gettext_lazy("成立"),
    "filed": gettext_lazy("备案"),
    "partner": gettext_lazy("来报到"),
    "partner_left": gettext_lazy("退出"),
}


@register.simple_tag
def code_name(table: str, code: str) -> str:
    """The name of a code in the page's language."""
    return str(TABLES[table].get(code, code))


@register.simple_tag
def seat(code: str) -> str:
    return codes.seat_name(code)


@register.simple_tag
def finding_says(finding: Finding) -> str:
    """What the law expects, as a sentence with its figures."""
    return str(codes.FINDINGS[finding.code]) % {
        "by": day(finding.by),
        "done_on": day(finding.done_on),
        "has": finding.has,
        "of": finding.of,
        "lacking": (finding.of or 0) - (finding.has or 0),
        "kinds": _("、").join(str(KINDS_OF_TEXTS.get(kind, kind)) for kind in finding.lacking),
    }


@register.simple_tag
def share_of(value: RegulationValue) -> str:
    """A share as a percentage: 1/5 → 20 %. Two places where it does not come out even."""
    percent = value.fraction * 100
    return f"{percent.numerator} %" if percent.denominator == 1 else f"{Decimal(percent.numerator) / percent.denominator:.2f} %"


@register.simple_tag
def source_of(value: RegulationValue) -> str:
    """The article a value rests on."""
    return value.source_en if (get_language() or "").startswith("en") else value.source_zh


@register.simple_tag
def moment_says(moment: Moment) -> str:
    """One line of a history. Names of persons stand in the template, marked as Chinese."""
    if moment.what == "elected" and moment.term is not None:
        return _("选出新的一届，%(seats)s 人，任期到 %(until)s") % {"seats": moment.term.seats, "until": moment.term.ends_on.isoformat()}
    if moment.what in SHORT:
        return str(SHORT[moment.what])
    if moment.what == "published" and moment.published is not None:
        return _("发布%(kind)s，第 %(version)s 版") % {"kind": moment.published.get_kind_display(), "version": moment.published.version}
    if moment.what in ("held", "post_ended") and moment.post is not None:
        how = dict(type(moment.post).Designation.choices).get(moment.how, "")
        parts = [_("担任%(title)s") if moment.what == "held" else _("不再担任%(title)s")]
        said = parts[0] % {"title": titled(moment.post) if moment.post.title_en else moment.post.title}
        if how:
            said += _("（%(how)s）") % {"how": how}
        if moment.votes is not None:
            said += _("，%(cast)s 票里得 %(votes)s 票") % {"cast": moment.votes[1], "votes": moment.votes[0]}
        return said
    return verb_name("body", moment.what)


@register.simple_tag
def graph_says(graph: Any) -> str:
    """The drawing as one sentence, for those who cannot see it."""
    if graph.core is None:
        return _("这里还没有登记党组织，有 %(n)s 个机构。") % {"n": len(graph.sides)}
    return _("核心是%(core)s，四周 %(n)s 个机构，其中 %(tied)s 个由它牵头或有人交叉任职。") % {
        "core": name_of(graph.core),
        "n": len(graph.sides),
        "tied": graph.tied,
    }
