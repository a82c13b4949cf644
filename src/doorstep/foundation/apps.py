from django.apps import AppConfig


class FoundationConfig(AppConfig):
    name = "doorstep.foundation"
    label = "foundation"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from doorstep.foundation.access.viewer import register_key_resolver
        from doorstep.foundation.journal.names import register_verbs
        from doorstep.foundation.moderation import queries as moderation
        from doorstep.foundation.moderation.permissions import is_moderators_key
        from doorstep.foundation.notify.queries import register_describer
        from doorstep.foundation.occasions import inbox, queries

        register_verbs("place", {"place_created": _("登记了这个地方")})
        register_verbs("occasion", inbox.VERBS)
        register_verbs("series", inbox.SERIES_VERBS)
        register_verbs(
            "moderation",
            {
                "complain": _("有人觉得不妥"),
                "hold": _("先看一看再公开"),
                "hide": _("隐藏了"),
                "show": _("没有问题，公开"),
                "appeal": _("作者不同意"),
            },
        )
        register_verbs("regulation", {"regulation_set": _("镇里定了自己的数"), "workdays_set": _("登记了放假安排")})
        register_key_resolver("moderators", is_moderators_key)
        register_key_resolver("case", moderation.is_cases_key)
        register_describer("moderation", moderation.describe)
        register_key_resolver("occasion", queries.may_see_occasion)
        register_key_resolver("signup", queries.may_see_sign_up)
        register_describer("occasion", inbox.describe)
