"""Setting up: how llama.cpp is compiled for this machine."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def install() -> ModuleType:
    path = Path(__file__).parent.parent / "requirements" / "install.py"
    spec = importlib.util.spec_from_file_location("install", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("given", ["", "-DGGML_CUDA=on"])
def test_amx_is_left_out_on_a_cpu_that_has_it_and_nothing_is_asked_for_on_others(
    install: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    monkeypatch.setenv("CMAKE_ARGS", given)
    cpu = tmp_path / "cpuinfo"
    cpu.write_text("model name : a CPU\nflags : fma avx2 avx512_vnni amx_tile amx_int8\n")
    assert install.cmake_args(cpu) == f"{install.WITHOUT_AMX} {given}".strip()
    cpu.write_text("model name : a CPU\nflags : fma avx2 avx512_vnni\n")
    assert install.cmake_args(cpu) == given
    assert install.cmake_args(tmp_path / "nothing") == given


def test_a_wheel_built_with_arguments_is_kept_apart_from_those_built_with_others(install: ModuleType) -> None:
    first, again, other = (install.own_cache(arguments) for arguments in ("-DA=on", "-DA=on", "-DA=off"))
    assert first == again != other
    assert first[0] == "--cache-dir"
