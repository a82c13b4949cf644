"""Two at once: one credit code is one body, and a post is handed over once."""

from collections.abc import Callable

import pytest

from bench.towns import Ground
from tests.races.together import WAIT, together

PREPARE = """
from datetime import date
from doorstep.foundation.identity.actions import create_person
from doorstep.foundation.journal.actions import Actor
from doorstep.foundation.places.queries import town
from doorstep.foundation.access.viewer import build_viewer
from doorstep.organisations.actions import applications, create_body, give_post

top, by = town(), Actor(channel="import")
centre = create_body(code="centre", kind="centre", name="服务中心", place=top, by=by)
clerk = create_person(name="值班长")
give_post(body=centre, title="值班长", person=clerk, held_from=date(2020, 1, 1), by=by)
for n in range(4):
    asking = create_person(name=f"店主{n}")
    applications.apply_to_register(
        viewer=build_viewer(person_id=asking.pk), kind="enterprise", name="禾晴", uscc="91441900MA5HL00065", place=top
    )
shop = create_body(code="shop", kind="enterprise", name="店", place=top, by=by)
give_post(body=shop, title="店长", person=create_person(name="前任"), held_from=date(2020, 1, 1), by=by)
"""
AT_ONCE = (
    """
from doorstep.foundation import clock
from doorstep.foundation.access.viewer import build_viewer
from doorstep.foundation.identity.models import Person
from doorstep.organisations.actions import BadDate, UsccTaken, applications, hand_over
from doorstep.organisations.models import BodyApplication, Post

viewer = build_viewer(person_id=Person.objects.get(name="值班长").pk)
keeper = build_viewer(person_id=Person.objects.get(name="前任").pk)
application = BodyApplication.objects.order_by("id")[{number}]
post = Post.objects.get(title="店长")
"""
    + WAIT
    + """
try:
    applications.accept_application(viewer=viewer, application=application)
    print("accepted", end=" ")
except UsccTaken:
    print("taken", end=" ")
try:
    hand_over(viewer=keeper, post=post, name="接手{number}", phone="1390000000{number}", on=clock.today())
    print("handed")
except BadDate:
    print("refused")
"""
)


@pytest.mark.thorough
def test_of_four_at_once_one_is_registered_and_one_takes_over(new_ground: Callable[..., Ground]) -> None:
    town = new_ground()
    town.begin()
    town.python(PREPARE)
    printed = together(town, [AT_ONCE.replace("{number}", str(number)) for number in range(4)])
    words = sorted(word for line in printed for word in line.split())
    assert words == sorted(["accepted", *["taken"] * 3, "handed", *["refused"] * 3])
    assert town.ask("SELECT count(*) FROM organisations_body WHERE uscc = '91441900MA5HL00065'") == [(1,)]
    assert town.ask("SELECT count(*) FROM organisations_bodyapplication WHERE state = 'waiting'") == [(3,)]
    assert town.ask("SELECT count(*) FROM organisations_formerincumbent") == [(1,)]
