"""The application `rolecall.django`."""

from django.apps import AppConfig  # type: ignore[import-untyped]


class RolecallConfig(AppConfig):  # type: ignore[misc]
    """Makes `{% load rolecall %}` available."""

    name = "rolecall.django"
    label = "rolecall"
