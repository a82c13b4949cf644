"""Who may do what with a service."""

from doorstep.foundation.access.viewer import Viewer
from doorstep.organisations.models import Body
from doorstep.services.models import Service


def works_for(viewer: Viewer, body: Body) -> bool:
    """Works the matters of a body: offers its services, keeps its lists, makes its rota."""
    return f"body:{body.pk}" in viewer.keys


def may_offer(viewer: Viewer) -> list[int]:
    """The bodies for which this viewer may offer a service."""
    return [post.body_id for post in viewer.posts if f"body:{post.body_id}" in viewer.keys]


def runs_service(viewer: Viewer, service: Service) -> bool:
    """Works for the body, or stands there regularly. One query where the first is not so."""
    if f"body:{service.body_id}" in viewer.keys:
        return True
    return viewer.signed_in and service.regulars.filter(person_id=viewer.own_id, until=None).exists()
