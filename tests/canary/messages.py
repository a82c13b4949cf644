"""Every message that leaves the house for a person, opened as that person opens it: the inbox, mail at once and in the evening, text messages."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import cast

from django.core import mail as outgoing

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import build_viewer
from doorstep.foundation.identity.models import Person
from doorstep.foundation.identity.senders import MemorySender
from doorstep.foundation.notify import mail
from doorstep.foundation.notify.actions import deliver_pending
from doorstep.foundation.notify.models import Delivery, InboxItem, MailAddress, OutboxEvent, Preference
from doorstep.foundation.notify.queries import kinds_told, lines_of
from tests.canary.crawl import unpacked

INBOX, MAIL, TEXT_MESSAGE = "inbox/", "mail", "text message"


@dataclass(frozen=True)
class Told:
    """One message as it stands before whoever it went to. A text message goes to a phone, not to a person."""

    channel: str
    person: int | None
    text: str


def reach_everybody(*, mode: str) -> None:
    """Give everybody an address that they have confirmed, and have every kind of thing told in one way."""
    now = clock.now()
    persons = list(Person.objects.values_list("pk", flat=True))
    for person in persons:
        MailAddress.objects.update_or_create(person_id=person, defaults={"address": f"{person}@example.com", "confirmed_at": now})
    Preference.objects.all().delete()
    Preference.objects.bulk_create(
        [Preference(person_id=person, kind=kind, channel=mail.CHANNEL, mode=mode) for person in persons for kind in kinds_told()]
    )


def tell_again() -> None:
    """Have everything that was ever told told anew, worded by what stands in the tables now."""
    Delivery.objects.all().delete()
    InboxItem.objects.all().delete()
    OutboxEvent.objects.update(delivered_at=None, given_up_at=None, not_before=None)


def told() -> Iterator[Told]:
    """The worker's round: what waits is told, and is read by everybody it went to."""
    newest = InboxItem.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    while deliver_pending():
        pass
    for person in InboxItem.objects.filter(pk__gt=newest).values_list("person", flat=True).distinct():
        items = list(InboxItem.objects.filter(pk__gt=newest, person=person))
        for line in lines_of(items, build_viewer(person_id=person)).values():
            yield Told(INBOX, person, f"{line.text}\n{line.title}\n{line.url}")
    # By then the evening's digest is due too.
    with clock.frozen(clock.now() + timedelta(days=1)):
        while Delivery.objects.filter(state=Delivery.State.WAITING, not_before__lte=clock.now()).exists():
            mail.send_due()
    for sent in outgoing.outbox:
        (address,) = sent.to
        local = address.partition("@")[0]
        yield Told(MAIL, int(local) if local.isdecimal() else None, opened(sent.message().as_bytes()))
    outgoing.outbox.clear()
    for _phone, text in MemorySender.sent:
        yield Told(TEXT_MESSAGE, None, text)
    MemorySender.sent.clear()


def opened(raw: bytes) -> str:
    """All that a mail says: its headers and every part of it, attached files opened as their readers open them."""
    message = cast(EmailMessage, message_from_bytes(raw, policy=policy.default))
    parts = [f"{name}: {value}" for part in message.walk() for name, value in part.items()]
    for part in message.walk():
        if not part.is_multipart():
            parts += unpacked(cast(bytes, part.get_payload(decode=True)))
    return "\n".join(parts)
