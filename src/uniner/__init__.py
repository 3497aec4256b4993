"""Open named entity recognition by targeted distillation."""

__version__ = "0.1.0"
