"""Label Studio's JSON: tasks as they are imported and exported, and the short export (JSON-MIN).

A labelling configuration that shows what is written here:
`<View><Labels name="label" toName="text"><Label value="person"/></Labels>
<Text name="text" value="$text"/></View>`
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from uniner.benchmark.document import Reading
from uniner.chat.dialogue import read_list
from uniner.conversion.doccano import describe_passage
from uniner.conversion.losses import Loss
from uniner.conversion.output import write_list
from uniner.conversion.rows import name_passage
from uniner.records import Annotated, Entity, RecordError

UNITS = "offsets in units of JavaScript made characters"
DIFFERS = "region whose text is not what stands at its offsets kept by its offsets"


def read(path: Path, reading: Reading) -> Iterator[Annotated]:
    """A passage for each task: of its annotations one, or one of its predictions without any."""
    for number, row in read_list(path):
        where = f"{path}: record {number}"
        try:
            if not isinstance(row, dict):
                raise RecordError(f"expected a task, got {row!r:.80}")
            data = read_data(row)
            passage = name_passage(data, find_text(data), number - 1)
            regions = list_regions(row, reading)
        except RecordError as error:
            reading.refuse(where, str(error))
            continue
        entities: list[Entity] = []
        for region in regions:
            try:
                entities += read_region(region, passage.text, reading)
            except RecordError as error:
                reading.refuse(where, str(error))
        yield Annotated(passage, tuple(entities))


def read_data(task: dict[str, Any]) -> dict[str, Any]:
    """What a task is about, and its id where it has none of its own in there."""
    data = task.get("data", task)
    if not isinstance(data, dict):
        raise RecordError(f"expected an object as 'data', got {data!r:.80}")
    return {"id": task.get("id"), **data}


def find_text(data: dict[str, Any]) -> str:
    """The text of a task: `text`, or whichever is the only string."""
    if isinstance(data.get("text"), str):
        return str(data["text"])
    texts = [value for key, value in data.items() if isinstance(value, str) and key != "id"]
    if len(texts) != 1:
        raise RecordError(f"expected a string as 'text', got the keys {sorted(data)}")
    return texts[0]


def list_regions(task: dict[str, Any], reading: Reading) -> list[Any]:
    """The regions of a task, each as an object or in the short export as what its value is."""
    if "data" not in task:
        lists = [v for v in task.values() if isinstance(v, list)]
        return [{"type": "labels", "value": value} for values in lists for value in values]
    for key in ("annotations", "completions", "predictions"):
        given = task.get(key) or []
        if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
            raise RecordError(f"expected a list of objects as {key!r}, got {given!r:.80}")
        valid = [one for one in given if not one.get("was_cancelled")]
        valid.sort(key=lambda one: not one.get("ground_truth"))
        for _ in valid[1:]:
            reading.note(Loss.FURTHER)
        if valid:
            regions = valid[0].get("result")
            if not isinstance(regions, list):
                raise RecordError(f"expected a list as 'result' of {key}, got {regions!r:.80}")
            return regions
    return []


def read_region(region: object, text: str, reading: Reading) -> Iterator[Entity]:
    """The entities of a region, one for each of its labels."""
    match region:
        case {"type": "labels", "value": {"start": int(start), "end": int(end), **value}}:
            labels = value.get("labels")
        case _:
            reading.note(Loss.REGION)
            return
    if not isinstance(labels, list) or not labels:
        reading.note(Loss.REGION)
        return
    score = region.get("score") if isinstance(region, dict) else None
    if not isinstance(score, int | float | None) or isinstance(score, bool):
        raise RecordError(f"expected a number as 'score' of a region, got {score!r:.80}")
    start, end = place(start, end, text, value.get("text"), reading)
    if not 0 <= start < end <= len(text):
        raise RecordError(
            f"expected a region within {len(text)} characters, got [{start}, {end}) {labels}"
        )
    for label in labels:
        if not isinstance(label, str):
            raise RecordError(f"expected strings as 'labels', got {labels!r:.80}")
        yield Entity(start, end, text[start:end], label, score)


def place(start: int, end: int, text: str, said: object, reading: Reading) -> tuple[int, int]:
    """The characters of a region, whose offsets may count units of JavaScript."""
    if text[start:end] == said or not isinstance(said, str):
        return start, end
    units = text.encode("utf-16-le")
    before, within = units[: 2 * start], units[2 * start : 2 * end]
    if within.decode("utf-16-le", "replace") == said:
        reading.note(UNITS)
        first = len(before.decode("utf-16-le", "replace"))
        return first, first + len(said)
    reading.note(DIFFERS)
    return start, end


def write(path: Path, records: Iterable[Annotated], _: Counter[str]) -> None:
    """Keeps everything: scored entities as a prediction to be reviewed, others as an annotation."""
    write_list(path, map(make_task, records))


def make_task(record: Annotated) -> dict[str, Any]:
    """A task to be imported."""
    result = [make_region(index, entity) for index, entity in enumerate(record.entities)]
    scores = [entity.score for entity in record.entities if entity.score is not None]
    data = describe_passage(record.passage)
    if not scores:
        return {"data": data, "annotations": [{"result": result}]}
    score = round(sum(scores) / len(scores), 4)
    return {
        "data": data,
        "predictions": [{"model_version": "uniner", "score": score, "result": result}],
    }


def make_region(index: int, entity: Entity) -> dict[str, Any]:
    """A labelled region of a task's text."""
    value = {
        "start": entity.start,
        "end": entity.end,
        "text": entity.text,
        "labels": [entity.type],
    }
    region: dict[str, Any] = {
        "id": f"r{index}",
        "from_name": "label",
        "to_name": "text",
        "type": "labels",
        "value": value,
    }
    if entity.score is not None:
        region["score"] = round(entity.score, 4)
    return region
