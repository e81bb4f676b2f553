"""Lawspeaker: a Discord bot that moderates a server by that server's own rules."""

__version__ = "0.1.0"
