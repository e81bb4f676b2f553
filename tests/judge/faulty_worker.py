"""A worker without a model that does as the messages say: run as a script, in place of `bot.judge.worker`.

FOLDER [FAULT [LIVES]]: it notes there each of its lives and all that it is asked. With FAULT it goes wrong at its
start, in its first LIVES only where they are given. A message that begins with a fault's name makes it go wrong then;
all others break each rule as likely as not. It knows nothing of the bot, so that it is there at once.
"""

import json
import os
import re
import signal
import sys
import time
from pathlib import Path

FOLDER = Path(sys.argv[1])
FAULT = sys.argv[2] if len(sys.argv) > 2 else ""
LIVES = int(sys.argv[3]) if len(sys.argv) > 3 else 10**6
RULE = re.compile(r"^(\w+)\. ", re.MULTILINE)


def note(name: str, what: object) -> None:
    with (FOLDER / name).open("a") as file:
        file.write(json.dumps(what) + "\n")


def say(what: object) -> None:
    sys.stdout.write((what if isinstance(what, str) else json.dumps(what)) + "\n")
    sys.stdout.flush()


def go_wrong(fault: str) -> bool:
    """Do what a fault's name says; whether there is one of this name."""
    match fault.split():
        case ["crash", *_]:
            os._exit(1)
        case ["killed", *_]:
            os.kill(os.getpid(), signal.SIGKILL)
        case ["trap", *_]:
            os.kill(os.getpid(), signal.SIGILL)
        case ["hang", *_]:
            time.sleep(3_600)
        case ["say", *words]:
            say(" ".join(words))
        case ["half", *_]:
            sys.stdout.write('{"id": ')
            sys.stdout.flush()
            os._exit(0)
        case ["long", *_]:
            say({"event": "progress", "what": "x" * 5_000_000})
        case ["deep", *_]:
            say("[" * 200_000)
        case ["latin", *_]:
            sys.stdout.buffer.write(b'{"id": "\xff"}\n')
            sys.stdout.buffer.flush()
        case ["mute", *_]:
            sys.stdout.flush()
            os.close(1)
            time.sleep(3_600)
        case ["unusable", *_]:
            say({"event": "failed", "error": "The model is gone."})
            os._exit(3)
        case _:
            return False
    return True


def answer(request: dict) -> None:
    number, text = request["id"], request.get("text", "")
    fault = text.partition("|")[0] if "|" in text else ""
    if go_wrong(fault):
        return
    if fault == "error":
        say({"id": number, "error": "It is too much."})
        return
    if fault == "other":
        say({"id": number + 1_000, "ok": {}})
    rules = dict.fromkeys(RULE.findall(request["source"]), 0.5)
    good = {"probabilities": rules, "timings_ms": {"judge": 1.0, "batch": 1.0}}
    if request["op"] == "explain":
        good = {"rationale": "It breaks the rule.", "quote": text}
    say({"id": number, "ok": good})
    if fault == "twice":
        say({"id": number, "ok": {"probabilities": {}, "timings_ms": {}}})


def main() -> None:
    lives = len((FOLDER / "lives").read_text().splitlines()) if (FOLDER / "lives").exists() else 0
    note("lives", lives)
    if FAULT and lives < LIVES:
        go_wrong(FAULT)
    say({"event": "ready"})
    for line in sys.stdin:
        request = json.loads(line)
        note("asked", [lives, request["op"], request.get("text", "")])
        answer(request)


main()
