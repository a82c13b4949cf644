from django.apps import AppConfig


class ServicesConfig(AppConfig):
    name = "doorstep.services"
    label = "services"

    def ready(self) -> None:
        from doorstep.foundation.access.viewer import register_key_resolver
        from doorstep.foundation.moderation.texts import register_texts
        from doorstep.foundation.notify.actions import register_expander
        from doorstep.foundation.notify.queries import register_describer
        from doorstep.foundation.occasions.links import register_link
        from doorstep.organisations.queries.participation import register_participation
        from doorstep.services import inbox, lifecycle, queries, slots, texts

        register_key_resolver("service", queries.may_run)
        register_expander("service", queries.running)
        register_key_resolver("reading", queries.may_see_reading)
        register_texts("point", texts.PointTexts())
        register_link("service", lambda occasion: f"/sessions/{occasion.code}")
        register_describer("service", inbox.describe)
        register_describer("rota", inbox.describe_rota)
        register_participation("service", queries.took_part)
        lifecycle.register()
        slots.register()
