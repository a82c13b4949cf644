"""What is done with a matter beside answering it: each form is one action, and leads back to the thread or the workbench."""

from typing import Any

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_POST

from doorstep.affairs import queries
from doorstep.affairs.actions import casework, lists, merging
from doorstep.affairs.actions.steps import check
from doorstep.affairs.forms import (
    ConfirmForm,
    MergeForm,
    OutsideNumberForm,
    OutsideRegisteredForm,
    PlaceForm,
    QuestionForm,
    SayForm,
    TransferForm,
    TriageForm,
)
from doorstep.affairs.models import Matter
from doorstep.affairs.rules.matter_states import Verb
from doorstep.affairs.views.matters import act
from doorstep.foundation.access.request import Request
from doorstep.foundation.places.queries import place_by_code


@require_POST
def urge(request: Request, number: str) -> HttpResponse:
    return act(
        request, number, ConfirmForm(request.POST), "urge", lambda matter, data: casework.urge_matter(viewer=request.viewer, matter=matter)
    )


@require_POST
def merge(request: Request, number: str) -> HttpResponse:
    """Into the matter of the number given; one that went on elsewhere itself is followed."""

    def do(matter: Matter, data: dict[str, Any]) -> None:
        # Who may not merge at all learns nothing of the other number.
        check(request.viewer, matter, Verb.MERGE)
        into = queries.matter_for(request.viewer, data["into"].strip().upper())
        if into is None:
            raise merging.CannotMerge("unknown")
        merging.merge_matter(viewer=request.viewer, matter=matter, into=into.merged_into or into)

    return act(request, number, MergeForm(request.POST), "merge", do)


@require_POST
def unmerge(request: Request, number: str) -> HttpResponse:
    return act(
        request,
        number,
        ConfirmForm(request.POST),
        "unmerge",
        lambda matter, data: merging.unmerge_matter(viewer=request.viewer, matter=matter),
    )


@require_POST
def triage(request: Request, number: str) -> HttpResponse:
    return act(
        request,
        number,
        TriageForm(request.POST),
        "triage",
        lambda matter, data: casework.triage_matter(viewer=request.viewer, matter=matter, **data),
    )


@require_POST
def take(request: Request, number: str) -> HttpResponse:
    return act(
        request, number, ConfirmForm(request.POST), "take", lambda matter, data: casework.take_matter(viewer=request.viewer, matter=matter)
    )


@require_POST
def release(request: Request, number: str) -> HttpResponse:
    return act(
        request,
        number,
        ConfirmForm(request.POST),
        "release",
        lambda matter, data: casework.release_matter(viewer=request.viewer, matter=matter),
    )


@require_POST
def ask_back(request: Request, number: str) -> HttpResponse:
    return act(
        request,
        number,
        SayForm(request.POST),
        "return",
        lambda matter, data: casework.return_matter(viewer=request.viewer, matter=matter, text=data["text"]),
    )


@require_POST
def move(request: Request, number: str) -> HttpResponse:
    def do(matter: Matter, data: dict[str, Any]) -> None:
        place = place_by_code(data["place"])
        if place is None:
            raise Http404
        casework.move_matter(viewer=request.viewer, matter=matter, place=place)

    return act(request, number, PlaceForm(request.POST), "move", do)


@require_POST
def transfer(request: Request, number: str) -> HttpResponse:
    return act(
        request,
        number,
        TransferForm(request.POST),
        "transfer",
        lambda matter, data: casework.transfer_matter(viewer=request.viewer, matter=matter, **data),
    )


@require_POST
def outside_registered(request: Request, number: str) -> HttpResponse:
    return act(
        request,
        number,
        OutsideRegisteredForm(request.POST),
        "outside_registered",
        lambda matter, data: casework.note_registered_outside(viewer=request.viewer, matter=matter, **data),
    )


@require_POST
def outside_number(request: Request, number: str) -> HttpResponse:
    return act(
        request,
        number,
        OutsideNumberForm(request.POST),
        "outside_number",
        lambda matter, data: casework.note_outside_number(viewer=request.viewer, matter=matter, **data),
    )


@require_POST
def outside_answer(request: Request, number: str) -> HttpResponse:
    return act(
        request,
        number,
        SayForm(request.POST),
        "outside_answer",
        lambda matter, data: casework.outside_answered(viewer=request.viewer, matter=matter, text=data["text"]),
    )


@require_POST
def outside_back(request: Request, number: str) -> HttpResponse:
    return act(
        request,
        number,
        SayForm(request.POST),
        "outside_back",
        lambda matter, data: casework.outside_sent_back(viewer=request.viewer, matter=matter, text=data["text"]),
    )


@require_POST
def publish_question(request: Request, number: str) -> HttpResponse:
    return act(
        request,
        number,
        QuestionForm(request.POST),
        "question",
        lambda matter, data: lists.publish_question(viewer=request.viewer, matter=matter, question=data["question"], answer=data["answer"]),
    )
