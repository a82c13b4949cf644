"""How matters are worded in the inbox."""

from django.utils.translation import gettext as _

from doorstep.affairs.models import Matter, Vote
from doorstep.affairs.queries import visible
from doorstep.affairs.queries.votes import visible_votes
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.notify.models import InboxItem
from doorstep.foundation.notify.queries import Line
from doorstep.foundation.ui.templatetags.ui import daytime, name_of


def sentence(topic: str, matter: Matter, viewer: Viewer) -> str:
    """What happened, as this reader would say it."""
    is_mine = viewer.person_id in (matter.reporter_id, matter.entered_by_id) or viewer.person_id in matter.complainants
    helped = {
        "help_offered": _("有邻居说来帮"),
        "help_accepted": _("人家请您来帮"),
        "help_taken_back": _("说来帮的邻居来不了了"),
        "help_thanked": _("人家谢您了"),
        "pin_renewed": _("您的小票换了一张"),
    }
    if topic in helped:
        return helped[topic]
    body = name_of(matter.body) or _("办事的人")
    if is_mine:
        return {
            "raise": _("您说的事登记了"),
            "route": _("%(body)s在办您的事") % {"body": body},
            "answer": _("%(body)s答复了") % {"body": body},
            "done": _("%(body)s说办好了，等您说一句") % {"body": body},
            "cannot": _("%(body)s说办不了，写了原因") % {"body": body},
            "lapse": _("没等到您的话，记为“未确认”"),
            "escalate": _("到点没办，已经转给上一级"),
            "reopen": _("您的事重新打开了"),
            "merge": _("您的事并到另一件一起办"),
            "merged_in": _("别人也说了这件事，并进来了"),
            "unmerge": _("您的事分出来单独办"),
            "return": _("有一句要问您，补上了才接着办"),
            "move": _("您的事换了地方，重新派了"),
            "transfer": _("您的事转到了外面的部门"),
            "outside_registered": _("您的事在外面的部门登记了"),
            "outside_number": _("那边登记了您的事"),
            "outside_answer": _("那边的答复来了"),
            "outside_back": _("那边退回来了，接着在这里办"),
        }.get(topic, _("您的事有新进展"))
    return {
        "raise": _("来了一件新事"),
        "route": _("转来一件事"),
        "confirm": _("住户说办好了"),
        "dispute": _("住户说还没好，重新打开"),
        "reopen": _("住户重新打开了"),
        "add": _("住户补充了"),
        "note": _("同事写了备注"),
        "lapse": _("住户没有说，记为“未确认”"),
        "withdraw": _("住户撤回了"),
        "escalate": _("有一件事超期了"),
        "urge": _("住户催了一次"),
        "merge": _("一件事并走了"),
        "merged_in": _("有一件事并进来"),
        "unmerge": _("一件事分出来单独办"),
        "move": _("一件事换了地方"),
        "outside_registered": _("住户已经在外面的部门登记，这里不再算时间"),
        "outside_number": _("那边登记了"),
    }.get(topic, _("有新进展"))


def describe(items: list[InboxItem], viewer: Viewer) -> dict[int, Line]:
    """Lines for inbox items about matters the viewer may still see. One query."""
    numbers = {item.subject for item in items}
    matters = {matter.number: matter for matter in visible(viewer).select_related("body").filter(number__in=numbers)}
    lines = {}
    for item in items:
        matter = matters.get(item.subject)
        if matter is not None:
            lines[item.id] = Line(text=sentence(item.topic, matter, viewer), title=matter.title, url=f"/m/{matter.number}")
    return lines


def vote_sentence(topic: str, vote: Vote) -> str:
    """What happened in a vote, as its owners would be told."""
    if topic == "voters_reminded":
        end = {"at": daytime(vote.closes_at)}
        # What was cast in the official system is not known here before its list comes in.
        if vote.electronic != "own":
            return _("还没收到您家的票，%(at)s 截止。在官方系统投过的，不用再投") % end
        return _("还没收到您家的票，%(at)s 截止") % end
    return {
        "teller_appointed": _("请您做这次表决的计票人"),
        "roll_published": _("表决用的业主名册在公示，请看您家对不对"),
        "vote_noticed": _("有事要业主一起定，请看公告"),
        "vote_opened": _("表决开始了"),
        "vote_extended": _("表决延期了"),
        "vote_closed": _("表决截止了，录完纸票就可以计票"),
        "preliminary_published": _("表决的初步结果在公示，有疑问可以问"),
        "result_final": _("表决结果生效了"),
        "result_annulled": _("表决结果被撤销了"),
        "vote_called_off": _("这次表决取消了"),
        "objection_answered": _("您的疑问答复了"),
        "ballots_inspected": _("有人依规查看了您的选票"),
        "roll_objected": _("有业主对名册提出疑问"),
        "result_objected": _("有业主对结果提出疑问"),
        "official_list_received": _("官方系统的投票清单收到了"),
        "official_list_replaced": _("官方系统的投票清单换了一份"),
    }.get(topic, _("这次表决有新进展"))


def describe_votes(items: list[InboxItem], viewer: Viewer) -> dict[int, Line]:
    """Lines for inbox items about votes the viewer may still know of: one that is prepared is its convenor's and tellers'. One query."""
    votes = {vote.number: vote for vote in visible_votes(viewer).filter(number__in={item.subject for item in items})}
    return {
        item.id: Line(text=vote_sentence(item.topic, votes[item.subject]), title=votes[item.subject].title, url=f"/votes/{item.subject}")
        for item in items
        if item.subject in votes
    }
