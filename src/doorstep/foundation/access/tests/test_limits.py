from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from doorstep.foundation import clock
from doorstep.foundation.access import limits
from doorstep.foundation.access.limits import Rate, TooOften, count, count_all, forget_counts
from doorstep.foundation.access.models import RateCount

NOON = datetime(2026, 5, 6, 12, tzinfo=UTC)


@pytest.mark.django_db
def test_a_window_has_its_uses_and_the_next_begins_anew() -> None:
    rate = Rate(most=3, seconds=60)
    with clock.frozen(NOON + timedelta(seconds=10)):
        for _ in range(3):
            count("a", rate)
        with pytest.raises(TooOften) as refused:
            count("a", rate)
        assert refused.value.seconds == 50
        count("b", rate)
    with clock.frozen(NOON + timedelta(seconds=60)):
        count("a", rate)


@pytest.mark.django_db
def test_several_keys_are_counted_together_and_the_longest_wait_is_said() -> None:
    rates = {"address 1": Rate(1, 60), "account 1": Rate(1, 3600)}
    with clock.frozen(NOON):
        count_all(rates)
        with pytest.raises(TooOften) as refused:
            count_all(rates)
    assert refused.value.seconds == 3600
    assert set(RateCount.objects.values_list("n", flat=True)) == {2}


@pytest.mark.django_db
def test_a_large_limit_is_written_down_by_the_hundredth_part(django_assert_num_queries: Any) -> None:
    rate = Rate(most=500, seconds=60)
    with clock.frozen(NOON):
        with django_assert_num_queries(100):
            for _ in range(500):
                count("a", rate)
        assert RateCount.objects.get().n == 500
        for _ in range(4):
            count("a", rate)
        for _ in range(3):
            with pytest.raises(TooOften):
                count("a", rate)
    with clock.frozen(NOON + timedelta(seconds=60)):
        count("a", rate)


@pytest.mark.django_db
def test_processes_count_together() -> None:
    rate = Rate(most=300, seconds=60)
    with clock.frozen(NOON):
        for _ in range(300):
            count("a", rate)
        # Another process, which has gathered nothing yet.
        limits._unwritten.clear()
        count("a", rate)
        count("a", rate)
        with pytest.raises(TooOften):
            count("a", rate)


@pytest.mark.django_db
def test_what_is_gathered_is_forgotten_with_its_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_UNWRITTEN", 5)
    for minute in range(20):
        with clock.frozen(NOON + timedelta(minutes=minute)):
            count(f"address {minute}", Rate(most=300, seconds=60))
    assert len(limits._unwritten) <= 6


@pytest.mark.django_db
def test_the_table_names_nobody_and_is_emptied() -> None:
    with clock.frozen(NOON):
        count("address 10.1.2.3", Rate(1, 60))
    assert "10.1.2.3" not in RateCount.objects.get().key
    with clock.frozen(NOON + timedelta(minutes=3)):
        assert forget_counts() == 1
    assert not RateCount.objects.exists()
