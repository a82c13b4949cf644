"""Mail beside the inbox: one digest a day, or at once where somebody asked for that. Sent by the worker, tried again, given up in the open.

Nothing goes to an address that has not shown it is the person's, and what a person may no longer see when it is sent is not sent. Of what is
not public a mail says that there is something, never what: mail lies about.
"""

import logging
from collections.abc import Sequence
from datetime import timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import NOBODY, PUBLIC, Viewer, build_viewer
from doorstep.foundation.identity.models import Person
from doorstep.foundation.identity.queries import language_of
from doorstep.foundation.notify.models import Delivery, InboxItem, MailAddress, OutboxEvent, Preference
from doorstep.foundation.notify.queries import Line, lines_of
from doorstep.foundation.notify.timing import next_digest, pause_after
from doorstep.foundation.places.queries import town
from doorstep.foundation.regulations.queries import value_of

logger = logging.getLogger(__name__)

CHANNEL = "email"
STOP_SALT = "notify.stop"
CONFIRM_SALT = "notify.confirm"
CONFIRM_LIFE = timedelta(days=2)
LEASE = timedelta(minutes=10)


class NotALink(Exception):
    """The token of a link is not one of ours, or is too old."""


# Where and how somebody wants to be written to


def set_address(*, viewer: Viewer, address: str) -> None:
    """Take down a mail address and send it the link that confirms it. Raises OSError or SMTPException when that mail cannot be handed over:
    nothing is kept then."""
    with transaction.atomic():
        MailAddress.objects.update_or_create(person_id=viewer.own_id, defaults={"address": address, "confirmed_at": None})
        token = signing.dumps({"person": viewer.own_id, "address": address}, salt=CONFIRM_SALT)
        body = _("有人在家门口写下了这个邮箱。是您的话，打开下面的链接，按一下“是我的”：")
        later = _("不是您写的，不用管它，不会再收到。")
        _send(
            to=address, subject=_("请确认您的邮箱"), body=f"{body}\n\n{settings.SITE_URL}/notices/confirm/{token}\n\n{later}\n", headers={}
        )


def read_confirmation(token: str) -> tuple[int, str]:
    """(person, address) of a confirming link. Raises NotALink."""
    try:
        given = signing.loads(token, salt=CONFIRM_SALT, max_age=CONFIRM_LIFE)
    except signing.BadSignature as error:
        raise NotALink from error
    return given["person"], given["address"]


def confirm_address(*, token: str) -> None:
    """The address is theirs. Raises NotALink, also when another address was written down since."""
    person_id, address = read_confirmation(token)
    found = MailAddress.objects.filter(person_id=person_id, address=address)
    if not found.update(confirmed_at=clock.now()):
        raise NotALink


def forget_address(*, viewer: Viewer) -> None:
    MailAddress.objects.filter(person_id=viewer.own_id).delete()


def address_of(viewer: Viewer) -> MailAddress | None:
    return MailAddress.objects.filter(person_id=viewer.own_id).first()


def modes_of(viewer: Viewer) -> dict[str, str]:
    """The viewer's choice by kind of thing, where they made one."""
    return dict(Preference.objects.filter(person_id=viewer.own_id, channel=CHANNEL).values_list("kind", "mode"))


def choose_mode(*, person_id: int, kind: str, mode: str) -> None:
    Preference.objects.update_or_create(person_id=person_id, kind=kind, channel=CHANNEL, defaults={"mode": mode})


def read_stop(token: str) -> tuple[int, str]:
    """(person, kind) of a link to be told no more. It never ages: whoever has the mail may stop it. Raises NotALink."""
    try:
        given = signing.loads(token, salt=STOP_SALT)
    except signing.BadSignature as error:
        raise NotALink from error
    return given["person"], given["kind"]


def stop(*, token: str) -> str:
    """Send no more mail of this kind to this person; the kind."""
    person_id, kind = read_stop(token)
    choose_mode(person_id=person_id, kind=kind, mode=Preference.Mode.OFF)
    return kind


# Sending


def send_later(*, event: OutboxEvent, persons: Sequence[int]) -> None:
    """Put down for mail what was just put into the inbox of those who confirmed an address. One query where nobody did."""
    reachable = set(MailAddress.objects.filter(person_id__in=persons).exclude(confirmed_at=None).values_list("person_id", flat=True))
    if not reachable:
        return
    chosen = Preference.objects.filter(person_id__in=reachable, kind=event.kind, channel=CHANNEL).values_list("person_id", "mode")
    modes = dict(chosen)
    now = clock.now()
    digest_at = next_digest(now, _digest_hour())
    items = InboxItem.objects.filter(event=event, person_id__in=reachable).values_list("pk", "person_id")
    Delivery.objects.bulk_create(
        [
            Delivery(
                person_id=person_id,
                item_id=item_id,
                channel=CHANNEL,
                not_before=now if modes.get(person_id) == Preference.Mode.AT_ONCE else digest_at,
            )
            for item_id, person_id in items
            if modes.get(person_id) != Preference.Mode.OFF
        ],
        ignore_conflicts=True,
    )


def _digest_hour() -> int:
    place = town()
    localities = place.localities if place is not None else ["CN"]
    return value_of("notify.digest_hour", place_lineage_localities=localities, on=clock.today()).number


def send_due(*, at_most: int = 50) -> int:
    """Send what is due, one mail to a person; how many mails went out. Safe to run in several workers at once."""
    due = Delivery.objects.filter(state=Delivery.State.WAITING, channel=CHANNEL, not_before__lte=clock.now())
    persons = list(due.order_by("person_id").values_list("person_id", flat=True).distinct()[:at_most])
    return sum(_send_to(person_id) for person_id in persons)


def _send_to(person_id: int) -> int:
    """One person's mail. What is being sent is taken first, so that no other worker sends it too; a worker that dies gives it back in time."""
    now = clock.now()
    with transaction.atomic():
        waiting = Delivery.objects.select_for_update(skip_locked=True, of=("self",)).filter(
            person_id=person_id, state=Delivery.State.WAITING, channel=CHANNEL, not_before__lte=now
        )
        taken = list(waiting.select_related("item__event__entry").order_by("id")[:100])
        Delivery.objects.filter(pk__in=[each.pk for each in taken]).update(not_before=now + LEASE)
    if not taken:
        return 0
    person = Person.objects.filter(pk=person_id, erased_at=None).first()
    address = MailAddress.objects.filter(person_id=person_id).exclude(confirmed_at=None).first()
    off = set(Preference.objects.filter(person_id=person_id, channel=CHANNEL, mode=Preference.Mode.OFF).values_list("kind", flat=True))
    with translation.override(language_of(person_id)):
        lines: dict[int, Line] = {}
        if person is not None and address is not None:
            viewer = build_viewer(person_id=person_id, name=person.name)
            lines = lines_of([each.item for each in taken if each.item.kind not in off], viewer)
        told = [each for each in taken if each.item_id in lines]
        _settle([each for each in taken if each.item_id not in lines], Delivery.State.WITHHELD)
        if not told or address is None:
            return 0
        try:
            _send_digest(address, told, lines)
        except (OSError, SMTPException) as error:
            logger.warning("mail to person %d was not handed over: %s", person_id, type(error).__name__)
            _put_off(told, type(error).__name__)
            return 0
    _settle(told, Delivery.State.SENT)
    return 1


def _send_digest(address: MailAddress, told: Sequence[Delivery], lines: dict[int, Line]) -> None:
    # What was public when it happened may have been hidden since, so it is asked again as nobody.
    public = lines_of([each.item for each in told if each.item.event.entry.audience == PUBLIC], NOBODY)
    parts = []
    for each in told:
        line = lines[each.item_id]
        told_of = _("%(text)s：%(title)s") % {"text": line.text, "title": line.title} if each.item_id in public else line.text
        parts.append(f"{told_of}\n{settings.SITE_URL}{line.url}")
    kinds = sorted({each.item.kind for each in told})
    stops = {
        kind: f"{settings.SITE_URL}/notices/stop/{signing.dumps({'person': address.person_id, 'kind': kind}, salt=STOP_SALT)}"
        for kind in kinds
    }
    foot = _("不想再收这样的邮件，打开这个链接就停：")
    subject = lines[told[0].item_id].text if len(told) == 1 else _("您有 %(n)d 条消息") % {"n": len(told)}
    _send(
        to=address.address,
        subject=subject,
        body="\n\n".join([*parts, f"--\n{foot}\n" + "\n".join(stops.values())]) + "\n",
        headers={
            "List-Unsubscribe": f"<{stops[kinds[0]]}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Auto-Submitted": "auto-generated",
        },
    )


def _send(*, to: str, subject: str, body: str, headers: dict[str, str]) -> None:
    EmailMessage(subject=_("【家门口】%(subject)s") % {"subject": subject}, body=body, to=[to], headers=headers).send()


def _settle(deliveries: Sequence[Delivery], state: str) -> None:
    Delivery.objects.filter(pk__in=[each.pk for each in deliveries]).update(state=state, done_at=clock.now())


def _put_off(deliveries: Sequence[Delivery], problem: str) -> None:
    now = clock.now()
    for each in deliveries:
        each.attempts += 1
        pause = pause_after(each.attempts)
        each.problem = problem[:80]
        each.state = Delivery.State.GIVEN_UP if pause is None else Delivery.State.WAITING
        each.not_before = now if pause is None else now + pause
    Delivery.objects.bulk_update(deliveries, ["attempts", "problem", "state", "not_before"])


def try_delivery_again(*, delivery_id: int) -> bool:
    """Let a mail that was given up be tried from the beginning; whether there was one."""
    given_up = Delivery.objects.filter(pk=delivery_id, state=Delivery.State.GIVEN_UP)
    return given_up.update(state=Delivery.State.WAITING, attempts=0, not_before=clock.now()) == 1
