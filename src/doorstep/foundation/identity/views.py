"""Signing in and out, and one's own security settings."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import pyotp
from django.conf import settings
from django.contrib.auth import login as start_session
from django.contrib.auth import logout as end_session
from django.contrib.auth.hashers import check_password
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from doorstep.foundation import clock
from doorstep.foundation.access.request import Request
from doorstep.foundation.identity import actions, staff
from doorstep.foundation.identity.forms import (
    ChosenPasswordForm,
    CodeForm,
    NewPasswordForm,
    PasswordForm,
    PhoneForm,
    StaffLoginForm,
    WhoForm,
    code_problem,
)
from doorstep.foundation.identity.models import Account
from doorstep.foundation.identity.senders import SendingFailed
from doorstep.foundation.identity.sessions import BY_PASSWORD, end_sessions, note_device, sessions_of
from doorstep.foundation.journal.actions import actor_of
from doorstep.foundation.places.models import Place
from doorstep.foundation.places.queries import town

ISSUER = "Doorstep"
# In a session: the phone and name whose code was right a moment ago.
PROVEN = "proven"


def sign_in(request: Request, account: Account) -> None:
    """Begin a session of this account. What an anonymous session kept (a typed text) stays."""
    start_session(request, account, backend="doorstep.foundation.identity.backend.AccountBackend")
    note_device(request)


def safe_next(request: Request) -> str:
    """Where to go afterwards: a path of this site, else the front page."""
    given = request.POST.get("next") or request.GET.get("next") or "/"
    return given if url_has_allowed_host_and_scheme(given, allowed_hosts=None) and given.startswith("/") else "/"


def _address(request: Request) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))


@never_cache
@require_safe
def login(request: Request) -> HttpResponse:
    """The two ways in: phone and code, or login and password."""
    if request.viewer.signed_in:
        return HttpResponseRedirect(safe_next(request))
    return render(request, "identity/login.html", {"next": safe_next(request), "step": "phone"})


@never_cache
@require_POST
def by_phone(request: Request) -> HttpResponse:
    """Ask for a code, then sign in with it and one's name."""
    context: dict[str, Any] = {"next": safe_next(request), "step": "phone", "typed": request.POST, "form": None, "problem": ""}

    def again(status: int = 422) -> HttpResponse:
        return render(request, "identity/login.html", context, status=status)

    phone_form = PhoneForm(request.POST)
    context["form"] = phone_form
    if not phone_form.is_valid():
        return again()
    phone = phone_form.cleaned_data["phone"]
    if request.POST.get("go") in {"prove", "new"}:
        return _who_of_several(request, phone, context, again)
    if request.POST.get("go") != "sign-in":
        try:
            actions.send_code(phone=phone)
        except (actions.TooSoon, actions.TooManyCodes, SendingFailed) as error:
            context["problem"] = code_problem(error)
            context["step"] = "code" if isinstance(error, actions.TooSoon) else "phone"
            return again(503 if isinstance(error, SendingFailed) else 429)
        context["step"] = "code"
        return again(200)
    context["step"] = "code"
    who, code = WhoForm(request.POST), CodeForm(request.POST)
    context["form"], context["code"] = who, code
    if not who.is_valid() or not code.is_valid():
        return again()
    try:
        actions.check_code(phone=phone, code=code.cleaned_data["code"].strip(), address=_address(request))
    except (actions.WrongCode, actions.CodeExpired, actions.LockedOut) as error:
        context["problem"] = code_problem(error)
        return again(429 if isinstance(error, actions.LockedOut) else 422)
    # Good for the next question too, should there be one: the code is used up.
    request.session[PROVEN] = {"phone": phone, "name": who.cleaned_data["name"], "until": (clock.now() + actions.CODE_LIFE).isoformat()}
    return _who_of_several(request, phone, context, again)


def _who_of_several(request: Request, phone: str, context: dict[str, Any], again: Callable[..., HttpResponse]) -> HttpResponse:
    """Sign in whoever a right code and a name stand for; where that is in doubt ask for something only they know, or begin anew."""
    proven = request.session.get(PROVEN, {})
    if proven.get("phone") != phone or datetime.fromisoformat(proven["until"]) < clock.now():
        context["step"] = "phone"
        return again()
    context["step"] = "proof"
    try:
        actions.refuse_locked(f"phone:{phone}")
        account, _made = actions.account_for(
            phone=phone, name=proven["name"], proof=request.POST.get("proof", "")[:40], as_new=request.POST.get("go") == "new"
        )
    except actions.ProofNeeded:
        return again(200)
    except actions.PasswordNeeded:
        context["step"], context["problem"] = "phone", _("您的账号接了验证器，请用登录名和密码登录。")
        return again()
    except actions.WrongProof:
        actions.note_failure(phone=phone, address=_address(request))
        context["problem"] = _("对不上。请再看看，或者当作新来的登录。")
        return again()
    except actions.LockedOut as error:
        context["problem"] = code_problem(error)
        return again(429)
    del request.session[PROVEN]
    sign_in(request, account)
    return HttpResponseRedirect(safe_next(request))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def by_password(request: Request) -> HttpResponse:
    """Staff: login, password, and the authenticator's code where there is one."""
    context: dict[str, Any] = {"next": safe_next(request), "form": None, "problem": "", "otp": False, "typed": request.POST}
    if request.method != "POST":
        return render(request, "identity/password.html", context)
    form = PasswordForm(request.POST)
    context["form"] = form
    if not form.is_valid():
        return render(request, "identity/password.html", context, status=422)
    data = form.cleaned_data
    try:
        account = actions.check_password_login(
            login=data["login"].strip(), password=data["password"], otp=data["otp"], address=_address(request)
        )
    except actions.OtpRequired:
        context["otp"] = True
        context["problem"] = _("密码对了。请再填验证器上的 6 位数字和密码。")
        return render(request, "identity/password.html", context, status=401)
    except actions.WrongCredentials:
        context["problem"] = _("登录名、密码或验证码不对。")
        context["otp"] = bool(data["otp"])
        return render(request, "identity/password.html", context, status=422)
    except actions.LockedOut as error:
        context["problem"] = code_problem(error)
        return render(request, "identity/password.html", context, status=429)
    sign_in(request, account)
    request.session[BY_PASSWORD] = True
    return HttpResponseRedirect(safe_next(request))


@require_POST
def logout(request: Request) -> HttpResponse:
    end_session(request)
    return HttpResponseRedirect("/")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def security(request: Request) -> HttpResponse:
    """The devices one is signed in on; login, password and authenticator of whoever holds a post."""
    if not request.viewer.signed_in:
        return HttpResponseRedirect(f"/login/password?{urlencode({'next': request.path})}")
    account: Account = request.user  # type: ignore[assignment]
    context: dict[str, Any] = {"account": account, "form": None, "problem": "", "done": ""}
    status = 200
    go = request.POST.get("go", "")
    if go == "elsewhere":
        end_sessions(account=account, but=request.session.session_key)
        context["done"] = _("别处都退出了。")
    elif go in {"staff-code", "staff-login"} and request.viewer.is_staff and not account.login:
        status = _open_login(request, account, context)
    elif go == "password" and account.login:
        status = _change_password(request, account, context)
    elif go == "totp" and account.login:
        status = _enrol(request, account, context)
    if account.login and not account.totp_secret:
        secret = request.session.setdefault("totp_offer", pyotp.random_base32())
        context["secret"] = secret
        context["uri"] = pyotp.TOTP(secret).provisioning_uri(name=account.login, issuer_name=ISSUER)
    here = request.session.session_key
    context["sessions"] = [
        {"device": each.device, "began_at": each.began_at, "here": each.session_key == here} for each in sessions_of(account)
    ]
    return render(request, "identity/security.html", context, status=status)


def _town() -> Place:
    place = town()
    if place is None:
        raise Http404
    return place


def _open_login(request: Request, account: Account, context: dict[str, Any]) -> int:
    """Send a code to the account's own phone; with it let its holder choose login and password."""
    context["typed"] = request.POST
    try:
        if request.POST.get("go") == "staff-code":
            actions.send_code(phone=account.phone)
            context["staff_code"] = True
            return 200
        context["staff_code"] = True
        form = StaffLoginForm(request.POST)
        context["staff_form"] = form
        if not form.is_valid():
            return 422
        data = form.cleaned_data
        staff.open_login(
            viewer=request.viewer,
            account=account,
            login=data["login"],
            password=data["new"],
            code=data["code"].strip(),
            by=actor_of(request.viewer),
            place=_town(),
            address=_address(request),
        )
    except (actions.LoginTaken, staff.HasLogin):
        context["staff_form"].add_error("login", _("这个登录名有人用了，请换一个。"))
        return 422
    except (actions.TooSoon, actions.TooManyCodes, actions.WrongCode, actions.CodeExpired, actions.LockedOut, SendingFailed) as error:
        context["problem"] = code_problem(error)
        context["staff_code"] = not isinstance(error, actions.TooManyCodes | SendingFailed)
        return 503 if isinstance(error, SendingFailed) else 422 if isinstance(error, actions.WrongCode | actions.CodeExpired) else 429
    except actions.NotAMobile:
        context["problem"] = _("您的账号没有手机号，验证码发不出去。请先填手机号。")
        return 422
    sign_in(request, account)
    context["done"] = _("设好了。以后也可以用登录名和密码登录；请再接上验证器。")
    return 200


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_password(request: Request, token: str) -> HttpResponse:
    """Choose a password by the link that was made for one's login on the command line."""
    context: dict[str, Any] = {"form": None}
    try:
        context["account"] = staff.account_of_link(token)
        if request.method != "POST":
            return render(request, "identity/new_password.html", context)
        form = ChosenPasswordForm(request.POST)
        context["form"] = form
        if not form.is_valid():
            return render(request, "identity/new_password.html", context, status=422)
        staff.choose_password(token=token, password=form.cleaned_data["new"], place=_town())
    except staff.LinkEnded:
        return render(request, "identity/new_password.html", {"ended": True}, status=410)
    return HttpResponseRedirect("/login/password")


def _change_password(request: Request, account: Account, context: dict[str, Any]) -> int:
    form = NewPasswordForm(request.POST)
    context["form"] = form
    if not form.is_valid():
        return 422
    if not check_password(form.cleaned_data["old"], account.password) and not (
        settings.DEMO and form.cleaned_data["old"] == actions.DEMO_PASSWORD
    ):
        form.add_error("old", _("现在的密码不对。"))
        return 422
    actions.set_password(account=account, password=form.cleaned_data["new"])
    sign_in(request, account)
    context["done"] = _("密码改好了。")
    return 200


def _enrol(request: Request, account: Account, context: dict[str, Any]) -> int:
    secret = request.session.get("totp_offer", "")
    if not secret or account.totp_secret:
        return 200
    try:
        actions.enrol_totp(account=account, secret=secret, otp=request.POST.get("otp", ""))
    except actions.WrongCode:
        context["problem"] = _("这 6 位数字不对，请等验证器换下一组再试。")
        return 422
    request.session.pop("totp_offer", None)
    context["done"] = _("验证器接好了，下次登录会问它的 6 位数字。")
    return 200
