"""A model's own chat template, as the text that stands before and after what a user says."""

from __future__ import annotations

import ctypes
from pathlib import Path

import llama_cpp

_USER = b"user"
# Stands for what the user says while the template is laid around it; no template holds it.
_SAID = "\u2402said\u2403"
_MOST_BYTES = 16_384
CHATML = ("<|im_start|>user\n", "<|im_end|>\n<|im_start|>assistant\n")


def around(path: Path) -> tuple[str, str]:
    """What the template of the GGUF file at `path` puts before and after a user's turn, up to the answer.

    llama.cpp lays it out (`llama_chat_apply_template`), so that a template need not be run as a program. ChatML where
    the file has no template, or none that llama.cpp knows.
    """
    template = _template(path)
    return (template and _laid_around(template)) or CHATML


def _template(path: Path) -> bytes | None:
    """The template that the file holds; only the vocabulary is loaded with it."""
    params = llama_cpp.llama_model_default_params()
    params.vocab_only = True
    model = llama_cpp.llama_model_load_from_file(str(path).encode(), params)
    if not model:
        return None
    try:
        template: bytes | None = llama_cpp.llama_model_chat_template(model, None)
        return template
    finally:
        llama_cpp.llama_model_free(model)


def _laid_around(template: bytes) -> tuple[str, str] | None:
    """The texts around a user's turn; None where llama.cpp cannot tell them."""
    turn = (llama_cpp.llama_chat_message * 1)(llama_cpp.llama_chat_message(_USER, _SAID.encode()))
    buffer = ctypes.create_string_buffer(_MOST_BYTES)
    length = llama_cpp.llama_chat_apply_template(template, turn, 1, True, buffer, _MOST_BYTES)
    if not 0 < length <= _MOST_BYTES:
        return None
    before, said, after = buffer.raw[:length].decode("utf-8", "replace").partition(_SAID)
    return (before, after) if said else None
