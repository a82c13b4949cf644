"""我的资料: what is held of a person, what they agreed to, who acts for them; to take along, to correct, to end."""

from datetime import date
from typing import Any

from dateutil.relativedelta import relativedelta
from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from doorstep.foundation import clock
from doorstep.foundation.access.request import Request
from doorstep.foundation.identity import actions, consents, erasures
from doorstep.foundation.identity.deaths import looked_after_by, may_look_after
from doorstep.foundation.identity.export import export_file, held_about
from doorstep.foundation.identity.forms import CodeForm, HelperForm, PhoneForm, WhoForm, code_problem
from doorstep.foundation.identity.lifecycle import Section
from doorstep.foundation.identity.models import Account, Mandate, Person
from doorstep.foundation.identity.queries import person_by_contact
from doorstep.foundation.identity.senders import SendingFailed
from doorstep.foundation.journal.actions import actor_of
from doorstep.foundation.places.models import Place
from doorstep.foundation.places.queries import town
from doorstep.foundation.regulations.deadlines import due
from doorstep.foundation.regulations.queries import calendar, value_of
from doorstep.foundation.ui.web import SeeOther, address_of, once_form, once_key, sign_in_first
from doorstep.organisations.queries import is_on_a_roll

PAGE = "/my/data"
# What still needs a name, in words.
KEPT = {
    "on_the_roll": gettext_lazy("您还是名册上的业主，姓名和证件后四位要留到过户为止，其余都会抹去。"),
    "in_a_vote": gettext_lazy("您在业主表决的名册上，姓名要留到表决结束、可以起诉的期限过去，其余都会抹去。"),
    "holds_post": gettext_lazy("您还担着职务，姓名要留到卸任为止，其余都会抹去。"),
}


class NameForm(forms.Form):
    name = WhoForm.base_fields["name"]


def _town() -> Place:
    place = town()
    if place is None:
        raise Http404
    return place


def _whose(request: Request) -> Person:
    """Whose data the page is about: the viewer's own, or a dead near relative's they look after."""
    given = request.POST.get("who") or request.GET.get("who") or ""
    if not given:
        return Person.objects.get(pk=request.viewer.own_id)
    if not given.isdecimal() or len(given) > 18 or not may_look_after(request.viewer, int(given)):
        raise Http404
    return Person.objects.get(pk=int(given))


@never_cache
@require_safe
def my_data(request: Request) -> HttpResponse:
    if not request.viewer.signed_in:
        return sign_in_first(request)
    return _page(request, _whose(request))


def _page(request: Request, person: Person, *, status: int = 200, **more: Any) -> HttpResponse:
    own = person.pk == request.viewer.person_id
    running = consents.running_consents(person.pk)
    if not own:
        request.viewer.note_read(kind="person", subject=str(person.pk), about_person_id=person.pk, why="relative")
    return render(
        request,
        "site/my_data.html",
        {
            "person": person,
            "own": own,
            "who": "" if own else str(person.pk),
            "account": Account.objects.filter(person=person).first(),
            "sections": _tables(held_about(person.pk)),
            "purposes": [{"purpose": each, "given": running.get(each.code)} for each in consents.purposes()],
            "given": consents.mandates_given(person.pk) if own else [],
            "held": consents.mandates_held(person.pk) if own else [],
            "looked_after": looked_after_by(request.viewer) if own else [],
            "erasure": erasures.erasure_under_way(person.pk),
            "kept": [KEPT[code] for code in _kept(person.pk)],
            "cooling": _value("privacy.cooling_days"),
            "latest": _latest_mandate(),
            "name_on_roll": is_on_a_roll(person.pk),
            "once": once_key(),
            **more,
        },
        status=status,
    )


def _kept(person_id: int) -> list[str]:
    request = erasures.erasure_under_way(person_id)
    if request is not None and request.kept_because:
        return [code for code in request.kept_because if code in KEPT]
    return ["on_the_roll"] if is_on_a_roll(person_id) else []


def _tables(sections: list[Section]) -> list[dict[str, Any]]:
    """Sections as tables: heads, and rows of cells in their order."""
    return [
        {
            "title": section.title,
            "heads": list(section.rows[0]),
            "rows": [list(row.values()) for row in section.rows],
            "more": max(0, len(section.rows) - 20),
            "short": [list(row.items()) for row in section.rows[:20]],
        }
        for section in sections
    ]


def _value(key: str) -> Any:
    return value_of(key, place_lineage_localities=_town().localities, on=clock.today())


def _latest_mandate() -> date:
    return clock.today() + relativedelta(months=_value("privacy.mandate_months").number)


@require_POST
def consent(request: Request) -> HttpResponse:
    """Give or take back one consent."""
    if not request.viewer.signed_in:
        return sign_in_first(request, back=PAGE)
    person = _whose(request)
    purpose = request.POST.get("purpose", "")
    by = actor_of(request.viewer, on_behalf_of_id=person.pk if person.pk != request.viewer.person_id else None)
    if request.POST.get("go") == "withdraw":
        consents.withdraw_consent(person_id=person.pk, purpose=purpose, by=by, place=_town())
    elif person.pk == request.viewer.person_id:
        try:
            consents.give_consent(person_id=person.pk, purpose=purpose, by=by, place=_town())
        except consents.UnknownPurpose:
            raise Http404 from None
    return SeeOther(_back(person, request, "#consents"))


def _back(person: Person, request: Request, anchor: str) -> str:
    return f"{PAGE}{anchor}" if person.pk == request.viewer.person_id else f"{PAGE}?who={person.pk}{anchor}"


@never_cache
@require_POST
def export(request: Request) -> HttpResponse:
    """Everything as a zip: JSON for a program, HTML to read."""
    if not request.viewer.signed_in:
        return sign_in_first(request, back=PAGE)
    person = _whose(request)
    if person.pk != request.viewer.person_id:
        request.viewer.note_read(kind="person", subject=str(person.pk), about_person_id=person.pk, why="relative")
    content = export_file(
        person,
        readable=lambda sections: render_to_string(
            "site/my_data_file.html", {"person": person, "sections": _tables(sections), "made_at": clock.now()}, request=request
        ),
    )
    response = HttpResponse(content, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="my-data-{clock.today():%Y%m%d}.zip"'
    return response


@require_POST
def erase(request: Request) -> HttpResponse:
    """Ask to be erased, or think better of it."""
    if not request.viewer.signed_in:
        return sign_in_first(request, back=PAGE)
    person = _whose(request)
    place = _town()
    by = actor_of(request.viewer, on_behalf_of_id=person.pk if person.pk != request.viewer.person_id else None)
    try:
        if request.POST.get("go") == "withdraw":
            erasures.withdraw_erasure(person_id=person.pk, by=by, place=place)
        elif request.POST.get("sure") != "yes":
            return _page(request, person, status=422, erase_problem=_("请先勾上“我想好了”。"))
        else:
            until = due(clock.now(), _value("privacy.cooling_days").limit, calendar())
            erasures.ask_erasure(person_id=person.pk, due_at=until, by=by, place=place)
    except (erasures.ErasureAsked, erasures.NothingToWithdraw):
        # The page shows how it stands.
        return SeeOther(_back(person, request, "#erase"))
    return SeeOther(_back(person, request, "#erase"))


@require_POST
def name(request: Request) -> HttpResponse:
    """Write one's name as it should be. A name on the roll is the committee's to correct."""
    if not request.viewer.signed_in:
        return sign_in_first(request, back=PAGE)
    person = _whose(request)
    form = NameForm(request.POST)
    if is_on_a_roll(person.pk):
        return _page(request, person, status=422, name_problem=_("您的名字在业主名册上，请业委会或物业改名册。"))
    if not form.is_valid():
        return _page(request, person, status=422, name_form=form)
    try:
        actions.correct_name(person_id=person.pk, name=form.cleaned_data["name"], by=actor_of(request.viewer), place=_town())
    except ValueError:
        return _page(request, person, status=422, name_problem=_("怎么称呼您？写姓名就行。"))
    return SeeOther(_back(person, request, "#contact"))


@require_POST
def phone(request: Request) -> HttpResponse:
    """Change to another phone, after its code was right."""
    if not request.viewer.signed_in:
        return sign_in_first(request, back=PAGE)
    person = Person.objects.get(pk=request.viewer.own_id)
    form = PhoneForm(request.POST)
    context: dict[str, Any] = {"phone_form": form, "typed_phone": request.POST.get("phone", "")[:30]}
    if not form.is_valid():
        return _page(request, person, status=422, **context)
    wanted = form.cleaned_data["phone"]
    try:
        if request.POST.get("go") == "code":
            actions.send_code(phone=wanted)
            return _page(request, person, phone_code=True, **context)
        context["phone_code"] = True
        code = CodeForm(request.POST)
        if not code.is_valid():
            return _page(request, person, status=422, code_form=code, **context)
        account: Account = request.user  # type: ignore[assignment]
        actions.correct_phone(
            account=account,
            phone=wanted,
            code=code.cleaned_data["code"].strip(),
            by=actor_of(request.viewer),
            place=_town(),
            address=address_of(request),
        )
    except (actions.TooSoon, actions.TooManyCodes, actions.WrongCode, actions.CodeExpired, actions.LockedOut, SendingFailed) as error:
        status = 503 if isinstance(error, SendingFailed) else 422 if isinstance(error, actions.WrongCode | actions.CodeExpired) else 429
        context["phone_code"] = not isinstance(error, actions.TooManyCodes | SendingFailed)
        return _page(request, person, status=status, phone_problem=code_problem(error), **context)
    return SeeOther(f"{PAGE}#contact")


@require_POST
def mandate(request: Request) -> HttpResponse:
    """Let somebody act for oneself until a day, or end that."""
    if not request.viewer.signed_in:
        return sign_in_first(request, back=PAGE)
    person = Person.objects.get(pk=request.viewer.own_id)
    if request.POST.get("go") == "end":
        return _end_mandate(request)
    form = HelperForm(request.POST)

    def again(problem: str = "") -> HttpResponse:
        return _page(request, person, status=422, mandate_form=form, mandate_problem=problem)

    if not form.is_valid():
        return again()
    helper = person_by_contact(phone=form.cleaned_data["phone"], name=form.cleaned_data["name"])
    if helper is None:
        return again(_("没有找到这个人。请对方先用这个手机号和姓名登录一次。"))
    if helper == person.pk:
        return again(_("自己的事自己就能办，不用委托自己。"))
    until_on = form.cleaned_data["until_on"]

    def work() -> str:
        consents.give_mandate(
            person_id=person.pk,
            helper_id=helper,
            from_on=clock.today(),
            until_on=until_on,
            latest=_latest_mandate(),
            by=actor_of(request.viewer),
            place=_town(),
        )
        return f"{PAGE}#mandates"

    try:
        return once_form(request, work)
    except consents.MandateDates:
        return again(_("到哪一天为止，从今天起，不能太久。"))


def _end_mandate(request: Request) -> HttpResponse:
    given = request.POST.get("mandate", "")
    found = Mandate.objects.filter(pk=int(given)).first() if given.isdecimal() and len(given) < 18 else None
    if found is None or request.viewer.person_id not in (found.person_id, found.helper_id):
        raise Http404
    consents.end_mandate(mandate=found, by=actor_of(request.viewer), place=_town())
    return SeeOther(f"{PAGE}#mandates")
