"""Students that know data sets are told which is meant; the others say that they cannot be."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from toy_llama import save_student
from uniner.chat.template import find_template
from uniner.cli.bench import choose_student
from uniner.records import ConfigError, Passage
from uniner.students.backend import Request, Said
from uniner.students.extractor import Contextual
from uniner.students.generative.decoding import Decoding
from uniner.students.generative.extractor import load_generative
from uniner.students.generative.settings import GenerativeSettings
from uniner.students.load import load_extractor
from uniner.students.prompted import PromptedExtractor
from uniner.students.rivals import RIVALS
from uniner.students.styles import student_style
from uniner.teacher.completion import Unanswered

TEMPLATE = find_template("uniner", "", "</s>")


class Recorder:
    """Answers nothing and remembers what it was asked."""

    def __init__(self) -> None:
        self.prompts: list[str] = []

    def complete(self, requests: Sequence[Request]) -> list[Said | Unanswered]:
        self.prompts += [str(request.prompt) for request in requests]
        return [Said("[]") for _ in requests]


def test_a_students_prompt_names_the_data_set_before_the_text() -> None:
    recorder = Recorder()
    student = PromptedExtractor(
        "toy",
        recorder,
        student_style(TEMPLATE),
        contexts=lambda name: student_style(TEMPLATE, name),
    )
    student.extract(["Ada left."], ["person"])
    student.for_dataset("wlp").extract(["Ada left."], ["person"])
    assert ["Dataset: wlp\nText: Ada left." in prompt for prompt in recorder.prompts] == [
        False,
        True,
    ]


def test_a_student_in_this_process_reads_another_prefix_and_shares_its_model(
    tmp_path: Path,
) -> None:
    settings = GenerativeSettings("toy", "prefix", "bare", max_tokens=160)
    save_student(tmp_path, "bert", settings, seed=3)
    student = load_generative(tmp_path, threads=1, decoding=Decoding(answer_tokens=8))
    told = student.for_dataset("wlp")
    asked = told._reader.ask(["person"])
    [plain] = student._reader.read([Passage("1", "Ada left.")], asked)
    [named] = told._reader.read([Passage("1", "Ada left.")], asked)
    assert len(named.tokens) > len(plain.tokens)
    assert told._model is student._model
    assert (student.settings.dataset, told.settings.dataset) == ("", "wlp")
    assert told.extract(["Ada left."], ["person"])[0].passage.text == "Ada left."


def test_a_rival_and_a_span_student_cannot_be_told() -> None:
    rival = PromptedExtractor("chatgpt@toy", Recorder(), RIVALS["chatgpt"])
    with pytest.raises(ConfigError, match="chatgpt@toy is not asked in the context"):
        choose_student(rival, "supervised")("wlp")
    mini = load_extractor("mini", threads=1)
    assert not isinstance(mini, Contextual)
    with pytest.raises(ConfigError, match=r"mini cannot be told .*; use --mode zero-shot"):
        choose_student(mini, "supervised")
    assert choose_student(mini, "zero-shot")("") is mini
