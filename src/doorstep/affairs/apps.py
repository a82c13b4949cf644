from django.apps import AppConfig


class AffairsConfig(AppConfig):
    name = "doorstep.affairs"
    label = "affairs"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from doorstep.affairs import inbox, lifecycle, queries, search, slots, texts, vote_lifecycle
        from doorstep.affairs.queries import taking_part, votes
        from doorstep.foundation.access.viewer import register_key_resolver
        from doorstep.foundation.files.queries import register_file_reader
        from doorstep.foundation.identity.consents import Purpose, register_purpose
        from doorstep.foundation.moderation.texts import register_texts
        from doorstep.foundation.notify.actions import register_expander
        from doorstep.foundation.notify.queries import register_describer
        from doorstep.foundation.search.actions import register_search_rebuild
        from doorstep.foundation.search.queries import register_search_kind, register_search_register
        from doorstep.organisations.queries.participation import register_participation

        register_key_resolver("matter", queries.may_see_matter)
        register_key_resolver("hidden", texts.may_see_hidden)
        register_key_resolver("draft", queries.may_see_draft)
        register_key_resolver("tellers", votes.is_teller)
        register_key_resolver("voters", votes.is_voter)
        register_file_reader("matter", queries.file_read)
        register_file_reader("tellers", votes.scan_read)
        register_expander("voters", votes.expand_voters)
        register_expander("unvoted", votes.expand_unvoted)
        register_describer("matter", inbox.describe)
        register_describer("vote", inbox.describe_votes)
        register_texts("matter", texts.MatterTexts())
        register_search_kind("matter", name=_("大家的事"), describe=search.describe)
        register_search_register("question", name=_("常问的事"), look_up=search.find_questions)
        register_search_register("vote", name=_("业主表决"), look_up=search.find_votes)
        register_search_rebuild("matter", search.documents)
        register_purpose(
            Purpose(lifecycle.NAME_SHOWN, "1", _("写名字"), _("我说的事公开的时候，可以写我的名字。收回以后，所有页面马上不写。"))
        )
        register_participation("affairs", taking_part.took_part)
        lifecycle.register()
        vote_lifecycle.register()
        slots.register()
