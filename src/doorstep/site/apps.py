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
        from doorstep.foundation.places.queries import town
        from doorstep.foundation.regulations.queries import year_to_enter
        from doorstep.foundation.ui.slots import NavItem, Todo, register_nav, register_todo
        from doorstep.site import database, worded

        def moderation_nav(viewer: Viewer) -> list[NavItem]:
            if not may_moderate(viewer):
                return []
            return [NavItem(_("不妥的话"), "/moderation/", "shield", ("/moderation/",), badge=waiting_count(viewer))]

        def nav(viewer: Viewer) -> list[NavItem]:
            home = [NavItem(_("首页"), "/", "home")]
            return [*home, NavItem(_("消息"), "/inbox/", "inbox", ("/inbox/",), badge=unread_count(viewer))] if viewer.signed_in else home

        def calendar_todo(viewer: Viewer) -> list[Todo]:
            place = town() if viewer.is_town_admin else None
            year = year_to_enter(place) if place is not None else None
            says = _("%(year)s 年的放假安排还没登记，期限暂按周六周日休息来算。登记一下。")
            return [Todo(says % {"year": year}, "/regulations/workdays")] if year is not None else []

        database.register()
        worded.register()
        register_todo(calendar_todo)
        register_nav(nav, order=10)
        register_nav(moderation_nav, order=25)
