from django.apps import AppConfig


class FoundationConfig(AppConfig):
    name = "doorstep.foundation"
    label = "foundation"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from doorstep.foundation.journal.names import register_verbs

        register_verbs("place", {"place_created": _("登记了这个地方")})
