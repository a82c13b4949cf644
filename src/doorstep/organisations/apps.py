from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    name = "doorstep.organisations"
    label = "organisations"

    def ready(self) -> None:
        from doorstep.foundation.access.viewer import register_viewer_provider
        from doorstep.foundation.notify.actions import register_expander
        from doorstep.organisations import queries, slots

        register_viewer_provider(queries.viewer_contribution)
        register_viewer_provider(queries.residence_contribution)
        register_expander("body", queries.working_for)
        slots.register()
