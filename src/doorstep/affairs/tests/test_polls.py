"""意向征询: open, one answer for each person, closed; it says everywhere that it decides nothing."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from doorstep.affairs.actions import NotAllowed, polls
from doorstep.affairs.models import Poll, PollAnswer
from doorstep.affairs.queries.polls import poll_page
from doorstep.foundation import clock
from doorstep.foundation.access.viewer import NOBODY

LABEL = "不具法律效力"


@pytest.fixture
def poll(town: Any) -> Poll:
    return polls.open_poll(
        viewer=town.viewer(town.lin),
        place=town.estate,
        body=town.branch,
        question="北门改几点关？",
        options=["22:00", "23:00", "24:00"],
        closes_at=clock.now() + timedelta(days=3),
    )


def test_one_person_answers_once_and_counts_are_shown_when_it_is_over(town: Any, poll: Poll) -> None:
    liu, ye, lin = (town.viewer(person) for person in (town.liu, town.ye, town.lin))
    polls.answer_poll(viewer=liu, poll=poll, option=1)
    with pytest.raises(polls.AnsweredBefore):
        polls.answer_poll(viewer=liu, poll=poll, option=2)
    polls.answer_poll(viewer=ye, poll=poll, option=1)
    page = poll_page(liu, poll, now=clock.now())
    assert (page.answered, page.counts, page.own) == (2, [], "23:00")
    with pytest.raises(NotAllowed):
        polls.close_poll(viewer=liu, poll=poll)
    poll = polls.close_poll(viewer=lin, poll=poll)
    assert poll_page(NOBODY, poll, now=clock.now()).counts == [("22:00", 0), ("23:00", 2), ("24:00", 0)]
    with pytest.raises(polls.PollIsOver):
        polls.answer_poll(viewer=lin, poll=poll, option=0)


def test_after_its_end_nothing_is_taken(town: Any, poll: Poll) -> None:
    with pytest.raises(polls.PollIsOver):
        polls.answer_poll(viewer=town.viewer(town.liu), poll=poll, option=0, happened_at=poll.closes_at + timedelta(seconds=1))
    assert not PollAnswer.objects.exists()


@pytest.mark.parametrize(
    ("facts", "error"),
    [
        ({"options": ["只有一个"]}, polls.TooFewOptions),
        ({"options": ["一样", "一样"]}, polls.TooFewOptions),
        ({"closes_at": datetime(2020, 1, 1, tzinfo=clock.TOWN_ZONE)}, polls.EndHasPassed),
    ],
)
def test_a_question_has_several_answers_and_an_end(town: Any, facts: dict[str, Any], error: type[Exception]) -> None:
    given = {"question": "几点关？", "options": ["一", "二"], "closes_at": clock.now() + timedelta(days=1)}
    with pytest.raises(error):
        polls.open_poll(viewer=town.viewer(town.lin), place=town.estate, body=town.branch, **{**given, **facts})


def test_a_neighbour_does_not_ask_as_a_body(town: Any) -> None:
    with pytest.raises(NotAllowed):
        polls.open_poll(
            viewer=town.viewer(town.liu),
            place=town.estate,
            body=town.branch,
            question="几点关？",
            options=["一", "二"],
            closes_at=clock.now() + timedelta(days=1),
        )


def test_every_page_of_it_says_that_it_decides_nothing(town: Any, poll: Poll, client: Any, sign_in: Any) -> None:
    for path in (f"/polls/{poll.pk}", "/p/ruikang/polls/"):
        assert LABEL in client.get(path).content.decode()
    assert client.post(f"/polls/{poll.pk}/answer", {"option": "1"}).status_code == 303
    client = sign_in("liu")
    assert client.post(f"/polls/{poll.pk}/answer", {"option": "9"}).status_code == 422
    assert client.post(f"/polls/{poll.pk}/answer", {"option": "1", "once": "a"}).status_code == 303
    assert client.post(f"/polls/{poll.pk}/answer", {"option": "1", "once": "b"}).status_code == 409
    assert client.post(f"/polls/{poll.pk}/close").status_code == 403
    client = sign_in("lin")
    page = client.get("/p/ruikang/polls/new/branch").content.decode()
    assert LABEL in page
    body = {"question": "再问一次", "options": "好\n不好", "closes_on": clock.today().isoformat()}
    assert client.post("/p/ruikang/polls/new/branch", body).status_code == 303
    closed = client.post(f"/polls/{poll.pk}/close").content.decode()
    assert LABEL in closed
    assert "1 / 1" in closed
