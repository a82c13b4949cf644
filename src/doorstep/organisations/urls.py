from django.urls import path

from doorstep.organisations import residence_views, roll_views, views

app_name = "organisations"
urlpatterns = [
    path("organisations/", views.organisations, name="organisations"),
    path("organisations/<slug:code>", views.body, name="body"),
    path("p/<slug:code>/organisations/", views.place_organisations, name="place_organisations"),
    path("my/home/", residence_views.home, name="home"),
    path("my/home/code", residence_views.home_code, name="home_code"),
    path("my/home/claim", residence_views.claim, name="claim"),
    path("my/home/invite", residence_views.invite, name="invite"),
    path("my/home/<int:residence_id>/leave", residence_views.leave, name="leave"),
    path("my/home/<int:residence_id>/death", residence_views.death, name="death"),
    path("join/<str:code>", residence_views.join, name="join"),
    path("p/<slug:code>/residents/", residence_views.residents, name="residents"),
    path("p/<slug:code>/residents/codes", residence_views.codes, name="codes"),
    path("p/<slug:code>/residents/claims/<int:claim_id>", residence_views.decide_claim, name="decide_claim"),
    path("p/<slug:code>/residents/deaths/<int:death_id>", residence_views.decide_death, name="decide_death"),
    path("p/<slug:code>/residents/<int:residence_id>/paper", residence_views.paper, name="paper"),
    path("p/<slug:code>/residents/<int:residence_id>/mandate", residence_views.paper_mandate, name="paper_mandate"),
    path("p/<slug:code>/merges/", residence_views.propose_merge, name="propose_merge"),
    path("p/<slug:code>/merges/<int:merge_id>", residence_views.merge, name="merge"),
    path("p/<slug:code>/roll/", roll_views.roll, name="roll"),
    path("p/<slug:code>/roll/<int:import_id>", roll_views.preview, name="roll_preview"),
    path("p/<slug:code>/roll/<int:import_id>/write", roll_views.write, name="roll_write"),
    path("p/<slug:code>/roll/<int:import_id>/drop", roll_views.drop, name="roll_drop"),
]
