"""How one is told outside the platform: mail address, preferences, what one follows; and for the administrator what could not be told."""

from collections.abc import Callable
from smtplib import SMTPException

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from doorstep.affairs import queries as affairs
from doorstep.foundation.access.limits import Rate, TooOften, count
from doorstep.foundation.access.request import Request
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.notify import actions, mail, queries
from doorstep.foundation.notify.models import Preference
from doorstep.foundation.places.queries import place_by_code
from doorstep.foundation.ui.web import SeeOther, sign_in_first

# What one can be told of, and what one can follow, by the code of its kind.
KINDS: dict[str, Promise] = {
    "matter": gettext_lazy("大家的事"),
    "occasion": gettext_lazy("活动和场次"),
    "moderation": gettext_lazy("有人觉得不妥的话"),
    "vote": gettext_lazy("业主表决"),
    "residence": gettext_lazy("住户认证"),
    "body": gettext_lazy("机构和职务"),
    "party": gettext_lazy("党员申报"),
    "application": gettext_lazy("登记申请"),
    "course": gettext_lazy("课程"),
    "certificate": gettext_lazy("证书"),
    "hours": gettext_lazy("时长"),
    "profile": gettext_lazy("人才库里的我"),
    "licence": gettext_lazy("执业资质"),
    "service": gettext_lazy("家门口的服务"),
    "rota": gettext_lazy("排班"),
}
FOLLOWED: dict[str, Callable[[Viewer, str], bool]] = {
    "matter": lambda viewer, subject: affairs.matter_for(viewer, subject) is not None,
    "place": lambda _viewer, subject: place_by_code(subject) is not None,
}
PAGES = {"matter": "/m/{}", "place": "/p/{}/"}
CONFIRMING = Rate(most=5, seconds=3600)


class AddressForm(forms.Form):
    address = forms.EmailField(
        max_length=200,
        error_messages={"required": gettext_lazy("还没写邮箱。"), "invalid": gettext_lazy("这个邮箱写得不对，例如 name@example.com。")},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def settings_page(request: Request) -> HttpResponse:
    """怎么告诉我: one's mail address, how one is told of each kind, what one follows."""
    if not request.viewer.signed_in:
        return sign_in_first(request)
    form, problem = None, ""
    if request.method == "POST":
        match request.POST.get("go"):
            case "address":
                form = AddressForm(request.POST)
                if form.is_valid():
                    problem = _ask_to_confirm(request.viewer, form.cleaned_data["address"])
                    if not problem:
                        return SeeOther("/notices/")
            case "forget":
                mail.forget_address(viewer=request.viewer)
                return SeeOther("/notices/")
            case _:
                for kind in queries.kinds_told():
                    mode = request.POST.get(f"mode-{kind}", "")
                    if mode in Preference.Mode.values:
                        mail.choose_mode(person_id=request.viewer.own_id, kind=kind, mode=mode)
                return SeeOther("/notices/")
    modes = mail.modes_of(request.viewer)
    return render(
        request,
        "site/notices.html",
        {
            "address": mail.address_of(request.viewer),
            "form": form,
            "problem": problem,
            "kinds": [(kind, KINDS[kind], modes.get(kind, Preference.Mode.DIGEST)) for kind in queries.kinds_told()],
            "modes": Preference.Mode.choices,
            "places": affairs.places_to_choose(),
            "followed": [(each, PAGES[each.kind].format(each.subject)) for each in queries.followed(request.viewer)],
        },
        status=422 if problem or (form is not None and form.errors) else 200,
    )


def _ask_to_confirm(viewer: Viewer, address: str) -> str:
    """Send the confirming mail; what to say when that did not work."""
    try:
        count(f"confirm:{viewer.own_id}", CONFIRMING)
        mail.set_address(viewer=viewer, address=address)
    except TooOften:
        return _("今天写得太勤了，过一个小时再试。")
    except (OSError, SMTPException):
        return _("确认的邮件没发出去。请看看邮箱写对没有，或过一会儿再试。")
    return ""


@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: Request, token: str) -> HttpResponse:
    """The link of a confirming mail: a page with one button, so that no mail scanner presses it."""
    try:
        if request.method == "POST":
            mail.confirm_address(token=token)
        else:
            mail.read_confirmation(token)
    except mail.NotALink:
        raise Http404 from None
    return render(request, "site/notice_link.html", {"what": "confirm", "done": request.method == "POST"})


@csrf_exempt  # RFC 8058: the reader's mail program posts here by itself; the signed token is what lets it
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: Request, token: str) -> HttpResponse:
    """The link in every mail: no more of this kind."""
    try:
        kind = mail.stop(token=token) if request.method == "POST" else mail.read_stop(token)[1]
    except mail.NotALink:
        raise Http404 from None
    return render(request, "site/notice_link.html", {"what": "stop", "kind": KINDS.get(kind, kind), "done": request.method == "POST"})


@require_POST
def follow(request: Request) -> HttpResponse:
    """Follow a matter or a place, or stop."""
    kind, subject = request.POST.get("kind", ""), request.POST.get("subject", "")[:60].replace("\x00", "")
    given = request.POST.get("next", "/")
    back = given if given.startswith("/") and url_has_allowed_host_and_scheme(given, allowed_hosts=None) else "/"
    if not request.viewer.signed_in:
        return sign_in_first(request, back=back)
    if kind not in FOLLOWED:
        raise Http404
    if request.POST.get("go") == "stop":
        actions.unfollow(viewer=request.viewer, kind=kind, subject=subject)
        return SeeOther(back)
    if not FOLLOWED[kind](request.viewer, subject):
        raise Http404
    actions.follow(viewer=request.viewer, kind=kind, subject=subject)
    return SeeOther(back)


@require_safe
def undelivered(request: Request) -> HttpResponse:
    """没发成的: events and mails that were tried too often. For the administrator; no names and no words."""
    if not request.viewer.signed_in:
        return sign_in_first(request)
    if not request.viewer.is_town_admin:
        raise PermissionDenied
    return render(request, "site/undelivered.html", {"found": queries.undelivered(), "state": queries.notify_state()})


@require_POST
def try_again(request: Request) -> HttpResponse:
    if not request.viewer.signed_in:
        return sign_in_first(request, back="/notices/undelivered")
    if not request.viewer.is_town_admin:
        raise PermissionDenied
    given = request.POST.get("id", "")
    if not (given.isdecimal() and len(given) < 18):
        raise Http404
    again = (
        actions.try_event_again(event_id=int(given))
        if request.POST.get("what") == "event"
        else mail.try_delivery_again(delivery_id=int(given))
    )
    if not again:
        raise Http404
    return SeeOther("/notices/undelivered")
