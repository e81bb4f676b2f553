"""Policy, submission, verdict, decision and normalisation: pure, no I/O, no discord, no SQL."""
