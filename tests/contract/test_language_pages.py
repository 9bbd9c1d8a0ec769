"""The published language as enrollment serves it: page, style, AsyncAPI document and schemas."""

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from services.enrollment.api import language
from shared.contracts.catalogue import CATALOGUE
from shared.errors import NotFound


@pytest.fixture(scope="module")
def client() -> TestClient:
    app = FastAPI()
    language.routes(app)
    return TestClient(app, root_path="/enrollment")


def test_the_page_speaks_the_language_asked_for(client: TestClient) -> None:
    assert '<html lang="de">' in client.get("/docs/events").text
    assert '<html lang="en">' in client.get("/docs/events", headers={"accept-language": "en"}).text
    assert '<html lang="en">' in client.get("/docs/events?lang=en").text


def test_the_page_loads_its_style_from_here(client: TestClient) -> None:
    assert 'href="/enrollment/docs/events.css"' in client.get("/docs/events").text
    style = client.get("/docs/events.css")
    assert style.headers["content-type"].startswith("text/css")
    assert "article" in style.text


def test_the_document_and_every_schema_can_be_fetched(client: TestClient) -> None:
    assert client.get("/docs/asyncapi.json").json()["asyncapi"] == "3.0.0"
    for type_ in (*CATALOGUE, "envelope"):
        assert client.get(f"/docs/schemas/{type_}").json()["$schema"]


def test_there_is_no_schema_of_what_is_no_event(client: TestClient) -> None:
    with pytest.raises(NotFound):
        client.get("/docs/schemas/released")
