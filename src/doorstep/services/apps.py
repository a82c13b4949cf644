from django.apps import AppConfig


class ServicesConfig(AppConfig):
    name = "doorstep.services"
    label = "services"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from doorstep.foundation.access.viewer import register_key_resolver
        from doorstep.foundation.moderation.texts import register_texts
        from doorstep.foundation.notify.actions import register_expander
        from doorstep.foundation.notify.queries import register_describer
        from doorstep.foundation.occasions.links import register_link
        from doorstep.foundation.search.queries import register_search_register
        from doorstep.organisations.queries.participation import register_participation
        from doorstep.services import inbox, lifecycle, queries, search, slots, texts

        register_key_resolver("service", queries.may_run)
        register_expander("service", queries.running)
        register_key_resolver("reading", queries.may_see_reading)
        register_texts("point", texts.PointTexts())
        register_link("service", lambda occasion: f"/sessions/{occasion.code}")
        register_describer("service", inbox.describe)
        register_describer("rota", inbox.describe_rota)
        register_participation("service", queries.took_part)
        register_search_register("service", name=_("服务"), look_up=search.find_services)
        register_search_register("session", name=_("场次"), look_up=search.find_sessions)
        lifecycle.register()
        slots.register()
