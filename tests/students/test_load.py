"""What `--model` says: names, folders, addresses and rivals, and what is none of them."""

import sys
from pathlib import Path

import pytest

from toy_model import export_toy
from toy_served import save_llama
from toy_server import Act, Seen, free_port, goes_on, in_turn, serve
from uniner.cli.bench import fingerprint
from uniner.records import ConfigError, InputError, UninerError
from uniner.students.load import load_extractor
from uniner.students.names import ModelName, Place, read_name
from uniner.students.prompted import PromptedExtractor
from uniner.students.rivals import RIVALS, Rival
from uniner.students.server import Server
from uniner.teacher.endpoint import Endpoint

URL = "http://127.0.0.1:8000/v1"


@pytest.fixture(autouse=True)
def no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UNINER_API_KEY", raising=False)


def place(model: str = "", **options: str) -> Place:
    endpoint = Endpoint(URL, model or "?", workers=32, timeout=300.0, attempts=6)
    return Place(endpoint, model, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("mini", ModelName("mini")),
        ("lexicon", ModelName("lexicon")),
        ("runs/me/model", ModelName(Path("runs/me/model"))),
        ("runs/me@home", ModelName(Path("runs/me@home"))),
        (URL, ModelName(place())),
        (f"{URL}/#org/model-7b", ModelName(place("org/model-7b"))),
        (f"uniner@{URL}#m", ModelName(place("m"), "uniner")),
        (f"chatgpt@{URL}#m", ModelName(place("m"), "chatgpt")),
        ("vicuna@models/vicuna-7b", ModelName(Path("models/vicuna-7b"), "vicuna")),
        (
            f"{URL}?template=vicuna&end=%3Cend%3E&dataset=ontonotes#m",
            ModelName(place("m", template="vicuna", end="<end>", dataset="ontonotes")),
        ),
    ],
)
def test_names_are_read(model: str, expected: ModelName) -> None:
    assert read_name(model) == expected


def test_a_servers_options_are_read() -> None:
    where = read_name(f"{URL}?workers=64&timeout=9.5").where
    assert isinstance(where, Place)
    assert (where.endpoint.workers, where.endpoint.timeout) == (64, 9.5)
    assert where.endpoint.url == URL


def test_a_folder_that_is_there_is_one_whatever_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "vicuna@home").mkdir()
    monkeypatch.chdir(tmp_path)
    assert read_name("vicuna@home") == ModelName(Path("vicuna@home"))


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("http://", "not an address"),
        ("http://me:secret@host/v1", "password out of the address"),
        (f"{URL}?color=red", "no option is called 'color'"),
        (f"{URL}?workers=0", "workers must be a number of at least 1, not '0'"),
        (f"{URL}?timeout=long", "timeout must be a number"),
        (f"{URL}?template=plain", "template 'plain' is not one of uniner, vicuna"),
        ("gone", "no such model; give mini, lexicon, a model folder, an address such as http"),
        ("vicuna@gone", "no such model; give .* chatgpt, vicuna, alpaca, instructuie before an @"),
        ("gpt@http://host/v1", "no such model"),
    ],
)
def test_what_can_be_no_model_is_told_what_can(
    model: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UninerError, match=message) as caught:
        load_extractor(model)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)


def test_the_only_model_of_a_server_need_not_be_named() -> None:
    with serve(in_turn(goes_on(' ["Oslo"]')), models=["org/uniner-7b"]) as toy:
        extractor = load_extractor(f"uniner@{toy.url}")
        assert extractor.name == "uniner@org/uniner-7b"
        [prediction] = extractor.extract(["To Oslo."], ["city"])
    assert [entity.text for entity in prediction.entities] == ["Oslo"]
    assert toy.seen[0].body["model"] == "org/uniner-7b"
    assert toy.seen[0].path == "/v1/completions"


def test_of_several_models_one_must_be_named() -> None:
    with serve(in_turn(goes_on("[]")), models=["a", "b"]) as toy:
        with pytest.raises(ConfigError, match="name one of its models after a #: a, b"):
            load_extractor(toy.url)
        assert load_extractor(f"{toy.url}#b").name == "b"


def test_a_server_without_a_list_is_asked_for_the_model_that_is_named() -> None:
    with serve(in_turn(goes_on("[]")), models=[]) as toy:
        assert load_extractor(f"{toy.url}#mine").name == "mine"
        with pytest.raises(InputError, match="status 404"):
            load_extractor(toy.url)


@pytest.mark.parametrize("model", ["", "#m"])
def test_where_nothing_listens_is_said_at_once(model: str) -> None:
    url = f"http://127.0.0.1:{free_port()}/v1"
    with pytest.raises(InputError, match=rf"model {url}: no connection"):
        load_extractor(url + model)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("{url}", "/v1/chat/completions"),
        ("{url}?template=alpaca", "/v1/completions"),
        ("chatgpt@{url}", "/v1/chat/completions"),
        ("instructuie@{url}#t5", "/v1/completions"),
    ],
)
def test_each_name_is_asked_in_its_own_way(name: str, path: str) -> None:
    def script(seen: Seen) -> Act:
        return goes_on("None")

    with serve(script) as toy:
        load_extractor(name.format(url=toy.url)).extract(["To Oslo."], ["city"])
    assert toy.seen[0].path == path


@pytest.mark.parametrize("rival", RIVALS)
def test_a_rival_is_loaded_from_a_folder(rival: Rival, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    save_llama(tmp_path / "llama")
    extractor = load_extractor(f"{rival}@{tmp_path / 'llama'}", threads=1)
    assert isinstance(extractor, PromptedExtractor)
    assert extractor.name == f"{rival}@llama"
    assert extractor.style == RIVALS[rival]


def test_published_weights_are_asked_as_students_without_settings_of_their_own(
    tmp_path: Path,
) -> None:
    pytest.importorskip("torch")
    save_llama(tmp_path / "llama")
    extractor = load_extractor(f"uniner@{tmp_path / 'llama'}", threads=1)
    assert extractor.name == "uniner@llama"
    [prediction] = extractor.extract(["Ada met Bo."], ["person"], 1.0)
    assert prediction.passage.text == "Ada met Bo."
    assert prediction.entities == ()


def test_a_span_student_is_known_by_its_folder(tmp_path: Path) -> None:
    export_toy(tmp_path, quantize=False)
    assert load_extractor(str(tmp_path), threads=1).name == "toy"


@pytest.mark.parametrize(
    ("model", "library", "message"),
    [
        ("{folder}", "uniner.students.generative.extractor", r"a generative student needs torch"),
        ("uniner@{folder}", "uniner.students.generative.published", "a generative student needs"),
        ("vicuna@{folder}", "uniner.students.generative.local", "a model in this process needs"),
        (f"{URL}#m", "uniner.students.server", r"a served model needs torch: .*uniner\[teacher\]"),
    ],
)
def test_what_is_not_installed_is_named_with_its_extra(
    model: str, library: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "generative.json").write_text("{}", encoding="utf-8")

    class Missing:
        """Stands for a module that imports torch in vain."""

        def __getattr__(self, name: str) -> object:
            raise ModuleNotFoundError("No module named 'torch'", name="torch")

    monkeypatch.setitem(sys.modules, library, Missing())
    with pytest.raises(ConfigError, match=message):
        load_extractor(model.format(folder=tmp_path))


def test_a_served_models_fingerprint_is_where_and_how_it_is_asked(tmp_path: Path) -> None:
    assert fingerprint(f"{URL}?workers=4#m") == f"{URL} base </s>"
    assert fingerprint(f"{URL}?template=uniner#m") == f"{URL} uniner </s>"
    (tmp_path / "weights").write_bytes(b"1")
    before = fingerprint(str(tmp_path))
    assert len(before) == 64
    assert fingerprint(f"vicuna@{tmp_path}") == before
    assert fingerprint(None) == fingerprint("mini")
    assert fingerprint("lexicon") == ""


def test_a_server_is_asked_by_as_many_workers_as_its_address_says() -> None:
    with serve(in_turn(goes_on("[]"))) as toy:
        extractor = load_extractor(f"{toy.url}?workers=3")
    assert isinstance(extractor, PromptedExtractor)
    assert isinstance(extractor.backend, Server)
    assert extractor.backend.config.workers == 3
