from django.urls import path

from doorstep.foundation.regulations import views

app_name = "regulations"
urlpatterns = [path("", views.regulations, name="list")]
