"""What somebody learned and gave, for the list of what they took part in."""

from datetime import datetime, time

from django.utils.translation import gettext as _

from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.clock import TOWN_ZONE
from doorstep.foundation.search.queries import named
from doorstep.foundation.ui.slots import Part
from doorstep.talents.models import HoursLine, Student
from doorstep.talents.queries.hours import of_person


def own_parts(viewer: Viewer, most: int) -> list[Part]:
    """Courses and approved hours that nobody took back. Two queries."""
    if not viewer.signed_in:
        return []
    courses = Student.objects.filter(person_id=viewer.own_id).select_related("course").order_by("-id")[:most]
    parts = [
        Part("course", each.enrolled_at, "", named(each.course.title, each.course.title_en), f"/talents/courses/{each.course.code}")
        for each in courses
    ]
    given = HoursLine.objects.filter(of_person(viewer.own_id), stage=HoursLine.Stage.APPROVED, reverses=None, reversed_by=None)
    for line in given.exclude(kind=HoursLine.Kind.TRAINING).order_by("-on", "-id")[:most]:
        at = datetime.combine(line.on, time(12), TOWN_ZONE)
        title = _("%(title)s，%(n)s 分钟") % {"title": named(line.title, line.title_en), "n": line.minutes}
        parts.append(Part("hours", at, "", title, "/talents/hours/"))
    return parts
