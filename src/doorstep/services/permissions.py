"""Who may do what with a service; and keyed digests, so that nobody says a thing twice and no private address is guessed."""

import hashlib
import hmac

from django.conf import settings

from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.places.models import Place
from doorstep.organisations.models import Body
from doorstep.organisations.permissions import registrar_post
from doorstep.services.models import Service

MAC = 20


def works_for(viewer: Viewer, body: Body) -> bool:
    """Works the matters of a body: offers its services, keeps its lists, makes its rota."""
    return body.pk in viewer.bodies


def may_offer(viewer: Viewer) -> list[int]:
    """The bodies for which this viewer may offer a service."""
    return [post.body_id for post in viewer.posts if post.body_id in viewer.bodies]


def may_count(viewer: Viewer, estate: Place) -> bool:
    """The service centre, village organisation or committee at or above an estate counts who lives in its buildings; the administrator sets up."""
    return viewer.is_town_admin or registrar_post(viewer, estate.lineage) is not None


def may_keep_venue(viewer: Viewer, venue: Place) -> bool:
    """Holds a post of a body at the venue, a café's keeper too who works no matters; works for one of the place it lies in; whoever counts
    there; the administrator."""
    around = venue.lineage.rpartition("/")[0]
    return may_count(viewer, venue) or any(
        post.lineage == venue.lineage or (post.lineage == around and post.body_id in viewer.bodies) for post in viewer.posts
    )


def runs_service(viewer: Viewer, service: Service) -> bool:
    """Works for the body, or stands there regularly. One query where the first is not so."""
    if service.body_id in viewer.bodies:
        return True
    return viewer.signed_in and service.regulars.filter(person_id=viewer.own_id, until=None).exists()


def feedback_digest(occasion_code: str, person_id: int) -> str:
    """What stands beside an opinion in place of who gave it."""
    return _mac(f"feedback|{occasion_code}|{person_id}")


def calendar_token(name: str) -> str:
    """The secret part of a person's own calendar address."""
    return f"{name}-{_mac(f'calendar|{name}')[:MAC]}"


def name_of_token(token: str) -> str | None:
    """The key's name in an address; None where the digest does not fit."""
    name = token.partition("-")[0]
    return name if hmac.compare_digest(calendar_token(name).encode(), token.encode()) else None


def _mac(text: str) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()
