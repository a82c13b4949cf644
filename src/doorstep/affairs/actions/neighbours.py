"""群众有事我来帮: a neighbour asks, neighbours offer, the one who asked accepts and thanks. Who offers is known to the one who asked alone."""

import secrets
from datetime import datetime

from django.db import IntegrityError, transaction

from doorstep.affairs.actions.steps import NotAllowed, check, checked_text, count, locked, save, say
from doorstep.affairs.models import HelpOffer, Matter, MatterText, PrintedLink, TakingPart
from doorstep.affairs.permissions import roles_in
from doorstep.affairs.queries.taking_part import kept, lines_of
from doorstep.affairs.rules.matter_states import NotPossible, Role, State, Verb, after
from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.journal.actions import actor_of, record, writing
from doorstep.foundation.journal.numbers import next_number
from doorstep.foundation.notify.actions import tell
from doorstep.foundation.places.queries import number_prefix, town

LONGEST_OFFER = 200


class AlreadyOffered(Exception):
    """One offer of one neighbour for one matter."""


def offer_help(*, viewer: Viewer, matter: Matter, text: str = "", happened_at: datetime | None = None) -> HelpOffer:
    """Offer to help. The one who asked is told, and chooses."""
    at = happened_at or clock.now()
    if text:
        text = checked_text(text, LONGEST_OFFER)
    with writing():
        matter = locked(matter.pk)
        if not viewer.signed_in or not matter.category.is_neighbourly or Role.REPORTER in roles_in(viewer, matter):
            raise NotAllowed("offer")
        if matter.state != State.REGISTERED:
            raise NotPossible(Verb.THANK, State(matter.state))
        try:
            with transaction.atomic():
                offer = HelpOffer.objects.create(matter=matter, helper_id=viewer.own_id, text=text, offered_at=at)
        except IntegrityError:
            raise AlreadyOffered(matter.number) from None
        _private(viewer, matter, "help_offered", to=matter.reporter_id, at=at)
    return offer


def accept_help(*, viewer: Viewer, offer: HelpOffer, happened_at: datetime | None = None) -> HelpOffer:
    """Accept an offer: from now on these two see how to reach each other."""
    at = happened_at or clock.now()
    with writing():
        matter, offer = _both(viewer, offer)
        if offer.state != HelpOffer.State.OFFERED or matter.state != State.REGISTERED:
            raise NotPossible(Verb.THANK, State(matter.state))
        offer.state, offer.accepted_at = HelpOffer.State.ACCEPTED, at
        offer.save(update_fields=["state", "accepted_at"])
        _private(viewer, matter, "help_accepted", to=offer.helper_id, at=at)
    return offer


def take_offer_back(*, viewer: Viewer, offer: HelpOffer, happened_at: datetime | None = None) -> HelpOffer:
    """The helper cannot come after all. The one who asked is told and may choose another."""
    at = happened_at or clock.now()
    if viewer.person_id != offer.helper_id:
        raise NotAllowed("offer")
    with writing():
        matter = locked(offer.matter_id)
        offer = HelpOffer.objects.select_for_update().get(pk=offer.pk)
        if offer.state not in (HelpOffer.State.OFFERED, HelpOffer.State.ACCEPTED):
            raise NotPossible(Verb.THANK, State(matter.state))
        offer.state = HelpOffer.State.TAKEN_BACK
        offer.save(update_fields=["state"])
        _private(viewer, matter, "help_taken_back", to=matter.reporter_id, at=at)
    return offer


def thank_helper(*, viewer: Viewer, offer: HelpOffer, thanks: str, happened_at: datetime | None = None) -> HelpOffer:
    """Helped and thanked: the matter is done, and the words go to the thanks wall, without names. They are a public text of the matter, so
    moderation reaches them."""
    thanks = checked_text(thanks, LONGEST_OFFER)
    at = happened_at or clock.now()
    with writing():
        matter, offer = _both(viewer, offer)
        check(viewer, matter, Verb.THANK)
        if offer.state != HelpOffer.State.ACCEPTED:
            raise NotPossible(Verb.THANK, State(matter.state))
        before = matter.state
        matter.state = after(matter.state, Verb.THANK)
        matter.done_at = matter.closed_at = at
        offer.thanks = say(viewer, matter, MatterText.Kind.THANKS, Verb.THANK, thanks, at)
        offer.state, offer.thanked_at = HelpOffer.State.THANKED, at
        offer.save(update_fields=["state", "thanked_at", "thanks"])
        _private(viewer, matter, "help_thanked", to=offer.helper_id, at=at)
        save(matter, at)
        count(matter, before)
    return offer


def print_taking_part(*, viewer: Viewer) -> TakingPart:
    """Freeze what somebody took part in as a statement to be printed, with a number and a QR that shows the same lines."""
    place = town()
    if not viewer.signed_in or place is None:
        raise NotAllowed("taking part")
    at = clock.now()
    with writing():
        number = next_number(town_prefix=number_prefix(), kind="TP", happened_at=at)
        token = secrets.token_urlsafe(12)
        link = PrintedLink.objects.create(token=token, path=f"/taking-part/{token}", made_at=at)
        made = TakingPart.objects.create(
            link=link,
            number=number,
            person_id=viewer.own_id,
            name=viewer.name,
            lines=[kept(line) for line in lines_of(viewer)],
            made_at=at,
        )
        record(
            verb="taking_part_printed",
            kind="taking_part",
            subject=number,
            place=place,
            by=actor_of(viewer),
            audience=f"person:{viewer.own_id}",
        )
    return made


def _both(viewer: Viewer, offer: HelpOffer) -> tuple[Matter, HelpOffer]:
    """The matter and the offer, locked; only for the one who asked, or wrote it down for them."""
    matter = locked(offer.matter_id)
    if Role.REPORTER not in roles_in(viewer, matter):
        raise NotAllowed("offer")
    return matter, HelpOffer.objects.select_for_update().get(pk=offer.pk)


def _private(viewer: Viewer, matter: Matter, verb: str, *, to: int, at: datetime) -> None:
    """An entry that only the other of the two may see, and is told of."""
    entry = record(
        verb=verb,
        kind="matter",
        subject=matter.number,
        place=matter.place,
        by=actor_of(viewer),
        audience=f"person:{to}",
        happened_at=at,
    )
    tell(entry=entry, to=[f"person:{to}"])
