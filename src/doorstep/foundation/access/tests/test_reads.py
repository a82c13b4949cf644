from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from doorstep.foundation import clock
from doorstep.foundation.access.actions import prune_access_log
from doorstep.foundation.access.models import AccessLog
from doorstep.foundation.access.queries import reads_about
from doorstep.foundation.access.viewer import NOBODY
from doorstep.foundation.regulations.models import Regulation
from doorstep.foundation.regulations.queries import forget
from doorstep.site.upkeep import forget_old_reads

NOW = datetime(2026, 8, 31, 12, tzinfo=UTC)


def read(about: Any, by: Any, *, at: datetime = NOW, subject: str = "HL-2026-000123", post_id: int | None = None) -> AccessLog:
    return AccessLog.objects.create(
        at=at, person_id=by.pk, post_id=post_id, about_person_id=about.pk, kind="matter", subject=subject, why="handling"
    )


def test_one_sees_who_read_ones_own_data_and_nobody_elses(town: Any) -> None:
    mine, other = read(town.liu, town.luo), read(town.ye, town.luo)
    assert reads_about(town.viewer(town.liu)) == ([mine], None)
    assert reads_about(town.viewer(town.ye)) == ([other], None)
    assert reads_about(town.viewer(town.luo)) == ([], None)
    AccessLog.objects.create(at=NOW, person_id=town.luo.pk, about_person_id=None, kind="roll", subject="ruikang", why="import")
    assert reads_about(NOBODY) == ([], None)


def test_reads_come_newest_first_in_pages(town: Any) -> None:
    rows = [read(town.liu, town.luo) for _ in range(5)]
    first, before = reads_about(town.viewer(town.liu), size=3)
    assert (first, before) == (rows[:1:-1], rows[2].pk)
    assert reads_about(town.viewer(town.liu), before=before, size=3) == (rows[1::-1], None)


def test_the_page_says_who_as_what_and_why(town: Any, sign_in: Any) -> None:
    matter = town.raise_matter()
    sign_in("luo").get(f"/m/{matter.number}")
    page = sign_in("liu").get("/my/reads").content.decode()
    for text in ("罗建文", "恒安物业", "物业经理", matter.number, "办这件事"):
        assert text in page
    assert "还没有人打开过您的资料" in sign_in("ye").get("/my/reads").content.decode()


def test_the_page_is_for_those_signed_in(client: Any, db: None) -> None:
    response = client.get("/my/reads")
    assert (response.status_code, response["Location"]) == (303, "/login/?next=%2Fmy%2Freads")


@pytest.mark.parametrize("rows", [1, 3, 30])
def test_the_page_costs_the_same_queries_however_many_reads(town: Any, sign_in: Any, rows: int, django_assert_num_queries: Any) -> None:
    client = sign_in("liu")
    posts = [town.viewer(town.luo).posts[0].id, town.viewer(town.lin).posts[0].id]
    for number in range(rows):
        read(town.liu, town.luo if number % 2 == 0 else town.lin, post_id=posts[number % 2])
    with django_assert_num_queries(8):
        client.get("/my/reads")


# How long it is kept


def test_what_is_older_than_the_limit_is_forgotten_and_nothing_else(town: Any) -> None:
    old, edge = read(town.liu, town.luo, at=NOW - timedelta(seconds=1)), read(town.liu, town.luo, at=NOW)
    assert prune_access_log(before=NOW) == 1
    assert list(AccessLog.objects.filter(pk__in=[old.pk, edge.pk])) == [edge]


@pytest.mark.parametrize(("towns_own", "months"), [(None, 36), ("48", 48), ("12", 12), ("3", 6)])
def test_the_town_sets_the_term_but_never_below_what_the_law_asks_of_logs(town: Any, towns_own: str | None, months: int) -> None:
    if towns_own is not None:
        Regulation.objects.create(
            key="logs.access_retention_months",
            locality="hengli",
            value=towns_own,
            unit="months",
            zh="x",
            en="x",
            source_zh="x",
            source_en="x",
            effective_from=datetime(2026, 1, 1, tzinfo=UTC).date(),
            certainty="M",
        )
        forget()
    limit = NOW.replace(year=NOW.year - months // 12, month=NOW.month - months % 12, day=31 if months % 12 == 0 else 28)
    gone, kept = read(town.liu, town.luo, at=limit - timedelta(minutes=1)), read(town.liu, town.luo, at=limit + timedelta(minutes=1))
    with clock.frozen(NOW):
        assert forget_old_reads() == 1
    assert list(AccessLog.objects.filter(pk__in=[gone.pk, kept.pk])) == [kept]


def test_who_reads_as_a_party_is_told_of_without_a_name(town: Any, sign_in: Any) -> None:
    about = {"at": NOW, "about_person_id": town.luo.pk, "subject": "HL-2026-000001"}
    AccessLog.objects.create(person_id=town.ye.pk, kind="matter", why="handling", **about)
    AccessLog.objects.create(person_id=town.ye.pk, kind="rota", why="proof", **about)
    page = sign_in("luo").get("/my/reads").content.decode()
    assert page.count("一位看得到这一项的住户") == 2
    assert town.ye.name not in page
    # Whoever opens the readings of somebody's health is named: they hold no office either, and it is theirs to know.
    AccessLog.objects.create(person_id=town.ye.pk, kind="reading", why="care", **about)
    assert town.ye.name in sign_in("luo").get("/my/reads").content.decode()
