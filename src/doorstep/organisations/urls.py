from django.urls import path

from doorstep.organisations import roll_views, views

app_name = "organisations"
urlpatterns = [
    path("organisations/", views.organisations, name="organisations"),
    path("organisations/<slug:code>", views.body, name="body"),
    path("p/<slug:code>/organisations/", views.place_organisations, name="place_organisations"),
    path("p/<slug:code>/roll/", roll_views.roll, name="roll"),
    path("p/<slug:code>/roll/<int:import_id>", roll_views.preview, name="roll_preview"),
    path("p/<slug:code>/roll/<int:import_id>/write", roll_views.write, name="roll_write"),
    path("p/<slug:code>/roll/<int:import_id>/drop", roll_views.drop, name="roll_drop"),
]
