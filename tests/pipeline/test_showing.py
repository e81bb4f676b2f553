"""The post of a case is held to show it only where Discord said so, or never will."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cogs.scripted_stage import running_stage
from tests.pipeline.given_up import LIBRARY_TRIES, TOO_MANY
from tests.stage import Scene

__all__ = ["running_stage"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

EDIT = ("PATCH", "/channels/{channel_id}/messages/{message_id}")


@pytest.mark.parametrize(
    ("fault", "is_settled"),
    [
        ({"status": 429, "body": TOO_MANY, "times": LIBRARY_TRIES}, False),
        ({"status": 503}, False),
        ({"status": 0}, False),
        ({"status": 403, "body": {"code": 50001, "message": "Missing Access"}}, True),
        ({"status": 404, "body": {"code": 10008, "message": "Unknown Message"}}, True),
        ({"status": 400, "body": {"code": 50035, "message": "Invalid Form Body"}}, True),
    ],
    ids=["too many requests", "away", "cut off", "forbidden", "gone", "refused"],
)
async def test_a_post_that_could_not_be_edited_for_now_is_not_taken_for_one_that_shows_the_case(
    scene: Scene, fault: dict[str, Any], is_settled: bool
) -> None:
    await scene.break_rule("2")
    case = await scene.case(scene.post("come to my shop"))
    modlog = scene.stage.trial.app.pipeline.reviews.showing._modlog
    scene.server.fail(*EDIT, **fault)
    assert await modlog.refresh(case, "No advertising.") is is_settled
    scene.server.faults.clear()
    assert await modlog.refresh(case, "No advertising.")
