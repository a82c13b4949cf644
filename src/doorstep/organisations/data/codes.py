"""Names of the codes of 组织共建: kinds of seats, reasons of a refusal, how things ended, findings of the law on committees. Data, in both languages."""

import tomllib
from functools import cache
from pathlib import Path

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from doorstep.organisations.permissions import PARTY
from doorstep.organisations.rules import committee, uscc
from doorstep.organisations.rules.composition import Seat

DATA = Path(__file__).parent / "seats.toml"

USCC_FAULTS: dict[str, Promise] = {
    uscc.WRONG_LENGTH: _("统一社会信用代码是 18 位。"),
    uscc.WRONG_CHARACTER: _("代码里有不该有的字：只有数字和大写字母，没有 I、O、S、V、Z。"),
    uscc.WRONG_INNER: _("第 9 到 17 位对不上，请照执照再抄一遍。"),
    uscc.WRONG_CHECK: _("最后一位对不上，请照执照再抄一遍。"),
}
REFUSALS: dict[str, Promise] = {
    "not_here": _("不在这里经营或居住"),
    "not_found": _("照留的资料找不到"),
    "registered_already": _("已经登记过"),
    "papers_missing": _("资料不全，补上再来"),
    "not_lawful": _("经营范围不合规定"),
}
ENDINGS: dict[str, Promise] = {
    "dissolved": _("撤销了"),
    "merged": _("并到别的机构"),
    "replaced": _("换了新的"),
    "registered_twice": _("重复登记"),
}
POST_ENDINGS: dict[str, Promise] = {
    "term_over": _("任期满了"),
    "resigned": _("本人辞去"),
    "removed": _("罢免"),
    "moved": _("调走或搬走"),
    "deceased": _("去世"),
    "body_ended": _("机构撤销"),
}
TRANSFERS: dict[str, Promise] = {
    "sale": _("买卖"),
    "inheritance": _("继承"),
    "gift": _("赠与"),
    "division": _("分家、离婚"),
    "correction": _("更正名册"),
    "roll": _("新名册"),
}
DECLINES: dict[str, Promise] = {
    "not_member": _("查无党籍"),
    "other_branch": _("属于别的支部"),
    "incomplete": _("资料不全"),
}
FINDINGS: dict[str, Promise] = {
    committee.SIZE_BELOW: _("委员 %(has)s 人，少于 %(of)s 人"),
    committee.SIZE_ABOVE: _("委员 %(has)s 人，多于 %(of)s 人"),
    committee.SIZE_EVEN: _("委员 %(has)s 人，不是单数"),
    committee.TERM_TOO_LONG: _("任期到 %(done_on)s，最长只能到 %(by)s"),
    committee.FIRST_MEETING_DUE: _("%(by)s 以前要开第一次会，推选主任、副主任"),
    committee.FIRST_MEETING_MISSED: _("第一次会应在 %(by)s 以前开，还没有开"),
    committee.FIRST_MEETING_LATE: _("第一次会 %(done_on)s 才开，应在 %(by)s 以前"),
    committee.FILING_DUE: _("%(by)s 以前要去备案"),
    committee.FILING_MISSED: _("备案应在 %(by)s 以前，还没有办"),
    committee.FILING_LATE: _("%(done_on)s 才备案，应在 %(by)s 以前"),
    committee.SEAL_UNFILED: _("章 %(by)s 起就有人保管，这一届还没有备案：备了案才刻章"),
    committee.SEAL_EARLY: _("章 %(by)s 起就有人保管，%(done_on)s 才备案：备了案才刻章"),
    committee.CHANGE_DUE: _("委员 %(done_on)s 有变动，%(by)s 以前要去变更备案"),
    committee.CHANGE_MISSED: _("委员 %(done_on)s 有变动，变更备案应在 %(by)s 以前，还没有办"),
    committee.HANDOVER_DUE: _("%(by)s 以前要接过上一届的档案、印章和财物"),
    committee.HANDOVER_MISSED: _("档案、印章和财物应在 %(by)s 以前移交，还没有办完"),
    committee.HANDOVER_LATE: _("%(done_on)s 才移交完，应在 %(by)s 以前"),
    committee.VACANCY: _("缺 %(lacking)s 人：%(of)s 个席位，现在 %(has)s 人，按议事规则递补"),
    committee.BELOW_HALF: _("%(of)s 个席位只剩 %(has)s 人，不到一半，要开业主大会临时会议重新选"),
    committee.RENEWAL_DUE: _("%(by)s 起就该开始换届"),
    committee.EXPIRED: _("任期 %(by)s 已满，还没有换届"),
    committee.PUBLIC_LIST: _("该公开的 %(of)s 样里公开了 %(has)s 样，还缺：%(kinds)s"),
    committee.TERM_ENDING: _("任期 %(by)s 到，该准备换届"),
    committee.TERM_OVER: _("任期 %(by)s 已满，还没有人接"),
}
# What the inbox says of a finding; the day and the figures stand on the page.
WARNINGS: dict[str, Promise] = {
    committee.FILING_DUE: _("选出来了，要去备案"),
    committee.FILING_MISSED: _("过了备案的日子，还没有备案"),
    committee.SEAL_UNFILED: _("还没有备案，章已经在用"),
    committee.CHANGE_DUE: _("委员有变动，要去变更备案"),
    committee.CHANGE_MISSED: _("委员有变动，过了变更备案的日子"),
    committee.HANDOVER_DUE: _("要接过上一届的档案、印章和财物"),
    committee.HANDOVER_MISSED: _("过了移交的日子，档案、印章和财物还没有接完"),
    committee.BELOW_HALF: _("委员不到一半了，要重新选"),
    committee.RENEWAL_DUE: _("任期快满了，该开始换届"),
    committee.EXPIRED: _("任期满了，还没有换届"),
    committee.TERM_ENDING: _("有人的任期快到了，该准备换届"),
    committee.TERM_OVER: _("有人的任期满了，还没有人接"),
}

# Which kinds of texts a kind of body publishes, besides its charter.
TEXTS: dict[str, tuple[str, ...]] = {
    "owners_committee": ("rules", "covenant", "decision", "contract", "fund", "common", "parking", "costs"),
    "property_company": ("fees", "promise"),
    "association": ("rules",),
    **{kind: ("appeal", "member_promise", "contact_days") for kind in sorted(PARTY)},
}
# Of these every text stays in force beside the others; of the others the newest counts.
STANDING = frozenset({"decision", "promise", "appeal", "member_promise"})


def kinds_of_texts(kind_of_body: str) -> tuple[str, ...]:
    return ("charter", *TEXTS.get(kind_of_body, ()))


@cache
def _seat_rows() -> tuple[dict[str, str], ...]:
    return tuple(tomllib.loads(DATA.read_text("utf-8"))["seat"])


def seats() -> tuple[Seat, ...]:
    """The kinds of seats of a council, in their order."""
    return tuple(Seat(str(row["code"]), bool(row["required"])) for row in _seat_rows())


def seat_name(code: str) -> str:
    """In the page's language; the code of a seat that is no longer in the data."""
    row = next((row for row in _seat_rows() if row["code"] == code), None)
    if row is None:
        return code
    return row["en"] if (get_language() or "").startswith("en") else row["zh"]
