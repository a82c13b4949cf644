"""What talents has printed as PDF: the facts of each paper, in the words of its page."""

from collections.abc import Sequence
from datetime import date, datetime

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from doorstep.foundation.clock import TOWN_ZONE
from doorstep.foundation.printing.press import Fact, Facts
from doorstep.foundation.printing.qr import qr_fact
from doorstep.foundation.ui import formats
from doorstep.foundation.ui.templatetags.ui import name_of
from doorstep.talents.codes import reason_text, time_text
from doorstep.talents.models import HoursLine, HoursProof, VolunteerRecord
from doorstep.talents.queries import Book
from doorstep.talents.queries.certificates import Checked
from doorstep.talents.rules.standing import Standing
from doorstep.talents.templatetags.talents import stage_word, title_of


def _day(on: date | datetime) -> str:
    """With its year, as a paper says it."""
    return formats.day(on, english=(get_language() or "").startswith("en"), this_year=0)


def certificate(found: Checked, *, url: str) -> Facts:
    """A mentor's certificate: for talents/certificate.typ. One that does not count today says so across its face."""
    given = found.certificate
    term = {"from": _day(found.badge.valid_from), "until": _day(given.valid_until)}
    return {
        "title": _("公益导师证书"),
        "date": given.issued_on.isoformat(),
        "number": given.number,
        "number_label": _("编号"),
        "name": given.person.name,
        "says": [
            _("学完课程、在基地实训，通过考核和评审，自 %(since)s起担任公益导师。") % {"since": _day(given.since)},
            _("本期自 %(from)s到 %(until)s，每年复审。") % term,
        ],
        "stopped": None if found.standing == Standing.VALID else {"word": _standing_word(found.standing), "say": _("这张证书现在不算数。")},
        "issuer": name_of(given.issuer),
        "day": _day(given.issued_on),
        "seal": _("（盖章处）"),
        "qr": qr_fact(url),
        "url": url,
        "scan": _("扫码验真"),
        "scan_more": _("扫码看它今天还算不算数"),
    }


def _standing_word(standing: Standing) -> str:
    return {Standing.SUSPENDED: _("已暂停"), Standing.REVOKED: _("已撤销"), Standing.EXPIRED: _("已过期")}[standing]


def proof_of_hours(proof: HoursProof, *, holds: bool, url: str) -> Facts:
    """A free proof of somebody's hours: for talents/proof.typ. Where the book was corrected since, it says so first."""
    said = {"name": proof.name, "since": _day(proof.since), "until": _day(proof.until), "time": time_text(proof.minutes)}
    return {
        "title": _("志愿服务证明"),
        "date": proof.made_at.astimezone(TOWN_ZONE).date().isoformat(),
        "warning": "" if holds else _("开了以后，时长簿更正过。请本人重新开一张。"),
        "says": _("%(name)s，%(since)s至 %(until)s，参加志愿服务 %(time)s（实际服务时间，不含往返）。") % said,
        "rows": [
            (_("证明编号"), proof.code),
            (_("出具单位"), name_of(proof.body)),
            (_("出具日期"), _day(proof.made_at)),
            (_("指纹"), proof.digest),
        ],
        "issuer": name_of(proof.body),
        "day": _day(proof.made_at),
        "seal": _("（盖章处）"),
        "qr": qr_fact(url),
        "url": url,
        "scan": _("扫码核对这张证明"),
        "free": _("不收钱。上面有二维码，谁都可以验。"),
    }


def hours_book(book: Book, *, certificate_number: str, on: date) -> Facts:
    """Somebody's own book in the five groups of 令67: for talents/hours.typ."""
    return {
        "title": _("志愿服务记录"),
        "date": on.isoformat(),
        "made": _("%(day)s打印") % {"day": _day(on)},
        "who": [
            (_("姓名"), book.person.name),
            (_("志愿者编号"), book.volunteer_number or "—"),
            *([(_("公益导师证书"), certificate_number)] if certificate_number else []),
        ],
        "totals": [
            (_("认可的服务时间"), time_text(book.approved)),
            (_("等认可"), time_text(book.waiting)),
            (_("实训"), time_text(book.practice)),
        ],
        "note": _("只算实际服务的时间，路上不算。时长不是积分，不换东西，也不排名。"),
        "none": _("还没有。"),
        "groups": {
            "who": _("个人基本信息"),
            "service": _("志愿服务情况"),
            "training": _("培训情况"),
            "awards": _("表彰奖励情况"),
            "evaluations": _("评价情况"),
        },
        "columns": [_("哪天"), _("做了什么"), _("情况"), _("时间")],
        "lines": [_line(line) for line in book.lines],
        "training": [
            {
                "what": title_of(each.student.course),
                "how": _("到课 %(n)s / %(of)s 学时") % {"n": each.attended_hours, "of": each.student.course.taught_hours},
                "number": each.certificate_number,
            }
            for each in book.training
        ],
        "awards": _records(book.awards),
        "evaluations": _records(book.evaluations),
    }


def _line(line: HoursLine) -> Fact:
    stage = stage_word(line)
    return {
        "day": line.on.isoformat(),
        "what": title_of(line),
        "where": f"{name_of(line.place)} · {name_of(line.body)}",
        "stage": f"{stage}{_('，')}{reason_text(line.reason)}" if line.reason else stage,
        "time": time_text(line.minutes),
    }


def _records(records: Sequence[VolunteerRecord]) -> list[Fact]:
    return [{"day": each.on.isoformat(), "words": each.words, "body": name_of(each.body)} for each in records]
