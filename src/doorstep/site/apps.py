from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "doorstep.site"
    label = "site"

    def ready(self) -> None:
        from django.utils.translation import gettext as _

        from doorstep.foundation.access.viewer import Viewer
        from doorstep.foundation.moderation.permissions import may_moderate
        from doorstep.foundation.moderation.queries import waiting_count
        from doorstep.foundation.notify.queries import unread_count
        from doorstep.foundation.ui.slots import NavItem, register_nav
        from doorstep.site import database

        def moderation_nav(viewer: Viewer) -> list[NavItem]:
            if not may_moderate(viewer):
                return []
            return [NavItem(_("不妥的话"), "/moderation/", "shield", ("/moderation/",), badge=waiting_count(viewer))]

        def nav(viewer: Viewer) -> list[NavItem]:
            home = [NavItem(_("首页"), "/", "home")]
            return [*home, NavItem(_("消息"), "/inbox/", "inbox", ("/inbox/",), badge=unread_count(viewer))] if viewer.signed_in else home

        database.register()
        register_nav(nav, order=10)
        register_nav(moderation_nav, order=25)
