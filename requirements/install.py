"""Make `.venv` hold exactly what the lock file names, and Lawspeaker itself; bring only what changed.

Runs with the system's Python and the standard library alone: `python3 requirements/install.py`. Two variables
of the environment are looked at: LLAMA_CPP_WHEEL, a prebuilt wheel of llama-cpp-python to use instead of
compiling it, and CMAKE_ARGS, which llama.cpp's build reads itself (as -DGGML_CUDA=on).
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
LOCK = ROOT / "requirements" / "dev.txt"
STAMP = VENV / ".installed"
COMPILED = "llama-cpp-python"
_STEP = re.compile(r"\[(\d+)/(\d+)\]")


def say(text: str) -> None:
    """Tell how far it is."""
    print(text, flush=True)


def wanted() -> str:
    """What the installation depends on, as a digest."""
    parts = [LOCK.read_bytes(), (ROOT / "pyproject.toml").read_bytes(), sys.version.encode(), str(ROOT).encode()]
    parts += [os.environ.get(name, "").encode() for name in ("LLAMA_CPP_WHEEL", "CMAKE_ARGS")]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def split_lock(text: str) -> tuple[str, str]:
    """The lock file without the package that is compiled, and that package alone."""
    blocks = re.split(r"(?m)^(?=[A-Za-z0-9])", text)
    compiled = [block for block in blocks if block.startswith(f"{COMPILED}==")]
    return "".join(block for block in blocks if block not in compiled), "".join(compiled)


def pip(*arguments: str) -> None:
    """Run the environment's pip; end with its status where it fails."""
    command = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", *arguments]
    status = subprocess.run(command, check=False).returncode
    if status:
        sys.exit(f"pip failed (status {status}): see above; run the same command again once that is mended.")


def compile_llama(lock: Path) -> None:
    """Install llama-cpp-python from source, with llama.cpp's own build steps as progress."""
    say(f"Installing {COMPILED}. Where pip has no wheel of it yet, it is compiled now: about 5 minutes on 2 cores.")
    command = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "install", "-v", "--no-deps"]
    command += ["--require-hashes", "-r", str(lock)]
    if os.environ.get("CMAKE_ARGS"):
        # A wheel that pip built before, and what is installed, were compiled for something else.
        command += ["--force-reinstall", "--no-cache-dir"]
    started, shown, lines = time.monotonic(), -1, []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as run:
        assert run.stdout is not None
        for line in run.stdout:
            lines.append(line)
            step = _STEP.search(line)
            if step and (percent := 100 * int(step[1]) // max(int(step[2]), 1)) >= shown + 5:
                shown = percent
                say(f"  {COMPILED}: {percent:3d} % compiled, {time.monotonic() - started:.0f} s")
    if run.returncode:
        print("".join(lines[-40:]), file=sys.stderr)
        sys.exit(
            f"{COMPILED} could not be compiled: install a C++ compiler (Debian: apt-get install g++), "
            "or set LLAMA_CPP_WHEEL to a prebuilt wheel."
        )


def main() -> None:
    """Bring the environment up to date."""
    if sys.version_info < (3, 11):
        sys.exit(f"Python {sys.version.split()[0]} is too old: Lawspeaker needs 3.11 or later.")
    digest = wanted()
    if STAMP.is_file() and STAMP.read_text() == digest and PYTHON.exists():
        return
    if not PYTHON.exists():
        say("Making .venv.")
        venv.create(VENV, with_pip=True)
    rest, compiled = split_lock(LOCK.read_text())
    with tempfile.TemporaryDirectory() as folder:
        others, llama = Path(folder, "others.txt"), Path(folder, "llama.txt")
        others.write_text(rest)
        llama.write_text(compiled)
        say("Installing the locked dependencies.")
        pip("install", "-q", "--no-deps", "--require-hashes", "-r", str(others))
        if wheel := os.environ.get("LLAMA_CPP_WHEEL"):
            pip("install", "-q", "--no-deps", "--force-reinstall", wheel)
        else:
            compile_llama(llama)
    say("Installing Lawspeaker itself.")
    pip("install", "-q", "--no-deps", "--no-build-isolation", "-e", str(ROOT))
    pip("check")
    STAMP.write_text(digest)


if __name__ == "__main__":
    main()
