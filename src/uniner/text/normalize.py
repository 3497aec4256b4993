"""Names of entity types in the one form in which they are compared."""


def normalize_type(name: str) -> str:
    """Lower case, white space collapsed: `" Sports  Team"` and `"sports team"` are one type."""
    return " ".join(name.lower().split())
