from django.apps import AppConfig


class FoundationConfig(AppConfig):
    name = "doorstep.foundation"
    label = "foundation"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in
        from django.utils.translation import gettext_lazy as _

        from doorstep.foundation.access.viewer import register_key_resolver, register_viewer_provider
        from doorstep.foundation.files import lifecycle as files
        from doorstep.foundation.identity import columns, queries
        from doorstep.foundation.identity.consents import Purpose, register_purpose
        from doorstep.foundation.identity.sessions import begin_idle_anew
        from doorstep.foundation.journal.names import register_verbs
        from doorstep.foundation.moderation import lifecycle as moderated
        from doorstep.foundation.moderation import queries as moderation
        from doorstep.foundation.moderation.permissions import is_moderators_key
        from doorstep.foundation.notify import lifecycle as notify
        from doorstep.foundation.notify.queries import register_describer
        from doorstep.foundation.occasions import inbox
        from doorstep.foundation.occasions import lifecycle as occasions
        from doorstep.foundation.occasions import queries as occasion_queries
        from doorstep.foundation.regulations import lifecycle as regulations

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
        register_key_resolver("occasion", occasion_queries.may_see_occasion)
        register_key_resolver("signup", occasion_queries.may_see_sign_up)
        register_describer("occasion", inbox.describe)
        register_verbs(
            "person",
            {
                "consent_given": _("同意了一项用途"),
                "consent_withdrawn": _("收回了同意"),
                "mandate_given": _("请人代办"),
                "mandate_ended": _("不再请人代办"),
                "merge_proposed": _("有人说两份登记是同一个人"),
                "merge_confirmed": _("两份登记并成一个人"),
                "merge_refused": _("两份登记不是同一个人"),
                "merge_undone": _("合并撤回了"),
                "erasure_asked": _("要求注销"),
                "erasure_withdrawn": _("不注销了"),
                "person_erased": _("已经注销"),
                "death_reported": _("有人说这位已经去世"),
                "death_confirmed": _("登记了去世"),
                "death_refused": _("去世的话撤回了"),
                "contact_corrected": _("改了姓名或电话"),
                "login_opened": _("设了工作用的登录名和密码"),
                "account_reset": _("密码作废，重新定"),
                "password_chosen": _("定了新密码"),
            },
        )
        register_viewer_provider(queries.former_contribution, later=True)
        user_logged_in.connect(begin_idle_anew, dispatch_uid="begin_idle_anew")
        for room in (columns, regulations, files, notify, moderated, occasions):
            room.register()
        register_purpose(Purpose("wall", "1", _("上墙"), _("我的事可以写在公示栏和网页上，只写年龄段和片区，不写门牌。")))
        register_purpose(Purpose("photo", "1", _("照片"), _("拍到我的照片可以用在公示栏和网页上。")))
        register_purpose(Purpose("media", "1", _("媒体"), _("媒体可以报道我的事，并来找我。")))
