from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from doorstep.foundation.access.request import Request
from doorstep.foundation.access.viewer import PUBLIC
from doorstep.foundation.files.models import StoredFile
from doorstep.foundation.files.queries import file_for


def _served(request: Request, token: str, *, sort: str, small: bool = False) -> tuple[StoredFile, HttpResponseBase]:
    """A kept file of a sort ("image", "audio", "application") for those it is meant for; 404 for everybody else.

    A public file may be hidden at any time: whoever keeps a copy asks each time whether it still may be shown, and is answered without the bytes.
    """
    file = file_for(request.viewer, token)
    if file is None or file.media_type.partition("/")[0] != sort:
        raise Http404
    if file.audience != PUBLIC:
        response = _whole(file, small)
        response["Cache-Control"] = "private, no-store"
        return file, response
    etag = f'"{file.sha256[:32]}{"-small" if small else ""}"'
    unchanged = get_conditional_response(request, etag=etag)
    response = unchanged if unchanged is not None else _whole(file, small)
    response["ETag"], response["Cache-Control"] = etag, "private, no-cache"
    return file, response


def _whole(file: StoredFile, small: bool) -> HttpResponseBase:
    return FileResponse(default_storage.open(file.thumbnail_path if small else file.path), content_type=file.media_type)


@require_safe
def photo(request: Request, token: str, size: str) -> HttpResponseBase:
    """A kept photo, whole or small."""
    _file, response = _served(request, token, sort="image", small=size == "small")
    response["Content-Disposition"] = "inline"
    return response


@require_safe
def scan(request: Request, token: str) -> HttpResponseBase:
    """A kept scan, to be saved and never shown inside a page of ours."""
    _file, response = _served(request, token, sort="application")
    response["Content-Disposition"] = 'attachment; filename="scan.pdf"'
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@require_safe
def voice(request: Request, token: str) -> HttpResponseBase:
    """A kept voice message."""
    _file, response = _served(request, token, sort="audio")
    response["Content-Disposition"] = "inline"
    return response
