"""The way of a message: intake, journal, dispatcher, executor."""
