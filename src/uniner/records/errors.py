"""The one error tree: every message says where, what and what to do."""


class UninerError(Exception):
    """Anything a user can mend; the command line prints it as one line and exits with 2."""


class RecordError(UninerError, ValueError):
    """A record that breaks its own contract (an empty span, a mention that is not in its text)."""


class InputError(UninerError):
    """A file, folder or stream that cannot be read as what it should be."""


class ConfigError(UninerError):
    """An option or a recipe with a missing, unknown or impossible value."""
