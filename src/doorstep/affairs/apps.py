from django.apps import AppConfig


class AffairsConfig(AppConfig):
    name = "doorstep.affairs"
    label = "affairs"

    def ready(self) -> None:
        from doorstep.affairs import inbox, queries, slots
        from doorstep.affairs.queries import votes
        from doorstep.foundation.access.viewer import register_key_resolver
        from doorstep.foundation.notify.actions import register_expander
        from doorstep.foundation.notify.queries import register_describer

        register_key_resolver("matter", queries.may_see_matter)
        register_key_resolver("draft", queries.may_see_draft)
        register_key_resolver("tellers", votes.is_teller)
        register_key_resolver("voters", votes.is_voter)
        register_expander("voters", votes.expand_voters)
        register_describer("matter", inbox.describe)
        register_describer("vote", inbox.describe_votes)
        slots.register()
