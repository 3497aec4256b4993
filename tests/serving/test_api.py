"""The HTTP API over real sockets: what it answers, and what it refuses."""

import pytest

from toy_api import ScoredToy, Site, ToyExtractor, found, serve
from uniner.students.load import load_extractor


def test_entities_come_with_offsets_types_and_scores(site: Site) -> None:
    assert site.extract(["a sure person in a city", "no"], ["person", "city"]) == [
        {
            "entities": [
                {"start": 7, "end": 13, "text": "person", "type": "person", "score": 0.9},
                {"start": 19, "end": 23, "text": "city", "type": "city", "score": 1.0},
            ]
        },
        {"entities": []},
    ]


def test_offsets_count_whole_characters(site: Site) -> None:
    text = "\U0001f469\u200d\U0001f52c e\u0301 \U0001f600 person"
    ((entity,),) = [r["entities"] for r in site.extract([text], ["person"])]  # type: ignore[attr-defined]
    assert text[entity["start"] : entity["end"]] == "person"
    assert entity["start"] == 9


def test_a_definition_is_what_the_model_is_asked_with_and_the_name_is_what_comes_back() -> None:
    extractor = ToyExtractor()
    with serve(extractor) as site:
        types = [{"name": "who", "definition": "person"}, "city"]
        assert found(site.extract(["a person in a city"], types)) == [
            [("person", "who"), ("city", "city")]
        ]
    assert extractor.calls[0][1] == ("person", "city")


@pytest.mark.parametrize(
    ("more", "types", "expected"),
    [
        ({}, ["a", "b"], ["a"]),  # the model's own, 0.5
        ({"threshold": 0.3}, ["a", "b"], ["a", "b"]),
        ({"threshold": 0.95}, ["a", "b"], []),
        ({"threshold": 0.95}, [{"name": "a", "threshold": 0.5}, "b"], ["a"]),
        ({}, [{"name": "b", "threshold": 0.2}, "a"], ["a", "b"]),
        ({}, [{"name": "a", "threshold": 0.7}, {"name": "b", "threshold": 0.2}], ["b"]),
        ({"nested": True}, [{"name": "a", "threshold": 0.7}, {"name": "b", "threshold": 1}], []),
    ],
)
def test_thresholds_hold_for_all_types_or_for_one(
    site: Site, more: dict[str, object], types: list[object], expected: list[str]
) -> None:
    ((entities),) = found(site.extract(["likely a unsure b"], types, **more))
    assert [name for name, _ in entities] == expected


@pytest.mark.parametrize(
    ("body", "status", "where", "says"),
    [
        (b"", 400, "body", "empty"),
        (b"{", 400, "body", "not JSON"),
        (b'"\xff"', 400, "body", "0xff"),
        (b"[" * 1900, 400, "body", "deeply"),
        (b'{"texts": ["a"], "texts": ["b"]}', 400, "body", "twice"),
        (b'{"texts": ["a"], "types": ["x"], "threshold": NaN}', 400, "body", "NaN"),
        (b'{"texts": ["a"], "types": ["x"], "threshold": -Infinity}', 400, "body", "Infinity"),
        (b'{"texts": ["a"], "types": ["x"], "threshold": 1e999}', 422, "threshold", "[0, 1]"),
        (b'{"t": %s}' % (b"9" * 1800), 400, "body", "1,800 digits"),
        (b'{"texts": ["a"], "types": ["x"], "threshold": %s}' % (b"9" * 900), 422, "threshold", ""),
        (b'{"texts": ["a"], "types": ["x"], "threshold": true}', 422, "threshold", "number"),
        (b'{"texts": ["a"], "types": ["x"], "threshold": 0.001}', 422, "threshold", "0.01"),
        (b'{"texts": ["a"], "types": ["x"], "nested": 1}', 422, "nested", "true nor false"),
        (b'{"texts": ["a"], "types": ["x"], "treshold": 1}', 422, "treshold", "not known"),
        (b"[1]", 422, "body", "object"),
        (b'{"types": ["x"]}', 422, "texts", "missing"),
        (b'{"texts": [], "types": ["x"]}', 422, "texts", "empty"),
        (b'{"texts": "a", "types": ["x"]}', 422, "texts", "list"),
        (b'{"texts": ["a", ""], "types": ["x"]}', 422, "texts[1]", "empty"),
        (b'{"texts": ["a", 3], "types": ["x"]}', 422, "texts[1]", "string"),
        (b'{"texts": ["\\ud83d"], "types": ["x"]}', 422, "texts[0]", "half a character"),
        (b'{"texts": ["a"], "types": []}', 422, "types", "empty"),
        (b'{"texts": ["a"], "types": [" "]}', 422, "types[0]", "blank"),
        (b'{"texts": ["a"], "types": ["\\udc00"]}', 422, "types[0]", "half a character"),
        (b'{"texts": ["a"], "types": ["x", " x"]}', 422, "types[1]", "already, as types[0]"),
        (b'{"texts": ["a"], "types": [{"name": "x", "threshold": 2}]}', 422, "", "[0, 1]"),
        (b'{"texts": ["a"], "types": [{"definition": "x"}]}', 422, "types[0].name", "missing"),
        (b'{"texts": ["a"], "types": [{"name": "y", "definition": "x"}, "x"]}', 422, "", "same"),
        (b'{"texts": ["a"], "types": ["%s"]}' % (b"x" * 401), 422, "types[0]", "400"),
        (b'{"texts": ["a","b","c","d","e"], "types": ["x"]}', 422, "texts", "at most 4"),
        (b'{"texts": ["a"], "types": ["x","y","z","w"]}', 422, "types", "at most 3"),
        (b'{"texts": ["%s"], "types": ["x"]}' % (b"a" * 51), 422, "texts[0]", "at most 50"),
        (b" " * 2001, 413, "body", "at most 2,000"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_the_place_and_the_reason(
    site: Site, body: bytes, status: int, where: str, says: str
) -> None:
    for path in ("/v1/extract", "/v1/extract/stream"):
        response = site.client.post(
            path, content=body, headers={"Content-Type": "application/json"}
        )
        error = response.json()["error"]
        assert (response.status_code, set(error)) == (status, {"message", "where"}), error
        assert where in error["where"]
        assert says in error["message"]


@pytest.mark.parametrize(
    ("headers", "where"),
    [
        ({"Content-Type": "text/plain"}, "Content-Type"),
        ({"Content-Type": "application/json; charset=latin-1"}, "Content-Type"),
        ({}, "Content-Type"),
        ({"Content-Type": "application/json", "Content-Encoding": "gzip"}, "Content-Encoding"),
    ],
)
def test_other_kinds_of_bodies_are_not_read(
    site: Site, headers: dict[str, str], where: str
) -> None:
    response = site.client.post("/v1/extract", content=b"{}", headers=headers)
    assert response.status_code == 415
    assert response.json()["error"]["where"] == where


def test_a_body_that_hides_its_length_is_bounded_too(site: Site) -> None:
    chunks = (b" " * 1000 for _ in range(100))
    headers = {"Content-Type": "application/json"}
    response = site.client.post("/v1/extract", content=chunks, headers=headers)
    assert response.status_code == 413


def test_paths_and_methods_that_are_not_there_are_said_so(site: Site) -> None:
    for method, path, status in (
        ("GET", "/v1/extract", 405),
        ("GET", "/v1/extract/", 404),
        ("GET", "/docs", 404),
        ("POST", "/nope%F0%9F%98%80", 404),
    ):
        response = site.client.request(method, path)
        assert response.status_code == status
        assert "/openapi.json" in response.json()["error"]["message"]
    assert site.client.get("/v1/extract").headers["allow"] == "POST"


def test_small_pages_say_what_is_served(site: Site) -> None:
    assert site.client.get("/").json()["openapi"] == "/openapi.json"
    assert site.client.get("/healthz").json() == {"status": "ok"}
    (model,) = site.client.get("/v1/models").json()["models"]
    assert (model["name"], model["threshold"], model["limits"]["texts"]) == ("toy", None, 4)
    schema = site.client.get("/openapi.json").json()
    assert schema["components"]["schemas"]["Inquiry"]["properties"]["texts"]["maxItems"] == 4


def test_a_model_with_a_threshold_of_its_own_says_which() -> None:
    with serve(ScoredToy()) as other:
        assert other.client.get("/v1/models").json()["models"][0]["threshold"] == 0.35


def test_a_page_may_stand_at_the_root() -> None:
    with serve(ToyExtractor(), key="k", page=lambda: "<h1>é</h1>") as other:
        response = other.client.get("/")
    assert (response.status_code, response.text) == (200, "<h1>é</h1>")
    assert response.headers["content-type"] == "text/html; charset=utf-8"


def test_a_key_is_asked_for_where_there_is_one() -> None:
    with serve(ToyExtractor(), key="open-sesame") as site:
        body = {"texts": ["a person"], "types": ["person"]}
        for headers, status in (
            ({}, 401),
            ({"Authorization": "Bearer wrong"}, 401),
            ({"Authorization": "Basic open-sesame"}, 401),
            ({"X-API-Key": "op\xe9n"}, 401),
            ({"Authorization": "Bearer open-sesame"}, 200),
            ({"X-API-Key": "open-sesame"}, 200),
        ):
            told = {name: value.encode("latin-1") for name, value in headers.items()}
            response = site.client.post("/v1/extract", json=body, headers=told)  # type: ignore[arg-type]
            assert response.status_code == status, headers
        assert "open-sesame" not in response.text
        assert site.client.get("/metrics").status_code == 401
        assert site.client.get("/v1/models").headers["www-authenticate"] == "Bearer"
        assert site.client.get("/healthz").status_code == 200


def test_pages_of_other_origins_may_use_it_only_where_they_are_named(site: Site) -> None:
    asks = {"Origin": "https://a.example", "Access-Control-Request-Method": "POST"}
    allowed = "access-control-allow-origin"
    assert allowed not in site.client.options("/v1/extract", headers=asks).headers
    with serve(ToyExtractor(), key="k", origins=["https://a.example"]) as other:
        response = other.client.options("/v1/extract", headers=asks)
        assert (response.status_code, response.headers[allowed]) == (200, "https://a.example")
        refused = other.client.post("/v1/extract", headers={"Origin": "https://a.example"})
        assert (refused.status_code, refused.headers[allowed]) == (401, "https://a.example")
        asks["Origin"] = "https://b.example"
        assert allowed not in other.client.options("/v1/extract", headers=asks).headers


def test_the_bundled_model_answers_over_http_as_it_does_in_process() -> None:
    texts = [
        "Ada Lovelace \U0001f469\U0001f3fd\u200d\U0001f4bb met Bj\u006f\u0308rn in Z\u00fcrich.",
        "Nothing.",
    ]
    types = ["person", "city"]
    extractor = load_extractor(threads=1)
    expected = extractor.extract(texts, types)
    with serve(extractor) as site:
        results = site.extract(texts, types)
    assert found(results) == [[(e.text, e.type) for e in p.entities] for p in expected]
    assert any(entity == ("Ada Lovelace", "person") for entity in found(results)[0])
    for text, result in zip(texts, results, strict=True):  # type: ignore[call-overload]
        assert all(text[e["start"] : e["end"]] == e["text"] for e in result["entities"])
