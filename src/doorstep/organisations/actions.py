"""Bodies and posts. The roll has its own file: roll_import.py."""

from datetime import date
from typing import Any

from doorstep.foundation.identity.models import Person
from doorstep.foundation.journal.actions import Actor, record, writing
from doorstep.foundation.places.models import Place
from doorstep.organisations.models import Body, Post


class BodyCodeTaken(Exception):
    """Another body has this code."""


def create_body(*, code: str, kind: str, name: str, place: Place, by: Actor, **facts: Any) -> Body:
    """Found a body at a place. `facts` are the model's optional fields."""
    with writing():
        if Body.objects.filter(code=code).exists():
            raise BodyCodeTaken(code)
        body = Body.objects.create(code=code, kind=kind, name=name, place=place, **facts)
        record(verb="body_founded", kind="body", subject=code, place=place, by=by, detail={"kind": kind})
    return body


def give_post(*, body: Body, title: str, person: Person, held_from: date, by: Actor, held_until: date | None = None, **facts: Any) -> Post:
    """Let a person hold a post from a day on."""
    with writing():
        post = Post.objects.create(body=body, title=title, person=person, held_from=held_from, held_until=held_until, **facts)
        record(verb="post_given", kind="body", subject=body.code, place=body.place, by=by, detail={"post": post.pk, "person": person.pk})
    return post
