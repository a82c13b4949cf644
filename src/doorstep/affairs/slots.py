"""What affairs shows on pages it does not own."""

from collections.abc import Sequence
from datetime import datetime, time

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.affairs.permissions import may_use_counter, works_at, works_for
from doorstep.affairs.queries import visible, waiting_count
from doorstep.affairs.queries.routing import open_matters_of, open_matters_with, open_pain_points_of, pain_points_of, rules_naming
from doorstep.affairs.queries.taking_part import own_parts
from doorstep.affairs.rules import vote_states
from doorstep.affairs.rules.matter_states import Verb
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.clock import TOWN_ZONE
from doorstep.foundation.journal.names import register_verbs
from doorstep.foundation.ui.slots import Blocker, NavItem, register_blocker, register_nav, register_taking_part
from doorstep.organisations.models import Body
from doorstep.organisations.queries.open_work import OpenWork, WorkLine, register_open_work

VERBS: dict[str, Promise] = {
    Verb.RAISE: gettext_lazy("提出"),
    Verb.ROUTE: gettext_lazy("派出"),
    Verb.ANSWER: gettext_lazy("答复"),
    Verb.DONE: gettext_lazy("办的人说：办好了"),
    Verb.CONFIRM: gettext_lazy("住户说：办好了"),
    Verb.DISPUTE: gettext_lazy("住户说：还没好"),
    Verb.REOPEN: gettext_lazy("重新打开"),
    Verb.CANNOT: gettext_lazy("无法办理"),
    Verb.LAPSE: gettext_lazy("没等到住户的话，记为未确认"),
    Verb.WITHDRAW: gettext_lazy("撤回"),
    Verb.ADD: gettext_lazy("补充"),
    Verb.NOTE: gettext_lazy("内部备注"),
    Verb.ESCALATE: gettext_lazy("到点没办，转给上一级"),
    Verb.MERGE: gettext_lazy("并到一起办"),
    Verb.UNMERGE: gettext_lazy("分出来单独办"),
    Verb.URGE: gettext_lazy("住户催了一次"),
    Verb.TRIAGE: gettext_lazy("分了轻重"),
    Verb.TAKE: gettext_lazy("接着办"),
    Verb.RELEASE: gettext_lazy("放回去"),
    Verb.RETURN: gettext_lazy("请住户补充：时间先停下"),
    Verb.MOVE: gettext_lazy("换了地方"),
    Verb.TRANSFER: gettext_lazy("转到外面的部门"),
    Verb.OUTSIDE_REGISTERED: gettext_lazy("已经在外面的部门登记，转过去了"),
    Verb.OUTSIDE_NUMBER: gettext_lazy("那边登记了"),
    Verb.OUTSIDE_ANSWER: gettext_lazy("那边的答复"),
    Verb.OUTSIDE_BACK: gettext_lazy("那边退回来了"),
    Verb.THANK: gettext_lazy("邻居帮上了忙，谢过了"),
    "help_offered": gettext_lazy("邻居说来帮"),
    "help_accepted": gettext_lazy("请这位邻居来帮"),
    "help_taken_back": gettext_lazy("邻居来不了了"),
    "help_thanked": gettext_lazy("谢过了"),
    "pin_renewed": gettext_lazy("换了一张小票"),
    "text_erased": gettext_lazy("写的人注销了，原话已经抹去"),
    "name_withdrawn": gettext_lazy("提出的人不再写名字"),
}
OTHER_VERBS: dict[str, dict[str, Promise]] = {
    "counter_note": {
        "note_kept": gettext_lazy("先记了一句"),
        "note_entered": gettext_lazy("补录成一件事"),
        "note_set_aside": gettext_lazy("不用登记"),
    },
    "question": {"question_published": gettext_lazy("公开了一问一答"), "question_withdrawn": gettext_lazy("撤下了一问一答")},
    "pain_point": {
        "pain_point_listed": gettext_lazy("列进痛点清单"),
        "pain_point_ended": gettext_lazy("销号"),
        "pain_point_passed": gettext_lazy("跟着职务交给了接手的人"),
    },
    "reply": {"reply_kept": gettext_lazy("存了一条常用答复"), "reply_dropped": gettext_lazy("不用这条答复了")},
    "taking_part": {"taking_part_printed": gettext_lazy("打印了参与证明")},
    "api_key": {"api_key_made": gettext_lazy("发了一把接口钥匙")},
}

VOTE_VERBS: dict[str, Promise] = {
    vote_states.Verb.PREPARE: gettext_lazy("开始准备"),
    vote_states.Verb.MOTION: gettext_lazy("写下议案"),
    vote_states.Verb.APPOINT: gettext_lazy("定下计票人"),
    vote_states.Verb.FREEZE: gettext_lazy("业主名册冻结"),
    vote_states.Verb.SHOW_ROLL: gettext_lazy("名册公示"),
    vote_states.Verb.CORRECT: gettext_lazy("更正名册"),
    vote_states.Verb.OBJECT_ROLL: gettext_lazy("业主对名册提出疑问"),
    vote_states.Verb.NOTICE: gettext_lazy("公告，并告诉居委会"),
    vote_states.Verb.ISSUE: gettext_lazy("印发选票"),
    vote_states.Verb.PRINT: gettext_lazy("打印选票"),
    vote_states.Verb.REPLACE: gettext_lazy("换了一张选票"),
    vote_states.Verb.DELIVER: gettext_lazy("送选票"),
    vote_states.Verb.ANNOUNCE: gettext_lazy("公告没送到的"),
    vote_states.Verb.OPEN: gettext_lazy("开始表决"),
    vote_states.Verb.EXTEND: gettext_lazy("参加的不够，延期"),
    vote_states.Verb.REMIND: gettext_lazy("提醒还没投的"),
    vote_states.Verb.CAST: gettext_lazy("收到一张电子票"),
    vote_states.Verb.ENTER: gettext_lazy("收到一张纸票"),
    vote_states.Verb.SCAN: gettext_lazy("附上纸票的扫描件"),
    vote_states.Verb.OFFICIAL: gettext_lazy("收到官方系统的投票清单"),
    vote_states.Verb.REPLACE_LIST: gettext_lazy("换了一份官方系统的投票清单"),
    vote_states.Verb.CLOSE: gettext_lazy("表决截止"),
    vote_states.Verb.RULE: gettext_lazy("认定了哪张票算数"),
    vote_states.Verb.TALLY: gettext_lazy("计票"),
    vote_states.Verb.PUBLISH: gettext_lazy("公布初步结果，询异公示"),
    vote_states.Verb.OBJECT_RESULT: gettext_lazy("业主对结果提出疑问"),
    vote_states.Verb.RECOUNT: gettext_lazy("疑问成立，重新计票"),
    vote_states.Verb.FINISH: gettext_lazy("结果生效"),
    vote_states.Verb.ANNUL: gettext_lazy("被法院撤销"),
    vote_states.Verb.RECONVENE: gettext_lazy("重新召集"),
    vote_states.Verb.ANSWER: gettext_lazy("答复疑问"),
    vote_states.Verb.INSPECT: gettext_lazy("依规查看了一家的票"),
    vote_states.Verb.CALL_OFF: gettext_lazy("取消"),
}
POLL_VERBS: dict[str, Promise] = {
    "poll_opened": gettext_lazy("开始征询"),
    "poll_answered": gettext_lazy("有人答了"),
    "poll_closed": gettext_lazy("征询截止"),
}


def _nav(viewer: Viewer) -> list[NavItem]:
    items = []
    if viewer.bodies:
        items.append(NavItem(_("要办的事"), "/work/", "clipboard-check", ("/work/",)))
    if may_use_counter(viewer):
        items.append(NavItem(_("窗口登记"), "/counter/", "coffee", ("/counter/",)))
    items.append(NavItem(_("大家的事"), "/matters/", "list", ("/matters/", "/m/")))
    items.append(NavItem(_("业主表决"), "/votes/", "landmark", ("/votes/", "/polls/")))
    if viewer.signed_in:
        items.append(NavItem(_("我的事"), "/my/", "user", ("/my/",), badge=waiting_count(viewer)))
    return items


def _open_lines(viewer: Viewer, numbers: Sequence[str]) -> list[WorkLine]:
    """The matters of these numbers that a viewer may know of."""
    found = {matter.number: matter for matter in visible(viewer).filter(number__in=numbers)}
    return [WorkLine(number, found[number].title, f"/m/{number}", found[number].due_at) for number in numbers if number in found]


def _pain_point_lines(viewer: Viewer, ids: Sequence[str]) -> list[WorkLine]:
    """What is on the list of pain points, for those who work at its place."""
    return [
        WorkLine(
            f"T{point.pk}", point.title, f"/p/{point.scope.code}/pain-points/", datetime.combine(point.due_on, time(23, 59, 59), TOWN_ZONE)
        )
        for point in pain_points_of(ids)
        if works_at(viewer, point.scope) or works_for(viewer, point.body_id)
    ]


def _in_the_way(body: Body) -> list[Blocker]:
    """A body that still has matters, or to which matters are routed, does not end."""
    found = []
    if waiting := open_matters_with(body):
        found.append(Blocker(_("手上还有 %(n)d 件事没办完，先办完或转走。") % {"n": waiting}, "/work/"))
    if rules := rules_naming(body):
        found.append(Blocker(_("还有 %(n)d 条“谁来办”指着它，先改给别人。") % {"n": rules}, f"/p/{body.place.code}/routing/"))
    return found


def register() -> None:
    register_nav(_nav, order=20)
    register_taking_part(
        own_parts,
        names={
            "raised": gettext_lazy("说了一件事"),
            "written_down": gettext_lazy("替别人登记"),
            "helped": gettext_lazy("给邻居搭手"),
            "voted": gettext_lazy("参加表决"),
            "answered": gettext_lazy("答了意向征询"),
        },
    )
    register_open_work("matter", OpenWork(gettext_lazy("住户的事"), open_matters_of, _open_lines))
    register_open_work("pain_point", OpenWork(gettext_lazy("痛点"), open_pain_points_of, _pain_point_lines))
    register_blocker("end_body", _in_the_way)
    register_verbs(
        "category",
        {
            "category_on": gettext_lazy("打开了一类事"),
            "category_off": gettext_lazy("关掉了一类事"),
            "category_added": gettext_lazy("加了一类事"),
        },
    )
    register_verbs("routing", {"routing_set": gettext_lazy("定了谁来办"), "escalation_set": gettext_lazy("定了超期几天让谁盯")})
    register_verbs("matter", VERBS)
    register_verbs("vote", VOTE_VERBS)
    register_verbs("poll", POLL_VERBS)
    for kind, verbs in OTHER_VERBS.items():
        register_verbs(kind, verbs)
