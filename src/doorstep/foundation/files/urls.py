from django.urls import re_path

from doorstep.foundation.files import views

app_name = "files"
urlpatterns = [
    re_path(r"^(?P<token>[\w-]{10,40})/(?P<size>full|small)\.jpg$", views.photo, name="photo"),
    re_path(r"^(?P<token>[\w-]{10,40})/scan\.pdf$", views.scan, name="scan"),
    re_path(r"^(?P<token>[\w-]{10,40})/voice$", views.voice, name="voice"),
]
