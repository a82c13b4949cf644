from django.urls import path

from doorstep.foundation.journal import views

app_name = "journal"
urlpatterns = [
    path("", views.page, name="page"),
    path("heads.json", views.heads, name="heads"),
    path("heads/latest.json", views.latest, name="latest"),
    path("keys.json", views.keys, name="keys"),
    path("proof.json", views.proof, name="proof"),
    path("consistency.json", views.consistency, name="consistency"),
]
