"""A town's own values over the national ones, and the workdays of a year."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from doorstep.affairs.queries import category_by_code
from doorstep.affairs.queries.matters import limit_for
from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.journal.models import Entry
from doorstep.foundation.regulations.actions import (
    AlreadySet,
    DayHasPassed,
    NoBasis,
    NotAllowed,
    NothingToImport,
    NotLikeTheNational,
    NotOverThis,
    bounds,
    read_workdays,
    set_own_value,
    write_workdays,
)
from doorstep.foundation.regulations.bounds import Bound, refusal
from doorstep.foundation.regulations.deadlines import Limit
from doorstep.foundation.regulations.models import Regulation, Workday
from doorstep.foundation.regulations.queries import UnknownRegulation, calendar, public_list, value_of, year_to_enter

ADMIN = Viewer(person_id=1, is_town_admin=True)
KEY = "matters.silence_days"


def set_to(town: Any, value: str, **facts: Any) -> Regulation:
    given = {"zh": "等住户说一句，等这么多天", "en": "", "basis": "镇办〔2026〕8 号", "effective_from": clock.today(), "key": KEY}
    return set_own_value(**{"viewer": ADMIN, "town": town.place, "value": value, **given, **facts})


def in_force(town: Any, on: date) -> str:
    return value_of(KEY, place_lineage_localities=town.estate.localities, on=on).value


def test_a_towns_value_stands_over_the_national_one_from_its_day(town: Any) -> None:
    today = clock.today()
    national = in_force(town, today)
    set_to(town, "9", effective_from=today + timedelta(days=10))
    assert in_force(town, today + timedelta(days=9)) == national
    assert in_force(town, today + timedelta(days=10)) == "9"


def test_rows_are_only_added_and_the_latest_is_in_force(town: Any) -> None:
    today = clock.today()
    with clock.shifted(timedelta(days=-30)):
        set_to(town, "9", effective_from=today - timedelta(days=30))
    set_to(town, "8", effective_from=today)
    assert in_force(town, today - timedelta(days=1)) == "9"
    assert in_force(town, today) == "8"
    assert Regulation.objects.filter(key=KEY, locality="hengli").count() == 2
    shown = [(found.locality, found.value) for found in public_list(today) if found.key == KEY]
    assert [locality for locality, _value in shown] == ["CN", "hengli"]
    assert shown[1][1] == "8"


def test_who_and_what_is_in_the_journal(town: Any) -> None:
    row = set_to(town, "9")
    entry = Entry.objects.get(verb="regulation_set")
    assert (entry.subject, entry.actor_id, entry.audience) == (KEY, 1, "public")
    assert (entry.detail["value"], entry.detail["from"]) == ("9", clock.today().isoformat())
    assert (row.set_by_id, row.basis, row.certainty) == (1, "镇办〔2026〕8 号", "M")


@pytest.mark.parametrize(
    ("facts", "refused"),
    [
        ({"value": "nine"}, NotLikeTheNational),
        ({"value": "-1"}, NotLikeTheNational),
        ({"value": "9.5"}, NotLikeTheNational),
        ({"value": "9", "basis": " "}, NoBasis),
        ({"value": "9", "zh": " "}, NoBasis),
        ({"value": "9", "key": "no.such_key"}, UnknownRegulation),
        ({"value": "9", "viewer": Viewer(person_id=2)}, NotAllowed),
        ({"value": "9", "effective_from": date(2021, 1, 1)}, DayHasPassed),
        ({"value": "9", "unit": "persons"}, NotLikeTheNational),
        ({"value": "0"}, NotOverThis),
        ({"key": "owners_vote.turnout_parties", "value": "1/100"}, NotOverThis),
        ({"key": "owners_vote.turnout_parties", "value": "3/4"}, NotOverThis),
        ({"key": "owners_vote.notice_days", "value": "0"}, NotOverThis),
        ({"key": "petition.finish_days", "value": "600"}, NotOverThis),
        ({"key": "petition.finish_days", "value": "30", "unit": "hours"}, NotLikeTheNational),
        ({"key": "children.guardian_age", "value": "0"}, NotOverThis),
        ({"key": "owners_vote.electronic_channel", "value": "own"}, NotOverThis),  # the city decided
        ({"key": "owners_vote.count_parking", "value": "perhaps"}, NotOverThis),
    ],
)
def test_what_is_refused(town: Any, facts: dict[str, Any], refused: type[Exception]) -> None:
    with pytest.raises(refused):
        set_to(town, **facts)
    assert not Regulation.objects.filter(locality="hengli").exists()


@pytest.mark.parametrize(
    ("key", "value", "unit"),
    [
        ("owners_vote.notice_days", "20", ""),
        ("petition.finish_days", "45", ""),
        ("children.guardian_age", "16", ""),
        ("owners_vote.count_parking", "yes", ""),
        ("matters.response_hours.cleaning", "24", "hours"),
        ("matters.finish_days.parking", "7", ""),
    ],
)
def test_what_is_stricter_or_free_stands(town: Any, key: str, value: str, unit: str) -> None:
    row = set_to(town, value, key=key, unit=unit)
    found = value_of(key, place_lineage_localities=town.estate.localities, on=clock.today())
    assert (found.value, found.unit, row.locality) == (value, unit or found.unit, "hengli")


def test_a_category_has_its_own_limit_where_the_town_sets_one(town: Any) -> None:
    cleaning, other = (category_by_code(code) for code in ("cleaning", "other"))
    assert cleaning is not None
    assert other is not None
    set_to(town, "24", key="matters.response_hours.cleaning", unit="hours")
    at = clock.now()
    assert limit_for("matters.response_hours", place=town.estate, category=cleaning, at=at).limit == Limit(24, "hours")
    assert limit_for("matters.response_hours", place=town.estate, category=other, at=at).limit == Limit(3, "workdays")


def test_every_value_says_what_a_town_may(town: Any) -> None:
    for (key, _locality), bound in bounds().items():
        assert bound.town_may in {"no", "stricter", "free"}, key
        assert (bound.stricter in {"higher", "lower"}) == (bound.town_may == "stricter"), key
    # What stands may always be set again, unless the law fixed it.
    for found in public_list(clock.today()):
        bound = bounds()[found.key, found.locality]
        assert refusal(found.value, found.value, bound) == ("fixed" if bound.town_may == "no" else ""), found.key


@pytest.mark.parametrize(
    ("above", "own", "bound", "why"),
    [
        ("15", "15", Bound("stricter", "higher"), ""),
        ("15", "16", Bound("stricter", "higher"), ""),
        ("15", "14", Bound("stricter", "higher"), "laxer"),
        ("60", "61", Bound("stricter", "lower"), "laxer"),
        ("60", "0", Bound("stricter", "lower"), "out_of_range"),
        ("30", "0", Bound("stricter", "lower", least=0), ""),
        ("1/2", "2/3", Bound("stricter", "higher"), ""),
        ("1/2", "1/3", Bound("stricter", "higher"), "laxer"),
        ("1/2", "1", Bound("free"), "unlike"),
        ("18", "24", Bound("free", least=0, most=23), "out_of_range"),
        ("yes", "no", Bound("free", one_of=("yes", "no")), ""),
        ("yes", "maybe", Bound("free", one_of=("yes", "no")), "not_one_of"),
        ("2/3", "2/3", Bound("no"), "fixed"),
        ("3", "三", Bound("free"), "unlike"),
        ("3", "³", Bound("free"), "unlike"),
    ],
)
def test_what_may_stand_over_what(above: str, own: str, bound: Bound, why: str) -> None:
    assert refusal(above, own, bound) == why


def test_the_article_is_named_and_each_category_is_offered(town: Any, sign_in: Any) -> None:
    admin = sign_in("townadmin")
    page = admin.get("/regulations/own").content.decode()
    assert 'value="matters.response_hours.cleaning"' in page
    assert 'value="owners_vote.turnout_parties"' not in page
    typed = {"zh": "一句", "basis": "镇办〔2026〕8 号", "effective_from": clock.today().isoformat(), "go": "set"}
    for key, value, says in (
        ("owners_vote.turnout_parties", "1/100", "《民法典》第二百七十八条 已经定死了"),
        ("owners_vote.notice_days", "0", "《物业管理条例》第十四条 定的是 15 日，镇里只能定得更多"),
        ("petition.finish_days", "600", "《信访工作条例》第三十四条 定的是 60 日，镇里只能定得更少"),
        ("notify.digest_hour", "24", "0 和 23 之间"),
        ("matters.response_hours.nothing", "4", "没有这一条"),
    ):
        answer = admin.post("/regulations/own", {**typed, "key": key, "value": value})
        assert (answer.status_code, says in answer.content.decode()) == (422, True), key
    assert (
        "已经过去了" in admin.post("/regulations/own", {**typed, "key": KEY, "value": "9", "effective_from": "2021-01-01"}).content.decode()
    )
    sent = {**typed, "key": "matters.response_hours.cleaning", "value": "24", "unit": "hours"}
    assert admin.post("/regulations/own", sent).status_code == 303


def test_one_value_a_day(town: Any) -> None:
    set_to(town, "9")
    with pytest.raises(AlreadySet):
        set_to(town, "8")


# Workdays

CSV = "日期,安排,节日\n2028-01-01,放假,元旦,New Year's Day\n2028-01-02,off,元旦\n2028-01-08,上班,元旦,New Year's Day\n"
TOML = """
[[holiday]]
zh = "元旦"
en = "New Year's Day"
off = [2028-01-01, 2028-01-02]
worked = [2028-01-08]
"""


@pytest.mark.parametrize("text", [CSV, "\ufeff" + CSV, TOML])
def test_a_notice_is_read_as_csv_or_toml_and_written_once(town: Any, text: str) -> None:
    reading = read_workdays(text)
    assert (len(reading.days), reading.new, reading.changed, reading.problems) == (3, 3, 0, ())
    assert not Workday.objects.filter(day__year=2028).exists()
    assert not calendar().is_published(date(2028, 1, 5))
    assert write_workdays(viewer=ADMIN, town=town.place, reading=reading) == 3
    assert calendar().is_published(date(2028, 1, 5))
    assert calendar().is_workday(date(2028, 1, 8))
    assert Entry.objects.get(verb="workdays_set").detail["days"]["2028-01-08"] is True
    with pytest.raises(NothingToImport):
        write_workdays(viewer=ADMIN, town=town.place, reading=read_workdays(text))


def test_a_correction_changes_the_day_and_every_process_sees_it(town: Any) -> None:
    write_workdays(viewer=ADMIN, town=town.place, reading=read_workdays(TOML))
    newest = Workday.objects.latest("id").pk
    reading = read_workdays("2028-01-08,放假,元旦")
    assert (reading.new, reading.changed) == (0, 1)
    write_workdays(viewer=ADMIN, town=town.place, reading=reading)
    assert not calendar().is_workday(date(2028, 1, 8))
    assert Workday.objects.latest("id").pk > newest


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1 月 1 日,放假,元旦", "not_a_day"),
        ("2028-01-01,休息,元旦", "off_or_work_and_name"),
        ("2028-01-01,放假", "off_or_work_and_name"),
        ("2028-01-01,放假,元旦\n2028-01-01,放假,元旦", "twice"),
        ("2028-01-05,上班,元旦", "worked_on_a_weekday"),
        ("[[holiday", "not_toml"),
        ("[[holiday]]\noff = [2028-01-01]", "no_name"),
        ("[[holiday]]\nzh='元旦'\nen='x'\noff = ['soon']", "not_a_day"),
    ],
)
def test_what_is_typed_wrong_is_named(town: Any, text: str, code: str) -> None:
    reading = read_workdays(text)
    assert code in [problem for _where, problem in reading.problems]
    with pytest.raises(NothingToImport):
        write_workdays(viewer=ADMIN, town=town.place, reading=reading)


def at_noon(year: int, month: int, day: int) -> Any:
    return clock.frozen(datetime(year, month, day, 12, tzinfo=clock.TOWN_ZONE))


def test_from_november_on_next_year_is_asked_for_until_it_is_entered(town: Any, sign_in: Any) -> None:
    says = "2027 年的放假安排还没登记"
    with at_noon(2026, 10, 31):
        assert year_to_enter(town.place) is None
    with at_noon(2026, 11, 1):
        assert year_to_enter(town.place) == 2027
        admin = sign_in("townadmin")
        for path in ("/", "/inbox/"):
            assert says in admin.get(path).content.decode(), path
        assert says not in sign_in("luo").get("/").content.decode()
        write_workdays(
            viewer=ADMIN, town=town.place, reading=read_workdays(TOML.replace("2028", "2027").replace("worked = [2027-01-08]", ""))
        )
        assert year_to_enter(town.place) is None
    with at_noon(2028, 3, 1):
        assert year_to_enter(town.place) == 2028


def test_a_limit_of_workdays_that_reaches_an_unknown_year_says_so(town: Any, client: Any) -> None:
    says = "2027 年放假安排还没公布"
    with at_noon(2026, 12, 31):
        late = town.raise_matter()
        assert late.due_at.year == 2027
        assert says in client.get(f"/m/{late.number}").content.decode()
    with at_noon(2026, 11, 2):
        early = town.raise_matter()
        assert says not in client.get(f"/m/{early.number}").content.decode()


# The screens


def test_both_values_are_shown_before_and_after(town: Any, sign_in: Any, client: Any) -> None:
    admin = sign_in("townadmin")
    typed = {"key": KEY, "value": "9", "zh": "等九天", "basis": "镇办〔2026〕8 号", "effective_from": clock.today().isoformat()}
    looked = admin.post("/regulations/own", {**typed, "go": "look"})
    assert "两个数摆在一起" in looked.content.decode()
    assert not Regulation.objects.filter(locality="hengli").exists()
    assert admin.post("/regulations/own", {**typed, "go": "set"})["Location"] == f"/regulations/#{KEY}@hengli"
    assert admin.post("/regulations/own", {**typed, "go": "set"}).status_code == 422
    page = client.get("/regulations/", {"q": KEY}).content.decode()
    assert f'id="{KEY}"' in page
    assert f'id="{KEY}@hengli"' in page
    assert "横沥镇 自己定的" in page
    assert "镇办〔2026〕8 号" in admin.get("/regulations/own").content.decode()


def test_a_notice_is_looked_at_and_then_taken(town: Any, sign_in: Any) -> None:
    admin = sign_in("townadmin")
    assert "一共 3 天" in admin.post("/regulations/workdays", {"text": CSV, "go": "look"}).content.decode()
    assert admin.post("/regulations/workdays", {"text": "x", "go": "write"}).status_code == 422
    assert admin.post("/regulations/workdays", {"text": CSV, "go": "write"}).status_code == 303
    assert Workday.objects.filter(day__year=2028).count() == 3


@pytest.mark.parametrize("path", ["/regulations/own", "/regulations/workdays"])
def test_only_the_administrator_configures(town: Any, sign_in: Any, client: Any, path: str) -> None:
    assert client.get(path).status_code == 303
    assert sign_in("luo").get(path).status_code == 403
    assert sign_in("townadmin").get(path).status_code == 200
