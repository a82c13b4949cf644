"""Who may do what. Rights hang on the posts of the academy and the issuing centre; asked with the Viewer of the request, no query is made."""

from django.core.exceptions import PermissionDenied

from doorstep.foundation.access.viewer import Viewer
from doorstep.talents.models import Certificate, Course, HoursLine, Student

# Bodies whose people look at licences, and those that may put somebody into the register.
CHECKS_LICENCES = frozenset({"academy", "centre"})
KEEPS_REGISTER = frozenset({"academy", "centre", "association", "village_party", "party_branch"})


class NotAllowed(PermissionDenied):
    """The viewer knows of it but may not do this."""


def works_for(viewer: Viewer, body_id: int) -> bool:
    return body_id in viewer.bodies


def works_at_all(viewer: Viewer) -> bool:
    """Works the matters of some body: sees who agreed to be asked."""
    return bool(viewer.bodies)


def works_for_kind(viewer: Viewer, kinds: frozenset[str]) -> bool:
    return any(post.body_kind in kinds and works_for(viewer, post.body_id) for post in viewer.posts)


def teaches(viewer: Viewer, course: Course) -> bool:
    """The academy's people teach and examine."""
    return works_for(viewer, course.body_id)


def certifies(viewer: Viewer, issuer_id: int) -> bool:
    """The issuing centre's people give, renew, suspend and revoke."""
    return works_for(viewer, issuer_id)


def knows_student(viewer: Viewer, student: Student) -> bool:
    """The student, who teaches, who certifies; reviewers are asked for in queries."""
    return viewer.person_id == student.person_id or teaches(viewer, student.course) or certifies(viewer, student.course.issuer_id)


def may_check_licences(viewer: Viewer) -> bool:
    return works_for_kind(viewer, CHECKS_LICENCES)


def may_keep_register(viewer: Viewer) -> bool:
    return works_for_kind(viewer, KEEPS_REGISTER)


def may_approve(viewer: Viewer, line: HoursLine) -> bool:
    """The body that organised it answers for its hours, and nobody approves their own."""
    return works_for(viewer, line.body_id) and viewer.person_id != line.person_id


def holds(viewer: Viewer, certificate: Certificate) -> bool:
    return viewer.person_id == certificate.person_id
