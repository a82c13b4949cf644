"""What the worker does for the house itself: sealing the journal, and forgetting what the regulations no longer let it keep."""

import logging

from dateutil.relativedelta import relativedelta

from doorstep.foundation import clock
from doorstep.foundation.access.actions import prune_access_log
from doorstep.foundation.identity.erasures import erase_due
from doorstep.foundation.journal.keys import SigningKeyMissing
from doorstep.foundation.journal.sealing import seal_all
from doorstep.foundation.places.queries import town
from doorstep.foundation.regulations.queries import value_of

logger = logging.getLogger(__name__)


def seal_journal() -> int:
    """Seal what waits; how many. Without the private key the rest of the worker's round goes on, and the head grows old in the metrics."""
    try:
        return seal_all()
    except SigningKeyMissing as missing:
        logger.error("the journal is not sealed: the private key %s is not in this town's home", missing.args[0])
        return 0


def forget_old_reads() -> int:
    """Drop access-log rows past their time: the town's own term, and never sooner than the law lets logs go."""
    place = town()
    if place is None:
        return 0
    months = max(
        value_of(key, place_lineage_localities=place.localities, on=clock.today()).number
        for key in ("logs.access_retention_months", "logs.retention_months")
    )
    return prune_access_log(before=clock.now() - relativedelta(months=months))


def erase_asked() -> int:
    """Erase whoever asked for it and has had the days to think it over; how many. The list beside the database is brought up to date."""
    place = town()
    return erase_due(place=place) if place is not None else 0
