from django.urls import include, path
from django.views.generic import RedirectView

from doorstep.site import data_views, moderating, notices, regulating, setup_views, views
from doorstep.site.api import api

urlpatterns = [
    # What programs ask most stands first: addresses are compared in this order.
    path("api/v1/", RedirectView.as_view(url="/api/v1/docs"), name="api_beginning"),
    path("api/v1/", api.urls),
    path("", views.home, name="home"),
    path("p/<slug:code>/", views.place, name="place"),
    path("p/<slug:code>/setup/", setup_views.setup, name="setup"),
    path("p/<slug:code>/setup/place", setup_views.setup_place, name="setup_place"),
    path("p/<slug:code>/setup/plan", setup_views.setup_plan, name="setup_plan"),
    path("p/<slug:code>/setup/contacts", setup_views.setup_contacts, name="setup_contacts"),
    path("p/<slug:code>/setup/qr", setup_views.setup_qr, name="setup_qr"),
    path("p/<slug:code>/setup/notice", setup_views.setup_notice, name="setup_notice"),
    path("my/reads", views.my_reads, name="my_reads"),
    path("my/journal", views.my_journal, name="my_journal"),
    path("search/", views.search, name="search"),
    path("regulations/own", regulating.own_values, name="own_values"),
    path("regulations/workdays", regulating.workdays, name="workdays"),
    path("complain", moderating.complain, name="complain"),
    path("complain/done", moderating.complained, name="complained"),
    path("moderation/", moderating.queue, name="moderation"),
    path("moderation/rules", moderating.rules, name="moderation_rules"),
    path("moderation/<int:case_id>", moderating.case, name="moderation_case"),
    path("moderation/<int:case_id>/decide", moderating.decide, name="moderation_decide"),
    path("moderation/<int:case_id>/appeal", moderating.appeal, name="moderation_appeal"),
    path("notices/", notices.settings_page, name="notices"),
    path("notices/confirm/<str:token>", notices.confirm, name="confirm_address"),
    path("notices/stop/<str:token>", notices.stop, name="stop_mail"),
    path("notices/undelivered", notices.undelivered, name="undelivered"),
    path("notices/again", notices.try_again, name="try_again"),
    path("follow", notices.follow, name="follow"),
    path("my/data", data_views.my_data, name="my_data"),
    path("my/data/consent", data_views.consent, name="my_data_consent"),
    path("my/data/export", data_views.export, name="my_data_export"),
    path("my/data/erase", data_views.erase, name="my_data_erase"),
    path("my/data/name", data_views.name, name="my_data_name"),
    path("my/data/phone", data_views.phone, name="my_data_phone"),
    path("my/data/mandate", data_views.mandate, name="my_data_mandate"),
    path("inbox/", views.inbox, name="inbox"),
    path("inbox/read", views.inbox_read, name="inbox_read"),
    path("inbox/<int:item_id>", views.inbox_open, name="inbox_open"),
    path("", include("doorstep.affairs.urls")),
    path("", include("doorstep.services.urls")),
    path("", include("doorstep.organisations.urls")),
    path("", include("doorstep.talents.urls")),
    path("", include("doorstep.foundation.identity.urls")),
    path("", include("doorstep.foundation.occasions.urls")),
    path("files/", include("doorstep.foundation.files.urls")),
    path("journal/", include("doorstep.foundation.journal.urls")),
    path("regulations/", include("doorstep.foundation.regulations.urls")),
    path("ui/", include("doorstep.foundation.ui.urls")),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("metrics", views.metrics_page, name="metrics"),
]
handler400 = "doorstep.site.errors.bad_request"
handler403 = "doorstep.site.errors.forbidden"
handler404 = "doorstep.site.errors.not_found"
handler500 = "doorstep.site.errors.broken"
