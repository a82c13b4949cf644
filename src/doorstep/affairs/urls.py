from django.urls import path

from doorstep.affairs.views import matters as views

app_name = "affairs"
urlpatterns = [
    path("matters/", views.town_list, name="town_list"),
    path("p/<slug:code>/matters/", views.place_list, name="place_list"),
    path("my/", views.mine, name="mine"),
    path("m/<str:number>", views.thread, name="thread"),
    path("m/<str:number>/answer", views.answer, name="answer"),
    path("m/<str:number>/done", views.done, name="done"),
    path("m/<str:number>/cannot", views.cannot, name="cannot"),
    path("m/<str:number>/confirm", views.confirm, name="confirm"),
    path("m/<str:number>/dispute", views.dispute, name="dispute"),
    path("m/<str:number>/reopen", views.reopen, name="reopen"),
    path("m/<str:number>/add", views.add, name="add"),
    path("m/<str:number>/note", views.note, name="note"),
    path("m/<str:number>/withdraw", views.withdraw, name="withdraw"),
    path("m/<str:number>/assign", views.assign, name="assign"),
    path("work/", views.work, name="work"),
    path("work/<str:number>", views.work, name="work_on"),
    path("raise/", views.raise_begin, name="raise"),
    path("raise/what", views.raise_what, name="raise_what"),
    path("raise/where", views.raise_where, name="raise_where"),
    path("raise/send", views.raise_send, name="raise_send"),
    path("raise/saved", views.raise_saved, name="raise_saved"),
    path("raise/drop", views.raise_drop, name="raise_drop"),
    path("raise/done/<str:number>", views.raise_done, name="raise_done"),
    path("raise/photo/<int:photo_id>", views.draft_photo, name="draft_photo"),
]
