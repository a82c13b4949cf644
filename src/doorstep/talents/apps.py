from django.apps import AppConfig


class TalentsConfig(AppConfig):
    name = "doorstep.talents"
    label = "talents"

    def ready(self) -> None:
        from doorstep.foundation.access.viewer import register_key_resolver
        from doorstep.talents import queries

        register_key_resolver("student", queries.may_see_student)
        register_key_resolver("hours", queries.may_see_hours)
        register_key_resolver("licence", queries.may_see_licence)
