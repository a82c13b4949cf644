"""`ui` in every template: language, elder mode, navigation. Nothing is asked of the database until a template asks."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import cached_property

from doorstep.foundation.access.viewer import NOBODY, Viewer
from doorstep.foundation.ui import slots

SIZES = ("1", "2", "3")


class Ui:
    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.language = getattr(request, "LANGUAGE_CODE", "zh-hans")
        self.english = self.language == "en"
        self.elder = request.COOKIES.get("mode") == "elder"
        size = request.COOKIES.get("size", "1")
        self.size = size if self.elder and size in SIZES else "1"

    @property
    def path(self) -> str:
        return self.request.get_full_path()

    @property
    def bigger(self) -> str:
        """The next size of elder mode; after the largest the first again."""
        return SIZES[(SIZES.index(self.size) + 1) % len(SIZES)]

    @property
    def viewer(self) -> Viewer:
        return getattr(self.request, "viewer", NOBODY)

    @cached_property
    def nav(self) -> list[dict[str, Any]]:
        here = self.request.path
        return [
            {"item": item, "here": here == item.url or any(here.startswith(prefix) for prefix in item.prefixes)}
            for item in slots.nav(self.viewer)
        ]


def ui(request: HttpRequest) -> dict[str, Any]:
    return {"ui": Ui(request), "viewer": getattr(request, "viewer", NOBODY)}
