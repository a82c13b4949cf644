"""Checking a certificate: the page anybody may open, and what machines read: badges, keys, the list of those that were stopped."""

from typing import Any

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from doorstep.foundation import clock
from doorstep.foundation.access.request import Request
from doorstep.foundation.ui.web import pdf_answer
from doorstep.organisations.models import Body
from doorstep.organisations.queries import body_by_code
from doorstep.talents import openbadges, papers
from doorstep.talents.actions import STOP_REASONS
from doorstep.talents.models import BadgeKey, Certificate, CertificateTerm
from doorstep.talents.queries.certificates import Checked, certificate_by_number
from doorstep.talents.rules.standing import Standing

JWT, JSON = "application/vc+jwt", "application/vc+ld+json"
# What may be kept by whoever checks, and for how long (seconds).
FRESH = 300


@require_safe
def certificate(request: Request, number: str) -> HttpResponse:
    """/certificates/<number>: how it stands today. A program that asks for JSON or a JWT gets the badge."""
    found = certificate_by_number(request.viewer, number)
    wanted = _wanted(request)
    if found is None:
        if wanted:
            return _open(
                JsonResponse({"type": "about:blank", "title": "no such certificate", "status": 404}, status=404), "application/problem+json"
            )
        return render(request, "talents/no_certificate.html", {"number": number[:60]}, status=404)
    if wanted:
        return _badge(_term(request, found), wanted)
    url = request.build_absolute_uri(f"/certificates/{found.certificate.number}")
    return _vary(
        render(
            request,
            "talents/certificate.html",
            {"found": found, "certificate": found.certificate, "standing": found.standing.value, "stops": STOP_REASONS, "url": url},
        )
    )


@require_safe
def printed(request: Request, number: str) -> HttpResponse:
    """The certificate as a sheet to print, for its holder and the issuing centre. The place of the seal is left free."""
    found = _to_print(request, number)
    url = openbadges.address(f"/certificates/{number}")
    return render(
        request,
        "talents/certificate_print.html",
        {"found": found, "certificate": found.certificate, "url": url, "valid": found.standing == Standing.VALID},
    )


@require_safe
def printed_paper(request: Request, number: str) -> HttpResponse:
    """The same as PDF, one page of A4 across; one that does not count today says so across its face."""
    facts = papers.certificate(_to_print(request, number), url=openbadges.address(f"/certificates/{number}"))
    return pdf_answer("talents/certificate.typ", facts, name=f"{number}.pdf", private=True)


def _to_print(request: Request, number: str) -> Checked:
    """The certificate for its holder and the issuing centre; to others it has no paper."""
    found = certificate_by_number(request.viewer, number)
    if found is None or not (found.is_mine or found.may_manage):
        raise Http404
    return found


@require_safe
def badge_json(request: Request, number: str) -> HttpResponse:
    return _badge(_term(request, _found(request, number)), JSON)


@require_safe
def badge_jwt(request: Request, number: str) -> HttpResponse:
    return _badge(_term(request, _found(request, number)), JWT)


@require_safe
def keys(request: Request) -> HttpResponse:
    """The JWK set of every key that ever signed a badge."""
    return _open(JsonResponse(openbadges.key_set()), "application/jwk-set+json")


@require_safe
def key(request: Request, key_id: str) -> HttpResponse:
    found = BadgeKey.objects.filter(key_id=key_id).first()
    if found is None:
        raise Http404
    return _open(JsonResponse(openbadges.jwk(found)), "application/jwk+json")


@require_safe
def status_list(request: Request, code: str, purpose: str) -> HttpResponse:
    """An issuer's status list of one purpose, signed: what badges name. Who never gave a certificate has none."""
    issuer = _issuer(code)
    if purpose not in openbadges.PURPOSES or not Certificate.objects.filter(issuer=issuer).exists():
        raise Http404
    signed = openbadges.status_list_credential(issuer, openbadges.Purpose(purpose), now=clock.now())
    return _open(HttpResponse(signed), JWT)


@require_safe
def status(request: Request, code: str) -> HttpResponse:
    """The older list of what an issuer revoked or suspended, for badges that name it."""
    return _open(JsonResponse(openbadges.revocation_list(_issuer(code))), "application/json")


@require_safe
def achievement(request: Request) -> HttpResponse:
    return _open(JsonResponse(openbadges.achievement()), "application/json")


@require_safe
def issuer(request: Request, code: str) -> HttpResponse:
    return _open(JsonResponse(openbadges.issuer_profile(_issuer(code))), "application/json")


def _issuer(code: str) -> Body:
    body = body_by_code(code)
    if body is None:
        raise Http404
    return body


def _found(request: Request, number: str) -> Checked:
    found = certificate_by_number(request.viewer, number)
    if found is None:
        raise Http404
    return found


def _term(request: Request, found: Checked) -> CertificateTerm:
    """The term that was asked for by its last day, else the one that runs."""
    wanted = request.GET.get("term", "")
    if not wanted:
        return found.badge
    term = next((term for term in found.terms if term.valid_until.isoformat() == wanted), None)
    if term is None:
        raise Http404
    return term


def _wanted(request: Request) -> str:
    """JWT or JSON where the client names one of them and not HTML."""
    accept = request.headers.get("Accept", "")
    if "text/html" in accept:
        return ""
    if JWT in accept or "application/jwt" in accept:
        return JWT
    return JSON if "json" in accept else ""


def _badge(term: CertificateTerm, kind: str) -> HttpResponse:
    if kind == JWT:
        return _open(HttpResponse(term.badge), JWT)
    return _open(JsonResponse(openbadges.payload(term.badge), json_dumps_params={"ensure_ascii": False}), JSON)


def _open(response: Any, content_type: str) -> HttpResponse:
    """Public and readable from any page of the web: whoever checks a badge is not one of us."""
    response["Content-Type"] = content_type
    response["Access-Control-Allow-Origin"] = "*"
    response["Cache-Control"] = f"public, max-age={FRESH}"
    return _vary(response)


def _vary(response: Any) -> HttpResponse:
    response["Vary"] = "Accept, Cookie, Accept-Language"
    kept: HttpResponse = response
    return kept
