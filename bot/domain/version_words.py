"""What a version of a policy is called. Pure."""

from __future__ import annotations

from bot.domain.records import PolicyVersion
from bot.language import tr


def short(digest: str) -> str:
    """The part of a digest that people are shown."""
    return digest[:12]


def name_of(version: PolicyVersion) -> str:
    """`version 3`, or `the draft`."""
    return tr("version {number}", number=version.number) if version.number else tr("the draft")
