"""What others may read of the journal: a subject's timeline as a viewer may see it, the version of a place's pages, and what is sealed:
heads, keys, proofs and verified histories."""

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, Sum

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import PUBLIC, Viewer, may_see
from doorstep.foundation.journal.actions import content_of
from doorstep.foundation.journal.merkle import Run, consistency_runs, hashes_of, includes, inclusion_runs, leaf_hash, numbers_of
from doorstep.foundation.journal.models import Entry, PlaceVersion, SealedHead, SealedLeaf, SigningKey, UnsealedEntry
from doorstep.foundation.journal.names import verb_name
from doorstep.foundation.journal.permissions import may_see_content, may_see_entry
from doorstep.foundation.journal.proof import KEYS_FORMAT, PROOF_FORMAT, written
from doorstep.foundation.journal.sealing import leaf_of, sealed_size, stored

HEADS_FORMAT = "doorstep.heads/1"
CONSISTENCY_FORMAT = "doorstep.consistency/1"
LONGEST_HISTORY = 500


def timeline(*, kind: str, subject: str, audiences: Iterable[str]) -> list[Entry]:
    """Entries of one subject in the order they were written, for these audience keys."""
    return list(Entry.objects.filter(kind=kind, subject=subject, audience__in=set(audiences)).order_by("id"))


def page_version(*, lineage: str, audience: str = PUBLIC) -> int:
    """How often anything changed at or below a place for an audience. One query; the sum moves when a late transaction commits."""
    below = Q(lineage=lineage) | Q(lineage__startswith=f"{lineage}/")
    return int(PlaceVersion.objects.filter(below, audience=audience).aggregate(total=Sum("version"))["total"] or 0)


# Heads and keys: public


def latest_head() -> SealedHead | None:
    return SealedHead.objects.select_related("key").order_by("-size").first()


def head_of_size(size: int) -> SealedHead | None:
    return SealedHead.objects.select_related("key").filter(size=size).first()


def heads(*, before: int | None = None, size: int = 50) -> tuple[list[SealedHead], int | None]:
    """Signed heads, the largest first, and the cursor of the next page."""
    chosen = SealedHead.objects.select_related("key")
    if before is not None:
        chosen = chosen.filter(size__lt=before)
    found = list(chosen.order_by("-size")[: size + 1])
    return found[:size], found[size - 1].size if len(found) > size else None


def signing_keys() -> list[SigningKey]:
    """Every key a head was ever signed with, the one in use first."""
    return list(SigningKey.objects.order_by("-pk"))


def head_document(head: SealedHead) -> dict[str, Any]:
    return {
        "size": head.size,
        "root": head.root,
        "at": written(head.at),
        "key_id": head.key.key_id,
        "signature": _base64(head.signature),
    }


def heads_document(*, before: int | None = None) -> dict[str, Any]:
    found, following = heads(before=before)
    return {"format": HEADS_FORMAT, "items": [head_document(head) for head in found], "next": following}


def keys_document() -> dict[str, Any]:
    return {
        "format": KEYS_FORMAT,
        "items": [
            {"key_id": key.key_id, "algorithm": "Ed25519", "public_key": _base64(key.public_key), "since": written(key.made_at)}
            for key in signing_keys()
        ],
    }


@dataclass(frozen=True, slots=True)
class SealingState:
    """How many entries are sealed and how many wait, and how old the last head is (None before the first)."""

    sealed: int
    waiting: int
    head_age: timedelta | None

    @property
    def recorded(self) -> int:
        return self.sealed + self.waiting


def sealing_state() -> SealingState:
    head = latest_head()
    return SealingState(sealed_size(), UnsealedEntry.objects.count(), clock.now() - head.at if head else None)


# Proofs


def proof_for(viewer: Viewer, index: int, *, earlier: int | None = None) -> dict[str, Any] | None:
    """The `doorstep.proof/1` of a sealed entry under the latest head, and that this head goes on from an earlier one.

    None when there is no such leaf, the viewer may not know of it, or no head of that earlier size was signed.
    """
    head = latest_head()
    leaf = SealedLeaf.objects.select_related("entry").filter(index=index).first()
    if head is None or leaf is None or not may_see_entry(viewer, leaf.entry):
        return None
    before = head_of_size(earlier) if earlier is not None else None
    if earlier is not None and before is None:
        return None
    _note_read(viewer, leaf.entry)
    inclusion = inclusion_runs(index, head.size)
    growth = consistency_runs(before.size, head.size) if before is not None else []
    nodes = stored(numbers_of([*inclusion, *growth]))
    proof: dict[str, Any] = {
        "format": PROOF_FORMAT,
        "leaf": leaf_of(leaf.entry).hex(),
        "index": index,
        "path": _hex(inclusion, nodes),
        "head": head_document(head),
        "public_key": _base64(head.key.public_key),
    }
    if before is not None:
        proof["earlier"] = head_document(before)
        if before.key_id != head.key_id:
            proof["earlier"]["public_key"] = _base64(before.key.public_key)
        proof["consistency"] = _hex(growth, nodes)
    if may_see_content(viewer, leaf.entry):
        proof["content"], proof["salt"] = content_of(leaf.entry), leaf.entry.salt
    return proof


def consistency_between(earlier: int, size: int) -> dict[str, Any] | None:
    """That the log of `size` entries begins with the log of `earlier`; with the heads of these sizes that were signed.
    None when so many are not sealed. Raises OutOfRange for an earlier size of 0 or above `size`."""
    runs = consistency_runs(earlier, size)
    if size > sealed_size():
        return None
    signed = {head.size: head_document(head) for head in SealedHead.objects.select_related("key").filter(size__in=[earlier, size])}
    return {
        "format": CONSISTENCY_FORMAT,
        "from": earlier,
        "to": size,
        "consistency": _hex(runs, stored(numbers_of(runs))),
        "earlier": signed.get(earlier),
        "head": signed.get(size),
    }


# Histories


@dataclass(frozen=True, slots=True)
class SealedStep:
    """An entry of a history. `index` is None until it is sealed; `holds`: its leaf, made anew from what the database says now,
    is under the latest signed root."""

    kind: str
    verb: str
    happened_at: datetime
    recorded_at: datetime
    is_public: bool
    index: int | None
    holds: bool

    @property
    def name(self) -> str:
        return verb_name(self.kind, self.verb)


def verified_history(viewer: Viewer, *, kinds: Iterable[str], subject: str) -> list[SealedStep]:
    """What the journal holds about a subject, as this viewer may see it, each entry checked against the latest head.

    Four queries, and one more for each audience that only its mechanism can decide.
    """
    entries = list(Entry.objects.filter(kind__in=list(kinds), subject=subject).order_by("id")[:LONGEST_HISTORY])
    meant = {audience: may_see(viewer, audience) for audience in {entry.audience for entry in entries}}
    entries = [entry for entry in entries if meant[entry.audience]]
    for entry in entries:
        _note_read(viewer, entry)
    places = {leaf.entry_id: leaf.index for leaf in SealedLeaf.objects.filter(entry__in=entries)}
    head = latest_head()
    runs = {index: inclusion_runs(index, head.size) for index in places.values()} if head is not None else {}
    nodes = stored({number for each in runs.values() for number in numbers_of(each)})

    def holds(entry: Entry) -> bool:
        index = places.get(entry.pk)
        return (
            head is not None
            and index is not None
            and includes(
                leaf=leaf_hash(leaf_of(entry)),
                index=index,
                size=head.size,
                path=hashes_of(runs[index], nodes),
                root=bytes.fromhex(head.root),
            )
        )

    return [
        SealedStep(
            kind=entry.kind,
            verb=entry.verb,
            happened_at=entry.happened_at,
            recorded_at=entry.recorded_at,
            is_public=entry.audience == PUBLIC,
            index=places.get(entry.pk),
            holds=holds(entry),
        )
        for entry in entries
    ]


@dataclass(frozen=True, slots=True)
class OwnStep:
    """An entry that concerns its reader. `how`: `by` they made it themselves, `for_other` they made it for somebody else, `for_me` somebody
    made it for them, `about` it names them. `index` is given where it is sealed and its proof may be asked for without a mechanism's word."""

    entry: Entry
    how: str
    index: int | None

    @property
    def name(self) -> str:
        """What happened; empty where nobody named it."""
        said = verb_name(self.entry.kind, self.entry.verb)
        return "" if said == self.entry.verb else said


def concerning(viewer: Viewer, *, about: Q | None = None, before: int | None = None, size: int = 30) -> tuple[list[OwnStep], int | None]:
    """Entries the viewer made, that were made for them, or that are about them, the newest first, and the cursor of the next page. Two queries.

    What names somebody is theirs to read only where it is meant for them or for everyone: how others deal with them is not. `about`: further
    entries that name somebody, as a mechanism writes them. Persons merged into the viewer are the viewer.
    """
    me = {viewer.own_id, *viewer.former_ids}
    named = Q(detail__person__in=me) | Q(detail__helper__in=me) | (about if about is not None else Q(pk__in=[]))
    meant = Q(audience__in=[f"person:{pk}" for pk in me]) | (named & Q(audience__in=viewer.keys))
    chosen = Entry.objects.filter(Q(actor_id__in=me) | Q(on_behalf_of_id__in=me) | meant)
    if before is not None:
        chosen = chosen.filter(pk__lt=before)
    found = list(chosen.order_by("-id")[: size + 1])
    shown = found[:size]
    places = dict(SealedLeaf.objects.filter(entry__in=shown).values_list("entry_id", "index")) if shown else {}

    def how(entry: Entry) -> str:
        if viewer.is_me(entry.on_behalf_of_id):
            return "for_me" if entry.actor_id is not None and not viewer.is_me(entry.actor_id) else "by"
        if viewer.is_me(entry.actor_id):
            return "for_other" if entry.on_behalf_of_id is not None else "by"
        return "about"

    return [OwnStep(entry, how(entry), places.get(entry.pk)) for entry in shown], shown[-1].pk if len(found) > size else None


def _note_read(viewer: Viewer, entry: Entry) -> None:
    """An entry that is not public was shown: its subject's own people see that it was."""
    if entry.audience != PUBLIC:
        about = entry.on_behalf_of_id or (entry.actor_id if entry.post_id is None else None)
        viewer.note_read(kind=entry.kind, subject=entry.subject, about_person_id=about, why="proof")


def _hex(runs: Iterable[Run], nodes: dict[int, bytes]) -> list[str]:
    return [each.hex() for each in hashes_of(runs, nodes)]


def _base64(data: bytes | memoryview) -> str:
    return base64.b64encode(bytes(data)).decode()
