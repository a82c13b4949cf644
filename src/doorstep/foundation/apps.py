from django.apps import AppConfig


class FoundationConfig(AppConfig):
    name = "doorstep.foundation"
    label = "foundation"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from doorstep.foundation.access.viewer import register_key_resolver
        from doorstep.foundation.journal.names import register_verbs
        from doorstep.foundation.notify.queries import register_describer
        from doorstep.foundation.occasions import inbox, queries

        register_verbs("place", {"place_created": _("登记了这个地方")})
        register_verbs("occasion", inbox.VERBS)
        register_verbs("series", inbox.SERIES_VERBS)
        register_key_resolver("occasion", queries.may_see_occasion)
        register_key_resolver("signup", queries.may_see_sign_up)
        register_describer("occasion", inbox.describe)
