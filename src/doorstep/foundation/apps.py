from django.apps import AppConfig


class FoundationConfig(AppConfig):
    name = "doorstep.foundation"
    label = "foundation"
