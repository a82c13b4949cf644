"""What stands in somebody's own data as kind, topic and reason, in words: what every mechanism calls its own is known up here alone."""

import re
from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from doorstep.foundation.identity.lifecycle import called, register_words
from doorstep.foundation.journal.names import verb_name
from doorstep.foundation.places.queries import place_by_code
from doorstep.foundation.search.queries import named
from doorstep.site.notices import KINDS
from doorstep.site.views import WHY

# What one follows and what others read of one, beside what one is told of.
MORE_KINDS: dict[str, Promise] = {
    "place": gettext_lazy("地方"),
    "party_census": gettext_lazy("支部的党员名册"),
    "party_member": gettext_lazy("党员申报"),
    "person": gettext_lazy("个人资料"),
    "reading": gettext_lazy("血压"),
    "residents": gettext_lazy("居民认证"),
    "roll": gettext_lazy("名册"),
    "unit": gettext_lazy("一套房"),
}
NUMBERED = re.compile(r"\d")


def kinds() -> dict[str, Promise]:
    return {**KINDS, **MORE_KINDS}


def topic(value: str, row: Mapping[str, Any]) -> str:
    """What happened, as the journal calls it; "" for what has no name."""
    name = verb_name(row["kind"], value)
    return "" if name == value else name


def subject(value: str, row: Mapping[str, Any]) -> str:
    """A place by its name; anything else where it is a number one can look up, and not a code."""
    if row.get("kind") == "place":
        place = place_by_code(value)
        return named(place.name, place.name_en) if place is not None else ""
    return value if NUMBERED.search(value) else ""


def register() -> None:
    register_words("foundation.InboxItem.kind", "foundation.Preference.kind", "foundation.Follow.kind", words=called(kinds))
    register_words("foundation.AccessLog.kind", words=called(kinds))
    register_words("foundation.InboxItem.topic", words=topic)
    register_words("foundation.AccessLog.why", words=called(lambda: WHY))
    register_words(
        "foundation.InboxItem.subject", "foundation.Follow.subject", "foundation.AccessLog.subject", "foundation.Case.subject",
        "foundation.Complaint.case__subject", "foundation.Delivery.item__subject", words=subject,
    )  # fmt: skip
