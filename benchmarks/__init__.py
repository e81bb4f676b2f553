"""How right and how fast the judge is; each module here is run by hand (`python -m benchmarks.judge`)."""
