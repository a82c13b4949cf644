"""A text that is not all right: from the complaint to the hidden text with its reason and the appeal."""

from datetime import date
from typing import Any

import pytest

from doorstep.affairs import actions, queries
from doorstep.affairs.models import Matter, MatterPhoto, MatterText
from doorstep.foundation.access.viewer import NOBODY
from doorstep.foundation.files.actions import keep_photo
from doorstep.foundation.files.tests.test_files import picture
from doorstep.foundation.identity.actions import create_account, create_person
from doorstep.foundation.journal.actions import SYSTEM, Actor
from doorstep.foundation.journal.models import Entry
from doorstep.foundation.moderation.actions import NoSuchText, NotAllowed, appeal, complain, decide
from doorstep.foundation.moderation.models import Case, Complaint
from doorstep.foundation.moderation.queries import queue, shown_for
from doorstep.foundation.moderation.rules.screening import WordList, reason_to_hold
from doorstep.foundation.moderation.rules.states import MOVES, NotPossible, State, Verb, after
from doorstep.foundation.moderation.texts import reasons, word_lists
from doorstep.foundation.notify.actions import deliver_pending
from doorstep.foundation.notify.models import InboxItem
from doorstep.foundation.search.queries import find
from doorstep.organisations.actions import create_body, give_post

RUDE = "物业的人都是王八蛋。"
CHILD = "门口小学三年级二班叫陈小明的孩子总踢门。"


@pytest.fixture
def moderator(town: Any) -> Any:
    """Somebody of the town's service centre."""
    centre = create_body(code="centre", kind="centre", name="镇党群服务中心", place=town.place, by=SYSTEM)
    person = create_person(name="冯伟东")
    create_account(person=person, login="feng")
    give_post(body=centre, title="办事员", person=person, held_from=date(2020, 1, 1), by=SYSTEM)
    return town.viewer(person)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("楼道灯不亮", ""),
        (RUDE, "abuse"),
        ("都是 王 八 蛋", "abuse"),
        ("有事打 13900000000", ""),
        ("身份证 441900195001011234", "private"),
        ("身份证４４１９００１９５００１０１１２３Ｘ", "private"),
        ("单号 9944190019500101123401", ""),
        (CHILD, "child"),
        ("小学门口的路灯坏了", ""),
        ("加微信 领红包", "advert"),
    ],
)
def test_what_the_lists_hold(text: str, reason: str) -> None:
    assert reason_to_hold(text, word_lists()) == reason


def test_lists_are_arguments_and_every_reason_is_known() -> None:
    assert reason_to_hold("灯", [WordList("x", ("灯",))]) == "x"
    assert {each.reason for each in word_lists()} <= set(reasons())


def test_every_move_is_in_the_table() -> None:
    for state in State:
        for verb in Verb:
            if (state, verb) in MOVES:
                assert after(state, verb) == MOVES[state, verb]
            else:
                with pytest.raises(NotPossible):
                    after(state, verb)


def told(person: Any) -> list[str]:
    return list(InboxItem.objects.filter(person=person, kind="moderation").order_by("id").values_list("topic", flat=True))


def shown_to(viewer: Any, number: str) -> str:
    thread = queries.thread_for(viewer, number)
    return thread.opening + "".join(step.text for step in thread.steps)


def test_a_neighbour_objects_and_a_moderator_hides(town: Any, moderator: Any, client: Any) -> None:
    matter = town.raise_matter(text="三单元的老张欠债不还，住 302。")
    ye = town.viewer(town.ye)
    case = complain(viewer=ye, kind="matter", subject=matter.number, item="0", reason="private", note="写了人家的门牌")
    complain(viewer=ye, kind="matter", subject=matter.number, item="0", reason="private")
    complain(viewer=town.viewer(town.lin), kind="matter", subject=matter.number, item="0", reason="other")
    assert (Case.objects.count(), Complaint.objects.count()) == (1, 2)
    assert [(shown.case, shown.words, shown.complaints) for shown in queue(moderator)] == [(case, matter.text, 2)]
    assert queue(ye) == []
    decide(viewer=moderator, case=case, hide=True, reason="private")
    deliver_pending()
    assert [told(person) for person in (town.liu, town.ye, town.lin)] == [["hide"], ["hide"], ["hide"]]

    # Nobody finds it any more: not on the page, in a list, by searching or by the API.
    assert "欠债" not in shown_to(NOBODY, matter.number)
    for path in (
        f"/m/{matter.number}",
        "/matters/",
        "/p/ruikang/",
        "/api/v1/matters",
        f"/api/v1/matters/{matter.number}",
        "/search/?q=欠债",
    ):
        page = client.get(path).content.decode()
        assert "老张" not in page, path
        assert "302" not in page.replace(matter.number, ""), path
    assert find(NOBODY, "欠债").documents == []
    assert "这句话不公开：写了别人的私事。" in client.get(f"/m/{matter.number}").content.decode()
    # Who raised it and who works on it read on.
    assert "欠债" in shown_to(town.viewer(town.liu), matter.number)
    assert "欠债" in shown_to(town.viewer(town.luo), matter.number)
    assert "欠债" not in shown_to(ye, matter.number)
    assert Case.objects.get().original["text"] == matter.text


def shown_files(client: Any, file: Any) -> int:
    answer = client.get(f"/files/{file.token}/full.jpg")
    if answer.streaming:
        assert b"".join(answer)
    return int(answer.status_code)


def photo() -> Any:
    return keep_photo(data=picture("JPEG", (40, 30)), audience="draft:1")


def test_what_is_hidden_takes_its_photos_and_its_spot_along_and_brings_them_back(
    town: Any, moderator: Any, client: Any, sign_in: Any
) -> None:
    first, later = photo(), photo()
    matter = town.raise_matter(text="小孩总踢门。", spot="canaryspot 二班家门口", photos=[first])
    actions.add_to_matter(viewer=town.viewer(town.liu), matter=matter, text="今天又踢了。", photos=[later])
    case = complain(viewer=town.viewer(town.ye), kind="matter", subject=matter.number, item="0", reason="child")
    assert case_files(moderator, case) == [first.pk]
    decide(viewer=moderator, case=case, hide=True, reason="child")
    addresses = (
        f"/m/{matter.number}",
        "/matters/",
        f"/api/v1/matters/{matter.number}",
        "/search/?q=canaryspot",
        "/open311/v2/requests.json",
    )
    for path in addresses:
        page = client.get(path).content.decode()
        assert "canaryspot 二班" not in page, path
        assert first.token not in page, path
    assert find(NOBODY, "二班家").documents == []
    # The other text's photo stays; who works on it, who wrote it and who decides still see both.
    assert [shown_files(client, each) for each in (first, later)] == [404, 200]
    for login, status in {"ye": 404, "liu": 200, "luo": 200, "feng": 200}.items():
        seen = sign_in(login)
        assert [shown_files(seen, each) for each in (first, later)] == [status, 200], login
        page = seen.get(f"/m/{matter.number}").content.decode()
        has_part = login in {"liu", "luo"}
        assert ("canaryspot 二班" in page, first.token in page) == (has_part, has_part), login
    assert first.token in sign_in("feng").get(f"/moderation/{case.pk}").content.decode()
    assert first.token not in sign_in("ye").get(f"/moderation/{case.pk}").content.decode()
    client.logout()
    case.refresh_from_db()
    case = appeal(viewer=town.viewer(town.liu), case=case, text="没有写谁")
    decide(viewer=moderator, case=case, hide=False)
    assert shown_files(client, first) == 200
    page = client.get(f"/m/{matter.number}").content.decode()
    assert "canaryspot 二班" in page
    assert first.token in page


def test_one_photo_alone_is_hidden_and_stays_so_when_its_text_comes_back(town: Any, moderator: Any, client: Any) -> None:
    bad, good = photo(), photo()
    matter = town.raise_matter(photos=[bad, good])
    (item, _other) = [f"p{each.pk}" for each in MatterPhoto.objects.order_by("position")]
    page = client.get(f"/m/{matter.number}").content.decode()
    assert f"subject={matter.number}&amp;item={item}" in page
    text = complain(viewer=NOBODY, kind="matter", subject=matter.number, item="0", reason="other", note="x")
    case = complain(viewer=town.viewer(town.ye), kind="matter", subject=matter.number, item=item, reason="child")
    decide(viewer=moderator, case=case, hide=True, reason="child")
    with pytest.raises(NoSuchText):
        complain(viewer=town.viewer(town.lin), kind="matter", subject=matter.number, item=item, reason="child")
    page = client.get(f"/m/{matter.number}").content.decode()
    assert "这张照片不公开：写了孩子的信息。" in page
    assert (bad.token in page, good.token in page) == (False, True)
    assert [shown_files(client, each) for each in (bad, good)] == [404, 200]
    text = decide(viewer=moderator, case=text, hide=True, reason="abuse")
    assert [shown_files(client, each) for each in (bad, good)] == [404, 404]
    decide(viewer=moderator, case=appeal(viewer=town.viewer(town.liu), case=text, text="是实话"), hide=False)
    assert [shown_files(client, each) for each in (bad, good)] == [404, 200]
    # Nobody comes upon a photo of a matter that is for few.
    secret = town.raise_matter(is_public=False, photos=[photo()])
    of_few = MatterPhoto.objects.get(matter=secret)
    with pytest.raises(NoSuchText):
        complain(viewer=town.viewer(town.liu), kind="matter", subject=secret.number, item=f"p{of_few.pk}", reason="child")


def test_a_spot_with_a_childs_name_holds_what_was_raised(town: Any) -> None:
    matter = town.raise_matter(text="总有人踢门。", spot="小学三年级二班叫陈小明的孩子家门口")
    assert (matter.hidden_because, matter.spot) == ("child", "")
    assert "陈小明" not in shown_to(NOBODY, matter.number) + queries.thread_for(NOBODY, matter.number).spot
    assert "陈小明" in queries.thread_for(town.viewer(town.luo), matter.number).spot


def case_files(viewer: Any, case: Any) -> list[int]:
    return [file.pk for file in shown_for(viewer, case).files]


def test_the_author_appeals_once_and_the_words_come_back_as_they_were(town: Any, moderator: Any) -> None:
    matter = town.raise_matter()
    actions.answer_matter(viewer=town.viewer(town.luo), matter=matter, text="下午来修。")
    said = MatterText.objects.get()
    liu, luo = town.viewer(town.liu), town.viewer(town.luo)
    case = complain(viewer=liu, kind="matter", subject=matter.number, item=str(said.pk), reason="other", note="不是真的")
    case = decide(viewer=moderator, case=case, hide=True, reason="other")
    assert "下午来修" not in shown_to(NOBODY, matter.number)
    with pytest.raises(NotAllowed):
        appeal(viewer=liu, case=case, text="我不是作者")
    case = appeal(viewer=luo, case=case, text="确实下午去修了")
    case = decide(viewer=moderator, case=case, hide=False)
    assert case.state == "restored"
    assert "下午来修" in shown_to(NOBODY, matter.number)
    assert [hit.number for hit in find(NOBODY, "下午").documents] == [matter.number]
    assert case.original == {}
    with pytest.raises(NotPossible):
        appeal(viewer=luo, case=case, text="再来一次")


def test_a_listed_text_is_held_not_dropped_and_the_work_goes_on(town: Any, moderator: Any) -> None:
    matter = town.raise_matter(text=RUDE + "楼道灯还是不亮。")
    assert (matter.hidden_because, matter.text) == ("abuse", "")
    assert matter.state == "assigned"
    assert "王八蛋" not in shown_to(NOBODY, matter.number)
    assert RUDE in shown_to(town.viewer(town.luo), matter.number)
    assert RUDE in shown_to(town.viewer(town.liu), matter.number)
    deliver_pending()
    assert told(town.liu) == ["hold"]
    (shown,) = queue(moderator)
    decide(viewer=moderator, case=shown.case, hide=False)
    assert RUDE in shown_to(NOBODY, matter.number)
    assert Matter.objects.get().title.startswith("物业的人")


def test_a_later_text_with_a_childs_data_is_held(town: Any) -> None:
    matter = town.raise_matter()
    actions.add_to_matter(viewer=town.viewer(town.liu), matter=matter, text=CHILD)
    assert "陈小明" not in shown_to(NOBODY, matter.number)
    assert Case.objects.get().reason == "child"


def test_what_few_may_see_is_no_business_of_moderators(town: Any, moderator: Any) -> None:
    hidden = town.raise_matter(text=RUDE, is_public=False)
    assert not Case.objects.exists()
    for viewer in (town.viewer(town.liu), town.viewer(town.ye), NOBODY):
        with pytest.raises(NoSuchText):
            complain(viewer=viewer, kind="matter", subject=hidden.number, item="0", reason="abuse")
    public = town.raise_matter()
    note = actions.note_inside(viewer=town.viewer(town.luo), matter=public, text="里面的话")
    with pytest.raises(NoSuchText):
        complain(viewer=town.viewer(town.luo), kind="matter", subject=public.number, item=str(note.pk), reason="abuse")


def test_nobody_decides_on_their_own_words_and_only_moderators_decide(town: Any, moderator: Any) -> None:
    matter = town.raise_matter(by=Actor(person_id=moderator.person_id), reporter_id=moderator.person_id)
    case = complain(viewer=town.viewer(town.ye), kind="matter", subject=matter.number, item="0", reason="other", note="x")
    for viewer in (moderator, town.viewer(town.ye), town.viewer(town.luo), NOBODY):
        with pytest.raises(NotAllowed):
            decide(viewer=viewer, case=case, hide=False)


def test_no_word_of_it_stands_in_the_journal(town: Any, moderator: Any) -> None:
    matter = town.raise_matter(text=RUDE)
    case = Case.objects.get()
    decide(viewer=moderator, case=case, hide=True, reason="abuse")
    appeal(viewer=town.viewer(town.liu), case=case, text="我就是生气")
    for entry in Entry.objects.filter(kind="moderation"):
        assert "王八蛋" not in str(entry.detail)
        assert "生气" not in str(entry.detail)
        assert entry.audience == f"case:{case.pk}"
    assert matter.hidden_because


# The pages


def test_from_the_thread_to_the_queue_by_pages(town: Any, moderator: Any, client: Any, sign_in: Any) -> None:
    matter = town.raise_matter()
    page = client.get(f"/m/{matter.number}").content.decode()
    path = f"/complain?kind=matter&amp;subject={matter.number}&amp;item=0"
    assert path in page
    sent = {"kind": "matter", "subject": matter.number, "item": "0"}
    assert client.get("/complain", sent).status_code == 200
    assert client.post("/complain", sent).status_code == 422
    assert client.post("/complain", {**sent, "reason": "other"}).status_code == 422
    assert client.post("/complain", {**sent, "reason": "abuse"}).status_code == 303
    case = Case.objects.get()
    assert sign_in("ye").get("/moderation/").status_code == 403
    assert sign_in("ye").get(f"/moderation/{case.pk}").status_code == 404
    assert sign_in("townadmin").get("/moderation/").status_code == 403
    feng = sign_in("feng")
    assert f"/moderation/{case.pk}" in feng.get("/moderation/").content.decode()
    assert feng.post(f"/moderation/{case.pk}/decide", {"go": "hide", "reason": "?"}).status_code == 422
    assert feng.post(f"/moderation/{case.pk}/decide", {"go": "hide", "reason": "abuse"}).status_code == 303
    assert feng.post(f"/moderation/{case.pk}/decide", {"go": "show"}).status_code == 409
    liu = sign_in("liu")
    assert "不同意？" in liu.get(f"/moderation/{case.pk}").content.decode()
    assert liu.post(f"/moderation/{case.pk}/appeal", {"text": " "}).status_code == 422
    assert liu.post(f"/moderation/{case.pk}/appeal", {"text": "这是实话"}).status_code == 303
    assert "这是实话" in sign_in("feng").get(f"/moderation/{case.pk}").content.decode()


@pytest.mark.parametrize("sent", [{}, {"kind": "matter", "subject": "HL-0", "item": "0"}, {"kind": "x", "subject": "1", "item": "1"}])
def test_what_is_not_there_cannot_be_objected_to(town: Any, client: Any, sent: dict[str, str]) -> None:
    town.raise_matter()
    assert client.get("/complain", sent).status_code == 404
    assert client.post("/complain", {**sent, "reason": "abuse"}).status_code == 404


def test_the_queue_asks_the_same_for_one_and_for_many(town: Any, moderator: Any, django_assert_num_queries: Any) -> None:
    for count in (1, 5):
        for _ in range(count):
            complain(viewer=NOBODY, kind="matter", subject=town.raise_matter().number, item="0", reason="abuse")
        with django_assert_num_queries(2):
            assert len(queue(moderator)) in (1, 6)


def test_the_rooms_are_in_the_metrics(town: Any, moderator: Any, client: Any) -> None:
    town.raise_matter(text=RUDE)
    told = client.get("/metrics").content.decode()
    for line in (
        'doorstep_moderation_cases{state="held"} 1.0',
        "doorstep_search_documents 1.0",
        "doorstep_mail_waiting 0.0",
        "doorstep_mail_given_up 0.0",
        "doorstep_outbox_given_up 0.0",
    ):
        assert line in told
