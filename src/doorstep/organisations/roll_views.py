"""The roll on a screen: upload, look, write. For the owners' committee and the property company of the estate, and the town's administrator."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from doorstep.foundation.access.request import Request
from doorstep.foundation.journal.actions import actor_of
from doorstep.foundation.places.models import Place
from doorstep.foundation.places.queries import place_by_code
from doorstep.foundation.ui.web import SeeOther, once_form, once_key, sign_in_first
from doorstep.organisations.models import RollImport
from doorstep.organisations.permissions import may_keep_roll
from doorstep.organisations.queries import roll_figures
from doorstep.organisations.roll_file import UnreadableFile, read_table
from doorstep.organisations.roll_import import AlreadyWritten, BadRows, drop_upload, upload_roll, write_upload

MOST_BYTES = 20 * 1024 * 1024


def _estate(request: Request, code: str) -> Place:
    """The estate if this viewer keeps its roll; a roll is not something others know of."""
    place = place_by_code(code)
    if place is None or place.kind != Place.Kind.ESTATE or not may_keep_roll(request.viewer, place):
        raise Http404
    return place


@require_http_methods(["GET", "HEAD", "POST"])
def roll(request: Request, code: str) -> HttpResponse:
    if not request.viewer.signed_in:
        return sign_in_first(request)
    estate = _estate(request, code)
    problem = ""
    if request.method == "POST":
        file = request.FILES.get("file")
        if file is None or not file.size:
            problem = _("还没选文件。")
        elif file.size > MOST_BYTES:
            problem = _("文件太大了，最多 20 MB。")
        else:
            data = file.read()
            try:
                upload = upload_roll(
                    estate=estate, file_name=str(file.name), data=data, table=read_table(data), by=actor_of(request.viewer)
                )
                return SeeOther(f"/p/{code}/roll/{upload.pk}")
            except UnreadableFile:
                problem = _("这个文件读不出来。请用 Excel 存成 xlsx，或存成 csv 再传。")
    return render(
        request,
        "organisations/roll.html",
        {
            "place": estate,
            "figures": roll_figures(estate),
            "problem": problem,
            "uploads": RollImport.objects.filter(estate=estate).defer("rows").order_by("-id")[:10],
        },
        status=422 if problem else 200,
    )


@require_safe
def preview(request: Request, code: str, import_id: int) -> HttpResponse:
    if not request.viewer.signed_in:
        return sign_in_first(request)
    estate = _estate(request, code)
    upload = get_object_or_404(RollImport.objects.defer("rows"), pk=import_id, estate=estate)
    request.viewer.note_read(kind="roll", subject=estate.code, about_person_id=None, why="import")
    return _preview(request, estate, upload)


def _preview(request: Request, estate: Place, upload: RollImport, problem: str = "", status: int = 200) -> HttpResponse:
    report = upload.report
    return render(
        request,
        "organisations/roll_preview.html",
        {
            "place": estate,
            "upload": upload,
            "report": report,
            "errors": report["errors"][:200],
            "more": max(0, len(report["errors"]) - 200),
            "once": once_key(),
            "problem": problem,
        },
        status=status,
    )


@require_POST
def write(request: Request, code: str, import_id: int) -> HttpResponse:
    if not request.viewer.signed_in:
        return sign_in_first(request, back=f"/p/{code}/roll/{import_id}")
    estate = _estate(request, code)
    upload = get_object_or_404(RollImport, pk=import_id, estate=estate)

    def work() -> str:
        write_upload(upload=upload, by=actor_of(request.viewer), skip_bad=request.POST.get("skip") == "yes")
        return f"/p/{code}/roll/{import_id}"

    try:
        return once_form(request, work)
    except BadRows:
        return _preview(request, estate, upload, _("还有不对的行，什么都没有写入。改好再传，或选“跳过不对的行”。"), 422)
    except AlreadyWritten:
        return SeeOther(f"/p/{code}/roll/{import_id}")


@require_POST
def drop(request: Request, code: str, import_id: int) -> HttpResponse:
    if not request.viewer.signed_in:
        return sign_in_first(request, back=f"/p/{code}/roll/{import_id}")
    estate = _estate(request, code)
    drop_upload(upload=get_object_or_404(RollImport, pk=import_id, estate=estate))
    return SeeOther(f"/p/{code}/roll/")
