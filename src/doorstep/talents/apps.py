from django.apps import AppConfig


class TalentsConfig(AppConfig):
    name = "doorstep.talents"
    label = "talents"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from doorstep.foundation.access.viewer import register_key_resolver
        from doorstep.foundation.moderation.texts import register_texts
        from doorstep.foundation.notify.queries import register_describer
        from doorstep.foundation.occasions.links import register_link
        from doorstep.foundation.search.queries import register_search_register
        from doorstep.talents import inbox, lifecycle, queries, slots, texts
        from doorstep.talents.queries import certificates

        register_key_resolver("student", queries.may_see_student)
        register_key_resolver("hours", queries.may_see_hours)
        register_key_resolver("licence", queries.may_see_licence)
        register_describer("course", inbox.courses)
        register_describer("certificate", inbox.certificates)
        register_describer("hours", inbox.hours)
        register_describer("profile", inbox.own("/talents/register/me"))
        register_describer("licence", inbox.own("/talents/hours/"))
        register_texts("profile", texts.ProfileTexts())
        register_link("course", lambda occasion: f"/talents/courses/{occasion.subject}")
        register_search_register("certificate", name=_("证书"), look_up=certificates.find)
        lifecycle.register()
        slots.register()
