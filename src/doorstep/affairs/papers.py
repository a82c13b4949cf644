"""What affairs has printed as PDF: the facts of each paper, in the words of its page."""

from datetime import datetime

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from doorstep.affairs.models import Ruling, Vote
from doorstep.affairs.queries.votes import Bar, FilingFacts, MotionResult, VotePage
from doorstep.affairs.templatetags.votes import (
    amount,
    choice_name,
    fullday,
    fulltime,
    item_name,
    line_text,
    outcome_name,
    percent,
    reason_name,
)
from doorstep.foundation.clock import TOWN_ZONE
from doorstep.foundation.journal.models import SealedHead
from doorstep.foundation.printing.press import Fact, Facts
from doorstep.foundation.printing.qr import qr_fact
from doorstep.foundation.ui.formats import area
from doorstep.foundation.ui.templatetags.ui import name_of


def vote_result(page: VotePage, facts: FilingFacts, *, url: str, head: SealedHead | None) -> Facts:
    """The result of a vote as it hangs on the wall and goes into the file: for affairs/votes/result.typ.

    Everything on it is public. It says of itself whether it is preliminary, in force or annulled.
    """
    vote = page.vote
    shown_at = vote.final_at or vote.preliminary_at
    return {
        "title": _("%(place)s业主大会表决结果") % {"place": name_of(vote.place)},
        "date": shown_at.astimezone(TOWN_ZONE).date().isoformat() if shown_at else None,
        "number": vote.number,
        "state": str(vote.get_state_display()),
        "is_annulled": vote.state == Vote.State.ANNULLED,
        "band": _band(vote),
        "subject": vote.title,
        "motions": [_motion(result) for result in page.results],
        "labels": {
            "people": _("人数"),
            "area": _("面积 ㎡"),
            "took_part": _("参加表决"),
            "total": _("合计"),
            "how": _("办理经过"),
            "rejected": _("没有计入的票"),
            "law": _("依据"),
            "prints": _("核对"),
        },
        "how": filing(page, facts),
        "rejected": [(reason_name(code), f"{n:,}") for code, n in page.rejected.items()],
        "law": [
            _("民法典第二百七十八条") + _("，") + _("专有部分面积和人数都占三分之二以上的业主参加表决。"),
            *[words for result in _one_of_each_item(page.results) for words in (_law(result.motion.item), _enough(result))],
            _("提前十五日公告") + _("，") + _("结果公示，书面答复每一条疑问。"),
        ],
        "prints": [
            (_("名册指纹"), vote.fingerprint),
            (_("选票文件 SHA-256"), page.open_sha256),
            *([(_("记录封签"), f"{head.size} · {head.root}")] if head else []),
        ],
        "recount": _("选票文件不含姓名和房号，谁都可以下载，断网重算，应当和这张纸一个数。"),
        "command": f"doorstep tally {vote.number}.json",
        "qr": qr_fact(url),
        "url": url,
        "scan": _("扫码看这次表决"),
        "seal": {
            "words": "" if vote.state == Vote.State.ANNULLED else _("（盖章处）"),
            "who": name_of(vote.convenor),
            "day": fullday(shown_at),
        },
    }


def _band(vote: Vote) -> Fact:
    """What has to be read before anything else, unless the result is in force."""
    if vote.state == Vote.State.ANNULLED:
        return {"head": _("这个决定被法院撤销了，不再有效。"), "say": vote.annulled_because, "is_bad": True}
    if vote.state == Vote.State.PRELIMINARY:
        say = _("%(day)s前都可以提疑问，之后才生效。") % {"day": fullday(vote.objections_until)}
        return {"head": _("这是初步结果"), "say": say, "is_bad": False}
    return None


def _motion(result: MotionResult) -> Fact:
    agree, turnout = result.majority[0], result.turnout[0]
    return {
        "code": result.motion.code,
        "text": result.motion.text,
        "item": _law(result.motion.item),
        "outcome": capfirst(outcome_name(result.outcome)),
        "passed": result.outcome == "passed",
        "say": [
            _("100 位业主里，约 %(n)s 位参加了。") % {"n": turnout.per_hundred},
            _("参加的 100 位里，约 %(n)s 位同意。") % {"n": agree.per_hundred},
            _("按人数、按面积，两样都过了门槛。") if result.outcome == "passed" else _fell_short(result),
        ],
        "gates": [
            {"name": _("第一道门：来的人够不够"), "rule": _("三分之二以上的业主参加，正好三分之二也算。"), "bars": _bars(result.turnout)},
            {"name": _("第二道门：同意的够不够"), "rule": _enough(result), "bars": _bars(result.majority)},
        ],
        "counts": [(choice_name(name), f"{parties:,}", area(hundredths)) for name, parties, hundredths in result.counts],
        "took_part": (f"{turnout.part:,}", area(result.turnout[1].part)),
        "contested": _contested(result.contested) if result.contested else "",
    }


def _enough(result: MotionResult) -> str:
    """How many of those who take part have to agree."""
    if result.is_special:
        return _("参加的人里四分之三以上同意，正好四分之三也算。")
    return _("参加的人里超过一半同意，正好一半不算。")


def _contested(n: int) -> str:
    return ngettext("有 %(n)s 家的共有人意见不一致，没有计入。", "有 %(n)s 家的共有人意见不一致，没有计入。", n) % {"n": n}


def _fell_short(result: MotionResult) -> str:
    parts = []
    for index, bar in enumerate(result.fell_short):
        words = _("参加的差 %(short)s") if index < result.turnout_short else _("同意的差 %(short)s")
        parts.append(words % {"short": amount(bar, bar.short_by)})
    return _("差在：") + _("；").join(parts) + _("。")


def _bars(bars: tuple[Bar, Bar]) -> list[Fact]:
    return [
        {
            "name": _("人数") if bar.measure == "parties" else _("面积"),
            "part": amount(bar, bar.part),
            "whole": amount(bar, bar.whole),
            "line": line_text(bar),
            "percent": percent(bar),
            "is_met": bar.met,
            "word": _("过") if bar.met else _("没过"),
            "permille": bar.permille,
            "tick": 1000 * bar.share.numerator // bar.share.denominator,
        }
        for bar in bars
    ]


def _law(item: int) -> str:
    return _("民法典第二百七十八条第 %(n)s 项：%(item)s") % {"n": item, "item": item_name(item)}


def _one_of_each_item(results: list[MotionResult]) -> list[MotionResult]:
    return list({result.motion.item: result for result in results}.values())


def filing(page: VotePage, facts: FilingFacts) -> list[tuple[str, str]]:
    """What was done when and by which rules, (name, words) line by line: of the filing page and of the paper."""
    vote = page.vote
    roll = _("%(units)s 个单元，%(parties)s 人，%(area)s ㎡") % {
        "units": f"{vote.units:,}",
        "parties": f"{vote.parties:,}",
        "area": area(vote.area_hundredths),
    }
    told = _("%(day)s抄告居委会") % {"day": fullday(vote.residents_committee_told_on)}
    asked = _("一共 %(all)s 条，还没答复的 %(open)s 条。") % {"all": page.objections_in_all, "open": page.objections_open}
    shown = _("疑问 %(asked)s 条，更正 %(corrected)s 处") % {"asked": facts.roll_objections, "corrected": page.corrections}
    papers = _("印发 %(papers)s 张，送到 %(delivered)s 家，没送到、公告过 %(undelivered)s 家") % {
        "papers": f"{facts.papers:,}",
        "delivered": f"{facts.delivered:,}",
        "undelivered": f"{facts.undelivered:,}",
    }
    extended = [step.detail for step in page.steps if step.verb == "vote_extended"]
    return [
        (_("召集人"), name_of(vote.convenor)),
        (_("名册"), roll),
        (_("名册冻结"), fulltime(vote.frozen_at)),
        (_("名册公示"), f"{fulltime(vote.roll_published_at)}—{fullday(page.roll_shown_until)}" + _("，") + shown),
        (_("公告"), fulltime(vote.noticed_at) + _("，") + told),
        (_("选票"), papers),
        (_("表决"), _span(vote.opens_at, vote.closes_at)),
        *[(_("延过期"), _span(datetime.fromisoformat(each["from"]), datetime.fromisoformat(each["to"]))) for each in extended],
        *_official(facts),
        (_("怎么算"), "\n".join(_counting(vote))),
        *([(_("认定过的票"), _("；").join(_rulings(facts)))] if facts.rulings else []),
        (_("初步结果公示"), f"{fulltime(vote.preliminary_at)}—{fullday(vote.objections_until)}"),
        (_("疑问"), asked),
        *([(_("生效"), fulltime(vote.final_at))] if vote.final_at else []),
        (_("计票人"), _("、").join(page.tellers)),
    ]


def _official(facts: FilingFacts) -> list[tuple[str, str]]:
    if facts.official is None:
        return []
    ballots = _("官方系统的清单，%(n)s 张票") % {"n": f"{facts.official.report['ballots']:,}"}
    return [(_("电子票"), "\n".join((ballots, facts.official.url, f"SHA-256 {facts.official.sha256}")))]


def _counting(vote: Vote) -> list[str]:
    """The rules that were settled when the vote was prepared."""
    channels = {
        "paper": _("同一人投了几种，纸质票先于现场票，现场票先于电子票。"),
        "electronic": _("同一人投了几种，电子票先于现场票，现场票先于纸质票。"),
        "latest": _("同一人投了几种，最后投的算。"),
    }
    return [
        _("车位计入。") if vote.count_parking else _("车位不算。"),
        _("只有废票的，算参加，不支持任何一边。") if vote.invalid_participates else _("废票不算参加。"),
        channels[vote.channel_precedence],
    ]


def _rulings(facts: FilingFacts) -> list[str]:
    names = dict(Ruling.Code.choices)
    return [_("%(why)s %(n)s 件") % {"why": names[code], "n": n} for code, n in facts.rulings.items()]


def _span(begin: datetime | None, end: datetime | None) -> str:
    return f"{fulltime(begin)}—{fulltime(end)}"
