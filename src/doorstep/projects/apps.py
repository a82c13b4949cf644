from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "doorstep.projects"
    label = "projects"
