"""The modules for web frameworks, each in its framework."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Annotated, Any

import fastapi
import flask
import pytest
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

import rolecall
import rolecall.fastapi
import rolecall.flask
import rolecall.starlette
from rolecall import Engine, RequestError, Session

START = datetime(2026, 11, 21, 10, tzinfo=timezone.utc)
POLICY = {
    "rolecall": 1,
    "scopes": ["account", "site"],
    "labels": ["pii"],
    "resources": {"segments": {"actions": ["view", "edit"]}},
    "roles": {"viewer": {"grants": ["segments:view"]}, "editor": {"inherits": ["viewer"], "grants": ["segments:edit"]}},
    "menus": {"main": [{"id": "segments", "title": "Segments", "href": "/segments", "needs": "segments:view"}]},
}
DIRECTORY = {
    "rolecall": 1,
    "scopes": ["acme", "acme/shop", "acme/blog"],
    "subjects": {"user:ada": {}, "user:bo": {}},
    "assignments": [
        {"subject": "user:ada", "role": "editor", "at": "acme/shop", "until": "2026-11-21T11:00:00Z"},
        {"subject": "user:ada", "role": "viewer", "at": "acme"},
        {"subject": "user:bo", "role": "editor", "at": "acme/blog"},
    ],
    "settings": {"acme/blog": {"ip_allow": ["203.0.113.0/24"]}},
}


class Clock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> datetime:
        return self.time


Ask = Callable[..., tuple[int, Any]]


def of_fastapi(engine: Engine, clock: Clock) -> Ask:
    def user(x_user: Annotated[str | None, fastapi.Header()] = None) -> str | None:
        return x_user

    def item(labels: str = "") -> rolecall.Resource:
        return {"labels": [one for one in labels.split(",") if one]}

    roles = rolecall.fastapi.Roles(lambda: engine, subject=user, at="acme/{shop}", now=clock)
    app = fastapi.FastAPI()

    @app.post("/{shop}/segments", **roles.needs("segments:edit", resource=item))
    async def edit(shop: str) -> dict[str, str]:
        return {"edited": shop}

    @app.get("/{shop}/menu")
    def menu(session: Session = fastapi.Depends(roles.session)) -> Any:  # noqa: B008
        return [one.id for one in session.menu("main").items]

    @app.get("/all", **roles.needs("segments:view", at="acme"))
    def everything() -> str:
        return "all"

    return asked(TestClient(app))


def of_starlette(engine: Engine, clock: Clock) -> Ask:
    async def user(request: Any) -> str | None:
        return request.headers.get("x-user")

    def item(request: Any) -> rolecall.Resource:
        return {"labels": [one for one in request.query_params.get("labels", "").split(",") if one]}

    roles = rolecall.starlette.Roles(lambda: engine, subject=user, at="acme/{shop}", now=clock)

    @roles.needs("segments:edit", resource=item)
    async def edit(request: Request) -> JSONResponse:
        return JSONResponse({"edited": request.path_params["shop"]})

    async def menu(request: Request) -> JSONResponse:
        session = await roles.session(request)
        return JSONResponse([one.id for one in session.menu("main").items])

    @roles.needs("segments:view", at=lambda _: "acme")
    def everything(request: Request) -> JSONResponse:
        return JSONResponse("all")

    routes = [
        Route("/{shop}/segments", edit, methods=["POST"]),
        Route("/{shop}/menu", menu),
        Route("/all", everything),
    ]
    return asked(TestClient(Starlette(routes=routes)))


def asked(client: TestClient) -> Ask:
    def ask(method: str, path: str, user: str | None = None, **more: Any) -> tuple[int, Any]:
        headers = {} if user is None else {"x-user": user}
        answer = client.request(method, path, headers=headers, **more)
        return answer.status_code, answer.json() if "json" in answer.headers["content-type"] else answer.text

    return ask


def of_flask(engine: Engine, clock: Clock) -> Ask:
    app = flask.Flask(__name__)
    roles = rolecall.flask.Roles(
        lambda: engine, subject=lambda: flask.request.headers.get("x-user"), at="acme/{shop}", app=app, now=clock
    )

    def item(shop: str) -> rolecall.Resource:
        return {"labels": [one for one in flask.request.args.get("labels", "").split(",") if one]}

    @app.post("/<shop>/segments")
    @roles.needs("segments:edit", resource=item)
    def edit(shop: str) -> dict[str, str]:
        return {"edited": shop}

    @app.get("/<shop>/menu")
    def menu(shop: str) -> Any:
        return flask.jsonify([one.id for one in roles.session.menu("main").items])

    @app.get("/all")
    @roles.needs("segments:view", at="acme")
    def everything() -> Any:
        return flask.jsonify("all")

    @app.get("/<shop>/page")
    def page(shop: str) -> str:
        asks = "{{ can('segments:edit') }} {{ can('segments:fly') }}"
        return flask.render_template_string(asks + " {% for one in menu('main').items %}{{ one.title }}{% endfor %}")

    client = app.test_client()

    def ask(method: str, path: str, user: str | None = None, **more: Any) -> tuple[int, Any]:
        headers = {} if user is None else {"x-user": user}
        answer = client.open(path, method=method, headers=headers, query_string=more.get("params"))
        if answer.status_code in (401, 403):
            assert answer.content_type == "application/problem+json"
        return answer.status_code, answer.get_json(force=True) if "json" in str(answer.content_type) else answer.text

    return ask


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def own_engine() -> Engine:
    return Engine.from_dict(POLICY, DIRECTORY)


@pytest.fixture(params=[of_fastapi, of_starlette, of_flask])
def ask(request: pytest.FixtureRequest, own_engine: Engine, clock: Clock) -> Ask:
    made: Ask = request.param(own_engine, clock)
    return made


def codes(answer: Any) -> Any:
    """Returns the codes of a refusal. FastAPI puts them into `detail`, and Starlette makes them a text."""
    detail = answer.get("detail", answer) if isinstance(answer, dict) else answer
    return detail if isinstance(detail, str) else (detail["code"], detail.get("reasons"))


def test_requests_are_answered_by_the_roles_of_their_user(ask: Ask) -> None:
    assert ask("POST", "/shop/segments", "user:ada") == (200, {"edited": "shop"})
    assert ask("GET", "/shop/menu", "user:ada") == (200, ["segments"])
    assert ask("GET", "/all", "user:ada") == (200, "all")
    assert ask("POST", "/blog/segments", "user:ada")[0] == 403
    # Networks count, and the address of a test client is none of them.
    assert ask("POST", "/blog/segments", "user:bo")[0] == 403
    assert ask("GET", "/all", "user:bo")[0] == 403


def test_refusals_show_codes(ask: Ask) -> None:
    status, answer = ask("GET", "/all", "user:bo")
    assert status == 403 and "no-grant" in str(codes(answer)) and "forbidden" in str(codes(answer))
    status, answer = ask("GET", "/all")
    assert status == 401 and "unauthenticated" in str(codes(answer))
    assert ask("GET", "/shop/menu")[0] == 401


def test_items_count(ask: Ask) -> None:
    status, answer = ask("POST", "/shop/segments", "user:ada", params={"labels": "pii"})
    assert status == 403 and "label:pii" in str(codes(answer))


def test_scopes_that_do_not_exist_deny(ask: Ask) -> None:
    assert ask("POST", "/none/segments", "user:ada")[0] == 403
    assert ask("POST", "/Not%20a%20name/segments", "user:ada")[0] == 403
    assert ask("POST", "/%2e%2e/segments", "user:ada")[0] in (403, 404)
    assert ask("POST", "/shop%2Fx/segments", "user:ada")[0] in (403, 404)


def test_roles_end_by_themselves_and_changes_count_at_once(ask: Ask, own_engine: Engine, clock: Clock) -> None:
    clock.time = START + timedelta(hours=1)
    assert ask("POST", "/shop/segments", "user:ada")[0] == 403
    own_engine.apply({"assign": {"subject": "user:ada", "role": "editor", "at": "acme"}})
    assert ask("POST", "/shop/segments", "user:ada")[0] == 200


@pytest.mark.parametrize("module", [rolecall.fastapi, rolecall.starlette, rolecall.flask])
def test_names_are_checked_at_start(module: Any, own_engine: Engine) -> None:
    roles = module.Roles(own_engine, subject=lambda: None, at="acme")
    with pytest.raises(RequestError, match="segments:fly"):
        roles.needs("segments:fly")
    for wrong in ("acme/{}", "acme/{0}", "acme/{a.b}", "acme/{a!r}", "acme/{a:>3}"):
        with pytest.raises(ValueError, match="parts of a scope"):
            module.Roles(own_engine, subject=lambda: None, at=wrong)


def test_a_scope_needs_its_parts(own_engine: Engine, clock: Clock) -> None:
    roles = rolecall.fastapi.Roles(own_engine, subject=lambda: "user:ada", at="acme/{shop}", now=clock)
    app = fastapi.FastAPI()

    @app.get("/x", **roles.needs("segments:view"))
    def view() -> None: ...

    with pytest.raises(ValueError, match="`shop`"):
        TestClient(app).get("/x")


def test_the_description_of_an_api_has_its_refusals(own_engine: Engine) -> None:
    roles = rolecall.fastapi.Roles(own_engine, subject=lambda: None, at="acme")
    app = fastapi.FastAPI()
    router = fastapi.APIRouter(**roles.needs("segments:view"))

    @router.post("/segments", **roles.needs("segments:edit"))
    def edit() -> None: ...

    app.include_router(router)
    refused = app.openapi()["paths"]["/segments"]["post"]["responses"]["403"]
    assert refused["description"] == "The user needs the permission `segments:edit`"
    assert refused["content"]["application/json"]["schema"]["$ref"].endswith("Refusal")


def test_templates_ask(own_engine: Engine, clock: Clock) -> None:
    ask = of_flask(own_engine, clock)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert ask("GET", "/shop/page", "user:ada") == (200, "True False Segments")
    assert any("segments:fly" in str(one.message) for one in caught)


def test_forwarded_networks_count(own_engine: Engine, clock: Clock) -> None:
    roles = rolecall.fastapi.Roles(own_engine, subject=lambda: "user:bo", at="acme/blog", now=clock)
    app = fastapi.FastAPI()

    @app.get("/x", **roles.needs("segments:edit"))
    def view() -> None: ...

    assert TestClient(app, client=("203.0.113.9", 1)).get("/x").status_code == 200
    assert TestClient(app, client=("198.51.100.9", 1)).get("/x").status_code == 403


def test_fastapi_reads_requests_in_bodies() -> None:
    app = fastapi.FastAPI()

    @app.post("/check")
    def check(request: rolecall.Request) -> bool:
        return request["permission"] == "segments:edit"

    client = TestClient(app)
    context = {"time": "2026-11-21T10:00:00Z"}
    question = {"subject": "user:ada", "permission": "segments:edit", "at": "acme", "context": context}
    assert client.post("/check", json=question).json() is True
    assert client.post("/check", json={**question, "resource": {"labels": ["pii"]}}).json() is True
    assert client.post("/check", json={"subject": "user:ada"}).status_code == 422
