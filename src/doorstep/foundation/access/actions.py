"""The access log ends by rule: it is kept as long as the regulations say, and no longer."""

from datetime import datetime

from doorstep.foundation.access.models import AccessLog


def prune_access_log(*, before: datetime) -> int:
    """Forget reads from before an instant; how many."""
    return AccessLog.objects.filter(at__lt=before).delete()[0]
