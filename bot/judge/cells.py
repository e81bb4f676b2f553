"""The key-value cells of a sequence as llama.cpp writes them, without the layers that nobody will read. Pure.

What was decoded up to a layer holds nothing of its own above it, only what other texts left there: that must not be
kept. The form is that of llama.cpp's `state_write` for one cache: two numbers, streams (1), cells, each cell's
position and sequences, then whether values lie transposed, layers, the keys of each layer, the values of each.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

_HEAD = struct.Struct("<IIII")  # two numbers of no matter here, streams, cells
_CELL = struct.Struct("<iI")
_LAYERS = struct.Struct("<II")  # transposed, layers
_ROWS = struct.Struct("<iQ")  # type, bytes a cell
_COLUMNS = struct.Struct("<iII")  # type, bytes an element, elements a cell


class CellsError(ValueError):
    """The bytes are not in the form that is known here: another llama.cpp, or a model with another kind of cache."""


@dataclass(frozen=True, slots=True)
class _Span:
    """Where a layer's keys or values begin, how many bytes they are whole, and whether these are there."""

    start: int
    size: int
    there: bool


def without_layers_above(state: bytes | bytearray, layer: int) -> bytearray:
    """The cells without keys and values of the layers above `layer`, counted from 0; CellsError."""
    short = bytearray()
    end = 0
    for span in _spans(state, layer, whole=True):
        stop = span.start + span.size if span.there else span.start
        short += memoryview(state)[end:stop]
        end = span.start + span.size
    return short


def with_layers_above(short: bytes | bytearray | memoryview, layer: int) -> bytearray:
    """What `without_layers_above` was given, zeros in the layers above; CellsError."""
    state = bytearray()
    end = 0
    for span in _spans(short, layer, whole=False):
        stop = span.start + span.size if span.there else span.start
        state += memoryview(short)[end:stop]
        if not span.there:
            state += bytes(span.size)
        end = stop
    return state


def _spans(data: bytes | bytearray | memoryview, layer: int, *, whole: bool) -> list[_Span]:
    """Keys, then values, of each layer; those above `layer` take no bytes unless the cells are `whole`."""
    try:
        return _read_spans(data, layer, whole=whole)
    except struct.error as error:
        raise CellsError("cells that end too early") from error


def _read_spans(data: bytes | bytearray | memoryview, layer: int, *, whole: bool) -> list[_Span]:
    _, _, streams, cells = _HEAD.unpack_from(data, 0)
    at = _HEAD.size
    if streams != 1 or not 0 < cells <= len(data):
        raise CellsError("cells of no known form")
    for _ in range(cells):
        _, sequences = _CELL.unpack_from(data, at)
        at += _CELL.size + 4 * sequences
    transposed, layers = _LAYERS.unpack_from(data, at)
    at += _LAYERS.size
    if transposed > 1 or not layer < layers <= len(data):
        raise CellsError("cells of no known form")
    spans: list[_Span] = []
    for number in range(2 * layers):
        if transposed and number >= layers:
            _, element, elements = _COLUMNS.unpack_from(data, at)
            at, size = at + _COLUMNS.size, element * elements * cells
        else:
            _, row = _ROWS.unpack_from(data, at)
            at, size = at + _ROWS.size, row * cells
        there = number % layers <= layer
        spans.append(_Span(at, size, there))
        at += size if there or whole else 0
    if at != len(data):
        raise CellsError("cells of no known form")
    return spans
