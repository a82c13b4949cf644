import stat
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, connections, transaction

from doorstep.foundation.journal import keys
from doorstep.foundation.journal.actions import SYSTEM, record, writing
from doorstep.foundation.journal.keys import SigningKeyMissing
from doorstep.foundation.journal.merkle import leaf_hash, root_of
from doorstep.foundation.journal.models import Entry, SealedHead, SealedLeaf, SealedNode, SigningKey, UnsealedEntry
from doorstep.foundation.journal.proof import head_bytes, signed_by, written
from doorstep.foundation.journal.queries import page_version
from doorstep.foundation.journal.sealing import leaf_of, rotate_key, seal, seal_all, sealed_size
from doorstep.foundation.journal.testing import seal_now


@dataclass(frozen=True)
class Spot:
    """A place as the journal knows it."""

    code: str = "ruijin"
    lineage: str = "dongguan/hengli/ruikang/ruijin"


def write(subject: str, **facts: Any) -> Entry:
    with writing():
        return record(**{"verb": "tested", "kind": "matter", "subject": subject, "place": Spot(), "by": SYSTEM, **facts})


def seal_soon(expected: int) -> int:
    """Seal until so many are sealed. On PostgreSQL the transactions of a test running beside this one count as open too."""
    total, end = 0, time.monotonic() + 1800
    while total < expected and time.monotonic() < end:
        total += seal_all()
        time.sleep(0.05)
    return total


def all_nodes() -> dict[int, bytes]:
    return {row.number: bytes(row.hash) for row in SealedNode.objects.all()}


def holds(head: SealedHead) -> bool:
    data = head_bytes(size=head.size, root=head.root, at=written(head.at))
    return signed_by(bytes(head.key.public_key), signature=bytes(head.signature), data=data)


def test_every_entry_gets_the_next_leaf_and_the_head_is_signed_over_all_of_them(db: None) -> None:
    before = seal_now() and sealed_size()
    made = [write(f"HL-{n}") for n in range(5)]
    assert seal_now() == 5
    leaves = SealedLeaf.objects.filter(index__gte=before).order_by("index")
    assert [(leaf.index, leaf.entry_id) for leaf in leaves] == [(before + n, entry.pk) for n, entry in enumerate(made)]
    head = SealedHead.objects.order_by("-size")[0]
    nodes = all_nodes()
    assert (head.size, head.root) == (before + 5, root_of(before + 5, nodes).hex())
    assert nodes[2 * before] == leaf_hash(leaf_of(made[0]))
    assert holds(head)
    assert (seal_now(), SealedHead.objects.count()) == (0, SealedHead.objects.count())


def test_sealing_in_small_steps_gives_the_same_tree(db: None) -> None:
    seal_now()
    before = sealed_size()
    for n in range(7):
        write(f"HL-{n}")
    UnsealedEntry.objects.update(written_in=0)
    assert [seal(at_most=3) for _ in range(4)] == [3, 3, 1, 0]
    heads = SealedHead.objects.filter(size__gt=before).order_by("size")
    assert [head.size for head in heads] == [before + 3, before + 6, before + 7]
    nodes = all_nodes()
    assert all(head.root == root_of(head.size, nodes).hex() and holds(head) for head in heads)


def test_one_entry_costs_a_few_queries_however_long_the_log(db: None, django_assert_max_num_queries: Any) -> None:
    seal_now()
    write("HL-1")
    UnsealedEntry.objects.update(written_in=0)
    with django_assert_max_num_queries(12):
        seal()


@pytest.mark.parametrize("table", ["sealedleaf", "sealednode", "sealedhead", "signingkey"])
@pytest.mark.parametrize("change", ["UPDATE foundation_{0} SET {1} = {1}", "DELETE FROM foundation_{0}", "TRUNCATE foundation_{0} CASCADE"])
def test_the_database_refuses_to_change_what_is_sealed(db: None, table: str, change: str) -> None:
    if change.startswith("TRUNCATE") and connection.vendor != "postgresql":
        change = "DELETE FROM foundation_{0}"
    write("HL-1")
    seal_now()
    connection.check_constraints()
    column = {"sealedleaf": "entry_id", "sealednode": "hash", "sealedhead": "root", "signingkey": "key_id"}[table]
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change.format(table, column))


def test_an_entry_that_was_written_before_a_restore_is_sealed_too(db: None) -> None:
    seal_now()
    made = write("HL-1")
    UnsealedEntry.objects.filter(entry=made).update(written_in=2**62)
    assert seal_all() >= 1
    assert SealedLeaf.objects.filter(entry=made).exists()


# Keys


def test_the_private_key_is_a_file_for_its_owner_alone_and_not_in_the_database(db: None) -> None:
    write("HL-1")
    seal_now()
    key = SigningKey.objects.order_by("-pk")[0]
    path = keys.key_file(key.key_id)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert b"PRIVATE KEY" in path.read_bytes()
    assert {field.name for field in SigningKey._meta.get_fields()} == {"id", "key_id", "public_key", "made_at"}


def test_after_a_rotation_old_heads_hold_under_the_old_key_and_new_ones_under_the_new(
    town: Any, django_capture_on_commit_callbacks: Any
) -> None:
    write("HL-1")
    seal_now()
    old = SealedHead.objects.order_by("-size")[0]
    with django_capture_on_commit_callbacks(execute=True):
        key = rotate_key(by=SYSTEM, place=town.place)
    seal_now()
    new = SealedHead.objects.order_by("-size")[0]
    assert (new.key_id, new.size) == (key.pk, old.size + 1)
    assert old.key_id != key.pk
    assert holds(SealedHead.objects.get(size=old.size))
    assert holds(new)
    assert Entry.objects.filter(verb="key_rotated", subject=key.key_id).exists()
    assert not keys.key_file(old.key.key_id).exists()


def test_without_the_private_key_nothing_is_sealed_and_nothing_is_lost(own_database: None) -> None:
    write("HL-1")
    assert seal_soon(1) == 1
    path = keys.key_file(SigningKey.objects.get().key_id)
    kept = path.read_bytes()
    path.unlink()
    made = write("HL-2")
    with pytest.raises(SigningKeyMissing):
        seal_soon(1)
    assert (sealed_size(), UnsealedEntry.objects.filter(entry=made).exists()) == (1, True)
    path.write_bytes(kept)
    assert seal_soon(1) == 1


# Transactions that really commit


def in_thread(work: Callable[[], object]) -> threading.Thread:
    def run() -> None:
        try:
            work()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer at a time")
def test_a_lower_id_that_commits_late_is_neither_skipped_nor_put_before_what_is_sealed(own_database: None) -> None:
    write("before")
    assert seal_soon(1) == 1
    wrote, may_commit = threading.Event(), threading.Event()

    def slow() -> None:
        with writing():
            record(verb="tested", kind="matter", subject="late", place=Spot("cuihu", "dongguan/hengli/cuihu"), by=SYSTEM)
            wrote.set()
            assert may_commit.wait(20)

    thread = in_thread(slow)
    assert wrote.wait(20)
    write("early")
    version = page_version(lineage="dongguan/hengli/cuihu")
    assert (seal_all(), UnsealedEntry.objects.count()) == (0, 1)  # the open transaction began first: what comes after it waits
    may_commit.set()
    thread.join()
    late, early = Entry.objects.get(subject="late"), Entry.objects.get(subject="early")
    assert late.pk < early.pk
    assert page_version(lineage="dongguan/hengli/cuihu") == version + 1
    assert (seal_soon(2), seal_all()) == (2, 0)
    assert [leaf.entry.subject for leaf in SealedLeaf.objects.select_related("entry").order_by("index")] == ["before", "late", "early"]


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer at a time")
def test_a_lower_id_of_a_later_transaction_is_sealed_when_it_commits(own_database: None) -> None:
    """The id is taken before the transaction has its number: an id alone would be no horizon."""
    write("before")  # from here the sequence has ids in store, and taking one needs no transaction number
    taken, may_write = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT nextval(pg_get_serial_sequence('foundation_entry', 'id'))")
            number = cursor.fetchone()[0]
            taken.set()
            assert may_write.wait(20)
            with writing():
                template = record(verb="tested", kind="matter", subject="higher", place=Spot(), by=SYSTEM)
                template.pk, template.subject = number, "lower"
                template.save(force_insert=True)

    thread = in_thread(slow)
    assert taken.wait(20)
    write("between")
    assert seal_soon(2) == 2
    may_write.set()
    thread.join()
    assert Entry.objects.get(subject="lower").pk < Entry.objects.get(subject="between").pk
    assert (seal_soon(2), UnsealedEntry.objects.count()) == (2, 0)
    assert [leaf.entry.subject for leaf in SealedLeaf.objects.select_related("entry").order_by("index")] == [
        "before",
        "between",
        "lower",
        "higher",
    ]


def test_a_write_that_is_undone_leaves_nothing_to_seal(own_database: None) -> None:
    def undone() -> None:
        with writing():
            record(verb="tested", kind="matter", subject="HL-1", place=Spot(), by=SYSTEM)
            raise ValueError("undone")

    with pytest.raises(ValueError, match="undone"):
        undone()
    assert (UnsealedEntry.objects.count(), seal_all()) == (0, 0)


def test_several_workers_seal_every_entry_once(own_database: None) -> None:
    for n in range(120):
        write(f"HL-{n}")
    start, failures = threading.Barrier(3), []

    def work() -> None:
        start.wait(20)
        try:
            while UnsealedEntry.objects.exists():
                seal(at_most=7)
        except BaseException as error:
            failures.append(error)
            raise

    threads = [in_thread(work) for _ in range(3)]
    for thread in threads:
        thread.join()
    assert failures == []
    leaves = list(SealedLeaf.objects.order_by("index").values_list("index", "entry_id"))
    assert leaves == list(enumerate(Entry.objects.order_by("pk").values_list("pk", flat=True)))
    nodes = all_nodes()
    assert all(head.root == root_of(head.size, nodes).hex() for head in SealedHead.objects.all())
    assert SigningKey.objects.count() == 1


def test_entries_written_before_there_was_a_sealer_are_sealed_first(empty_database: None) -> None:
    call_command("migrate", "foundation", "0002", verbosity=0, interactive=False)
    old = [write(f"HL-{n}") for n in range(2)]
    call_command("migrate", verbosity=0, interactive=False)
    new = write("HL-2")
    assert seal_soon(3) == 3
    assert list(SealedLeaf.objects.order_by("index").values_list("entry_id", flat=True)) == [each.pk for each in (*old, new)]


def test_sealing_is_a_transaction_of_its_own(own_database: None) -> None:
    with pytest.raises(RuntimeError, match="durable"), writing():
        seal()
