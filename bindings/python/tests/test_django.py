"""The application `rolecall.django`, in Django and in Django REST framework."""

from __future__ import annotations

import warnings
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import django
import pytest
from django.conf import settings

from rolecall import Engine, RequestError
from test_frameworks import DIRECTORY, POLICY, Clock

CLOCK = Clock()
ENGINE = Engine.from_dict(POLICY, DIRECTORY)
settings.configure(
    SECRET_KEY="tests",
    ALLOWED_HOSTS=["testserver"],
    ROOT_URLCONF="test_django",
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "rest_framework", "rolecall.django"],
    MIDDLEWARE=["test_django.as_user"],
    AUTHENTICATION_BACKENDS=["rolecall.django.backend.RolesBackend"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                ]
            },
        }
    ],
    REST_FRAMEWORK={"DEFAULT_AUTHENTICATION_CLASSES": []},
    ROLECALL={"ENGINE": lambda: ENGINE, "AT": "acme/{shop}", "NOW": CLOCK},
)
django.setup()

from django.contrib.auth.models import AnonymousUser, User  # noqa: E402
from django.core.exceptions import ImproperlyConfigured  # noqa: E402
from django.http import HttpRequest, HttpResponse, JsonResponse  # noqa: E402
from django.template import engines  # noqa: E402
from django.test import Client, override_settings  # noqa: E402
from django.urls import path  # noqa: E402
from django.views import View  # noqa: E402
from rest_framework.authentication import BaseAuthentication  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.views import APIView  # noqa: E402

from rolecall.django import NeedsMixin, needs, session_of  # noqa: E402
from rolecall.django.rest_framework import needs as needs_rest  # noqa: E402


def user_of(request: Any) -> Any:
    name = request.META.get("HTTP_X_USER")
    return User(username=name) if name else AnonymousUser()


def as_user(get_response: Any) -> Any:
    """A middleware that represents a login."""

    def run(request: HttpRequest) -> HttpResponse:
        request.user = user_of(request)
        return get_response(request)

    return run


class Header(BaseAuthentication):
    def authenticate(self, request: Any) -> Any:
        user = user_of(request)
        return (user, None) if user.is_authenticated else None

    def authenticate_header(self, request: Any) -> str:
        return "Header"


@needs("segments:edit", resource=lambda request, shop: {"labels": request.GET.getlist("label")})
def edit(request: HttpRequest, shop: str) -> HttpResponse:
    return JsonResponse({"edited": shop})


@needs("segments:edit")
async def edit_async(request: HttpRequest, shop: str) -> HttpResponse:
    return JsonResponse({"edited": shop})


class Page(NeedsMixin, View):
    needs = "segments:view"

    def get(self, request: HttpRequest, shop: str) -> HttpResponse:
        text = (
            "{% load rolecall %}"
            "{% can 'segments:edit' as may %}{% can 'segments:fly' as fly %}{% menu 'main' as main %}"
            "{{ may }} {{ fly }} {% for item in main.items %}{{ item.title }}{% endfor %} {{ perms.segments.view }}"
        )
        return HttpResponse(engines["django"].from_string(text).render({}, request))


def menu(request: HttpRequest, shop: str) -> HttpResponse:
    session = session_of(request)
    return JsonResponse({"ids": [] if session is None else [one.id for one in session.menu("main").items]})


class Rest(APIView):
    authentication_classes = (Header,)
    permission_classes = (
        needs_rest("segments:view", POST="segments:edit", resource=lambda item: {"labels": item.labels}),
    )

    def get(self, request: Any, shop: str) -> Response:
        self.check_object_permissions(request, SimpleNamespace(labels=request.GET.getlist("label")))
        return Response({"seen": shop})

    def post(self, request: Any, shop: str) -> Response:
        return Response({"edited": shop})


urlpatterns = [
    path("<str:shop>/segments", edit),
    path("<str:shop>/async", edit_async),
    path("<str:shop>/page", Page.as_view()),
    path("<str:shop>/menu", menu),
    path("<str:shop>/rest", Rest.as_view()),
]


@pytest.fixture(autouse=True)
def at_start() -> None:
    CLOCK.time = Clock().time


def ask(method: str, address: str, user: str | None = None) -> Any:
    more = {} if user is None else {"HTTP_X_USER": user}
    return Client().generic(method, address, **more)


@pytest.mark.parametrize("address", ["/shop/segments", "/shop/async", "/shop/rest"])
def test_views_need_permissions(address: str) -> None:
    assert ask("POST", address, "ada").json() == {"edited": "shop"}
    refused = ask("POST", address, "bo")
    assert refused.status_code == 403 and "no-grant" in refused.content.decode()
    assert ask("POST", address).status_code == 401
    assert ask("POST", address.replace("shop", "blog"), "bo").status_code == 403, "the address is not in the network"
    assert ask("POST", address.replace("shop", "none"), "ada").status_code == 403
    # The role ends by itself.
    CLOCK.time += timedelta(hours=1)
    assert ask("POST", address, "ada").status_code == 403


def test_refusals_are_problems_and_items_count() -> None:
    refused = ask("POST", "/shop/segments?label=pii", "ada")
    assert refused["content-type"] == "application/problem+json"
    assert refused.json() == {
        "title": "Forbidden",
        "status": 403,
        "code": "forbidden",
        "permission": "segments:edit",
        "reasons": ["label:pii"],
    }
    assert ask("GET", "/shop/rest?label=pii", "ada").status_code == 403
    assert ask("GET", "/shop/rest", "ada").json() == {"seen": "shop"}


def test_templates_ask() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert ask("GET", "/shop/page", "ada").content.decode() == "True False Segments False"
    assert any("segments:fly" in str(one.message) for one in caught)
    assert ask("GET", "/shop/page", "bo").status_code == 403
    assert ask("GET", "/shop/menu", "ada").json() == {"ids": ["segments"]}
    assert ask("GET", "/shop/menu").json() == {"ids": []}


def test_has_perm_takes_a_scope() -> None:
    ada = User(username="ada")
    assert ada.has_perm("segments:edit", "acme/shop") and ada.has_perm("segments.edit", "acme/shop")
    assert ada.has_perm("segments:edit", SimpleNamespace(rolecall_scope="acme/shop"))
    for perm, scope in [
        ("segments:edit", "acme"),
        ("segments:edit", None),
        ("segments:edit", "Not a scope"),
        ("segments:edit", SimpleNamespace()),
        ("segments:fly", "acme/shop"),
        ("auth.add_user", "acme/shop"),
        ("nothing", "acme/shop"),
    ]:
        assert not ada.has_perm(perm, scope), (perm, scope)
    assert not AnonymousUser().has_perm("segments:view", "acme/shop")
    assert not User(username="ada", is_active=False).has_perm("segments:view", "acme/shop")
    assert not ada.has_module_perms("segments"), "the scope depends on the request"
    with override_settings(ROLECALL={"ENGINE": "test_django.ENGINE", "AT": "acme/shop", "NOW": CLOCK}):
        assert ada.has_perm("segments:edit") and ada.has_module_perms("segments")
        assert not ada.has_module_perms("segment")
        assert ask("GET", "/shop/page", "ada").content.decode().endswith(" True")


def test_subjects_can_be_named_otherwise() -> None:
    given = {"ENGINE": ENGINE, "AT": "acme/shop", "NOW": CLOCK, "SUBJECT": lambda user: f"user:{user.username[3:]}"}
    with override_settings(ROLECALL=given):
        assert User(username="id-ada").has_perm("segments:edit")


def test_mistakes_are_found_at_start() -> None:
    with pytest.raises(RequestError, match="segments:fly"):
        needs("segments:fly")
    with pytest.raises(RequestError, match="segments:fly"):
        needs_rest(POST="segments:fly")
    with pytest.raises(RequestError, match="segments:fly"):
        type("Wrong", (NeedsMixin, View), {"needs": "segments:fly"})
    for wrong, message in [({"AT": "acme"}, "ENGINE"), ({"ENGINE": ENGINE, "AT": "a", "engine": 1}, "`engine`")]:
        with override_settings(ROLECALL=wrong), pytest.raises(ImproperlyConfigured, match=message):
            needs("segments:view")


def test_a_method_without_a_permission_is_refused() -> None:
    class Only(APIView):
        authentication_classes = (Header,)
        permission_classes = (needs_rest(POST="segments:edit"),)

        def get(self, request: Any) -> Response:
            return Response({})

    request = HttpRequest()
    request.method, request.META = "GET", {"HTTP_X_USER": "ada"}
    assert Only.as_view()(request).status_code == 403
