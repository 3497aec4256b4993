"""English plurals: which singulars the last word of a type name may be the plural of."""

IRREGULAR = {
    "people": "person",
    "men": "man",
    "children": "child",
    "feet": "foot",
    "teeth": "tooth",
    "geese": "goose",
    "mice": "mouse",
    "oxen": "ox",
    "bacteria": "bacterium",
    "criteria": "criterion",
    "phenomena": "phenomenon",
    "fungi": "fungus",
    "genera": "genus",
    "indices": "index",
    "matrices": "matrix",
    "vertices": "vertex",
}
NO_PLURALS = frozenset(
    {"arms", "clothes", "customs", "damages", "glasses", "goods", "headquarters", "means", "news"}
    | {"scissors", "series", "species", "trousers"}
    | {"athletics", "dynamics", "economics", "electronics", "ethics", "genetics", "linguistics"}
    | {"logistics", "mathematics", "mechanics", "optics", "physics", "politics", "robotics"}
    | {"statistics"}
)
"""Words in -s that are no plural, or whose singular means something else."""

NO_PLURAL_ENDINGS = ("ss", "us", "is")
ENDINGS = (
    ("ies", ("ie", "y")),
    ("ves", ("ve", "f", "fe")),
    ("ses", ("se", "s", "sis")),
    ("es", ("e", "")),
    ("s", ("",)),
    ("men", ("man",)),
)
"""What may stand for a plural's ending; the first ending that fits counts."""


def singulars_of(name: str) -> list[str]:
    """What a type in lower case may be the plural of, the likeliest first; often nothing real."""
    head, space, word = name.rpartition(" ")
    if word in NO_PLURALS or word.endswith(NO_PLURAL_ENDINGS) or len(word) < 3:
        return []
    if word in IRREGULAR:
        return [f"{head}{space}{IRREGULAR[word]}"]
    for ending, others in ENDINGS:
        stem = word.removesuffix(ending)
        if stem and stem != word:
            return [f"{head}{space}{stem}{other}" for other in others]
    return []
