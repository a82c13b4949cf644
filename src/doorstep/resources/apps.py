from django.apps import AppConfig


class ResourcesConfig(AppConfig):
    name = "doorstep.resources"
    label = "resources"
