"""The one sealer: gives committed entries their place in the tree and signs its head (docs/algorithms/journal.md)."""

from collections.abc import Iterable

from django.db import connection, transaction
from django.db.models import BigIntegerField, Func, Max, Q

from doorstep.foundation import clock
from doorstep.foundation.journal.actions import Actor, HasLineage, record, writing
from doorstep.foundation.journal.keys import key_file, make_key_file, sign
from doorstep.foundation.journal.merkle import GrowingTree, leaf_hash, numbers_of
from doorstep.foundation.journal.models import Entry, SealedHead, SealedLeaf, SealedNode, SigningKey, UnsealedEntry
from doorstep.foundation.journal.proof import entry_bytes, head_bytes, key_id_of, written

BATCH = 2000
_LOCK = 0x5EA1  # PostgreSQL's advisory lock of the one sealer


class _OldestOpen(Func):
    """The oldest transaction still open when the statement began: all before it have ended, and what they wrote is seen or never was."""

    template = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
    output_field = BigIntegerField()


class _NotBegun(Func):
    """The first transaction not begun when the statement did. A row from there or later was written before a restore, on another server."""

    template = "pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
    output_field = BigIntegerField()


def leaf_of(entry: Entry) -> bytes:
    """The input bytes of an entry's leaf."""
    return entry_bytes(
        id=str(entry.pk),
        happened_at=entry.happened_at,
        recorded_at=entry.recorded_at,
        verb=entry.verb,
        kind=entry.kind,
        subject=entry.subject,
        place=entry.place,
        digest=entry.digest,
    )


def stored(numbers: Iterable[int]) -> dict[int, bytes]:
    """Stored nodes by number, in one query."""
    return {row.number: bytes(row.hash) for row in SealedNode.objects.filter(number__in=sorted(numbers))}


def sealed_size() -> int:
    """How many entries are sealed."""
    last = SealedLeaf.objects.aggregate(last=Max("index"))["last"]
    return 0 if last is None else int(last) + 1


def seal(*, at_most: int = BATCH) -> int:
    """Seal the next entries and sign the head over them; how many. 0 also when another worker is sealing.

    Leaves stand in the order of (transaction, entry) and only once no open transaction can come before them, so the order says
    nothing of when the sealer ran, and none is passed over. Raises SigningKeyMissing.
    """
    with transaction.atomic(durable=True):
        if not _alone():
            return 0
        entries = _settled(at_most)
        if entries:
            _append(entries)
        return len(entries)


def seal_all() -> int:
    """Seal until nothing settled is left; how many."""
    total = 0
    while sealed := seal():
        total += sealed
    return total


def _alone() -> bool:
    """Whether this is the one sealer until the transaction ends. SQLite has one writer at a time anyway."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])


def _wait_until_alone() -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _settled(at_most: int) -> list[Entry]:
    """The next unsealed entries that no transaction still open can come before."""
    waiting = UnsealedEntry.objects.select_related("entry").order_by("written_in", "entry_id")
    if connection.vendor == "postgresql":
        waiting = waiting.filter(Q(written_in__lt=_OldestOpen()) | Q(written_in__gte=_NotBegun()))
    return [each.entry for each in waiting[:at_most]]


def _append(entries: list[Entry]) -> None:
    size = sealed_size()
    tree = GrowingTree.at(size, stored(numbers_of([(0, size)])))
    nodes = [node for entry in entries for node in tree.append(leaf_hash(leaf_of(entry)))]
    SealedLeaf.objects.bulk_create([SealedLeaf(index=size + position, entry=entry) for position, entry in enumerate(entries)])
    SealedNode.objects.bulk_create([SealedNode(number=number, hash=made) for number, made in nodes])
    UnsealedEntry.objects.filter(entry__in=entries).delete()
    _sign(tree)


def _sign(tree: GrowingTree) -> None:
    key = SigningKey.objects.order_by("-pk").first() or _new_key()
    at, root = clock.now(), tree.root.hex()
    signature = sign(key.key_id, head_bytes(size=tree.size, root=root, at=written(at)))
    SealedHead.objects.create(size=tree.size, root=root, at=at, key=key, signature=signature)


def _new_key() -> SigningKey:
    public = make_key_file()
    return SigningKey.objects.create(key_id=key_id_of(public), public_key=public, made_at=clock.now())


def rotate_key(*, by: Actor, place: HasLineage) -> SigningKey:
    """Sign from now on with a new key. Heads signed before stay what they are under theirs; the entry is sealed under the new one.
    The old private key is destroyed: nobody needs it again, and nobody can sign with it again."""
    with writing():
        _wait_until_alone()
        before = SigningKey.objects.order_by("-pk").first()
        key = _new_key()
        record(
            verb="key_rotated",
            kind="journal",
            subject=key.key_id,
            place=place,
            by=by,
            detail={"before": before.key_id if before else None, "public_key": bytes(key.public_key).hex()},
        )
        if before is not None:
            old = key_file(before.key_id)
            transaction.on_commit(lambda: old.unlink(missing_ok=True))
    return key
