"""The yardstick: a bare Django list, detail page and insert, with the usual seven middlewares and nothing else. Settings, table, pages and application in one file.

`python -m bench.bare` makes its database (BARE_DATABASE) with 10,000 rows.
"""

import os
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

ROWS = 10_000
BASE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{% block title %}{% endblock %}</title></head>
<body><header><a href="/list/">Notes</a></header><main>{% block main %}{% endblock %}</main><footer>A yardstick</footer></body></html>"""
LIST = """{% extends "base.html" %}{% block title %}Notes{% endblock %}{% block main %}<h1>Notes</h1><ul>{% for note in notes %}
<li><a href="{% url 'detail' note.pk %}">{{ note.title }}</a> <span>{{ note.made_at|date:"Y-m-d H:i" }}</span> <span>{{ note.changed_at|date:"j M Y" }}</span>
<p>{{ note.text|truncatewords:12 }}</p></li>{% endfor %}</ul>{% endblock %}"""
DETAIL = """{% extends "base.html" %}{% block title %}{{ note.title }}{% endblock %}{% block main %}<h1>{{ note.title }}</h1>
<p>{{ note.made_at|date:"Y-m-d H:i" }}</p><p>{{ note.text }}</p>{% endblock %}"""

settings.configure(
    SECRET_KEY="of-the-yardstick",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF="bench.bare",
    USE_TZ=True,
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": os.environ["BARE_DATABASE"],
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
        }
    },
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "django.contrib.messages"],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ],
                "loaders": [("django.template.loaders.locmem.Loader", {"base.html": BASE, "list.html": LIST, "detail.html": DETAIL})],
            },
        }
    ],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
)
application = get_wsgi_application()

from django.db import connection, models  # noqa: E402  the table needs the settings
from django.shortcuts import get_object_or_404, render  # noqa: E402
from django.urls import path  # noqa: E402
from django.views.decorators.csrf import csrf_exempt  # noqa: E402


class Note(models.Model):
    title = models.CharField(max_length=80)
    text = models.TextField()
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        app_label = "bare"
        indexes = [models.Index(fields=["-made_at", "-id"], name="bare_newest")]

    def __str__(self) -> str:
        return self.title


def newest(request: HttpRequest) -> HttpResponse:
    return render(request, "list.html", {"notes": Note.objects.order_by("-made_at", "-id")[:20]})


def detail(request: HttpRequest, pk: int) -> HttpResponse:
    return render(request, "detail.html", {"note": get_object_or_404(Note, pk=pk)})


@csrf_exempt
def new(request: HttpRequest) -> HttpResponse:
    # Older than what the list shows, so that the list stays what it was.
    at = datetime(2025, 1, 1, tzinfo=UTC)
    made = Note.objects.create(title=request.POST["title"], text=request.POST["text"], made_at=at, changed_at=at)
    return HttpResponseRedirect(f"/list/{made.pk}/")


urlpatterns: list[Any] = [path("list/", newest), path("list/<int:pk>/", detail, name="detail"), path("new/", new)]


def main() -> None:
    with connection.schema_editor() as editor:
        editor.create_model(Note)
    began = datetime(2026, 1, 1, tzinfo=UTC)
    text = "The lamp in the stairway is out and the steps cannot be seen at night; somebody came on Tuesday and it was out again on Friday."
    Note.objects.bulk_create(
        [
            Note(
                title=f"Note {n}: the lamp is out", text=text, made_at=began + timedelta(minutes=n), changed_at=began + timedelta(minutes=n)
            )
            for n in range(ROWS)
        ],
        batch_size=1000,
    )


if __name__ == "__main__":
    sys.exit(main())
