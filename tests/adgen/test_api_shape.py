"""What holds for every call of the API: its schema, and refusals as problem+json that a program can read."""

import json
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import User, Workspace
from adgen.api import api
from runs.models import Run
from tests.conftest import brief_data, make_token

PROBLEM = "application/problem+json"
RUNS = "/api/v1/runs"
NOBODYS = "4e2f7edc-10f2-428a-ba48-d0e72b4458c7"  # fixed: it is part of tests' names, which workers compare


@pytest.fixture
def client(workspace: Workspace, alice: User) -> Client:
    return Client(headers={"Authorization": f"Bearer {make_token(workspace, alice)}"})


def schema(client: Client) -> Any:
    return client.get("/api/v1/openapi.json").json()


def refusal(answer: Any, status: int) -> Any:
    """The body of a refusal, which has one shape everywhere."""
    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"] == PROBLEM
    body = answer.json()
    assert body["status"] == status
    assert set(body) == {"type", "title", "status", "detail", "errors"}
    assert body["title"] and body["detail"]
    return body


def send(client: Client, body: Any, content_type: str = "application/json") -> Any:
    data = body if isinstance(body, str | bytes) else json.dumps(body)
    return client.post(RUNS, data, content_type=content_type)


def test_the_schema_is_served_to_everybody_and_names_every_call(db: None) -> None:
    told = schema(Client())
    assert told["openapi"].startswith("3.")
    assert set(told["paths"]) == {
        "/api/v1/runs",
        "/api/v1/runs/{uid}",
        "/api/v1/runs/{uid}/cancel",
        "/api/v1/runs/{uid}/again",
        "/api/v1/runs/{uid}/pause",
        "/api/v1/runs/{uid}/pin",
        "/api/v1/runs/{uid}/unpin",
        "/api/v1/runs/{uid}/resume",
        "/api/v1/runs/{uid}/retry",
        "/api/v1/runs/{uid}/export.zip",
        "/api/v1/assets",
        "/api/v1/creatives/{uid}",
        "/api/v1/creatives/{uid}/revisions",
        "/api/v1/ads/{uid}/decision",
    }


def test_the_example_of_the_page_is_a_run_that_can_be_started(client: Client) -> None:
    body = schema(client)["paths"][RUNS]["post"]["requestBody"]["content"]["application/json"]
    assert "$ref" in body["schema"]
    assert body["example"] == json.loads((settings.BASE_DIR / "examples" / "run.json").read_text())
    assert send(client, body["example"]).status_code == 201


def test_the_schema_says_that_refusals_are_problem_json(db: None) -> None:
    seen = 0
    for path in schema(Client())["paths"].values():
        for operation in path.values():
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    assert list(answer["content"]) == [PROBLEM]
                    seen += 1
    assert seen > 10


def test_the_schema_asks_for_a_bearer_token_everywhere(db: None) -> None:
    told = schema(Client())
    schemes = told["components"]["securitySchemes"]
    assert [(scheme["type"], scheme["scheme"]) for scheme in schemes.values()] == [("http", "bearer")]
    operations = [operation for path in told["paths"].values() for operation in path.values()]
    assert all(operation["security"] == [{name: [] for name in schemes}] for operation in operations)


def test_the_page_for_people_is_served_without_a_content_network(db: None) -> None:
    html = Client().get("/docs").content.decode()
    assert "/api/v1/openapi.json" in html
    assert "https://" not in html


def test_what_is_not_json_is_refused_before_it_is_looked_at(client: Client) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "text/json", "application/jsonp"):
        body = refusal(send(client, brief_data(), kind), 415)
        assert body["detail"] == "Send the body as JSON, with Content-Type: application/json."
    assert Run.objects.count() == 0


def test_json_with_a_charset_is_json(client: Client) -> None:
    assert send(client, brief_data(), "application/json; charset=utf-8").status_code == 201


@pytest.mark.parametrize(
    "body",
    ["{", '{"name": ', "{'name': 1}", b'{"name": "\xff"}', "[" * 100_000, '{"seed": ' + "9" * 6000 + "}"],
    ids=["open", "cut", "quotes", "no utf-8", "deep", "endless number"],
)
def test_broken_json_is_refused_in_words(client: Client, body: str | bytes) -> None:
    assert refusal(send(client, body), 400)["detail"] == "The body is not valid JSON."


@pytest.mark.parametrize("body", ["null", "[]", '"brief"', "3", "true"])
def test_json_that_is_no_object_is_refused(client: Client, body: str) -> None:
    assert refusal(send(client, body), 422)["errors"] == [
        {"field": "", "words": "Write this as a table with its own fields."}
    ]


def test_a_body_over_one_megabyte_is_refused(client: Client) -> None:
    body = json.dumps(brief_data(audience="x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE))
    assert "larger than 1 MB" in refusal(send(client, body), 413)["detail"]
    assert Run.objects.count() == 0


@pytest.mark.parametrize(
    "path", ["", "nope", "runs/", "runs/not-a-uid", f"runs/{NOBODYS}/nope", f"runs/{NOBODYS}/ads"]
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_an_unknown_address_is_refused_like_everything_else(client: Client, path: str, method: str) -> None:
    refusal(getattr(client, method)(f"/api/v1/{path}"), 404)


def test_a_program_is_not_asked_for_a_browsers_token_at_any_address(db: None) -> None:
    strict = Client(enforce_csrf_checks=True)
    refusal(strict.post("/api/v1/nope"), 404)
    refusal(strict.post(RUNS, "{}", content_type="application/json"), 401)


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_a_method_that_is_not_there_is_refused_with_those_that_are(client: Client, method: str) -> None:
    answer = getattr(client, method)(RUNS)
    refusal(answer, 405)
    assert answer.headers["Allow"] == "POST"


def test_a_refused_token_says_how_to_get_one(db: None) -> None:
    for header in ("", "Bearer ", "Bearer adgen_wrong", "Basic YTpi", "adgen_wrong"):
        answer = Client().get(f"{RUNS}/{NOBODYS}", headers={"Authorization": header})
        assert "manage.py token" in refusal(answer, 401)["detail"]
        assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("path", ["/api/v1/openapi.json", "/campaigns/", "/accounts/login/"])
@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "a b", "[::1"])
def test_a_host_that_is_not_ours_is_refused_and_no_fault_of_ours(db: None, path: str, host: str) -> None:
    answer = Client(raise_request_exception=False).get(path, headers={"Host": host})
    assert answer.status_code == 400
    assert "ALLOWED_HOSTS" in answer.content.decode()
    assert answer["Content-Type"].startswith("application/problem+json" if "/api/" in path else "text/html")


def test_a_session_opens_no_door_of_the_api(as_alice: Client, run: Run) -> None:
    """Or any page on the web could start runs with the cookie of whoever visits it."""
    refusal(as_alice.get(f"{RUNS}/{run.uid}"), 401)
    refusal(send(as_alice, brief_data()), 401)


def test_the_schema_names_only_what_a_reader_can_know() -> None:
    schemas = api.get_openapi_schema()["components"]["schemas"]
    assert [name for name in schemas if "_" in name] == []
    assert schemas["CopySpec"]["properties"]["headline"]["minLength"] == 1
    assert schemas["BriefSpec"]["properties"]["formats"]["type"] == "array"


def test_the_page_of_the_api_leads_back_to_the_studio(db: None) -> None:
    html = Client().get("/docs").content.decode()
    assert 'href="/campaigns/"' in html and "js/docs" in html
