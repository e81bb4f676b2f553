"""Tiny models of the gpt-oss architecture, made with the `gguf` package, that llama.cpp really loads.

The weights of the real ones cannot be had on a small machine. These have their layers (attention with sinks, experts,
a sliding window in each second layer), their tokenizer's kind, and harmony's control tokens.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import gguf
import numpy as np
import numpy.typing as npt

Weights = npt.NDArray[np.float32]

CONTROL = ("<|return|>", "<|constrain|>", "<|channel|>", "<|start|>", "<|end|>", "<|message|>", "<|call|>")
LAYERS, HEADS, KV_HEADS, HEAD, EXPERTS, FEED_FORWARD = 2, 4, 2, 16, 4, 32
CONTEXT = 4_096
# A row of the output this much above all others is what the model writes for certain, whatever it was asked.
SURE = 8.0


def random_model(path: Path, seed: int = 1) -> Path:
    """A model of random weights: it writes on without an end, for it never comes to a control token."""
    chance = np.random.default_rng(seed)
    tokens = _tokens(())
    width = 64
    embedding = chance.normal(size=(len(tokens), width)).astype(np.float32)
    output = chance.normal(size=(len(tokens), width)).astype(np.float32)
    output[-len(CONTROL) :] = 0.0
    _write(path, tokens, embedding, output, lambda *shape: chance.normal(scale=0.1, size=shape).astype(np.float32))
    return path


def scripted_model(path: Path, follows: Mapping[str, Mapping[str, float]]) -> Path:
    """A model that writes what it is told to: after each token the likeliest of those given, by their logits.

    Tokens of more than a character are words of its vocabulary. Its layers add nothing, so that the last token alone
    decides, and its output is a table. The prompt ends with the `t` of "assistant".
    """
    known = {chr(number) for number in range(128)} | set(CONTROL)
    words = [word for word in dict.fromkeys(w for a, to in follows.items() for w in (a, *to)) if word not in known]
    tokens = _tokens(tuple(words))
    width = -(-len(tokens) // 32) * 32
    places = {_plain(token): place for place, token in enumerate(tokens)}
    embedding = np.zeros((len(tokens), width), dtype=np.float32)
    embedding[np.arange(len(tokens)), np.arange(len(tokens))] = 1.0
    output = np.zeros((len(tokens), width), dtype=np.float32)
    scale = float(np.sqrt(width))  # what the norm makes of the one that is not zero
    for token, to in follows.items():
        for word, logit in to.items():
            output[places[word], places[token]] = logit / scale
    _write(path, tokens, embedding, output, lambda *shape: np.zeros(shape, dtype=np.float32))
    return path


def _byte_letters() -> dict[int, str]:
    """The printable character by which GPT-2's tokenizer writes each byte."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    return {byte: chr(byte) for byte in printable} | {byte: chr(256 + n) for n, byte in enumerate(others)}


_LETTERS = _byte_letters()
_BYTES = {letter: byte for byte, letter in _LETTERS.items()}


def _tokens(words: tuple[str, ...]) -> list[str]:
    written = ["".join(_LETTERS[byte] for byte in word.encode()) for word in words]
    return [*_LETTERS.values(), *written, *CONTROL]


def _plain(token: str) -> str:
    return token if token in CONTROL else bytes(_BYTES[letter] for letter in token).decode("utf-8", "replace")


def _write(path: Path, tokens: list[str], embedding: Weights, output: Weights, fill: object) -> None:
    assert callable(fill)
    width = embedding.shape[1]
    writer = gguf.GGUFWriter(path, "gpt-oss")
    writer.add_name("tiny gpt-oss")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(width)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_expert_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_key_length(HEAD)
    writer.add_value_length(HEAD)
    writer.add_rope_dimension_count(HEAD)
    writer.add_rope_freq_base(150_000.0)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_expert_count(EXPERTS)
    writer.add_expert_used_count(2)
    writer.add_sliding_window(128)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-4o")
    writer.add_token_list(tokens)
    control, normal = gguf.TokenType.CONTROL, gguf.TokenType.NORMAL
    writer.add_token_types([control if token in CONTROL else normal for token in tokens])
    writer.add_token_merges(["h e"])
    writer.add_eos_token_id(tokens.index("<|return|>"))
    writer.add_add_bos_token(False)
    writer.add_tensor("token_embd.weight", embedding)
    writer.add_tensor("output_norm.weight", np.ones(width, dtype=np.float32))
    writer.add_tensor("output.weight", output)
    for layer in range(LAYERS):
        for name, shape in _shapes(width).items():
            is_norm = "norm" in name
            writer.add_tensor(f"blk.{layer}.{name}", np.ones(shape, dtype=np.float32) if is_norm else fill(*shape))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _shapes(width: int) -> dict[str, tuple[int, ...]]:
    """Names of a layer's tensors and their shapes, as numpy has them: llama.cpp's the other way round."""
    query, keys = HEADS * HEAD, KV_HEADS * HEAD
    return {
        "attn_norm.weight": (width,),
        "post_attention_norm.weight": (width,),
        "attn_q.weight": (query, width),
        "attn_q.bias": (query,),
        "attn_k.weight": (keys, width),
        "attn_k.bias": (keys,),
        "attn_v.weight": (keys, width),
        "attn_v.bias": (keys,),
        "attn_output.weight": (width, query),
        "attn_output.bias": (width,),
        "attn_sinks.weight": (HEADS,),
        "ffn_gate_inp.weight": (EXPERTS, width),
        "ffn_gate_inp.bias": (EXPERTS,),
        "ffn_gate_exps.weight": (EXPERTS, FEED_FORWARD, width),
        "ffn_gate_exps.bias": (EXPERTS, FEED_FORWARD),
        "ffn_down_exps.weight": (EXPERTS, width, FEED_FORWARD),
        "ffn_down_exps.bias": (EXPERTS, width),
        "ffn_up_exps.weight": (EXPERTS, FEED_FORWARD, width),
        "ffn_up_exps.bias": (EXPERTS, FEED_FORWARD),
    }
