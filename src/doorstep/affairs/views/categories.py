"""The screen on which a town says what matters can be about."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from doorstep.affairs.actions import NotAllowed
from doorstep.affairs.actions.categories import OWN, NameTaken, NothingLeft, add_category, switch_category
from doorstep.affairs.models import Category
from doorstep.affairs.queries.categories import every_category
from doorstep.foundation.access.request import Request
from doorstep.foundation.places.models import Place
from doorstep.foundation.places.queries import place_by_code
from doorstep.foundation.ui.web import once_form, once_key, sign_in_first
from doorstep.organisations.forms import Fields, choice, line


class CategoryForm(Fields):
    zh = line(gettext_lazy("中文名"), gettext_lazy("还没写中文名。"), most=40)
    en = line(gettext_lazy("英文名"), gettext_lazy("还没写英文名。"), most=60)
    parent = choice(gettext_lazy("放在哪一类下面"), [])

    def __init__(self, *arguments: object, tops: list[Category], **options: object) -> None:
        super().__init__(*arguments, **options)
        self.fields["parent"].choices = [("", _("自己一类")), *((top.code, top.name) for top in tops)]  # type: ignore[attr-defined]
        self.fields["parent"].required = False
        self.fields["en"].widget.attrs["lang"] = "en"


@require_http_methods(["GET", "HEAD", "POST"])
def categories(request: Request, code: str) -> HttpResponse:
    """Kinds on and off, and one's own; for the town as a whole, by its administrator."""
    place = place_by_code(code)
    if place is None or place.kind != Place.Kind.TOWN:
        raise Http404
    if not request.viewer.signed_in:
        return sign_in_first(request)
    if not request.viewer.is_town_admin:
        raise NotAllowed
    tree = every_category()
    form, problem = CategoryForm(tops=[top for top, _below in tree]), ""
    if request.method == "POST" and "switch" in request.POST:
        problem, answer = _switch(request, place)
        if answer is not None:
            return answer
    elif request.method == "POST":
        form = CategoryForm(request.POST, tops=[top for top, _below in tree])
        answer = _add(request, place, form)
        if answer is not None:
            return answer
        form.mark_errors()
    return render(
        request,
        "affairs/categories.html",
        {"place": place, "tree": tree, "form": form, "problem": problem, "own": OWN, "once": once_key()},
        status=422 if problem or form.is_bound else 200,
    )


def _switch(request: Request, town: Place) -> tuple[str, HttpResponse | None]:
    category = Category.objects.filter(code=request.POST["switch"]).first()
    if category is None:
        raise Http404

    def once() -> str:
        switch_category(viewer=request.viewer, town=town, category=category, on=request.POST.get("on") == "yes")
        return f"/p/{town.code}/categories/"

    try:
        return "", once_form(request, once)
    except NothingLeft:
        return _("至少要留一类，不然没有事可以说。"), None


def _add(request: Request, town: Place, form: CategoryForm) -> HttpResponse | None:
    if not form.is_valid():
        return None

    def once() -> str:
        given = form.cleaned_data
        parent = Category.objects.filter(code=given["parent"], parent=None).first() if given["parent"] else None
        add_category(viewer=request.viewer, town=town, zh=given["zh"], en=given["en"], parent=parent)
        return f"/p/{town.code}/categories/"

    try:
        return once_form(request, once)
    except NameTaken:
        form.add_error("zh", _("已经有这一类了。"))
        return None
