"""`uniner score`: predictions against gold annotations, or raw answers against conversations."""

import json
from dataclasses import dataclass
from typing import Any

import click

from uniner.chat.dialogue import is_conversations
from uniner.cli.score_inputs import (
    pair_answers,
    pair_records,
    read_gold_queries,
    read_gold_records,
)
from uniner.cli.score_report import ROWS, Report, Rival, report_to_json, show
from uniner.evaluation.counts import Scores, add_scores
from uniner.evaluation.score import POLICIES, Policy, score_answers, score_entities
from uniner.evaluation.views import score_views
from uniner.records import ConfigError


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says; `policy` None is the usual one of the gold file's kind."""

    gold: str
    pred: str
    policy: Policy | None
    views: bool
    interval: bool
    against: str | None
    seed: int
    as_json: bool
    every: bool

    def __post_init__(self) -> None:
        if self.seed < 0:
            raise ConfigError(f"--seed {self.seed} is negative; give 0 or more")

    @property
    def runs(self) -> list[str]:
        """The prediction files."""
        return [self.pred] if self.against is None else [self.pred, self.against]


@click.command("score")
@click.argument("gold", type=click.Path())
@click.argument("pred", type=click.Path())
@click.option(
    "--policy",
    type=click.Choice(POLICIES),
    help="How a match is counted; strict, or uniner2023 for conversations.",
)
@click.option("--views", is_flag=True, help="Add the strict, exact, partial and type views.")
@click.option("--interval", is_flag=True, help="Add a 95 % interval of F1, by bootstrap.")
@click.option(
    "--against", metavar="PRED", type=click.Path(), help="Compare with another prediction file."
)
@click.option("--seed", default=0, show_default=True, help="Seed of --interval and --against.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, figures in percent.")
@click.option("--all", "every", is_flag=True, help=f"List every type, not only the top {ROWS}.")
def command(**given: Any) -> None:
    """Score PRED against GOLD.

    GOLD is annotated JSONL and PRED prediction JSONL with the same ids; or GOLD is a file of
    conversations and PRED holds a raw answer a line: {"id", "answer"}. A record of several
    questions has the answer ids ID#1, ID#2 and so on.

    uniner2023 compares normalised strings as the UniversalNER paper's scorer does; strict wants
    the same span and type; partial also counts half for an overlap of the same type.

    --views shows what is correct, incorrect, partial, missing and spurious as SemEval-2013 counts
    it. --against tells how much higher the F1 of PRED is, and the chance p of so great a
    difference between two equally good predictions.
    """
    options = Options(**given)
    if is_conversations(options.gold):
        report = score_conversations(options)
    else:
        report = score_records(options)
    if options.as_json:
        click.echo(json.dumps(report_to_json(report), ensure_ascii=False))
    else:
        show(report, every=options.every)


def score_conversations(options: Options) -> Report:
    """Raw answers, which have no offsets and one policy."""
    gold, policy = options.gold, options.policy
    if policy not in (None, "uniner2023"):
        raise ConfigError(
            f"{gold}: conversations give no offsets, which policy {policy!r} needs; "
            "use --policy uniner2023"
        )
    if options.views:
        raise ConfigError(
            f"{gold}: conversations give no offsets, which --views needs; leave it out, "
            "or score annotated JSONL"
        )
    queries = read_gold_queries(gold)
    runs = [
        [score_answers(passage) for passage in pair_answers(gold, queries, path)]
        for path in options.runs
    ]
    return weigh(Report("uniner2023", "queries", len(queries), add_scores(runs[0])), runs, options)


def score_records(options: Options) -> Report:
    """Predictions beside annotated passages."""
    policy = options.policy or "strict"
    golds = read_gold_records(options.gold)
    pairs = [pair_records(options.gold, golds, path) for path in options.runs]
    runs = [[score_entities(policy, [pair]) for pair in run] for run in pairs]
    views = score_views(pairs[0]) if options.views else None
    report = Report(policy, "passages", len(golds), add_scores(runs[0]), views)
    return weigh(report, runs, options)


def weigh(report: Report, runs: list[list[Scores]], options: Options) -> Report:
    """The report with what was asked about chance, given each run's scores by passage."""
    if not options.interval and options.against is None:
        return report

    from uniner.evaluation.intervals import bootstrap, compare, tabulate

    tables = [tabulate(run) for run in runs]
    if options.interval:
        report = report._replace(interval=bootstrap(tables[0], seed=options.seed))
    if options.against is not None:
        comparison = compare(*tables, seed=options.seed)
        report = report._replace(rival=Rival(options.against, add_scores(runs[1]), comparison))
    return report
