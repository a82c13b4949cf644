from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpResponseBase
from django.views.decorators.http import require_safe

from doorstep.foundation.access.request import Request
from doorstep.foundation.access.viewer import PUBLIC
from doorstep.foundation.files.queries import file_for


@require_safe
def photo(request: Request, token: str, size: str) -> HttpResponseBase:
    """A kept photo, whole or small, for those it is meant for."""
    file = file_for(request.viewer, token)
    if file is None:
        raise Http404
    response = FileResponse(default_storage.open(file.path if size == "full" else file.thumbnail_path), content_type=file.media_type)
    response["Cache-Control"] = "public, max-age=86400, immutable" if file.audience == PUBLIC else "private, no-store"
    response["Content-Disposition"] = "inline"
    return response
