"""A real llama.cpp server on loopback: a process of its own, because a process can hold only one llama.cpp.

Run as a script with the path of a model: prints its address, and ends when its standard input does.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

START_SECONDS = 120


@contextlib.contextmanager
def serving(model: Path, key: str = "") -> Iterator[str]:
    """The base address of a server with this model, up to /v1."""
    process = subprocess.Popen(
        [sys.executable, __file__, str(model), key],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:"), "the server did not start"
        yield f"{address}/v1"
    finally:
        process.kill()
        process.wait()


def _serve(model: str, key: str) -> None:
    import xllamacpp  # the tests' process must not load it beside llama_cpp

    params = xllamacpp.CommonParams()
    params.model.path = model
    params.n_ctx = 4_096
    params.n_parallel = 2
    params.kv_unified = True
    params.cpuparams.n_threads = 1  # threads wait for one another, the longer the busier the machine
    params.model_alias = {"tiny"}
    if key:
        params.api_keys = [key]
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    _serve(*sys.argv[1:])
