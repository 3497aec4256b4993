"""`python -m uniner` is `uniner`."""

from uniner.cli import main

main()
