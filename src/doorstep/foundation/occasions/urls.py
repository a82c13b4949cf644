from django.urls import path

from doorstep.foundation.occasions import views

app_name = "occasions"
urlpatterns = [path("calendar/<slug:code>.ics", views.place_calendar, name="place_calendar")]
