import logging
from typing import Any

import pytest

from doorstep.foundation.journal import keys
from doorstep.foundation.journal.models import SealedHead, SigningKey, UnsealedEntry
from doorstep.foundation.journal.testing import seal_now
from doorstep.site import upkeep, worker
from doorstep.site.commands import COMMANDS
from doorstep.site.metrics import exposition
from doorstep.site.upkeep import seal_journal


def figures() -> dict[str, float]:
    lines = [line.split(" ") for line in exposition().decode().splitlines() if line.startswith("doorstep_journal_")]
    return {name.removeprefix("doorstep_journal_"): float(value) for name, value in lines}


def test_metrics_say_what_is_sealed_what_waits_and_how_old_the_head_is(town: Any) -> None:
    seal_now()
    head = SealedHead.objects.order_by("-size")[0]
    town.raise_matter()
    waiting = UnsealedEntry.objects.count()
    shown = figures()
    assert waiting > 0
    assert (shown["sealed_entries"], shown["unsealed_entries"]) == (head.size, waiting)
    assert 0 <= shown["head_age_seconds"] < 60
    seal_now()
    assert (figures()["sealed_entries"], figures()["unsealed_entries"]) == (head.size + waiting, 0)


def test_the_worker_seals_and_forgets() -> None:
    ticks = {name: tick for name, _every, tick in worker.TICKS}
    assert (ticks["seal the journal"], ticks["forget old reads"]) == (seal_journal, upkeep.forget_old_reads)


def test_without_the_private_key_the_round_goes_on_and_says_so(
    town: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def missing() -> int:
        raise keys.SigningKeyMissing("0123456789abcdef")

    monkeypatch.setattr(upkeep, "seal_all", missing)
    with caplog.at_level(logging.ERROR):
        assert seal_journal() == 0
    assert "the private key 0123456789abcdef is not in this town's home" in caplog.text


def test_the_command_seals_and_rotates(town: Any, capsys: pytest.CaptureFixture[str]) -> None:
    UnsealedEntry.objects.update(written_in=0)
    assert COMMANDS["journal"](["seal"]) == 0
    assert "entries sealed" in capsys.readouterr().err
    before = SigningKey.objects.count()
    assert COMMANDS["journal"](["rotate"]) == 0
    assert SigningKey.objects.count() == before + 1
    assert f"new key {SigningKey.objects.order_by('-pk')[0].key_id}" in capsys.readouterr().err
