from django.http import HttpRequest

from doorstep.foundation.access.viewer import Viewer


class Request(HttpRequest):
    """What views are given: Django's request with the viewer that the middleware puts there (`api_viewer` under /api/)."""

    viewer: Viewer
    api_viewer: Viewer
