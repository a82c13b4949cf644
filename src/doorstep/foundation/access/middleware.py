from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from doorstep.foundation import clock
from doorstep.foundation.access.models import AccessLog
from doorstep.foundation.access.viewer import NOBODY, Viewer, build_viewer


def viewer_of_account(account: Any, *, acting_post_id: int | None = None) -> Viewer:
    """The viewer of a signed-in account, with its person already loaded; NOBODY for an anonymous one."""
    if not account.is_authenticated:
        return NOBODY
    return build_viewer(
        person_id=account.person_id,
        account_id=account.pk,
        name=account.get_short_name(),
        is_town_admin=account.is_administrator,
        acting_post_id=acting_post_id,
    )


def write_reads(viewer: Viewer) -> None:
    """Put the reads a request noted into the access log, and forget them."""
    if not viewer.reads:
        return
    at = clock.now()
    post_id = viewer.acting_post.id if viewer.acting_post else None
    AccessLog.objects.bulk_create(
        AccessLog(
            at=at,
            person_id=viewer.person_id,
            post_id=post_id,
            about_person_id=read.about_person_id,
            kind=read.kind,
            subject=read.subject,
            why=read.why,
        )
        for read in viewer.reads
    )
    viewer.reads.clear()


class ViewerMiddleware:
    """`request.viewer`, built when first asked; what it read is logged after the response is made."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        built: list[Viewer] = []

        def build() -> Viewer:
            built.append(viewer_of_account(request.user, acting_post_id=request.session.get("acting_post")))
            return built[0]

        request.viewer = SimpleLazyObject(build)  # type: ignore[attr-defined]
        response = self.get_response(request)
        for viewer in (*built, getattr(request, "api_viewer", NOBODY)):
            if viewer.reads and response.status_code < 400:
                write_reads(viewer)
        return response
