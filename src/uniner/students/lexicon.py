"""The floor that every student must beat: look mentions up as the training records typed them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from uniner.records import Annotated, Entity, Passage, Prediction, Span
from uniner.students.extractor import check_call
from uniner.text.phrases import Words, find_longest, fold_words, measure_longest

THRESHOLD = 0.5


@dataclass(frozen=True)
class Lexicon:
    """An extractor that knows the share of each type among the times a mention was annotated."""

    shares: Mapping[Words, Mapping[str, float]]
    frequency: Mapping[str, int]
    """How many mentions each type had; of two types equally sure the rarer says more."""
    name: str = "lexicon"
    longest: Mapping[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "longest", measure_longest(self.shares))

    def extract(
        self,
        texts: Sequence[str | Passage],
        types: Sequence[str],
        threshold: float | None = None,
        *,
        nested: bool = False,
    ) -> list[Prediction]:
        """The longest known mentions from left to right, each as the asked type it mostly had."""
        passages, asked = check_call(texts, types, threshold)
        least = THRESHOLD if threshold is None else threshold
        groups = [[name] for name in asked] if nested else [asked]
        predictions = []
        for passage in passages:
            found = [e for group in groups for e in self.find(passage.text, group, least)]
            found.sort(key=lambda entity: (entity.start, -entity.end))
            predictions.append(Prediction(passage, tuple(found)))
        return predictions

    def find(self, text: str, types: Sequence[str], least: float) -> Iterator[Entity]:
        """Mentions that do not overlap, each with the surest of `types` that reaches `least`."""

        def look_up(words: Words) -> tuple[str, float] | None:
            shares = self.shares.get(words)
            best, score = self.choose(shares, types) if shares else ("", 0.0)
            return (best, score) if score > 0 and score >= least else None

        for (start, end), (name, score) in find_longest(text, self.longest, look_up):
            yield Entity(start, end, text[start:end], name, score)

    def choose(self, shares: Mapping[str, float], types: Sequence[str]) -> tuple[str, float]:
        """The surest of `types` and its share, whatever order they are asked in."""

        def rank(name: str) -> tuple[float, int, str]:
            known = name.casefold()
            return (-shares.get(known, 0.0), self.frequency.get(known, 0), name)

        best = min(types, key=rank)
        return best, shares.get(best.casefold(), 0.0)


def learn_lexicon(records: Iterable[Annotated]) -> Lexicon:
    """A lexicon of every mention in `records`; types are told apart without regard to case."""
    typed: defaultdict[Words, Counter[str]] = defaultdict(Counter)
    seen: Counter[Words] = Counter()
    for record in records:
        spans: dict[Span, set[str]] = {}
        for entity in record.entities:
            spans.setdefault(entity.span, set()).add(entity.type.casefold())
        for span, kinds in spans.items():
            words = fold_words(record.passage.text[span.start : span.end])
            if words:
                typed[words].update(kinds)
                seen[words] += 1
    frequency: Counter[str] = Counter()
    for types in typed.values():
        frequency.update(types)
    shares = {
        words: {t: n / seen[words] for t, n in types.items()} for words, types in typed.items()
    }
    return Lexicon(shares, frequency)
