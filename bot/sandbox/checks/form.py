"""A form gathers everything that is wrong with a body, field by field, and refuses it once, as Discord does."""

from __future__ import annotations

from typing import Any, TypeGuard

from bot.sandbox.errors import ApiError
from bot.sandbox.snowflake import parse


def is_integer(value: Any) -> TypeGuard[int]:
    """True for an integer that is not a boolean, which Python counts among the integers."""
    return isinstance(value, int) and not isinstance(value, bool)


class Form:
    """The errors of one body. Paths are dotted, as `embeds.0.title`."""

    def __init__(self) -> None:
        """Begin without errors."""
        self._tree: dict[str, Any] = {}

    def wrong(self, path: str, code: str, message: str) -> None:
        """Note one error at a path."""
        node = self._tree
        for part in path.split("."):
            node = node.setdefault(part, {})
        node.setdefault("_errors", []).append({"code": code, "message": message})

    def refuse(self) -> None:
        """Raise `ApiError` 50035 with the tree of errors, if there are any."""
        if self._tree:
            raise ApiError(400, 50035, "Invalid Form Body", self._tree)

    def missing(self, path: str) -> None:
        """Note that a required field is not there."""
        self.wrong(path, "BASE_TYPE_REQUIRED", "This field is required")

    def text(self, value: Any, path: str, high: int, low: int = 0) -> TypeGuard[str]:
        """Check a text of `low` to `high` characters, absent (None) being right where `low` is 0; true for a text."""
        if value is None or value == "":
            if low > 0:
                self.missing(path)
            return False
        if not isinstance(value, str):
            self.wrong(path, "STRING_TYPE_CONVERT", f"Could not interpret {str(value)[:100]!r} as string.")
            return False
        self._length(path, len(value), high, low)
        return True

    def items(self, value: Any, path: str, high: int, low: int = 0) -> list[Any]:
        """Check a list of `low` to `high` items and give it back; an absent or unusable one is given as empty."""
        if value is None:
            if low > 0:
                self.missing(path)
            return []
        if not isinstance(value, list):
            self.wrong(path, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
            return []
        self._length(path, len(value), high, low)
        return value

    def record(self, value: Any, path: str) -> TypeGuard[dict[str, Any]]:
        """Check that a value is an object."""
        if isinstance(value, dict):
            return True
        self.wrong(path, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
        return False

    def integer(self, value: Any, path: str, low: int, high: int) -> TypeGuard[int]:
        """Check an integer in a range; absent (None) is right."""
        if value is None:
            return False
        if not is_integer(value):
            self.wrong(path, "NUMBER_TYPE_COERCE", f'Value "{str(value)[:100]}" is not int.')
            return False
        if not low <= value <= high:
            self.wrong(path, "NUMBER_TYPE_RANGE", f"int value should be between {low} and {high}.")
            return False
        return True

    def snowflake(self, value: Any, path: str) -> int | None:
        """Check an id, as text or number, and give it back; None for what is none."""
        found = parse(value)
        if found is None:
            self.wrong(path, "NUMBER_TYPE_COERCE", f'Value "{str(value)[:100]}" is not snowflake.')
        return found

    def flag(self, value: Any, path: str) -> None:
        """Check a boolean; absent (None) is right."""
        if value is not None and not isinstance(value, bool):
            self.wrong(path, "BOOLEAN_TYPE_CONVERT", "Must be either true or false.")

    def choice(self, value: Any, path: str, allowed: frozenset[int] | frozenset[str]) -> bool:
        """Check that a value is one of those allowed."""
        if isinstance(value, int | str) and not isinstance(value, bool) and value in allowed:
            return True
        listed = ", ".join(str(one) for one in sorted(allowed))
        self.wrong(path, "BASE_TYPE_CHOICES", f"Value must be one of {{{listed}}}.")
        return False

    def _length(self, path: str, length: int, high: int, low: int) -> None:
        if low <= length <= high:
            return
        if low > 0:
            self.wrong(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {low} and {high} in length.")
        else:
            self.wrong(path, "BASE_TYPE_MAX_LENGTH", f"Must be {high} or fewer in length.")
