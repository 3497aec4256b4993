"""The page that shows a distillation: how good the student is, how it learnt, what it answers."""

from collections.abc import Mapping, Sequence

from uniner.evaluation.questions import Question
from uniner.serving.page import bars, highlight, page, quote, table
from uniner.training.judge import Verdict

EXAMPLES = 12
TYPES = 30


def distilled_page(
    name: str,
    verdicts: Sequence[Verdict],
    questions: Sequence[Question],
    losses: Mapping[str, float],
    drops: Mapping[str, int],
) -> str:
    """One self-contained page; the first verdict is the new student's."""
    student = verdicts[0]
    f1 = [(v.name, 100 * v.micro("strict").f1) for v in verdicts]
    body = [
        f'<p class="note">{len(questions):,} held-out passages, each asked up to '
        f"{max((len(q.types) for q in questions), default=0)} types.</p>",
        "<h2>Strict micro F1</h2>",
        bars(f1, 100.0),
        table(("", "precision", "recall", "F1", "partial F1", "ms a passage"), rows_of(verdicts)),
        f"<h2>The {TYPES} most frequent types</h2>",
        table(("type", "gold", "found", "right", "F1"), rows_by_type(student)),
    ]
    if losses:
        body += [
            "<h2>Mean training loss</h2>",
            bars(list(losses.items())),
        ]
    if drops:
        body += ["<h2>Dropped from the teacher's replies</h2>"]
        body += [table(("reason", "count"), [[reason, count] for reason, count in drops.items()])]
    faults: list[list[str | int | float]] = [
        [v.name, why, count] for v in verdicts for why, count in v.faults.items()
    ]
    if faults:
        body += ["<h2>Answers of no use</h2>", table(("", "reason", "count"), faults)]
    body += ["<h2>Examples</h2>"]
    for question, answer in list(zip(questions, student.answers, strict=True))[:EXAMPLES]:
        types = ", ".join(question.types)
        body += [
            f"<h3>asked: {quote(types)}</h3>",
            '<p class="note">gold</p>',
            highlight(question.passage.text, sorted(question.flat, key=lambda e: e.start)),
            '<p class="note">student</p>',
            highlight(answer.passage.text, answer.entities),
        ]
    return page(f"Distilled: {name}", "\n".join(body))


def rows_of(verdicts: Sequence[Verdict]) -> list[list[str | int | float]]:
    """One row an extractor, figures in percent."""
    rows: list[list[str | int | float]] = []
    for verdict in verdicts:
        strict, partial = verdict.micro("strict"), verdict.micro("partial")
        rows.append(
            [
                verdict.name,
                100 * strict.precision,
                100 * strict.recall,
                100 * strict.f1,
                100 * partial.f1,
                1000 * verdict.seconds / max(1, len(verdict.answers)),
            ]
        )
    return rows


def rows_by_type(verdict: Verdict) -> list[list[str | int | float]]:
    """The counts of the types that occur most often in the gold."""
    counts = sorted(verdict.scores["strict"].by_type.items(), key=lambda item: -item[1].gold)
    return [[name, c.gold, c.predicted, int(c.correct), 100 * c.f1] for name, c in counts[:TYPES]]
