"""Annotated and predicted texts as one page to look through."""
