from datetime import UTC, datetime, timedelta

import pytest

from doorstep.foundation import clock
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
def test_the_table_names_nobody_and_is_emptied() -> None:
    with clock.frozen(NOON):
        count("address 10.1.2.3", Rate(1, 60))
    assert "10.1.2.3" not in RateCount.objects.get().key
    with clock.frozen(NOON + timedelta(minutes=3)):
        assert forget_counts() == 1
    assert not RateCount.objects.exists()
