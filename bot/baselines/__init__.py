"""What the judge is compared with, each a process of its own that reads texts on stdin and answers on stdout."""
