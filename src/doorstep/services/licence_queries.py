"""Whether somebody may do what needs a licence. The one place that knows where licences are kept."""

from datetime import date

from doorstep.services.models import SeenLicence


def holds_licence(person_id: int, kind: str, on: date) -> bool:
    """Whether somebody may do on a day what needs this licence (志愿服务条例 art. 16). One query."""
    return SeenLicence.objects.filter(person_id=person_id, kind=kind, expires_on__gte=on).exists()


def last_day_of(person_id: int, kind: str) -> date | None:
    """The last day of the latest licence of this kind; None where none was ever shown."""
    return SeenLicence.objects.filter(person_id=person_id, kind=kind).order_by("-expires_on").values_list("expires_on", flat=True).first()
