"""Forms with every kind of input, and answers that come later: an application of the test's own sends them."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import FilePayload, expect

from bot.sandbox.options import RESOLVED
from tests.browser.answering import DEFERRED, MESSAGE, MODAL, Answering
from tests.browser.conftest import PageAt
from tests.browser.marks import BROWSER
from tests.browser.seat import Seat, sit
from tests.browser.seeing import serious, shot
from tests.stage import Scene

pytestmark = BROWSER

Json = dict[str, Any]


def labelled(label: str, component: Json, **more: Any) -> Json:
    """An input with its label."""
    return {"type": 18, "label": label, "component": component, **more}


async def ask(seat: Seat, application: Answering, *components: Json) -> None:
    """Use a command that is answered with a form."""
    await seat.begin("/help")
    await seat.press("Enter", "Enter")
    form = {"custom_id": "form", "title": "About you", "components": list(components)}
    await application.answer(await application.next(), MODAL, form)
    await expect(seat.dialog).to_be_visible()


async def submit(seat: Seat) -> None:
    """Send the form off."""
    await seat.dialog.get_by_role("button", name="Submit").click()


async def test_texts_are_held_to_their_lengths(page_at: PageAt, scene: Scene) -> None:
    application = Answering(scene)
    seat = await sit(page_at, scene, scene.member)
    name = {"type": 4, "custom_id": "name", "style": 1, "min_length": 3, "max_length": 8, "placeholder": "Ada"}
    more = {"type": 4, "custom_id": "more", "style": 2, "required": False, "value": "nothing"}
    row = {"type": 1, "components": [{"type": 4, "custom_id": "old", "style": 1, "label": "An old one"}]}
    await ask(seat, application, labelled("Name", name, description="As others call you."), labelled("More", more), row)
    field = seat.dialog.get_by_label("Name")
    await expect(field).to_be_focused()
    await expect(field).to_have_accessible_description("As others call you.")
    assert await field.get_attribute("maxlength") == "8"
    await submit(seat)
    await expect(seat.dialog.get_by_role("alert").first).to_have_text("This is required.")
    await field.fill("Bo")
    await submit(seat)
    await expect(seat.dialog.get_by_role("alert").first).to_have_text("Write at least 3 characters.")
    await field.fill("Botho")
    await seat.dialog.get_by_label("More").fill("")
    await submit(seat)
    await expect(seat.dialog.get_by_label("An old one")).to_be_focused()
    await seat.page.keyboard.type("yes")
    await seat.press("Control+Enter")
    posted = await application.next()
    inputs = [one.get("component") or one["components"][0] for one in posted["data"]["components"]]
    assert {one["custom_id"]: one["value"] for one in inputs} == {"name": "Botho", "more": "", "old": "yes"}
    await application.answer(posted, MESSAGE, {"content": "Thank you."})
    await expect(seat.dialog).to_have_count(0)
    await expect(seat.answer).to_contain_text("Thank you.")


async def test_a_form_has_selects_and_choices(page_at: PageAt, scene: Scene) -> None:
    application = Answering(scene)
    seat = await sit(page_at, scene, scene.member)
    colours = [{"label": name, "value": name.lower(), "description": f"{name} it is"} for name in ("Red", "Green")]
    parts = (
        {"type": 10, "content": "Say **what** you like."},
        labelled("Colour", {"type": 3, "custom_id": "colour", "options": colours}),
        labelled("Friends", {"type": 5, "custom_id": "friends", "min_values": 1, "max_values": 2}),
        labelled("Where", {"type": 8, "custom_id": "where", "required": False}),
        labelled("How", {"type": 21, "custom_id": "how", "options": colours}),
    )
    await ask(seat, application, *parts)
    await expect(seat.dialog.locator("strong")).to_have_text("what")
    assert await serious(seat.page) == []
    await submit(seat)
    problems = seat.dialog.get_by_role("alert").filter(has_text="Pick")
    await expect(problems).to_have_text(["Pick one.", "Pick at least 1.", "Pick one."])
    await seat.dialog.get_by_label("Colour").select_option("green")
    friends = seat.dialog.get_by_role("group", name="Friends")
    for name in ("@a-member", "@a-moderator", "@a-manager"):
        await friends.get_by_label(name).check()
    await seat.dialog.get_by_role("group", name="How").get_by_label("Red").check()
    await shot(seat.page, "form-with-selects")
    await submit(seat)
    await expect(problems).to_have_text(["Pick at most 2."])
    await friends.get_by_label("@a-manager").uncheck()
    await submit(seat)
    posted = await application.next()
    given = {one["component"]["custom_id"]: one["component"] for one in posted["data"]["components"]}
    assert given["colour"]["values"] == ["green"]
    assert set(given["friends"]["values"]) == {str(scene.member.id), str(scene.moderator.id)}
    assert given["where"]["values"] == []
    assert given["how"]["value"] == "red"
    await application.answer(posted, MESSAGE, {"content": "Thank you."})
    await expect(seat.dialog).to_have_count(0)


def text_file(name: str) -> FilePayload:
    """A file of a few bytes that say its name."""
    return {"name": name, "mimeType": "text/plain", "buffer": name.encode()}


@pytest.mark.parametrize(("width", "scheme"), [(1280, "dark"), (390, "light")])
async def test_files_are_added_to_a_form_taken_out_and_sent(
    page_at: PageAt, scene: Scene, width: int, scheme: str
) -> None:
    application = Answering(scene)
    seat = await sit(page_at, scene, scene.member, width=width, scheme=scheme)
    parts = (
        labelled("Shots", {"type": 19, "custom_id": "shots", "max_values": 2}, description="One or two."),
        labelled("Notes", {"type": 19, "custom_id": "notes", "required": False}),
        labelled("Name", {"type": 4, "custom_id": "name", "style": 1, "required": False}),
    )
    await ask(seat, application, *parts)
    shots, notes = seat.dialog.get_by_label("Shots"), seat.dialog.get_by_label("Notes")
    await expect(shots).to_be_focused()
    await submit(seat)
    problem = seat.dialog.get_by_role("alert").filter(has_text="Add")
    await expect(problem).to_have_text("Add a file.")
    await shots.set_input_files([text_file("a.txt"), text_file("b.txt")])
    await expect(problem).to_have_count(0)
    await shots.set_input_files([text_file("c.txt")])
    await submit(seat)
    await expect(problem).to_have_text("Add at most 2 files.")
    await seat.dialog.get_by_role("button", name="Remove a.txt").click()
    await notes.set_input_files([text_file("d.txt")])
    assert await serious(seat.page) == []
    await shot(seat.page, f"form-with-files-{width}")
    await submit(seat)
    posted = await application.next()
    given = {one["component"]["custom_id"]: one["component"] for one in posted["data"]["components"]}
    files = posted["data"][RESOLVED]["attachments"]
    assert [files[one]["filename"] for one in given["shots"]["values"]] == ["b.txt", "c.txt"]
    assert [files[one]["filename"] for one in given["notes"]["values"]] == ["d.txt"]
    await application.answer(posted, MESSAGE, {"content": "Thank you."})
    await expect(seat.dialog).to_have_count(0)


async def test_an_answer_that_comes_later_is_awaited_and_read_out(page_at: PageAt, scene: Scene) -> None:
    application = Answering(scene)
    seat = await sit(page_at, scene, scene.member)
    await seat.composer.fill("/help")
    await seat.options.filter(has_text="/help").click()
    await seat.send()
    interaction = await application.next()
    await application.answer(interaction, DEFERRED, {"flags": 64})
    await expect(seat.answer).to_contain_text("Silent is thinking…")
    await application.settle(interaction, {"content": "There is **nothing** to do."})
    await expect(seat.answer).to_contain_text("There is nothing to do.")
    await expect(seat.page.locator("#announcer")).to_contain_text("Silent: There is nothing to do.")
