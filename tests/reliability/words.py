"""What the judge of these tests says: it goes by words. Run as a script this is a worker that does: `words.py`.

It knows nothing of the bot, so that a worker is there at once.
"""

import json
import re
import sys

BROKEN, PERHAPS, KEPT = 0.97, 0.7, 0.02
_RULE = re.compile(r"^(\w+)\. ", re.MULTILINE)


def probabilities(text: str, keys: list[str]) -> dict[str, float]:
    """`rule 3 …` breaks rule 3, `perhaps 3 …` may; all else breaks none."""
    word, key = (*text.split(), "", "")[:2]
    sure = {"rule": BROKEN, "perhaps": PERHAPS}.get(word, KEPT)
    return {one: sure if one == key else KEPT for one in keys}


def main() -> None:
    """Answer what is asked on stdin until its end, as `bot.judge.worker` does."""
    _say({"event": "ready"})
    for line in sys.stdin:
        request = json.loads(line)
        said: dict[str, object] = {}
        if request["op"] == "classify":
            keys = _RULE.findall(request["source"])
            said = {"probabilities": probabilities(request["text"], keys), "timings_ms": {"judge": 1.0, "batch": 1.0}}
        elif request["op"] == "explain":
            said = {"rationale": f"It says what rule {request['rule']} forbids.", "quote": request["text"][:20]}
        _say({"id": request["id"], "ok": said})


def _say(what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
