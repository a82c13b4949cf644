from django.apps import AppConfig


class ServicesConfig(AppConfig):
    name = "doorstep.services"
    label = "services"
