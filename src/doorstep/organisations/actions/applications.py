"""Registering oneself: an enterprise, a merchant, a social body or a worker from elsewhere asks; the service centre or the village decides."""

from collections.abc import Sequence

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.identity.models import Person
from doorstep.foundation.journal.actions import actor_of, record, writing
from doorstep.foundation.journal.models import Entry
from doorstep.foundation.notify.actions import follow, tell, unfollow
from doorstep.foundation.places.models import Place
from doorstep.organisations.actions.bodies import BadUscc, NotAllowed, UsccTaken, body_of_uscc, create_body, free_code
from doorstep.organisations.actions.posts import give_post
from doorstep.organisations.models import Body, BodyApplication
from doorstep.organisations.permissions import may_decide, may_end, registrar_post
from doorstep.organisations.queries import registrars_of
from doorstep.organisations.rules import uscc as credit_code

State = BodyApplication.State
CONTACT_TITLE = "联系人"
CONTACT_TITLE_EN = "Contact"


class AskedAlready(Exception):
    """The same is waiting already: `application`."""

    def __init__(self, application: BodyApplication) -> None:
        super().__init__(application.pk)
        self.application = application


class Decided(Exception):
    """It has been decided or withdrawn."""


class NotRunning(Exception):
    """There is no registration that runs."""


class NoReason(Exception):
    """A refusal needs a reason."""


def apply_to_register(
    *, viewer: Viewer, kind: str, name: str, place: Place, uscc: str = "", phone: str = "", offers: str = ""
) -> BodyApplication:
    """Ask to be registered at a place. A body names its credit code; a worker has none. Raises BadUscc, UsccTaken, AskedAlready."""
    if viewer.person_id is None:
        raise NotAllowed
    code = ""
    if kind != BodyApplication.Kind.WORKER:
        code = credit_code.normal(uscc)
        reason = credit_code.fault(code)
        if reason is not None:
            raise BadUscc(reason)
        taken = body_of_uscc(code)
        if taken is not None:
            raise UsccTaken(taken)
    with writing():
        Person.objects.select_for_update().get(pk=viewer.person_id)
        same = BodyApplication.objects.filter(person_id=viewer.person_id, kind=kind, uscc=code, place=place)
        waiting = same.filter(state__in=[State.WAITING, State.ACCEPTED] if kind == BodyApplication.Kind.WORKER else [State.WAITING]).first()
        if waiting is not None:
            raise AskedAlready(waiting)
        application = BodyApplication.objects.create(
            kind=kind,
            name=name.strip(),
            uscc=code,
            place=place,
            person_id=viewer.person_id,
            phone=phone.strip(),
            offers=offers.strip(),
            asked_at=clock.now(),
        )
        entry = _entry(application, "register_asked", viewer)
        tell(entry=entry, to=registrars_of(place))
    return application


def accept_application(*, viewer: Viewer, application: BodyApplication) -> BodyApplication:
    """Register what was asked for: a body whose contact is the one who asked; a worker gets the key `registered:<place>`, hears of the place
    from now on and is asked in. Raises UsccTaken."""
    with writing():
        application = _waiting(viewer, application)
        if application.kind != BodyApplication.Kind.WORKER:
            application.body = _registered(viewer, application)
        else:
            follow(viewer=Viewer(person_id=application.person_id), kind="place", subject=application.place.code)
        _decide(viewer, application, State.ACCEPTED, ())
    return application


def refuse_application(*, viewer: Viewer, application: BodyApplication, reasons: Sequence[str]) -> BodyApplication:
    if not reasons:
        raise NoReason
    with writing():
        application = _waiting(viewer, application)
        _decide(viewer, application, State.REFUSED, reasons)
    return application


def withdraw_application(*, viewer: Viewer, application: BodyApplication) -> BodyApplication:
    with writing():
        application = BodyApplication.objects.select_for_update(of=("self",)).select_related("place").get(pk=application.pk)
        if application.person_id != viewer.own_id:
            raise NotAllowed
        if application.state != State.WAITING:
            raise Decided(application.pk)
        application.state, application.decided_at = State.WITHDRAWN, clock.now()
        application.save(update_fields=["state", "decided_at"])
        _entry(application, "register_withdrawn", viewer)
    return application


def end_registration(*, viewer: Viewer, application: BodyApplication) -> BodyApplication:
    """A worker goes elsewhere: said by themselves or by who registers there. The key, and hearing of the place, end with it. Raises NotRunning."""
    with writing():
        application = BodyApplication.objects.select_for_update(of=("self",)).select_related("place").get(pk=application.pk)
        if not may_end(viewer, application):
            raise NotAllowed
        if application.kind != BodyApplication.Kind.WORKER or application.state != State.ACCEPTED:
            raise NotRunning(application.pk)
        application.state, application.ended_at = State.ENDED, clock.now()
        application.save(update_fields=["state", "ended_at"])
        unfollow(viewer=Viewer(person_id=application.person_id), kind="place", subject=application.place.code)
        entry = _entry(application, "register_ended", viewer)
        tell(entry=entry, to=[f"person:{application.person_id}"])
    return application


def _registered(viewer: Viewer, application: BodyApplication) -> Body:
    by = actor_of(viewer, post=registrar_post(viewer, application.place.lineage))
    body = create_body(
        code=free_code(application.place, application.kind),
        kind=application.kind,
        name=application.name,
        place=application.place,
        by=by,
        uscc=application.uscc,
        phone=application.phone,
    )
    give_post(
        body=body,
        title=CONTACT_TITLE,
        title_en=CONTACT_TITLE_EN,
        person=application.person,
        held_from=clock.today(),
        by=by,
        handles_matters=False,
    )
    return body


def _waiting(viewer: Viewer, application: BodyApplication) -> BodyApplication:
    application = BodyApplication.objects.select_for_update(of=("self",)).select_related("place", "person").get(pk=application.pk)
    if not may_decide(viewer, application):
        raise NotAllowed
    if application.state != State.WAITING:
        raise Decided(application.pk)
    return application


def _decide(viewer: Viewer, application: BodyApplication, state: str, reasons: Sequence[str]) -> None:
    post = registrar_post(viewer, application.place.lineage)
    application.state, application.reasons, application.decided_at = state, list(reasons), clock.now()
    application.decided_by_id = post.id if post else None
    application.save()
    verb = "register_accepted" if state == State.ACCEPTED else "register_refused"
    entry = _entry(application, verb, viewer, reasons)
    tell(entry=entry, to=[f"person:{application.person_id}"])


def _entry(application: BodyApplication, verb: str, viewer: Viewer, reasons: Sequence[str] = ()) -> Entry:
    return record(
        verb=verb,
        kind="application",
        subject=str(application.pk),
        place=application.place,
        by=actor_of(viewer, post=registrar_post(viewer, application.place.lineage)),
        audience=f"application:{application.pk}",
        because=reasons,
        detail={"kind": application.kind, "body": application.body.code if application.body else None},
    )
