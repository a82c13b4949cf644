from django.urls import path

from doorstep.foundation.identity import views

app_name = "identity"
urlpatterns = [
    path("login/", views.login, name="login"),
    path("login/code", views.by_phone, name="by_phone"),
    path("login/password", views.by_password, name="by_password"),
    path("login/new/<str:token>", views.new_password, name="new_password"),
    path("logout", views.logout, name="logout"),
    path("account/security", views.security, name="security"),
]
