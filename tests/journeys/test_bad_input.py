"""What goes wrong at a doorstep: a clear sentence in the page's language, and nothing typed is lost."""

import io
import os
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from doorstep.affairs import actions
from doorstep.affairs.models import Category, Matter
from doorstep.foundation.identity.actions import create_account, create_person
from doorstep.foundation.identity.models import Attempt, OneTimeCode, Person, Session
from doorstep.foundation.journal.actions import Actor

pytestmark = pytest.mark.browser

TEXT = "楼道灯不亮，晚上看不见台阶。🔦 𬭳姨差点摔了。"
both_languages = pytest.mark.parametrize("language", ["zh", "en"])


@pytest.fixture(autouse=True)
def _nobody_locked(house: Any) -> None:
    """Each test begins with a clean slate for codes and failures."""
    Attempt.objects.all().delete()
    OneTimeCode.objects.all().delete()


def a_matter(house: Any, *, is_public: bool = True) -> Matter:
    town = house.town
    return actions.raise_matter(
        by=Actor(person_id=town.liu.pk),
        reporter_id=town.liu.pk,
        place=town.building,
        category=Category.objects.select_related("parent").get(code="lighting"),
        text=TEXT,
        is_public=is_public,
    )


def to_third_step(page: Page, text: str = TEXT) -> None:
    page.goto("/raise/?place=ruijin")
    page.fill("#text", text)
    page.click(".stickybar .btn")
    page.click("label:has(input[name=category][value=lighting])")
    page.click(".stickybar .btn")
    page.wait_for_selector("#name")


@both_languages
@pytest.mark.parametrize("kind", ["fake", "large"])
def test_a_file_that_is_no_photo_is_refused_by_name(visit: Any, words: Any, language: str, kind: str) -> None:
    page = visit(language=language).new_page()
    page.goto("/raise/what")
    page.fill("#text", TEXT)
    data = b"<script>alert(1)</script>" if kind == "fake" else b"\xff\xd8\xff" + os.urandom(16 * 1024 * 1024)
    page.set_input_files("#photos", {"name": "楼道.jpg", "mimeType": "image/jpeg", "buffer": data})
    alert = page.locator("[role=alert]")
    sentence = (
        words(language, "%(name)s不是照片，没有收下。可以用 JPG、PNG 或 WebP。", name="“楼道.jpg”")
        if kind == "fake"
        else words(language, "%(name)s太大了。请拍一张小一点的，或少于 15 MB。", name="“楼道.jpg”")
    )
    expect(alert).to_have_text(sentence)
    assert page.locator("#text").input_value() == TEXT
    assert page.locator("main img").count() == 0
    page.click(".stickybar .btn")
    page.wait_for_url("**/raise/where")


def test_a_picture_of_too_many_pixels_is_refused(visit: Any, words: Any) -> None:
    out = io.BytesIO()
    Image.new("1", (9000, 9000)).save(out, "PNG")
    page = visit(js=False).new_page()
    page.goto("/raise/what")
    page.fill("#text", TEXT)
    page.set_input_files("#photos", {"name": "大.png", "mimeType": "image/png", "buffer": out.getvalue()})
    page.click(".stickybar .btn")
    expect(page.locator("[role=alert]")).to_contain_text("“大.png”太大了")
    assert page.locator("#text").input_value() == TEXT


@both_languages
def test_a_hundred_thousand_characters_are_too_many_and_still_there(visit: Any, words: Any, language: str) -> None:
    page = visit(language=language).new_page()
    page.goto("/raise/what")
    long = "灯" * 100_000
    page.fill("#text", long)
    page.click(".stickybar .btn")
    sentence = words(
        language,
        "写得太长了：最多 %(limit_value)d 个字，现在 %(show_value)d 个。请分成几件，或把长的部分拍成照片。",
        limit_value=5000,
        show_value=100_000,
    )
    expect(page.locator(".fielderror")).to_have_text(sentence)
    assert page.locator("#text").input_value() == long
    assert page.locator("#text").get_attribute("aria-invalid") == "true"


@both_languages
def test_an_answer_too_long_is_still_in_its_field(visit: Any, house: Any, language: str) -> None:
    matter = a_matter(house)
    page = visit("luo", language=language, width=1280).new_page()
    page.goto(f"/work/{matter.number}")
    long = "查" * 100_000
    page.fill("#answer-text", long)
    page.click("form[action$='/answer'] .btn-primary")
    expect(page.locator("#answer-text-error")).to_be_visible()
    assert page.locator("#answer-text").input_value() == long


@both_languages
def test_a_wrong_code_five_times(visit: Any, house: Any, words: Any, language: str) -> None:
    page = visit(language=language).new_page()
    to_third_step(page)
    page.fill("#name", "𬭳明月")
    page.fill("#phone", "19988880001")
    page.click(".stickybar .btn")
    page.wait_for_selector("#code")
    wrong = "000000" if house.last_code() != "000000" else "000001"
    told = []
    for _turn in range(6):
        page.fill("#code", wrong)
        page.click(".stickybar .btn")
        page.wait_for_load_state()
        told.append(page.locator("[role=alert]").inner_text().strip())
        assert (page.locator("#name").input_value(), page.locator("#phone").input_value()) == ("𬭳明月", "19988880001")
        expect(page.locator("main")).to_contain_text("𬭳姨差点摔了")
    assert told[0] == words(language, "验证码不对，请看看短信里的 6 位数字。您写的都还在。")
    locked = words(language, "错的次数太多，请 %(n)d 分钟后再试。您写的都还在。", counted=15).split("%(n)d")[0]
    assert told[-1].startswith(locked), told
    assert Matter.objects.filter(reporter__name="𬭳明月").count() == 0


@both_languages
def test_two_of_one_name_on_one_phone_are_told_apart_before_anything_opens(visit: Any, house: Any, language: str) -> None:
    phone = "19988880002" if language == "zh" else "19988880003"
    for _person in range(2):
        create_account(person=create_person(name="陈明", phone=phone), phone=phone)
    page = visit(language=language).new_page()
    to_third_step(page)
    page.fill("#name", "陈明")
    page.fill("#phone", phone)
    page.click(".stickybar .btn")
    page.fill("#code", house.last_code())
    page.click(".stickybar .btn")
    alert = page.locator("[role=alert]")
    expect(alert).to_contain_text("短信分不清是哪一位" if language == "zh" else "cannot tell which of them")
    assert page.locator("#name").input_value() == "陈明"
    expect(page.locator("main")).to_contain_text("𬭳姨差点摔了")
    # The code was not used up: with a name that says which, it goes through.
    page.fill("#name", "陈明（儿）")
    page.fill("#code", house.last_code())
    page.click(".stickybar .btn")
    page.wait_for_url("**/raise/done/**")
    assert Matter.objects.order_by("-id").first().reporter.name == "陈明（儿）"


@both_languages
def test_at_the_login_too(visit: Any, house: Any, language: str) -> None:
    phone = "19988880004" if language == "zh" else "19988880005"
    for _person in range(2):
        create_account(person=create_person(name="陈明", phone=phone), phone=phone)
    page = visit(language=language).new_page()
    page.goto("/login/?next=/my/")
    page.fill("#phone", phone)
    page.click("main .btn-primary")
    page.fill("#name", "陈明")
    page.fill("#code", house.last_code())
    page.click("main .btn-primary")
    # The code was right; which of the two it is takes something only they know. What does not fit opens nothing.
    page.fill("#proof", "9999")
    page.click("main .btn-primary")
    expect(page.locator("[role=alert]")).to_contain_text("对不上" if language == "zh" else "does not fit")
    assert page.locator("#phone").input_value() == phone
    page.click("button[value=new]")
    page.wait_for_url("**/my/")
    assert Person.objects.filter(name="陈明", phone=phone).count() == 3


@pytest.mark.parametrize("is_public", [True, False])
def test_a_login_that_ran_out_while_an_answer_was_typed(visit: Any, house: Any, is_public: bool) -> None:
    matter = a_matter(house, is_public=is_public)
    page = visit("luo", width=1280).new_page()
    page.goto(f"/work/{matter.number}")
    page.fill("#answer-text", "今晚七点去换，换好给您打电话。")
    Session.objects.all().delete()
    page.click("form[action$='/answer'] .btn-primary")
    page.wait_for_url("**/login/**")
    page.click("a[href^='/login/password']")
    page.fill("#login", "luo")
    page.fill("#password", "a-long-password")
    page.click("main .btn-primary")
    page.wait_for_url(f"**/m/{matter.number}")
    assert page.locator("#answer-text").input_value() == "今晚七点去换，换好给您打电话。"
    page.click("form[action$='/answer'] .btn-primary")
    page.wait_for_selector(".thread blockquote:has-text('今晚七点去换')")


def test_a_login_that_ran_out_while_a_resident_disputes(visit: Any, house: Any) -> None:
    matter = a_matter(house)
    actions.report_done(viewer=house.town.viewer(house.town.luo), matter=matter, text="换好了。")
    page = visit("liu", language="en").new_page()
    page.goto(f"/m/{matter.number}#not-done")
    page.fill("#dispute-text", "还是不亮。")
    Session.objects.all().delete()
    page.click("form[action$='/dispute'] button")
    page.wait_for_url("**/login/**")
    page.goto(f"/login/password?next=/m/{matter.number}")
    page.fill("#login", "liu")
    page.fill("#password", "a-long-password")
    page.click("main .btn-primary")
    expect(page.locator("#not-done")).to_have_attribute("open", "")
    assert page.locator("#dispute-text").input_value() == "还是不亮。"


def test_a_form_whose_cookie_is_gone_shows_what_was_typed(visit: Any, house: Any) -> None:
    page = visit(language="en").new_page()
    page.goto("/raise/what")
    page.fill("#text", TEXT)
    page.context.clear_cookies(name="csrftoken")
    page.click(".stickybar .btn")
    expect(page.locator("textarea[readonly]")).to_have_value(TEXT)
    assert page.locator("textarea").count() == 1


def test_back_shows_what_was_typed_and_sends_nothing_twice(visit: Any, house: Any) -> None:
    page = visit().new_page()
    to_third_step(page)
    page.go_back()
    page.wait_for_selector("#place")
    assert page.locator("#place").input_value() == "ruijin"
    assert page.locator("[name=category][value=lighting]").is_checked()
    page.go_back()
    page.wait_for_selector("#text")
    assert page.locator("#text").input_value() == TEXT
    page.fill("#text", f"{TEXT}三楼。")
    page.click(".stickybar .btn")
    page.click(".stickybar .btn")
    page.fill("#name", "𬭳归来")
    page.fill("#phone", "19988880006")
    page.click(".stickybar .btn")
    page.fill("#code", house.last_code())
    page.click(".stickybar .btn")
    page.wait_for_url("**/raise/done/**")
    number = page.locator("[data-number]").inner_text()
    page.go_back()
    page.wait_for_load_state()
    if page.locator("#code").count():
        page.fill("#code", house.last_code())
        page.click(".stickybar .btn")
    page.wait_for_url("**/raise/done/**")
    assert page.locator("[data-number]").inner_text() == number
    assert [matter.text for matter in Matter.objects.filter(reporter__name="𬭳归来")] == [f"{TEXT}三楼。"]


@pytest.mark.parametrize("how", ["typed", "saved"])
def test_a_draft_outlives_the_browser(visit: Any, how: str) -> None:
    context = visit(js=how == "typed")
    page = context.new_page()
    page.goto("/raise/what")
    page.fill("#text", TEXT)
    if how == "saved":
        page.click("header button[value=save]")
        page.wait_for_url("**/raise/saved")
    state = context.storage_state()
    context.close()
    # A closed browser forgets the cookies that have no end.
    state["cookies"] = [cookie for cookie in state["cookies"] if cookie["expires"] > 0]
    again = visit(state=state, js=how == "typed").new_page()
    again.goto("/raise/")
    assert again.locator("#text").input_value() == TEXT


def test_what_was_sent_is_not_kept_on_the_device(visit: Any, house: Any) -> None:
    matter = a_matter(house)
    page = visit("luo", width=1280).new_page()
    page.goto(f"/m/{matter.number}")
    page.fill("#answer-text", "已派人。")
    assert page.evaluate("localStorage.length") == 1
    page.click("form[action$='/answer'] .btn-primary")
    page.wait_for_selector(".thread blockquote:has-text('已派人')")
    assert page.evaluate("localStorage.length") == 0
    assert page.locator("#answer-text").input_value() == ""
