"""Tables of talents: who can be asked, who learns, who is certified, who gave which hours."""

from doorstep.talents.models.academy import Course, CourseSession, Mark, Review, Student
from doorstep.talents.models.certificates import BadgeKey, Certificate, CertificateTerm
from doorstep.talents.models.hours import HoursLine, HoursProof, VolunteerNumber, VolunteerRecord
from doorstep.talents.models.register import Licence, Listing, Profile

__all__ = [
    "BadgeKey",
    "Certificate",
    "CertificateTerm",
    "Course",
    "CourseSession",
    "HoursLine",
    "HoursProof",
    "Licence",
    "Listing",
    "Mark",
    "Profile",
    "Review",
    "Student",
    "VolunteerNumber",
    "VolunteerRecord",
]
