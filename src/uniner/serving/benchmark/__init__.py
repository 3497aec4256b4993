"""Reports of benchmark runs: what they say, and how it is written and drawn."""
