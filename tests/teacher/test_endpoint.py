"""An endpoint that cannot be asked is refused in one line before anything is sent."""

import pytest

from uniner.records import ConfigError
from uniner.teacher.endpoint import Endpoint, Prices


@pytest.mark.parametrize(
    "url",
    [
        "https://api.openai.com/v1",
        "http://localhost:8000",
        "http://127.0.0.1:1/v1/",
        "http://[::1]:8000/v1",
        "https://example.org/a/b?version=2",
    ],
)
def test_any_address_of_a_server_will_do(url: str) -> None:
    assert Endpoint(url, "m").url == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "gpt-4",
        "api.openai.com/v1",
        "ftp://example.org",
        "file:///etc/passwd",
        "http://",
        "http:///v1",
        "http://:80",
        "http://example.org:port/v1",
        "http://example.org:99999/v1",
        "http://example.org:0/v1",
        "http://[::1/v1",
        "http://exa mple.org/v1",
        "http://example.org/v1\n",
        "recorded",
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="not an address; give one like") as caught:
        Endpoint(url, "m")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("url", ["http://sk-1@a/v1", "http://me:sk-1@a/v1", "http://:sk-1@a/v1"])
def test_a_password_in_an_address_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(ConfigError, match="UNINER_API_KEY") as caught:
        Endpoint(url, "m")
    assert "sk-1" not in str(caught.value)


@pytest.mark.parametrize("model", ["", " "])
def test_a_model_must_be_named(model: str) -> None:
    with pytest.raises(ConfigError, match="--model"):
        Endpoint("http://a/v1", model)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, 0) for name in ("max_tokens", "workers", "attempts", "timeout")),
        *((name, -1) for name in ("max_tokens", "workers", "attempts", "timeout", "temperature")),
        *((name, -1) for name in ("requests_per_minute", "tokens_per_minute")),
        *((name, -0.1) for name in ("price_asked", "price_answered")),
        *((name, float("nan")) for name in ("temperature", "timeout", "price_asked")),
        *((name, float("inf")) for name in ("timeout", "requests_per_minute", "price_answered")),
    ],
)
def test_numbers_that_make_no_sense_are_named(name: str, value: float) -> None:
    with pytest.raises(ConfigError, match=f"{name} cannot be {value!r}"):
        Endpoint("http://a/v1", "m", **{name: value})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("url", "given", "variable"),
    [
        ("https://api.openai.com/v1", "", "OPENAI_API_KEY"),
        ("https://API.openai.com:443/v1", "", "OPENAI_API_KEY"),
        ("https://api.openai.com.example.org/v1", "", "UNINER_API_KEY"),
        ("https://example.org/api.openai.com", "", "UNINER_API_KEY"),
        ("https://openai.com/v1", "", "UNINER_API_KEY"),
        ("http://localhost:8000/v1", "", "UNINER_API_KEY"),
        ("http://localhost:8000/v1", "OPENAI_API_KEY", "OPENAI_API_KEY"),
        ("https://api.openai.com/v1", "MINE", "MINE"),
    ],
)
def test_openais_key_is_for_openai_unless_one_says_so(url: str, given: str, variable: str) -> None:
    assert Endpoint(url, "m", key_variable=given).variable == variable


def test_prices_are_those_of_the_endpoint() -> None:
    assert Endpoint("http://a/v1", "m", price_asked=1, price_answered=2).prices == Prices(1, 2)
