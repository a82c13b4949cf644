"""How a vote is shown: verdict, bars with their threshold, items of art. 278 and codes in words."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from doorstep.affairs.models import Vote
from doorstep.affairs.queries.votes import Bar, VoteRow
from doorstep.affairs.rules.codes import REASONS
from doorstep.affairs.rules.vote_states import RESULT_SHOWN, State
from doorstep.affairs.vote_forms import CHOICES, ITEMS
from doorstep.foundation.journal.names import verb_name
from doorstep.foundation.ui.formats import area, day, daytime
from doorstep.foundation.ui.templatetags.ui import chip, said
from doorstep.organisations.models import Unit

register = template.Library()

INK, INK_2, GROUND = "#231f1a", "#544c42", "#e9e1d4"
INDIGO, JADE, ROUGE = "#2c5272", "#2a664b", "#8c1d3a"
TICK = mark_safe(
    '<path d="M-4.5 .5l3.2 3.2 6-6.5" fill="none" stroke="#fff" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round"/>'
)
CROSS = mark_safe('<path d="M-3.6 -3.6l7.2 7.2M3.6 -3.6l-7.2 7.2" fill="none" stroke="#fff" stroke-width="2.2" stroke-linecap="round"/>')


@register.simple_tag
def amount(bar: Bar, value: int) -> str:
    """1,021 人 or 67,012.80 ㎡."""
    return _("%(n)s 人") % {"n": f"{value:,}"} if bar.measure == "parties" else f"{area(value)} ㎡"


@register.simple_tag
def line_text(bar: Bar) -> str:
    """The number at the tick: at least for an inclusive threshold, more than for a strict one."""
    words = _("要多于 %(amount)s") if bar.strict else _("至少 %(amount)s")
    return words % {"amount": amount(bar, bar.line)}


@register.simple_tag
def percent(bar: Bar) -> str:
    """With two places; where rounding would cross the line, none: the two numbers of the fraction stand beside it."""
    return f"{bar.rounded[0]}.{bar.rounded[1]:02d}%" if bar.rounded is not None else (_("过") if bar.met else _("没过"))


def _name(bar: Bar) -> str:
    return _("人数") if bar.measure == "parties" else _("面积")


@register.simple_tag
def gate(bars: tuple[Bar, ...], kind: str) -> SafeString:
    """The two bars of a gate, drawn for a desk and drawn again, narrower, for a phone. `kind`: turnout, majority, or coming (what has
    come in so far, which is neither enough nor too little yet)."""
    label = _("；").join(_in_words(bar, kind) for bar in bars)
    desk = format_html_join("", "{}", ((_desk(bar, kind, index * 70),) for index, bar in enumerate(bars)))
    phone = format_html_join("", "{}", ((_phone(bar, kind, index * 86),) for index, bar in enumerate(bars)))
    return format_html(
        '<div class="max-lg:hidden"><svg viewBox="0 0 780 {}" class="w-full num" role="img" aria-label="{}" fill="{}">{}</svg></div>'
        '<div class="lg:hidden"><svg viewBox="0 0 320 {}" class="w-full num" role="img" aria-label="{}" fill="{}">{}</svg></div>',
        70 * len(bars) - 12, label, INK, desk, 86 * len(bars) - 14, label, INK, phone,
    )  # fmt: skip


def _in_words(bar: Bar, kind: str) -> str:
    """What a bar shows, for who does not see it."""
    parts = [f"{_name(bar)} {amount(bar, bar.part)} / {amount(bar, bar.whole)}", line_text(bar)]
    return _("，").join(parts if kind == "coming" else [*parts, _("过") if bar.met else _("没过")])


def _fill(bar: Bar, kind: str) -> str:
    return (JADE if bar.met else ROUGE) if kind == "majority" else INDIGO


def _ink(bar: Bar, kind: str) -> str:
    return INK if kind == "coming" else (JADE if bar.met else ROUGE)


def _mark(bar: Bar, kind: str) -> SafeString:
    """Met or not, as a sign beside the bar."""
    if kind == "coming":
        return SafeString("")
    return format_html('<g transform="translate(674 20)"><circle r="11" fill="{}"/>{}</g>', _ink(bar, kind), TICK if bar.met else CROSS)


def _desk(bar: Bar, kind: str, top: int) -> SafeString:
    left, width = 92, 560
    filled = bar.permille * width // 1000
    tick = left + width * bar.share.numerator // bar.share.denominator
    far = bar.share.numerator * 10 > bar.share.denominator * 7
    inside = filled > 150
    return format_html(
        '<g transform="translate(0 {})"><text x="0" y="25" font-size="17" font-weight="700">{}</text>'
        '<rect x="{}" y="8" width="{}" height="24" rx="2" fill="{}"/><rect x="{}" y="8" width="{}" height="24" rx="2" fill="{}"/>'
        '<text x="{}" y="25.5" font-size="15" font-weight="700" fill="{}">{}</text>'
        '<text x="{}" y="53" font-size="14" fill="{}" text-anchor="end">{}</text>'
        '<rect x="{}" y="2" width="2.5" height="36" fill="{}" stroke="#fffefc" stroke-width="1.5" paint-order="stroke"/>'
        '<text x="{}" y="53" font-size="14" text-anchor="{}">{}</text>'
        '{}<text x="694" y="26" font-size="17" font-weight="700" fill="{}">{}</text></g>',
        top, _name(bar), left, width, GROUND, left, filled, _fill(bar, kind),
        left + 10 if inside else left + filled + 10, "#fff" if inside else INK, amount(bar, bar.part),
        left + width, INK_2, amount(bar, bar.whole), tick - 1, INK,
        tick + 30 if far else tick, "end" if far else "middle", line_text(bar),
        _mark(bar, kind), _ink(bar, kind), percent(bar),
    )  # fmt: skip


def _phone(bar: Bar, kind: str, top: int) -> SafeString:
    tick = 320 * bar.share.numerator // bar.share.denominator
    return format_html(
        '<g transform="translate(0 {})"><text x="0" y="16" font-size="16" font-weight="700">{}</text>'
        '<text x="320" y="16" font-size="14" fill="{}" text-anchor="end"><tspan font-size="16" font-weight="700" fill="{}">{}</tspan> / {}</text>'
        '<rect y="26" width="320" height="20" rx="2" fill="{}"/><rect y="26" width="{}" height="20" rx="2" fill="{}"/>'
        '<rect x="{}" y="21" width="2.5" height="30" fill="{}" stroke="#fffefc" stroke-width="1.5" paint-order="stroke"/>'
        '<text x="{}" y="66" font-size="14" text-anchor="middle">{}</text>'
        '<text x="0" y="66" font-size="15" font-weight="700" fill="{}">{}</text></g>',
        top, _name(bar), INK_2, INK, amount(bar, bar.part), amount(bar, bar.whole), GROUND, bar.permille * 320 // 1000, _fill(bar, kind),
        tick - 1, INK, min(tick, 255), line_text(bar), _ink(bar, kind), percent(bar),
    )  # fmt: skip


@register.simple_tag
def small_bar(bar: Bar) -> SafeString:
    """A bar of one line with its tick, where the numbers stand in the text beside it."""
    tick = 200 * bar.share.numerator // bar.share.denominator
    return format_html(
        '<svg viewBox="0 0 200 16" class="w-full" aria-hidden="true"><rect y="3" width="200" height="10" rx="2" fill="{}"/>'
        '<rect y="3" width="{}" height="10" rx="2" fill="{}"/><rect x="{}" width="2.5" height="16" fill="{}"/></svg>',
        GROUND, bar.permille / 5, JADE if bar.met else ROUGE, tick - 1, INK,
    )  # fmt: skip


@register.filter
def thousands(number: int) -> str:
    """1,021."""
    return f"{number:,}"


@register.simple_tag
def said_names(names: Sequence[str]) -> SafeString:
    """Names as they are written, in a row."""
    return format_html_join(_("、"), "{}", ((said(name),) for name in names))


@register.simple_tag
def item_name(item: int) -> str:
    """The item's words in the statute."""
    return str(dict(ITEMS)[item])


@register.simple_tag
def choice_name(choice: str) -> str:
    return str(dict(CHOICES)[choice])


@register.simple_tag
def channel_name(channel: str) -> str:
    """How a ballot was handed in."""
    return {"paper": _("纸质票"), "hall": _("会场投的"), "electronic": _("电子票")}[channel]


@register.simple_tag
def reason_name(code: str) -> str:
    zh, en = REASONS[code]
    return en if (get_language() or "").startswith("en") else zh


@register.simple_tag
def outcome_name(outcome: str) -> str:
    return {"passed": _("通过"), "failed": _("未通过"), "no_turnout": _("参加的不够")}[outcome]


STATE_CHIPS = {
    "draft": ("plain", "pencil"),
    "frozen": ("plain", "lock"),
    "roll_published": ("hand", "list"),
    "noticed": ("hand", "megaphone"),
    "issued": ("hand", "file-text"),
    "open": ("you", "clipboard-check"),
    "closed": ("plain", "lock"),
    "tallied": ("plain", "clipboard-check"),
    "preliminary": ("soon", "clock"),
    "final": ("done", "check"),
    "annulled": ("plain", "ban"),
    "called_off": ("plain", "undo-2"),
}


@register.simple_tag
def vote_chip(vote: Vote) -> SafeString:
    kind, icon = STATE_CHIPS[vote.state]
    return chip(kind, vote.get_state_display(), icon)


@register.simple_tag
def row_chip(row: VoteRow) -> SafeString:
    """In a list: the outcome where there is one, else where the vote stands."""
    if State(row.vote.state) not in RESULT_SHOWN or row.vote.state == State.ANNULLED or len(set(row.outcomes)) != 1:
        return vote_chip(row.vote)
    outcome = row.outcomes[0]
    kind, icon = {"passed": ("done", "check"), "failed": ("plain", "x"), "no_turnout": ("plain", "users")}[outcome]
    return chip(kind, outcome_name(outcome), icon)


@register.simple_tag
def step_name(verb: str) -> str:
    """A step of a vote in its public history."""
    return verb_name("vote", verb)


@register.filter
def fullday(at: date | datetime | None) -> str:
    """With its year, as a paper says it."""
    return day(at, english=(get_language() or "").startswith("en"), this_year=0) if at else ""


@register.filter
def fulltime(at: datetime | None) -> str:
    return daytime(at, english=(get_language() or "").startswith("en"), this_year=0) if at else ""


@register.filter
def as_instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


@register.filter
def get_choice(choices: dict[str, str], code: str) -> str:
    return choices.get(code, "")


@register.filter
def lookup(data: Any, name: str) -> Any:
    return data.get(name, "") if hasattr(data, "get") else ""


@register.filter
def errors_of(form: Any, name: str) -> Any:
    """The errors of a field by its name; nothing without a form."""
    return form.errors.get(name, []) if hasattr(form, "errors") else []


@register.filter
def words(text: str) -> list[str]:
    """A constant of a template, split at its blanks."""
    return text.split()


@register.filter
def differs_text(names: list[str]) -> str:
    """What two clerks read differently, in words."""
    words = {
        "by": _("谁签的"),
        "proxy_for": _("替谁签"),
        "proxy_document": _("委托书"),
        "channel": _("怎么交的"),
        "cast_at": _("哪天交的"),
        "valid": _("是不是废票"),
    }
    return _("、").join(words.get(name, name) for name in names)


@register.simple_tag
def roll_fact(fact: str, before: Any, after: Any) -> str:
    """What a correction of the roll changed: 面积 80.00 ㎡ → 78.50 ㎡."""
    if fact == "area":
        return _("面积：%(before)s ㎡ → %(after)s ㎡") % {"before": area(before), "after": area(after)}
    if fact == "status":
        return _("交付状态：%(before)s → %(after)s") % {"before": Unit.Status(before).label, "after": Unit.Status(after).label}
    nobody = _("没有写")
    return _("业主：%(before)s → %(after)s") % {"before": before or nobody, "after": after or nobody}


@register.simple_tag
def list_reason(reason: str) -> str:
    """What is wrong with a cell of the official system's list."""
    return {
        "missing": _("没有填"),
        "not_on_roll": _("名册上没有这套房，或者不计入"),
        "unknown_person": _("这套房没有叫这个名字的业主"),
        "ambiguous_person": _("这套房有两位叫这个名字的业主"),
        "outside_period": _("不在表决的时间里"),
        "bad_time": _("时间不对"),
        "bad_choice": _("不认识的写法"),
        "empty_sheet": _("表是空的"),
    }[reason]


@register.simple_tag
def ground_name(ground: str) -> str:
    """On what ground a household's ballots may be looked at."""
    names = {
        "court": _("法院调取"),
        "housing_authority": _("住建部门核查"),
        "street_office": _("镇街核查"),
        "voter_request": _("本户业主要求"),
    }
    return names[ground]
