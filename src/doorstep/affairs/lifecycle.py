"""What matters answer in a person's life.

What somebody wrote as a neighbour is theirs: erased with its salt, so that the journal's digest refers to nothing. What was written in an
office is the body's answer and stays, without the words that named the person. The number, the steps and the figures stay too.
"""

from dataclasses import replace
from datetime import date

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from doorstep.affairs.models import CounterNote, Draft, HelpOffer, Matter, MatterPhoto, MatterPin, MatterText, Open311Request
from doorstep.affairs.search import index_matter
from doorstep.affairs.texts import OPENING
from doorstep.foundation import clock
from doorstep.foundation.files.actions import drop
from doorstep.foundation.identity.lifecycle import (
    TOMBSTONE,
    Erasing,
    Move,
    PersonColumn,
    Section,
    in_office,
    keep,
    listed,
    not_theirs,
    nothing,
    register_person_columns,
)
from doorstep.foundation.journal.actions import SYSTEM, record
from doorstep.foundation.moderation.actions import blot_out, forget_original
from doorstep.foundation.search.actions import scrub_index

NAME_SHOWN = "name_shown"

NO_CONSENT = nothing("rests on no consent")
NO_HOME = nothing("what was raised stays raised, wherever its reporter lives now")
PAST = nothing("what was said stays said")

_labels = {
    "number": _("号"),
    "title": _("题目"),
    "text": _("内容"),
    "spot": _("具体位置"),
    "raised_at": _("时间"),
    "state": _("办到哪一步"),
    "is_public": _("公开"),
    "is_named": _("写名字"),
}
_matters = listed(_("您说过的事"), _labels)


def _export(column: PersonColumn, person_id: int) -> Section | None:
    section = _matters(column, person_id)
    if section is None:
        return None
    photos = MatterPhoto.objects.filter(matter__reporter_id=person_id, text=None).order_by("matter_id", "position", "id")
    files = tuple(
        (f"{number}-{index}.jpg", path) for index, (number, path) in enumerate(photos.values_list("matter__number", "file__path"), start=1)
    )
    return Section(section.code, section.title, section.rows, files)


def _erase_matters(column: PersonColumn, erasing: Erasing) -> tuple[str, ...]:
    for matter in column.rows(*erasing.person_ids).select_related("place", "category").order_by("pk"):
        if matter.text_salt:
            _drop_photos(MatterPhoto.objects.filter(matter=matter, text=None))
            matter.title, matter.text, matter.text_salt, matter.spot = matter.category.zh, "", "", ""
            matter.is_named, matter.photo_count = False, 0
            matter.save(update_fields=["title", "text", "text_salt", "spot", "is_named", "photo_count"])
            forget_original(kind="matter", subject=matter.number, item=OPENING)
            # Whoever holds the slip would come in as the reporter.
            MatterPin.objects.filter(matter=matter).delete()
            Open311Request.objects.filter(matter=matter).update(latitude=None, longitude=None, media_url="")
            MatterText.objects.filter(matter=matter, kind=MatterText.Kind.THANKS).update(text="", salt="")
            _note(matter, "text_erased")
        _blot(matter, erasing)
    for note in CounterNote.objects.filter(Q(phone__in=erasing.phones) | Q(matter__reporter_id__in=erasing.person_ids)):
        CounterNote.objects.filter(pk=note.pk).update(name="", phone="", text=TOMBSTONE)
    scrub_index()
    # A draft belongs to a browser; one with their phone in it is theirs.
    for draft in Draft.objects.filter(fields__phone__in=erasing.phones):
        for photo in draft.photos.select_related("file"):
            file = photo.file
            photo.delete()
            drop(file=file)
        draft.delete()
    return ()


def _erase_texts(column: PersonColumn, erasing: Erasing) -> tuple[str, ...]:
    ids = list(column.rows(*erasing.person_ids).filter(post=None).exclude(salt="").values_list("pk", flat=True))
    own = MatterText.objects.filter(pk__in=ids)
    touched = Matter.objects.filter(pk__in=own.values("matter_id")).select_related("place", "category")
    own.update(text="", salt="")
    for matter in touched.order_by("pk"):
        _drop_photos(MatterPhoto.objects.filter(matter=matter, text__in=own))
        for text_id in own.filter(matter=matter).values_list("pk", flat=True):
            forget_original(kind="matter", subject=matter.number, item=str(text_id))
        _note(matter, "text_erased")
        _blot(matter, erasing)
    scrub_index()
    return ()


def _blot(matter: Matter, erasing: Erasing) -> None:
    """Take the words that name them out of what others answered. The digest then refers to nothing, so the salt goes too."""
    for text in MatterText.objects.filter(matter=matter).exclude(salt=""):
        blotted = erasing.blotted(text.text)
        if blotted != text.text:
            MatterText.objects.filter(pk=text.pk).update(text=blotted, salt="")
    for offer in HelpOffer.objects.filter(matter=matter):
        HelpOffer.objects.filter(pk=offer.pk).update(text=erasing.blotted(offer.text))
    blot_out(kind="matter", subject=matter.number, erasing=erasing)
    index_matter(matter)


def _drop_photos(photos: QuerySet[MatterPhoto]) -> None:
    for photo in photos.select_related("file"):
        file = photo.file
        photo.delete()
        drop(file=file)


def _note(matter: Matter, verb: str) -> None:
    """In the thread for everyone who sees it: something is no longer there, and why."""
    record(
        verb=verb,
        kind="matter",
        subject=matter.number,
        place=matter.place,
        by=SYSTEM,
        audience="public" if matter.is_public else f"matter:{matter.number}",
    )


def _unname(column: PersonColumn, person_id: int, purpose: str) -> None:
    """Without the consent to be named no page names them, from this moment."""
    if purpose == NAME_SHOWN:
        for matter in column.rows(person_id).filter(is_named=True).select_related("place").order_by("pk"):
            matter.is_named = False
            matter.save(update_fields=["is_named"])
            _note(matter, "name_withdrawn")


def _put_down(column: PersonColumn, person_id: int, died_on: date) -> None:
    """Colleagues take over what they had in hand."""
    column.rows(person_id).update(taken_by=None, taken_at=None)


def _erase_offers(column: PersonColumn, erasing: Erasing) -> tuple[str, ...]:
    """What they wrote goes, and what they were thanked with, which speaks of them; that a neighbour helped stays."""
    offers = column.rows(*erasing.person_ids)
    for thanks in MatterText.objects.filter(pk__in=offers.values("thanks")).exclude(salt="").select_related("matter"):
        MatterText.objects.filter(pk=thanks.pk).update(text="", salt="")
        forget_original(kind="matter", subject=thanks.matter.number, item=str(thanks.pk))
        index_matter(thanks.matter)
    scrub_index()
    offers.update(text="")
    return ()


def _take_offers_back(column: PersonColumn, person_id: int, died_on: date) -> None:
    column.rows(person_id).filter(state__in=(HelpOffer.State.OFFERED, HelpOffer.State.ACCEPTED)).update(state=HelpOffer.State.TAKEN_BACK)


def _empty_statements(column: PersonColumn, erasing: Erasing) -> tuple[str, ...]:
    column.rows(*erasing.person_ids).update(name="", lines=[])
    return ()


def _end_keys(column: PersonColumn, person_id: int) -> None:
    column.rows(person_id).filter(ended_at=None).update(ended_at=clock.now())


def _erase_keys(column: PersonColumn, erasing: Erasing) -> tuple[str, ...]:
    for person_id in erasing.person_ids:
        _end_keys(column, person_id)
    return ()


def register() -> None:
    register_person_columns(
        PersonColumn(
            "affairs.Matter.reporter_id",
            export=_export,
            erase=_erase_matters,
            merge=Move(),
            consent_withdrawn=_unname,
            deceased=PAST,
            residence_ended=NO_HOME,
        ),
        PersonColumn(
            "affairs.Matter.entered_by_id",
            export=not_theirs("a matter is its reporter's; both names are in the reporter's export"),
            erase=keep("an id without a name: that somebody wrote it down for them"),
            merge=Move(),
            consent_withdrawn=NO_CONSENT,
            deceased=PAST,
            residence_ended=NO_HOME,
        ),
        replace(in_office("affairs.Matter.taken_by_id"), deceased=_put_down),
        PersonColumn(
            "affairs.HelpOffer.helper_id",
            export=listed(
                _("您帮邻居的"),
                {"matter__number": _("号"), "text": _("内容"), "state": _("结果"), "thanks__text": _("谢您的话"), "offered_at": _("时间")},
            ),
            erase=_erase_offers,
            merge=Move(alone=("matter_id",)),
            consent_withdrawn=NO_CONSENT,
            deceased=_take_offers_back,
            residence_ended=nothing("an offer stands until it is taken back"),
        ),
        PersonColumn(
            "affairs.TakingPart.person_id",
            export=listed(_("您打印过的参与证明"), {"number": _("号"), "made_at": _("时间")}),
            erase=_empty_statements,
            merge=Move(),
            consent_withdrawn=NO_CONSENT,
            deceased=PAST,
            residence_ended=NO_HOME,
        ),
        PersonColumn(
            "affairs.ApiKey.person_id",
            export=listed(_("以您的名义写的接口钥匙"), {"label": _("谁拿着"), "made_at": _("时间"), "ended_at": _("什么时候停的")}),
            erase=_erase_keys,
            merge=Move(),
            consent_withdrawn=NO_CONSENT,
            deceased=lambda column, person_id, died_on: _end_keys(column, person_id),
            residence_ended=NO_HOME,
        ),
        *map(
            in_office,
            (
                "affairs.MatterPin.issued_by_id",
                "affairs.CounterNote.taken_by_id",
                "affairs.CounterNote.ended_by_id",
                "affairs.PainPoint.owner_id",
                "affairs.Question.published_by_id",
            ),
        ),
        PersonColumn(
            "affairs.MatterText.author_id",
            export=listed(_("您在事情里说过的话"), {"matter__number": _("号"), "text": _("内容"), "written_at": _("时间")}),
            erase=_erase_texts,
            merge=Move(),
            consent_withdrawn=NO_CONSENT,
            deceased=PAST,
            residence_ended=NO_HOME,
        ),
    )
