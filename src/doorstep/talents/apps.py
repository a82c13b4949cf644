from django.apps import AppConfig


class TalentsConfig(AppConfig):
    name = "doorstep.talents"
    label = "talents"
