from django.urls import path

from doorstep.foundation.ui import views

app_name = "ui"
urlpatterns = [
    path("language", views.language, name="language"),
    path("mode", views.mode, name="mode"),
    path("components", views.components, name="components"),
]
