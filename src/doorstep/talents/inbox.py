"""How what happens in talents is worded in the inbox."""

from django.utils.translation import gettext as _

from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.notify.models import InboxItem
from doorstep.foundation.notify.queries import Describe, Line
from doorstep.talents.models import Certificate, Course, HoursLine


def _sentence(topic: str) -> str:
    return {
        "enrol": _("您进了这一班"),
        "mark": _("考核的分数出来了"),
        "ask_review": _("请您评审一位学员"),
        "review": _("评审人说了"),
        "recuse": _("有评审人回避了，看看要不要再请"),
        "publish": _("评审通过了，正在公示"),
        "not_passed": _("这一次没有通过"),
        "stop_publication": _("公示撤下了，这一次不发证"),
        "issue": _("您的公益导师证书发下来了"),
        "renew": _("证书又续了一年"),
        "suspend": _("证书暂停了"),
        "resume": _("证书恢复了"),
        "revoke": _("证书撤销了"),
        "warn": _("证书快到期了，该复审了"),
        "attended": _("记下了您的时长"),
        "approved": _("您的时长认可了"),
        "award": _("给您记了一次表彰"),
        "evaluation": _("有人评价了您的服务"),
        "list": _("您归进了人才库的一类"),
        "check_licence": _("您的执业资质登记好了"),
        "withdraw_licence": _("您的执业资质停用了"),
        "warn_licence": _("执业资质快到期了"),
    }.get(topic, _("有新进展"))


def courses(items: list[InboxItem], viewer: Viewer) -> dict[int, Line]:
    """Lines about courses, which are public. One query."""
    titles = dict(Course.objects.filter(code__in={item.subject for item in items}).values_list("code", "title"))
    return {
        item.id: Line(
            text=_sentence(item.topic),
            title=titles[item.subject],
            url="/talents/reviews/" if item.topic == "ask_review" else f"/talents/courses/{item.subject}",
        )
        for item in items
        if item.subject in titles
    }


def certificates(items: list[InboxItem], viewer: Viewer) -> dict[int, Line]:
    """Lines about certificates, whose standing is public. One query."""
    known = set(Certificate.objects.filter(number__in={item.subject for item in items}).values_list("number", flat=True))
    return {
        item.id: Line(text=_sentence(item.topic), title=item.subject, url=f"/certificates/{item.subject}")
        for item in items
        if item.subject in known
    }


def hours(items: list[InboxItem], viewer: Viewer) -> dict[int, Line]:
    """Lines about one's own hours, with what they were for. One query."""
    keys = {item.subject.removeprefix("line-") for item in items if item.subject.startswith("line-")}
    own = HoursLine.objects.filter(pk__in=keys, person_id__in={viewer.own_id, *viewer.former_ids})
    said = {f"line-{pk}": (title, on) for pk, title, on in own.values_list("pk", "title", "on")}
    found = {}
    for item in items:
        title, on = said.get(item.subject, ("", None))
        found[item.id] = Line(text=_sentence(item.topic), title=f"{title} · {on:%Y-%m-%d}" if on else "", url="/talents/hours/")
    return found


def own(url: str) -> Describe:
    """Lines that lead to a page of one's own and name nothing."""

    def describe(items: list[InboxItem], viewer: Viewer) -> dict[int, Line]:
        return {item.id: Line(text=_sentence(item.topic), title="", url=url) for item in items}

    return describe
