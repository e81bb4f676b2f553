"""The page on an evaluation: what it holds, its figures, and the files it is written to."""
