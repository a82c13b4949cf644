from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    name = "doorstep.organisations"
    label = "organisations"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy

        from doorstep.foundation.access.viewer import register_key_resolver, register_viewer_provider
        from doorstep.foundation.identity.actions import register_recogniser
        from doorstep.foundation.notify.actions import register_expander
        from doorstep.foundation.notify.queries import register_describer
        from doorstep.foundation.search.queries import register_search_register
        from doorstep.organisations import inbox, lifecycle, queries, slots
        from doorstep.organisations.queries import applications, papers, residence

        register_viewer_provider(queries.viewer_contribution)
        register_viewer_provider(queries.residence_contribution, later=True)
        register_expander("body", queries.working_for)
        register_expander("moderators", queries.moderating)
        register_search_register("body", name=gettext_lazy("机构"), look_up=queries.find_bodies)
        register_search_register("body_text", name=gettext_lazy("机构发布的"), look_up=papers.find_texts)
        register_describer("residence", residence.describe)
        register_recogniser(residence.knows_room)
        register_key_resolver("application", applications.may_see_key)
        register_describer("body", inbox.describe_bodies)
        register_describer("party", inbox.describe_members)
        register_describer("application", inbox.describe_applications)
        lifecycle.register()
        slots.register()
