"""Rolecall in Django: views, templates and `user.has_perm` that ask for permissions.

INSTALLED_APPS = [..., "rolecall.django"]
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend", "rolecall.django.backend.RolesBackend"]
ROLECALL = {"ENGINE": "shop.roles.engine", "AT": "acme/{project}"}

from rolecall.django import needs

@needs("segments:edit")
def edit(request, project): ...
"""

from .config import session_of
from .views import NeedsMixin, needs

__all__ = ["NeedsMixin", "needs", "session_of"]
