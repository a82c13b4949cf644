"""The thread of a matter: raise, route, answer, done, confirm or dispute, reopen, lapse.

Each function is one transaction: lock, check, decide by a rule, write, record, tell. What happened when is an argument
(`happened_at`) because paper and the demo tell of earlier days; what was recorded when is the clock's.
"""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from django.core.exceptions import PermissionDenied
from django.db import connection

from doorstep.affairs.models import Category, Draft, DraftPhoto, Matter, MatterAudience, MatterPhoto, MatterText
from doorstep.affairs.permissions import roles_in
from doorstep.affairs.queries import limit_for, routing_for
from doorstep.affairs.rules.matter_states import MOVES, Role, State, Verb, after
from doorstep.affairs.rules.title import title_of
from doorstep.affairs.search import index_matter
from doorstep.affairs.texts import OPENING
from doorstep.foundation import clock
from doorstep.foundation.access.viewer import PUBLIC, Viewer
from doorstep.foundation.files.actions import drop, give_to_audience, keep_upload
from doorstep.foundation.files.models import StoredFile
from doorstep.foundation.identity.actions import CodeExpired, WrongCode, account_for, create_person, note_wrong_code, use_code
from doorstep.foundation.identity.models import Account
from doorstep.foundation.journal.actions import SYSTEM, Actor, actor_of, record, text_digest, writing
from doorstep.foundation.journal.models import Entry
from doorstep.foundation.journal.numbers import next_number
from doorstep.foundation.journal.rows import insert_row
from doorstep.foundation.moderation.actions import hold_if_listed
from doorstep.foundation.notify.actions import tell
from doorstep.foundation.places.models import Place
from doorstep.foundation.places.queries import number_prefix, scope_of
from doorstep.foundation.regulations.deadlines import due
from doorstep.foundation.regulations.queries import calendar, value_of
from doorstep.organisations.models import Body
from doorstep.organisations.queries import code_of_body

LONGEST_TEXT = 5000
LONGEST_TITLE = 80
MOST_PHOTOS = 9
DRAFT_DAYS = 30


class NotAllowed(PermissionDenied):
    """The viewer knows of the matter, or of the vote, but may not do this: 403 on a page and in the API."""


class NothingSaid(Exception):
    """A text is required here."""


class TextTooLong(Exception):
    """`extra` characters more than we keep."""

    def __init__(self, extra: int) -> None:
        super().__init__(extra)
        self.extra = extra


class TooManyPhotos(Exception):
    """More than nine photos."""


class DateHasPassed(Exception):
    """A promise is for today or a later day."""


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
    photos: Sequence[StoredFile] = (),
    happened_at: datetime | None = None,
) -> Matter:
    """Register a matter under its number for life and route it at once when a rule fits.

    `by.person_id` is who writes, `reporter_id` whose matter it is; where they differ both are kept (assisted use).
    """
    text = _checked(text)
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
            is_named=is_named,
            channel=by.channel,
            state=after(State.DRAFT, Verb.RAISE),
            raised_at=at,
            changed_at=at,
            photo_count=len(photos),
        )
        entry = _entry(
            matter,
            Verb.RAISE,
            by,
            at,
            detail={"category": category.code, "text": text_digest(matter.text_salt, text), "photos": len(photos)},
        )
        routed = _route(matter, at)
        # Written once, as it stands when it is routed.
        insert_row(matter)
        _show_to(matter, f"person:{reporter_id}", f"person:{matter.entered_by_id}", *routed)
        for position, file in enumerate(photos):
            give_to_audience(file=file, audience=audience_of(matter))
            MatterPhoto.objects.create(matter=matter, file=file, position=position)
        _count(matter, None)
        index_matter(matter, is_new=True)
        tell(entry=entry, to=[f"person:{reporter_id}", *routed])
        if is_public and hold_if_listed(
            kind="matter", subject=number, item=OPENING, words=f"{matter.title}\n{text}", author_id=matter.entered_by_id, place=place
        ):
            matter.refresh_from_db(fields=["title", "text", "hidden_because"])
    return matter


def route_matter(*, viewer: Viewer, matter: Matter, body: Body, happened_at: datetime | None = None) -> Matter:
    """Give a matter to a body: one that no rule routed, or one that belongs elsewhere."""
    at = happened_at or clock.now()
    with writing():
        matter = _locked(matter)
        _check(viewer, matter, Verb.ROUTE)
        before = matter.state
        _hand_to(matter, body.pk, matter.overdue_body_id, at)
        _show_to(matter, f"body:{body.pk}")
        entry = _entry(matter, Verb.ROUTE, _by_post(viewer, matter, body.pk), at, detail={"body": body.code, "from": before})
        _save(matter, at)
        _count(matter, before)
        index_matter(matter)
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
    text = _checked(text)
    at = happened_at or clock.now()
    if promised_on is not None and promised_on < at.astimezone(clock.TOWN_ZONE).date():
        raise DateHasPassed(promised_on)
    with writing():
        matter = _locked(matter)
        _check(viewer, matter, Verb.ANSWER)
        before = matter.state
        matter.state = after(matter.state, Verb.ANSWER)
        matter.first_answered_at = matter.first_answered_at or at
        if promised_on is not None:
            matter.clock_from, matter.limit_key, matter.escalated_at = at, "promise", None
            matter.due_at = datetime.combine(promised_on, time(23, 59, 59), clock.TOWN_ZONE)
        elif before == State.ASSIGNED:
            _run_clock(matter, "matters.finish_days", at)
        said = _say(
            viewer,
            matter,
            MatterText.Kind.ANSWER,
            Verb.ANSWER,
            text,
            at,
            photos,
            detail={"promised_on": promised_on.isoformat() if promised_on else None},
        )
        _save(matter, at)
        _count(matter, before)
    return said


def report_done(
    *, viewer: Viewer, matter: Matter, text: str, photos: Sequence[StoredFile] = (), happened_at: datetime | None = None
) -> MatterText:
    """The body says it is done. The resident is asked first; the clock stops while they are."""
    text = _checked(text)
    at = happened_at or clock.now()
    with writing():
        matter = _locked(matter)
        _check(viewer, matter, Verb.DONE)
        before = matter.state
        matter.state = after(matter.state, Verb.DONE)
        matter.first_answered_at = matter.first_answered_at or at
        matter.done_at = at
        _stop_clock(matter)
        days = value_of("matters.silence_days", place_lineage_localities=matter.place.localities, on=at.astimezone(clock.TOWN_ZONE).date())
        matter.ask_until = due(at, days.limit, calendar())
        said = _say(viewer, matter, MatterText.Kind.DONE, Verb.DONE, text, at, photos)
        _save(matter, at)
        _count(matter, before)
    return said


def cannot_be_done(*, viewer: Viewer, matter: Matter, text: str, happened_at: datetime | None = None) -> MatterText:
    """The honest ending: it cannot be done, with the reason. Never counted as done."""
    text = _checked(text)
    at = happened_at or clock.now()
    with writing():
        matter = _locked(matter)
        _check(viewer, matter, Verb.CANNOT)
        before = matter.state
        matter.state = after(matter.state, Verb.CANNOT)
        matter.first_answered_at = matter.first_answered_at or at
        _stop_clock(matter)
        matter.closed_at = at
        said = _say(viewer, matter, MatterText.Kind.CANNOT, Verb.CANNOT, text, at)
        _save(matter, at)
        _count(matter, before)
    return said


def confirm_done(*, viewer: Viewer, matter: Matter, text: str = "", happened_at: datetime | None = None) -> Matter:
    """The resident says it is done: the second truth, and the end."""
    return _resident_says(viewer, matter, Verb.CONFIRM, MatterText.Kind.CONFIRM, text, happened_at)


def dispute_done(*, viewer: Viewer, matter: Matter, text: str, happened_at: datetime | None = None) -> Matter:
    """The resident says it is not done: the matter is open again and the finishing clock runs anew."""
    return _resident_says(viewer, matter, Verb.DISPUTE, MatterText.Kind.DISPUTE, _checked(text), happened_at)


def reopen_matter(*, viewer: Viewer, matter: Matter, text: str, happened_at: datetime | None = None) -> Matter:
    """Open an ended matter again: the lamp is out again."""
    return _resident_says(viewer, matter, Verb.REOPEN, MatterText.Kind.REOPEN, _checked(text), happened_at)


def _resident_says(viewer: Viewer, matter: Matter, verb: Verb, kind: str, text: str, happened_at: datetime | None) -> Matter:
    at = happened_at or clock.now()
    if text:
        text = _checked(text)
    with writing():
        matter = _locked(matter)
        _check(viewer, matter, verb)
        before = matter.state
        matter.state = after(matter.state, verb)
        matter.ask_until = None
        if matter.state == State.IN_PROGRESS:
            matter.reopened += 1
            matter.closed_at = None
            _run_clock(matter, "matters.finish_days", at)
        else:
            matter.closed_at = at
        if text:
            _say(viewer, matter, kind, verb, text, at)
        else:
            entry = _entry(matter, verb, actor_of(viewer, on_behalf_of_id=_whom_for(viewer, matter)), at)
            tell(entry=entry, to=_parties(matter))
        _save(matter, at)
        _count(matter, before)
    return matter


def add_to_matter(
    *, viewer: Viewer, matter: Matter, text: str, photos: Sequence[StoredFile] = (), happened_at: datetime | None = None
) -> MatterText:
    """The reporter adds something."""
    text = _checked(text)
    at = happened_at or clock.now()
    with writing():
        matter = _locked(matter)
        _check(viewer, matter, Verb.ADD)
        said = _say(viewer, matter, MatterText.Kind.ADDITION, Verb.ADD, text, at, photos)
        _save(matter, at)
    return said


def note_inside(*, viewer: Viewer, matter: Matter, text: str, happened_at: datetime | None = None) -> MatterText:
    """An internal note: the body that has the matter sees it, the reporter and the public never do."""
    text = _checked(text)
    at = happened_at or clock.now()
    with writing():
        matter = _locked(matter)
        _check(viewer, matter, Verb.NOTE)
        if matter.body_id is None:
            raise NotAllowed(Verb.NOTE)
        return _say(viewer, matter, MatterText.Kind.NOTE, Verb.NOTE, text, at)


def withdraw_matter(*, viewer: Viewer, matter: Matter, happened_at: datetime | None = None) -> Matter:
    """The reporter takes it back."""
    at = happened_at or clock.now()
    with writing():
        matter = _locked(matter)
        _check(viewer, matter, Verb.WITHDRAW)
        before = matter.state
        matter.state = after(matter.state, Verb.WITHDRAW)
        _stop_clock(matter)
        matter.closed_at = at
        entry = _entry(matter, Verb.WITHDRAW, actor_of(viewer, on_behalf_of_id=_whom_for(viewer, matter)), at)
        _save(matter, at)
        _count(matter, before)
        tell(entry=entry, to=_parties(matter))
    return matter


def lapse_silent(*, now: datetime | None = None, at_most: int = 200) -> int:
    """Close as 未确认 what residents were asked about and said nothing; how many. Silence is never a yes."""
    now = now or clock.now()
    ids = list(
        Matter.objects.filter(state=State.AWAITING_CONFIRMATION, ask_until__lt=now)
        .order_by("ask_until")
        .values_list("id", flat=True)[:at_most]
    )
    closed = 0
    for matter_id in ids:
        with writing():
            matter = Matter.objects.select_for_update(of=("self",)).select_related("place", "scope").get(pk=matter_id)
            if matter.state != State.AWAITING_CONFIRMATION or matter.ask_until is None or matter.ask_until >= now:
                continue
            at = matter.ask_until
            before = matter.state
            matter.state = after(matter.state, Verb.LAPSE)
            matter.ask_until = None
            matter.closed_at = at
            entry = _entry(matter, Verb.LAPSE, SYSTEM, at)
            _save(matter, at)
            _count(matter, before)
            tell(entry=entry, to=_parties(matter))
            closed += 1
    return closed


def escalate_overdue(*, now: datetime | None = None, at_most: int = 200) -> int:
    """Bring matters whose limit has passed before the overseeing body, once for each limit; how many. The body that has it keeps it."""
    now = now or clock.now()
    ids = list(Matter.objects.filter(due_at__lt=now, escalated_at=None).order_by("due_at").values_list("id", flat=True)[:at_most])
    told = 0
    for matter_id in ids:
        with writing():
            matter = Matter.objects.select_for_update(of=("self",)).select_related("place", "scope").get(pk=matter_id)
            if matter.due_at is None or matter.due_at >= now or matter.escalated_at is not None:
                continue
            matter.escalated_at = matter.due_at
            to = f"body:{matter.overdue_body_id or matter.body_id}"
            _show_to(matter, to)
            entry = _entry(matter, Verb.ESCALATE, SYSTEM, matter.due_at, detail={"limit": matter.limit_key})
            _save(matter, matter.due_at)
            index_matter(matter)
            tell(entry=entry, to=[to, f"body:{matter.body_id}", f"person:{matter.reporter_id}"])
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
        # Known by name only: somebody to be found and asked, never a login.
        reporter_id = create_person(name=draft.fields["behalf_name"]).pk
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
        photos=[photo.file for photo in photos],
    )
    DraftPhoto.objects.filter(draft=draft).delete()
    draft.number, draft.fields, draft.changed_at = matter.number, {}, clock.now()
    draft.save()
    return matter


def forget_old_drafts() -> int:
    """Drop drafts nobody touched for 30 days, and the empty shells of sent ones; how many."""
    old = list(Draft.objects.filter(changed_at__lt=clock.now() - timedelta(days=DRAFT_DAYS)).order_by("id")[:500])
    for draft in old:
        drop_draft(draft=draft)
    return len(old)


# What the functions above share


def audience_of(matter: Matter) -> str:
    return PUBLIC if matter.is_public else f"matter:{matter.number}"


def _checked(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\x00", "").strip()
    if not text:
        raise NothingSaid
    if len(text) > LONGEST_TEXT:
        raise TextTooLong(len(text) - LONGEST_TEXT)
    return text


def _locked(matter: Matter) -> Matter:
    return Matter.objects.select_for_update(of=("self",)).select_related("place", "scope", "category").get(pk=matter.pk)


def _check(viewer: Viewer, matter: Matter, verb: Verb) -> None:
    """Who first, then when: a stranger is refused the same whatever the state."""
    if not roles_in(viewer, matter) & MOVES[verb].roles:
        raise NotAllowed(verb)
    after(matter.state, verb)


def _by_post(viewer: Viewer, matter: Matter, body_id: int | None = None) -> Actor:
    post = viewer.post_in(matter.body_id) or viewer.post_in(matter.overdue_body_id) or viewer.post_in(body_id) or viewer.acting_post
    return actor_of(viewer, post=post)


def _whom_for(viewer: Viewer, matter: Matter) -> int | None:
    """The reporter, where somebody else who wrote it down speaks for them."""
    return matter.reporter_id if viewer.person_id != matter.reporter_id and viewer.person_id == matter.entered_by_id else None


def _parties(matter: Matter) -> list[str]:
    """Everyone a step concerns; the worker leaves out who took it."""
    keys = [f"person:{matter.reporter_id}", f"person:{matter.entered_by_id}"]
    return [*keys, f"body:{matter.body_id}"] if matter.body_id else keys


def _show_to(matter: Matter, *keys: str) -> None:
    if not matter.is_public:
        MatterAudience.objects.bulk_create([MatterAudience(matter=matter, key=key) for key in set(keys)], ignore_conflicts=True)


def _entry(
    matter: Matter, verb: Verb, by: Actor, at: datetime, *, detail: dict[str, object] | None = None, audience: str | None = None
) -> Entry:
    return record(
        verb=verb.value,
        kind="matter",
        subject=matter.number,
        place=matter.place,
        by=by,
        audience=audience or audience_of(matter),
        detail={"state": matter.state, **(detail or {})},
        happened_at=at,
    )


def _say(
    viewer: Viewer,
    matter: Matter,
    kind: str,
    verb: Verb,
    text: str,
    at: datetime,
    photos: Sequence[StoredFile] = (),
    detail: dict[str, object] | None = None,
) -> MatterText:
    """Keep a text with its entry and tell the parties. An internal note is for the body's own eyes."""
    if viewer.person_id is None:
        raise NotAllowed(verb)
    if len(photos) > MOST_PHOTOS:
        raise TooManyPhotos(len(photos))
    as_reporter = Role.REPORTER in roles_in(viewer, matter) & MOVES[verb].roles
    by = actor_of(viewer, on_behalf_of_id=_whom_for(viewer, matter)) if as_reporter else _by_post(viewer, matter)
    inside = kind == MatterText.Kind.NOTE
    salt = secrets.token_hex(16)
    entry = _entry(
        matter,
        verb,
        by,
        at,
        detail={"text": text_digest(salt, text), "photos": len(photos), **(detail or {})},
        audience=f"body:{matter.body_id}" if inside else None,
    )
    said = MatterText.objects.create(
        matter=matter, entry_id=entry.pk, kind=kind, text=text, salt=salt, author_id=viewer.person_id, post_id=by.post_id, written_at=at
    )
    for position, file in enumerate(photos):
        give_to_audience(file=file, audience=audience_of(matter))
        MatterPhoto.objects.create(matter=matter, text=said, file=file, position=position)
    if not inside:
        index_matter(matter)
    tell(entry=entry, to=[f"body:{matter.body_id}"] if inside else _parties(matter))
    if matter.is_public and not inside:
        hold_if_listed(kind="matter", subject=matter.number, item=str(said.pk), words=text, author_id=viewer.person_id, place=matter.place)
    return said


def _route(matter: Matter, at: datetime) -> list[str]:
    """Route by category and place; the audience keys to tell. A matter that no rule fits waits for a person."""
    chosen = routing_for(matter.place, matter.category)
    if chosen is None:
        return []
    _hand_to(matter, chosen.body, chosen.overdue_body, at)
    _entry(matter, Verb.ROUTE, SYSTEM, at, detail={"body": code_of_body(chosen.body), "rule": f"{chosen.place}/{chosen.category or '*'}"})
    return [f"body:{chosen.body}"]


def _hand_to(matter: Matter, body_id: int, overdue_body_id: int | None, at: datetime) -> None:
    matter.state = after(matter.state, Verb.ROUTE)
    matter.body_id, matter.overdue_body_id = body_id, overdue_body_id
    _run_clock(matter, "matters.response_hours", at)


def _run_clock(matter: Matter, subject: str, at: datetime) -> None:
    """Start the limit of the regulations for this category at this place."""
    found = limit_for(subject, place=matter.place, category=matter.category, at=at)
    matter.clock_from, matter.limit_key, matter.escalated_at = at, found.key, None
    matter.due_at = due(at, found.limit, calendar())


def _stop_clock(matter: Matter) -> None:
    matter.clock_from = matter.due_at = matter.ask_until = matter.escalated_at = None
    matter.limit_key = ""


def _save(matter: Matter, at: datetime) -> None:
    matter.changed_at = at
    matter.save()


def _count(matter: Matter, before: str | None) -> None:
    """Move a public matter from one stored counter to another; after everything else, in one order."""
    if not matter.is_public or before == matter.state:
        return
    steps = sorted([(matter.state, 1)] if before is None else [(before, -1), (matter.state, 1)])
    with connection.cursor() as cursor:
        for state, step in steps:
            cursor.execute(
                "INSERT INTO affairs_mattercount (scope_id, state, n) VALUES (%s, %s, %s) "
                "ON CONFLICT (scope_id, state) DO UPDATE SET n = affairs_mattercount.n + excluded.n",
                [matter.scope_id, str(state), step],
            )
