"""Matters and votes under /api/v1: the same actions and queries as the pages (formats, sections 4 and 6)."""

import json
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from ninja import Field, Query, Router, Schema

from doorstep.affairs import actions, queries
from doorstep.affairs.models import Matter, Vote
from doorstep.affairs.queries import votes
from doorstep.affairs.queries.categories import offered
from doorstep.affairs.rules.codes import BECAUSE, REASONS
from doorstep.affairs.rules.tally.result import square_metres
from doorstep.foundation.access.request import Request
from doorstep.foundation.clock import TOWN_ZONE
from doorstep.foundation.journal.actions import actor_of
from doorstep.foundation.journal.once import Answer, KeyReused, once
from doorstep.foundation.places.queries import place_by_code, town

router = Router(tags=["matters"])


class NewMatter(Schema):
    """A matter to be raised by the account of the token."""

    place: str = Field(max_length=60, description="code of a place: ruikang")
    category: str = Field(max_length=40, description="a code of /codes")
    title: str = Field(default="", max_length=actions.LONGEST_TITLE)
    text: str = Field(min_length=1, max_length=actions.LONGEST_TEXT)
    spot: str = Field(default="", max_length=80)
    public: bool = Field(default=True, description="false: for the parties and handlers only")


class MatterRaised(Schema):
    number: str
    state: str
    url: str


class StepOut(Schema):
    verb: str
    at: datetime
    body: str | None
    post: str | None
    text: str


class MatterOut(Schema):
    number: str
    state: str
    url: str
    title: str
    text: str
    place: str
    category: str
    body: str | None
    raised_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    steps: list[StepOut]


class MatterRow(Schema):
    number: str
    state: str
    url: str
    title: str
    place: str
    category: str
    body: str | None
    raised_at: datetime
    due_at: datetime | None


class MatterList(Schema):
    items: list[MatterRow]
    next: str | None


class Problem(Schema):
    """RFC 9457."""

    type: str
    title: str
    status: int
    code: str | None = None
    errors: list[dict[str, Any]] | None = None


class Code(Schema):
    code: str
    zh: str
    en: str


class Codes(Schema):
    categories: list[Code]
    reasons: list[Code]
    because: list[Code]


class Refused(Exception):
    """A request the API refuses with a problem."""

    def __init__(self, status: int, code: str, errors: list[dict[str, Any]] | None = None) -> None:
        super().__init__(code)
        self.status, self.code, self.errors = status, code, errors


def _url(request: Request, matter: Matter) -> str:
    return request.build_absolute_uri(f"/m/{matter.number}")


@router.post(
    "/matters", response={201: MatterRaised, 400: Problem, 401: Problem, 404: Problem, 409: Problem, 422: Problem}, summary="Raise a matter"
)
def raise_matter(request: Request, body: NewMatter) -> HttpResponse:
    viewer = request.api_viewer
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > 120:
        raise Refused(422, "idempotency_key_too_long")

    def work() -> Answer:
        place = place_by_code(body.place)
        if place is None:
            raise Refused(422, "unknown_place", [{"loc": ["body", "place"], "msg": "unknown place"}])
        category = queries.category_by_code(body.category)
        if category is None:
            raise Refused(422, "unknown_category", [{"loc": ["body", "category"], "msg": "unknown category"}])
        try:
            matter = actions.raise_matter(
                by=actor_of(viewer, channel="api"),
                reporter_id=viewer.own_id,
                place=place,
                category=category,
                title=body.title.replace("\x00", ""),
                text=body.text,
                spot=body.spot.replace("\x00", ""),
                is_public=body.public,
            )
        except actions.NothingSaid:
            raise Refused(422, "nothing_said", [{"loc": ["body", "text"], "msg": "text is empty"}]) from None
        raised = {"number": matter.number, "state": str(matter.state), "url": _url(request, matter)}
        return Answer(201, json.dumps(raised, ensure_ascii=False), raised["url"])

    if key:
        try:
            answer = once(scope=f"person:{viewer.person_id} POST {request.path}", key=key, body=request.body, work=work)
        except KeyReused:
            raise Refused(422, "idempotency_key_reused") from None
    else:
        answer = work()
    response = HttpResponse(answer.body, status=answer.status, content_type="application/json; charset=utf-8")
    response["Location"] = answer.location
    return response


@router.get(
    "/matters", response={200: MatterList, 401: Problem, 404: Problem, 422: Problem}, auth=None, summary="Public matters, newest first"
)
def list_matters(
    request: Request,
    place: str = "",
    category: str = "",
    state: str = Query("", description=f"one of {', '.join(queries.GROUPS)}"),  # type: ignore[type-arg]
    before: int | None = Query(None, ge=1, le=2**62),  # type: ignore[type-arg]
    limit: int = Query(20, ge=1, le=100),  # type: ignore[type-arg]
) -> dict[str, Any]:
    shown = place_by_code(place) if place else town()
    if shown is None:
        raise Refused(404, "")
    if state and state not in queries.GROUPS:
        raise Refused(422, "unknown_state", [{"loc": ["query", "state"], "msg": f"not one of {', '.join(queries.GROUPS)}"}])
    page = queries.matters_at(
        request.api_viewer,
        place=shown,
        scope_ids=queries.scopes_of(shown),
        group=state,
        category=category,
        before=before,
        size=limit,
    )
    rows = [_row(request, matter) for matter in page.items]
    return {
        "items": rows,
        "next": f"{request.path}?before={page.before}&limit={limit}&place={place}&category={category}&state={state}"
        if page.before
        else None,
    }


def _row(request: Request, matter: Matter) -> dict[str, Any]:
    return {
        "number": matter.number,
        "state": matter.state,
        "url": _url(request, matter),
        "title": matter.title,
        "place": matter.place.code,
        "category": matter.category.code,
        "body": matter.body.code if matter.body else None,
        "raised_at": matter.raised_at.astimezone(TOWN_ZONE),
        "due_at": matter.due_at.astimezone(TOWN_ZONE) if matter.due_at else None,
    }


@router.get("/matters/{number}", response={200: MatterOut, 401: Problem, 404: Problem}, auth=None, summary="A matter and its thread")
def get_matter(request: Request, number: str) -> dict[str, Any]:
    thread = queries.thread_for(request.api_viewer, number)
    if thread is None:
        raise Refused(404, "")
    matter = thread.matter
    return {
        **_row(request, matter),
        "text": matter.text,
        "closed_at": matter.closed_at.astimezone(TOWN_ZONE) if matter.closed_at else None,
        "steps": [
            {
                "verb": step.verb,
                "at": step.happened_at.astimezone(TOWN_ZONE),
                "body": step.by_post.body.code if step.by_post else None,
                "post": step.by_post.title if step.by_post else None,
                "text": step.text,
            }
            for step in thread.steps
        ],
    }


class VoteMotion(Schema):
    id: str
    item: int = Field(description="numbered item of Civil Code art. 278")
    text: str
    outcome: str | None = Field(description="passed, failed or no_turnout, from the preliminary result on")


class VoteMeasure(Schema):
    parties: int
    area: str = Field(description="m² with two places")


class VoteOut(Schema):
    number: str
    state: str
    url: str
    title: str
    place: str
    buildings: list[str] = Field(description="codes; empty = the whole estate")
    matter: str | None
    opens_at: datetime | None
    closes_at: datetime | None
    roll: VoteMeasure
    fingerprint: str | None
    came: VoteMeasure = Field(description="parties from which a ballot came in: all that anybody learns before the count")
    motions: list[VoteMotion]
    file: str | None = Field(description="the open doorstep.vote/1 file, from the preliminary result on")
    result: str | None = Field(description="its doorstep.vote-result/1")


class VoteRowOut(Schema):
    number: str
    state: str
    url: str
    title: str
    place: str
    opens_at: datetime | None
    closes_at: datetime | None


class VoteListOut(Schema):
    items: list[VoteRowOut]
    next: str | None


def _vote_row(request: Request, vote: Vote) -> dict[str, Any]:
    return {
        "number": vote.number,
        "state": vote.state,
        "url": request.build_absolute_uri(f"/votes/{vote.number}"),
        "title": vote.title,
        "place": vote.place.code,
        "opens_at": vote.opens_at.astimezone(TOWN_ZONE) if vote.opens_at else None,
        "closes_at": vote.closes_at.astimezone(TOWN_ZONE) if vote.closes_at else None,
    }


@router.get(
    "/votes",
    response={200: VoteListOut, 401: Problem, 404: Problem, 422: Problem},
    auth=None,
    tags=["votes"],
    summary="Owners' votes, newest first",
)
def list_votes(
    request: Request,
    place: str = "",
    before: int | None = Query(None, ge=1, le=2**62),  # type: ignore[type-arg]
    limit: int = Query(20, ge=1, le=100),  # type: ignore[type-arg]
) -> dict[str, Any]:
    shown = place_by_code(place) if place else None
    if place and shown is None:
        raise Refused(404, "")
    page = votes.votes_at(request.api_viewer, place=shown, before=before, size=limit)
    return {
        "items": [_vote_row(request, row.vote) for row in page.items],
        "next": f"{request.path}?before={page.before}&limit={limit}&place={place}" if page.before else None,
    }


@router.get("/votes/{number}", response={200: VoteOut, 401: Problem, 404: Problem}, auth=None, tags=["votes"], summary="An owners' vote")
def get_vote(request: Request, number: str) -> dict[str, Any]:
    vote = votes.vote_for(request.api_viewer, number)
    if vote is None:
        raise Refused(404, "")
    came = votes.turnout(vote)
    result = votes.shown_result(vote)
    outcomes = {motion["id"]: motion["outcome"] for motion in result["motions"]}
    shown = bool(outcomes)
    return {
        **_vote_row(request, vote),
        "buildings": vote.buildings,
        "matter": vote.matter.number if vote.matter and vote.matter.is_public else None,
        "roll": {"parties": vote.parties, "area": square_metres(vote.area_hundredths)},
        "fingerprint": vote.fingerprint or None,
        "came": {"parties": came.parties, "area": square_metres(came.area_hundredths)},
        "motions": [
            {"id": motion.code, "item": motion.item, "text": motion.text, "outcome": outcomes.get(motion.code)}
            for motion in vote.motions.all()
        ],
        "file": request.build_absolute_uri(f"/votes/{number}/file.json") if shown else None,
        "result": request.build_absolute_uri(f"/votes/{number}/result.json") if shown else None,
    }


@router.get("/codes", response=Codes, auth=None, summary="Category, reason and because codes with their names")
def codes(request: Request) -> dict[str, Any]:
    def named(table: dict[str, tuple[str, str]]) -> list[dict[str, str]]:
        return [{"code": code, "zh": zh, "en": en} for code, (zh, en) in table.items()]

    categories = offered()
    return {
        "categories": [{"code": row.code, "zh": row.zh, "en": row.en} for row in categories],
        "reasons": named(REASONS),
        "because": named(BECAUSE),
    }
