"""How much of each data set is read, beside how much of it the paper has."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from uniner.benchmark.catalog import Dataset, SplitName
from uniner.benchmark.prepare import Preparation
from uniner.benchmark.reading import list_present, read_examples

EVERYTHING = Preparation(max_queries=None)


@dataclass(frozen=True, slots=True)
class Size:
    """One split: its passages and the paper's, the types asked of it and those that occur in it.

    `why` is what the catalog says where both differ.
    """

    dataset: Dataset
    split: SplitName
    passages: int
    asked: int
    occurring: int

    @property
    def paper(self) -> int | None:
        """The paper's number of passages; None where it has none."""
        return self.dataset.splits[self.split].paper

    @property
    def difference(self) -> int:
        """How many passages more than the paper."""
        return 0 if self.paper is None else self.passages - self.paper

    @property
    def why(self) -> str:
        """The reason for a difference, empty where there is none or none is known."""
        differs = self.dataset.differs
        return differs.get(self.split, differs.get("all", "")) if self.difference else ""


def measure_sizes(datasets: Iterable[Dataset], folder: Path) -> Iterator[Size]:
    """The sizes of every split that lies under `folder`, data set by data set."""
    for dataset in datasets:
        for split in list_present(dataset, folder):
            examples = read_examples(dataset, split, folder, EVERYTHING).rows
            asked = {kind for example in examples for kind in example.types}
            occurring = {
                kind
                for example in examples
                for kind, found in zip(example.types, example.mentions, strict=True)
                if found
            }
            yield Size(dataset, split, len(examples), len(asked), len(occurring))
