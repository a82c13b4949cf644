"""The thread of a matter: raise, route, answer, done, confirm or dispute, reopen, lapse.

Each function is one transaction: lock, check, decide by a rule, write, record, tell. What happened when is an argument
(`happened_at`) because paper and the demo tell of earlier days; what was recorded when is the clock's.
"""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from django.db.models import Q

from doorstep.affairs.actions.merging import merge_matter
from doorstep.affairs.actions.steps import (
    MOST_PHOTOS,
    DateHasPassed,
    NotAllowed,
    OthersConcerned,
    TextTooLong,
    TooManyPhotos,
    ask_no_more,
    audience_of,
    by_concerned,
    by_post,
    check,
    checked_text,
    count,
    enter,
    hand_to,
    locked,
    parties,
    readers_of,
    resume,
    route_by_rule,
    run_clock,
    run_until,
    save,
    say,
    show_to,
    stop_clock,
)
from doorstep.affairs.lifecycle import NAME_SHOWN
from doorstep.affairs.models import Category, Draft, DraftPhoto, EscalationStep, Matter, MatterPhoto, MatterText
from doorstep.affairs.rules.matter_states import OPEN, State, Verb, after, confirmed
from doorstep.affairs.rules.title import title_of
from doorstep.affairs.search import index_matter
from doorstep.affairs.texts import OPENING
from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.files.actions import drop, give_to_audience, keep_upload
from doorstep.foundation.files.models import StoredFile
from doorstep.foundation.identity.actions import CodeExpired, WrongCode, account_for, create_person, note_wrong_code, use_code
from doorstep.foundation.identity.consents import give_consent, mandated_by_name
from doorstep.foundation.identity.models import Account
from doorstep.foundation.journal.actions import SYSTEM, Actor, text_digest, writing
from doorstep.foundation.journal.numbers import next_number
from doorstep.foundation.journal.rows import insert_row
from doorstep.foundation.moderation.actions import hold_if_listed
from doorstep.foundation.notify.actions import tell
from doorstep.foundation.places.models import Place
from doorstep.foundation.places.queries import number_prefix, scope_of
from doorstep.foundation.regulations.deadlines import due
from doorstep.foundation.regulations.queries import calendar, value_of
from doorstep.organisations.models import Body

LONGEST_TITLE = 80
DRAFT_DAYS = 30


def raise_matter(
    *,
    by: Actor,
    reporter_id: int,
    place: Place,
    category: Category,
    text: str,
    title: str = "",
    spot: str = "",
    is_public: bool = True,
    is_named: bool = False,
    is_shielded: bool = False,
    counter: Place | None = None,
    photos: Sequence[StoredFile] = (),
    happened_at: datetime | None = None,
) -> Matter:
    """Register a matter under its number for life and route it at once when a rule fits.

    `by.person_id` is who writes, `reporter_id` whose matter it is; where they differ both are kept (assisted use).
    """
    text = checked_text(text)
    if len(title) > LONGEST_TITLE:
        raise TextTooLong(len(title) - LONGEST_TITLE)
    if len(photos) > MOST_PHOTOS:
        raise TooManyPhotos(len(photos))
    at = happened_at or clock.now()
    scope = scope_of(place)
    with writing():
        number = next_number(town_prefix=number_prefix(), kind="", happened_at=at)
        is_public = is_public and not category.is_restricted
        matter = Matter(
            number=number,
            place=place,
            scope=scope,
            spot=spot.strip()[:80],
            category=category,
            title=title.strip() or title_of(text),
            text=text,
            text_salt=secrets.token_hex(16),
            reporter_id=reporter_id,
            entered_by_id=by.person_id or reporter_id,
            is_public=is_public,
            is_named=is_named and not is_shielded,
            is_shielded=is_shielded,
            channel=by.channel,
            counter=counter,
            state=after(State.DRAFT, Verb.RAISE),
            raised_at=at,
            changed_at=at,
            photo_count=len(photos),
        )
        entry = enter(
            matter,
            Verb.RAISE,
            by,
            at,
            detail={"category": category.code, "text": text_digest(matter.text_salt, text), "photos": len(photos)},
        )
        routed = route_by_rule(matter, at)
        # Written once, as it stands when it is routed.
        insert_row(matter)
        show_to(matter, f"person:{reporter_id}", f"person:{matter.entered_by_id}", *readers_of(matter))
        for position, file in enumerate(photos):
            give_to_audience(file=file, audience=audience_of(matter))
            MatterPhoto.objects.create(matter=matter, file=file, position=position)
        count(matter, None)
        index_matter(matter, is_new=True)
        tell(entry=entry, to=[f"person:{reporter_id}", *routed])
        if is_public and hold_if_listed(
            kind="matter",
            subject=number,
            item=OPENING,
            words=f"{matter.title}\n{text}\n{matter.spot}",
            author_id=matter.entered_by_id,
            place=place,
        ):
            matter.refresh_from_db(fields=["title", "text", "spot", "hidden_because"])
        if matter.is_named and by.person_id == reporter_id:
            give_consent(person_id=reporter_id, purpose=NAME_SHOWN, by=by, place=place)
    return matter


def route_matter(*, viewer: Viewer, matter: Matter, body: Body, happened_at: datetime | None = None) -> Matter:
    """Give a matter to a body: one that no rule routed, or one that belongs elsewhere."""
    at = happened_at or clock.now()
    with writing():
        matter = locked(matter.pk)
        check(viewer, matter, Verb.ROUTE)
        before = matter.state
        hand_to(matter, body.pk, matter.overdue_body_id, at)
        show_to(matter, *readers_of(matter))
        entry = enter(matter, Verb.ROUTE, by_post(viewer, matter, body.pk), at, detail={"body": body.code, "from": before})
        save(matter, at)
        count(matter, before)
        tell(entry=entry, to=[f"body:{body.pk}", f"person:{matter.reporter_id}"])
    return matter


def answer_matter(
    *,
    viewer: Viewer,
    matter: Matter,
    text: str,
    promised_on: date | None = None,
    photos: Sequence[StoredFile] = (),
    happened_at: datetime | None = None,
) -> MatterText:
    """Answer as the body that has it. The first answer stops the answering clock; then the body's own promised date runs, or the limit for finishing."""
    text = checked_text(text)
    at = happened_at or clock.now()
    if promised_on is not None and promised_on < at.astimezone(clock.TOWN_ZONE).date():
        raise DateHasPassed(promised_on)
    with writing():
        matter = locked(matter.pk)
        check(viewer, matter, Verb.ANSWER)
        before = matter.state
        matter.state = after(matter.state, Verb.ANSWER)
        matter.first_answered_at = matter.first_answered_at or at
        if promised_on is not None:
            run_until(matter, datetime.combine(promised_on, time(23, 59, 59), clock.TOWN_ZONE), "promise", at)
        elif before == State.ASSIGNED:
            run_clock(matter, "matters.finish_days", at)
        said = say(
            viewer,
            matter,
            MatterText.Kind.ANSWER,
            Verb.ANSWER,
            text,
            at,
            photos,
            detail={"promised_on": promised_on.isoformat() if promised_on else None},
        )
        save(matter, at)
        count(matter, before)
    return said


def report_done(
    *, viewer: Viewer, matter: Matter, text: str, photos: Sequence[StoredFile] = (), happened_at: datetime | None = None
) -> MatterText:
    """The body says it is done. The resident is asked first; the clock stops while they are."""
    text = checked_text(text)
    at = happened_at or clock.now()
    with writing():
        matter = locked(matter.pk)
        check(viewer, matter, Verb.DONE)
        before = matter.state
        matter.state = after(matter.state, Verb.DONE)
        matter.first_answered_at = matter.first_answered_at or at
        matter.done_at = at
        stop_clock(matter)
        days = value_of("matters.silence_days", place_lineage_localities=matter.place.localities, on=at.astimezone(clock.TOWN_ZONE).date())
        matter.ask_until = due(at, days.limit, calendar())
        # Everyone who raised it is asked anew, each for themselves.
        matter.word, matter.word_at = "", None
        if matter.merged_rows:
            Matter.objects.filter(merged_into=matter).update(word="", word_at=None, ask_until=matter.ask_until)
        said = say(viewer, matter, MatterText.Kind.DONE, Verb.DONE, text, at, photos)
        save(matter, at)
        count(matter, before)
    return said


def cannot_be_done(*, viewer: Viewer, matter: Matter, text: str, happened_at: datetime | None = None) -> MatterText:
    """The honest ending: it cannot be done, with the reason. Never counted as done."""
    text = checked_text(text)
    at = happened_at or clock.now()
    with writing():
        matter = locked(matter.pk)
        check(viewer, matter, Verb.CANNOT)
        before = matter.state
        matter.state = after(matter.state, Verb.CANNOT)
        matter.first_answered_at = matter.first_answered_at or at
        stop_clock(matter)
        matter.closed_at = at
        said = say(viewer, matter, MatterText.Kind.CANNOT, Verb.CANNOT, text, at)
        save(matter, at)
        count(matter, before)
    return said


def confirm_done(*, viewer: Viewer, matter: Matter, text: str = "", channel: str = "web", happened_at: datetime | None = None) -> Matter:
    """Somebody who raised it says it is done: the second truth. Where several raised it, it ends when all have said so, or when the
    asking is over and more than half have."""
    return _resident_says(viewer, matter, Verb.CONFIRM, MatterText.Kind.CONFIRM, text, happened_at, channel)


def dispute_done(*, viewer: Viewer, matter: Matter, text: str, channel: str = "web", happened_at: datetime | None = None) -> Matter:
    """One who raised it says it is not done: the matter is open again, for all of them, and the finishing clock runs anew."""
    return _resident_says(viewer, matter, Verb.DISPUTE, MatterText.Kind.DISPUTE, checked_text(text), happened_at, channel)


def reopen_matter(*, viewer: Viewer, matter: Matter, text: str, channel: str = "web", happened_at: datetime | None = None) -> Matter:
    """Open an ended matter again: the lamp is out again."""
    return _resident_says(viewer, matter, Verb.REOPEN, MatterText.Kind.REOPEN, checked_text(text), happened_at, channel)


def _resident_says(
    viewer: Viewer, matter: Matter, verb: Verb, kind: str, text: str, happened_at: datetime | None, channel: str = "web"
) -> Matter:
    at = happened_at or clock.now()
    if text:
        text = checked_text(text)
    with writing():
        matter = locked(matter.pk)
        check(viewer, matter, verb)
        before = matter.state
        target = after(matter.state, verb)
        if verb in (Verb.CONFIRM, Verb.DISPUTE):
            _keep_word(viewer, matter, Matter.Word.YES if verb == Verb.CONFIRM else Matter.Word.NO, at)
        detail: dict[str, object] = {}
        if verb == Verb.CONFIRM:
            asked, yes = words_of(matter)
            detail = {"asked": asked, "yes": yes} if asked > 1 else {}
            if not confirmed(asked=asked, yes=yes, over=before == State.CLOSED_UNCONFIRMED):
                target = State(before)
        matter.state = target
        if target != before:
            ask_no_more(matter)
        if matter.state == State.IN_PROGRESS:
            matter.reopened += 1
            matter.closed_at = None
            run_clock(matter, "matters.finish_days", at)
        elif target != before:
            matter.closed_at = at
        if text:
            say(viewer, matter, kind, verb, text, at, detail=detail, channel=channel)
        else:
            entry = enter(matter, verb, by_concerned(viewer, matter, channel), at, detail=detail)
            tell(entry=entry, to=parties(matter))
        save(matter, at)
        count(matter, before)
    return matter


def words_of(matter: Matter) -> tuple[int, int]:
    """(matters whose complainants are asked, those whose complainant said yes): the matter's own and all merged into it."""
    words = [matter.word, *(row.word for row in matter.merged_rows)]
    return len(words), words.count(Matter.Word.YES)


def _keep_word(viewer: Viewer, matter: Matter, word: str, at: datetime) -> None:
    """What this viewer says, for every matter of the group that is theirs. A handler who reopens says nothing here."""
    mine = [row for row in (matter, *matter.merged_rows) if viewer.person_id in (row.reporter_id, row.entered_by_id)]
    for row in mine:
        row.word, row.word_at = word, at
        if row is not matter:
            row.ask_until = None
            row.save(update_fields=["word", "word_at", "ask_until"])


def add_to_matter(
    *,
    viewer: Viewer,
    matter: Matter,
    text: str,
    photos: Sequence[StoredFile] = (),
    channel: str = "web",
    happened_at: datetime | None = None,
) -> MatterText:
    """Somebody concerned adds something. A matter that was returned for it goes on."""
    text = checked_text(text)
    at = happened_at or clock.now()
    with writing():
        matter = locked(matter.pk)
        check(viewer, matter, Verb.ADD)
        before = matter.state
        if matter.state == State.RETURNED:
            resume(matter, at)
        said = say(viewer, matter, MatterText.Kind.ADDITION, Verb.ADD, text, at, photos, channel=channel)
        save(matter, at)
        count(matter, before)
    return said


def note_inside(*, viewer: Viewer, matter: Matter, text: str, happened_at: datetime | None = None) -> MatterText:
    """An internal note: the body that has the matter sees it, the reporter and the public never do."""
    text = checked_text(text)
    at = happened_at or clock.now()
    with writing():
        matter = locked(matter.pk)
        check(viewer, matter, Verb.NOTE)
        if matter.body_id is None:
            raise NotAllowed(Verb.NOTE)
        return say(viewer, matter, MatterText.Kind.NOTE, Verb.NOTE, text, at)


def withdraw_matter(*, viewer: Viewer, matter: Matter, happened_at: datetime | None = None) -> Matter:
    """The reporter takes it back."""
    at = happened_at or clock.now()
    with writing():
        matter = locked(matter.pk)
        check(viewer, matter, Verb.WITHDRAW)
        if matter.merged_rows:
            raise OthersConcerned(matter.number)
        before = matter.state
        matter.state = after(matter.state, Verb.WITHDRAW)
        stop_clock(matter)
        matter.closed_at = at
        entry = enter(matter, Verb.WITHDRAW, by_concerned(viewer, matter), at)
        save(matter, at)
        count(matter, before)
        tell(entry=entry, to=parties(matter))
    return matter


def lapse_silent(*, now: datetime | None = None, at_most: int = 200) -> int:
    """Close what residents were asked about when the time to say is over; how many. Silence is never a yes: unless more than half of those
    who raised it said so, it is 未确认."""
    now = now or clock.now()
    ids = list(
        Matter.objects.filter(state=State.AWAITING_CONFIRMATION, ask_until__lt=now)
        .order_by("ask_until")
        .values_list("id", flat=True)[:at_most]
    )
    closed = 0
    for matter_id in ids:
        with writing():
            matter = locked(matter_id)
            if matter.state != State.AWAITING_CONFIRMATION or matter.ask_until is None or matter.ask_until >= now:
                continue
            at = matter.ask_until
            before = matter.state
            asked, yes = words_of(matter)
            after(matter.state, Verb.LAPSE)
            matter.state = State.CLOSED_CONFIRMED if confirmed(asked=asked, yes=yes, over=True) else State.CLOSED_UNCONFIRMED
            ask_no_more(matter)
            matter.closed_at = at
            entry = enter(matter, Verb.LAPSE, SYSTEM, at, detail={"asked": asked, "yes": yes} if asked > 1 else {})
            save(matter, at)
            count(matter, before)
            tell(entry=entry, to=parties(matter))
            closed += 1
    return closed


def escalate_overdue(*, now: datetime | None = None, at_most: int = 200) -> int:
    """Bring matters whose limit has passed before the overseeing body, once for each limit; how many. The body that has it keeps it."""
    now = now or clock.now()
    ids = list(Matter.objects.filter(due_at__lt=now, escalated_at=None).order_by("due_at").values_list("id", flat=True)[:at_most])
    told = 0
    for matter_id in ids:
        with writing():
            matter = locked(matter_id)
            if matter.due_at is None or matter.due_at >= now or matter.escalated_at is not None:
                continue
            matter.escalated_at = matter.due_at
            to = f"body:{matter.overdue_body_id or matter.body_id}"
            show_to(matter, to)
            entry = enter(matter, Verb.ESCALATE, SYSTEM, matter.due_at, detail={"limit": matter.limit_key})
            save(matter, matter.due_at)
            tell(entry=entry, to=[to, *parties(matter)])
            told += 1
    return told + _escalate_further(now, at_most)


def _escalate_further(now: datetime, at_most: int) -> int:
    """The steps beyond (`EscalationStep`), each once for each limit. The body a step names oversees the matter from then on."""
    told = 0
    for step in EscalationStep.objects.select_related("place", "body").order_by("days", "id"):
        inside = Q(place__lineage=step.place.lineage) | Q(place__lineage__startswith=f"{step.place.lineage}/")
        late = now - timedelta(days=step.days)
        waiting = Matter.objects.filter(inside, due_at__lt=late, escalated_at__isnull=False, overdue_days__lt=step.days)
        for matter_id in list(waiting.order_by("due_at").values_list("id", flat=True)[:at_most]):
            with writing():
                matter = locked(matter_id)
                if matter.due_at is None or matter.due_at >= late or matter.escalated_at is None or matter.overdue_days >= step.days:
                    continue
                matter.overdue_days, matter.overdue_body = step.days, step.body
                show_to(matter, f"body:{step.body_id}")
                at = matter.due_at + timedelta(days=step.days)
                entry = enter(
                    matter, Verb.ESCALATE, SYSTEM, at, detail={"limit": matter.limit_key, "days": step.days, "body": step.body.code}
                )
                save(matter, at)
                tell(entry=entry, to=[f"body:{step.body_id}", *parties(matter)])
                told += 1
    return told


# Drafts


def open_draft(*, token: str = "") -> Draft:
    """The draft of this token, or a new one."""
    if token:
        found = Draft.objects.filter(token=token).first()
        if found is not None:
            return found
    now = clock.now()
    return Draft.objects.create(token=secrets.token_urlsafe(24), created_at=now, changed_at=now)


def keep_draft(*, draft: Draft, **fields: object) -> Draft:
    """Remember what was typed, right or wrong: nothing typed is lost."""
    draft.fields = {**draft.fields, **fields}
    draft.changed_at = clock.now()
    draft.save(update_fields=["fields", "changed_at"])
    return draft


def add_draft_photo(*, draft: Draft, data: bytes) -> DraftPhoto:
    """Keep a photo, a scan or a voice message with a draft. Raises TooManyPhotos and what the files room refuses (NOT_KEPT)."""
    if draft.photos.count() >= MOST_PHOTOS:
        raise TooManyPhotos(MOST_PHOTOS)
    file = keep_upload(data=data, audience=f"draft:{draft.pk}")
    return DraftPhoto.objects.create(draft=draft, file=file)


def remove_draft_photo(*, draft: Draft, photo_id: int) -> None:
    photo = draft.photos.select_related("file").filter(pk=photo_id).first()
    if photo is not None:
        file = photo.file
        photo.delete()
        drop(file=file)


def drop_draft(*, draft: Draft) -> None:
    """Throw a draft and its photos away."""
    for photo in draft.photos.select_related("file"):
        remove_draft_photo(draft=draft, photo_id=photo.pk)
    draft.delete()


def send_draft(*, draft: Draft, by: Actor, place: Place, category: Category) -> Matter:
    """Make the draft a matter of whoever sends it. Sending it again gives the matter it became."""
    with writing():
        draft = Draft.objects.select_for_update().get(pk=draft.pk)
        if draft.number:
            return Matter.objects.select_related("place", "scope", "category").get(number=draft.number)
        return _send(draft, by, place, category)


def send_draft_with_code(
    *, draft: Draft, phone: str, name: str, code: str, address: str, place: Place, category: Category
) -> tuple[Matter, Account | None]:
    """`send_draft` for somebody not signed in: code, person and matter in one transaction, so that a second press of the button
    finds the first one's matter instead of a used-up code. The account is None for that second press."""
    try:
        with writing():
            draft = Draft.objects.select_for_update().get(pk=draft.pk)
            if draft.number:
                return Matter.objects.select_related("place", "scope", "category").get(number=draft.number), None
            use_code(phone=phone, code=code, address=address)
            account, _made = account_for(phone=phone, name=name)
            return _send(draft, Actor(person_id=account.person_id), place, category), account
    except (WrongCode, CodeExpired):
        note_wrong_code(phone=phone, address=address)
        raise


def _send(draft: Draft, by: Actor, place: Place, category: Category) -> Matter:
    if by.person_id is None:
        raise NotAllowed(Verb.RAISE)
    photos = list(draft.photos.select_related("file").order_by("id"))
    see = draft.fields.get("see", "neighbours")
    reporter_id = by.person_id
    if draft.fields.get("behalf") and draft.fields.get("behalf_name", "").strip():
        # Somebody whose standing permission they hold; else known by name only: to be found and asked, never a login.
        behalf = draft.fields["behalf_name"]
        reporter_id = mandated_by_name(by.person_id, behalf) or create_person(name=behalf).pk
        by = replace(by, on_behalf_of_id=reporter_id)
    matter = raise_matter(
        by=by,
        reporter_id=reporter_id,
        place=place,
        category=category,
        text=draft.fields["text"],
        spot=draft.fields.get("spot", ""),
        is_public=see != "handlers",
        is_named=see == "named",
        is_shielded=bool(draft.fields.get("shield")),
        photos=[photo.file for photo in photos],
    )
    _join(matter, by, draft.fields.get("same_as", ""))
    DraftPhoto.objects.filter(draft=draft).delete()
    draft.number, draft.fields, draft.changed_at = matter.number, {}, clock.now()
    draft.save()
    return matter


def _join(matter: Matter, by: Actor, number: str) -> None:
    """Let a matter just raised go on in the one its reporter said is the same, where it still can."""
    into = Matter.objects.filter(number=number, is_public=True, state__in=OPEN).first() if number else None
    if into is not None and not matter.category.is_restricted and by.person_id is not None:
        merge_matter(viewer=Viewer(person_id=by.person_id), matter=matter, into=into)


def forget_old_drafts() -> int:
    """Drop drafts nobody touched for 30 days, and the empty shells of sent ones; how many."""
    old = list(Draft.objects.filter(changed_at__lt=clock.now() - timedelta(days=DRAFT_DAYS)).order_by("id")[:500])
    for draft in old:
        drop_draft(draft=draft)
    return len(old)
