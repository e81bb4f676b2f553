"""Who opens the sandbox's page has a chat app before them: what one does there, and sees, in a real browser."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import WebSocket, expect

from bot.sandbox.model import Overwrite
from bot.sandbox.permissions import SEND_MESSAGES, VIEW_CHANNEL
from bot.sandbox.posting import Upload
from tests.browser.chat import Club, open_club, visit
from tests.browser.conftest import PageAt
from tests.browser.marks import BROWSER
from tests.browser.seeing import serious, shot

pytestmark = BROWSER


@pytest_asyncio.fixture(loop_scope="session")
async def club() -> AsyncIterator[Club]:
    opened = await open_club()
    yield opened
    await opened.server.stop()


# Writing


async def test_what_is_written_is_posted_and_seen_by_others(page_at: PageAt, club: Club) -> None:
    ada = await visit(page_at, club)
    ben = await visit(page_at, club)
    await ben.become("Ben")
    await ada.say("Who brings the oil?")
    await expect(ben.messages.last).to_contain_text("Who brings the oil?")
    await expect(ben.messages.last.get_by_role("button", name="Ada")).to_be_visible()
    await expect(ben.announced).to_contain_text("Ada: Who brings the oil?")
    (posted,) = club.general.messages.before(None)
    assert (posted.author, posted.content) == (club.ada, "Who brings the oil?")


async def test_shift_and_enter_begin_a_new_line(page_at: PageAt, club: Club) -> None:
    ada = await visit(page_at, club)
    await ada.words.press_sequentially("one")
    await ada.words.press("Shift+Enter")
    await ada.words.press_sequentially("two")
    await ada.words.press("Enter")
    await expect(ada.messages.last).to_contain_text("two")
    (posted,) = club.general.messages.before(None)
    assert posted.content == "one\ntwo"


async def test_a_reply_names_what_it_answers_and_leads_there(page_at: PageAt, club: Club) -> None:
    first = club.server.post(club.ben, club.general, "Shall we meet on **Sunday**?")
    ada = await visit(page_at, club)
    await ada.message(first).hover()
    await ada.message(first).get_by_role("button", name="Reply").click()
    await expect(ada.page.locator("#reply-bar")).to_have_text("Replying to Ben")
    answer = await ada.say("Yes, at noon")
    await expect(ada.page.locator("#reply-bar")).to_be_hidden()
    reference = answer.get_by_role("link", name="Answers Ben: Shall we meet on Sunday?")
    await reference.click()
    await expect(ada.message(first)).to_be_focused()


async def test_arrow_up_changes_the_last_own_message_and_escape_leaves_it(page_at: PageAt, club: Club) -> None:
    ada = await visit(page_at, club)
    said = await ada.say("I bring teh oil")
    await ada.words.press("ArrowUp")
    field = ada.page.get_by_role("textbox", name="Edit your message")
    await expect(field).to_be_focused()
    await field.fill("nothing")
    await field.press("Escape")
    await expect(said.locator(".content")).to_have_text("I bring teh oil")
    await expect(ada.words).to_be_focused()
    await ada.words.press("ArrowUp")
    await field.fill("I bring the oil")
    await field.press("Enter")
    await expect(said.locator(".content")).to_have_text("I bring the oil (edited)")
    await expect(ada.words).to_be_focused()


async def test_a_file_comes_along_and_is_shown(page_at: PageAt, club: Club) -> None:
    ada = await visit(page_at, club)
    await ada.page.locator("#attach-input").set_input_files(
        {"name": "plan.txt", "mimeType": "text/plain", "buffer": b"Sunday"}
    )
    said = await ada.say("The plan:")
    await expect(said.get_by_role("link", name="plan.txt")).to_be_visible()
    (posted,) = club.general.messages.before(None)
    assert posted.attachments[0].content == b"Sunday"


async def test_where_one_may_not_write_the_page_says_why(page_at: PageAt, club: Club) -> None:
    ada = await visit(page_at, club)
    club.server.places.set_overwrite(club.general, Overwrite(club.guild.id, 0, 0, SEND_MESSAGES))
    await expect(ada.words).to_be_disabled()
    await expect(ada.words).to_have_attribute(
        "placeholder", "You do not have permission to send messages in this channel."
    )


async def test_what_the_server_refuses_is_said_and_the_words_stay(page_at: PageAt, club: Club) -> None:
    ada = await visit(page_at, club, allow=[r"status of 403 .*/messages$"])
    club.server.fail("POST", "/channels/{channel_id}/messages", 403, body={"message": "Not now", "code": 50013})
    await ada.words.fill("Hello?")
    await ada.words.press("Enter")
    await expect(ada.note).to_have_text("Not now")
    await expect(ada.words).to_have_value("Hello?")


# Reading


async def test_a_spoiler_opens_by_a_click_and_by_a_key(page_at: PageAt, club: Club) -> None:
    club.server.post(club.ben, club.general, "The thief is ||the baker|| and ||his cat||")
    ada = await visit(page_at, club)
    text = ada.messages.last.locator(".content")
    await expect(text.get_by_text("the baker")).to_be_hidden()
    await ada.page.get_by_role("button", name="Spoiler").first.click()
    await expect(text.get_by_text("the baker")).to_be_visible()
    await expect(text.get_by_text("his cat")).to_be_hidden()
    await ada.page.get_by_role("button", name="Spoiler").focus()
    await ada.page.keyboard.press("Enter")
    await expect(text.get_by_text("his cat")).to_be_visible()


MARKDOWN = [
    ("*a* **b** ***c*** __d__ ~~e~~", "<em>a</em> <strong>b</strong> <em><strong>c</strong></em> <u>d</u> <s>e</s>"),
    ("snake_case_name and 2 * 3 * 4", "snake_case_name and 2 * 3 * 4"),
    (r"\*not bold\* \> no quote", "*not bold* &gt; no quote"),
    ("`a *b*` ``c ` d``", "<code>a *b*</code> <code>c ` d</code>"),
    ("**open *and* closed** but **not", "<strong>open <em>and</em> closed</strong> but **not"),
    ("> quoted\nnot", "<blockquote>quoted</blockquote>not"),
    (">>> all\nof it", "<blockquote>all\nof it</blockquote>"),
    ("- a\n- b\n  - c", "<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>"),
    ("3. a\n4. b", '<ol start="3"><li>a</li><li>b</li></ol>'),
    ("-# small", "<small>small</small>"),
    ("# Head\n#no", '<p class="heading heading-1">Head</p>#no'),
    ("<:smile:123456789012345678>", '<span class="emoji">:smile:</span>'),
    ("@everyone", '<span class="mention">@everyone</span>'),
    (
        "```diff\n+ a\n- b\n```",
        '<pre data-language="diff" class="diff"><code><span class="added">+ a</span>\n'
        '<span class="removed">- b</span></code></pre>',
    ),
]


async def test_markdown_is_drawn_as_discord_draws_it(page_at: PageAt, club: Club) -> None:
    ada = await visit(page_at, club)
    for text, markup in MARKDOWN:
        drawn = await ada.page.evaluate(
            """async (text) => {
                const { markdown } = await import("/app/markdown.js");
                const holder = document.createElement("div");
                holder.append(...markdown(text));
                return holder.innerHTML;
            }""",
            text,
        )
        assert drawn == markup, text


HOSTILE = [
    "<img src=x onerror=\"document.title='taken'\">",
    "<script>document.title='taken'</script>",
    "[click](javascript:document.title='taken')",
    "<javascript:alert(1)>",
    "[a](https://x.example/\"onmouseover=\"document.title='taken')",
    "**<b onclick=alert(1)>**",
    "```<img src=x onerror=alert(1)>```",
    '<@1"><img src=x>',
]


async def test_hostile_text_is_text(page_at: PageAt, club: Club) -> None:
    for text in HOSTILE:
        field = {"name": text, "value": text}
        embed = {"title": text, "description": text, "fields": [field], "footer": {"text": text}}
        club.server.post(club.ben, club.general, text, embeds=[{**embed, "url": "javascript:alert(1)"}])
    evil = club.server.world.add_user("<img src=x onerror=alert(1)>")
    club.server.moderation.join(club.guild, evil)
    club.server.post(evil, club.general, "hello")
    ada = await visit(page_at, club)
    await expect(ada.messages).to_have_count(len(HOSTILE) + 1)
    page = ada.page
    assert await page.locator("#main img, #main script, #people img, b[onclick]").count() == 0
    targets = await page.locator("#main a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
    assert all(one.startswith(("https://", "#/")) for one in targets), targets
    assert await page.title() == "#general | The Lantern Club"
    await expect(ada.messages.first.locator(".content")).to_have_text(HOSTILE[0])


COUNTING = """async ([size, pieces]) => {
    const { markdown } = await import("/app/markdown.js");
    let steps = 0;
    const kept = [];
    const counted = [[String.prototype, "startsWith"], [String.prototype, "indexOf"], [RegExp.prototype, "exec"]];
    for (const [owner, name] of counted) {
        const real = owner[name];
        kept.push([owner, name, real]);
        owner[name] = function (...given) { steps += 1; return real.apply(this, given); };
    }
    const found = pieces.map((piece) => {
        steps = 0;
        markdown(piece.repeat(size / piece.length));
        return steps;
    });
    for (const [owner, name, real] of kept) owner[name] = real;
    return found;
}"""
PIECES = [
    "*", "_a", "**a*", "||", "[", "`", "``", "> ", ">>> ", "- ", "<", "http://", "```", "\\", "~~**__||*", "[a](http://",
    "https://a.example/)", "\n", "# ", "<@1", "***a**", "*a **b ", "__a_", "|| ||a", "  - a\n", "> # - ",
]  # fmt: skip


async def test_the_work_for_a_text_grows_with_its_length_however_it_is_made(page_at: PageAt, club: Club) -> None:
    ada = await visit(page_at, club)
    short, long = [await ada.page.evaluate(COUNTING, [size, PIECES]) for size in (4_000, 16_000)]
    growth = {piece: after / max(before, 50) for piece, before, after in zip(PIECES, short, long, strict=True)}
    assert all(times < 6 for times in growth.values()), growth


async def test_mentions_are_names_and_lead_to_channels(page_at: PageAt, club: Club) -> None:
    role = next(one for one in club.guild.roles.values() if one.name == "Moderators")
    text = f"<@{club.ada.id}> ask <@&{role.id}> in <#{club.second.id}> at <t:1700000000:D>"
    club.server.post(club.ben, club.general, text)
    ada = await visit(page_at, club)
    content = ada.messages.last.locator(".content")
    await expect(content).to_have_text("@Ada ask @Moderators in #off-topic at November 14, 2023")
    await content.get_by_role("link", name="#off-topic").click()
    await expect(ada.heading).to_have_text("off-topic")


DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGOISP0EAALIAbDfJSJbAAAAAElFTkSuQmCC"


async def test_pictures_of_a_message_are_shown_and_those_from_elsewhere_are_not_loaded(
    page_at: PageAt, club: Club
) -> None:
    png = b64decode(DOT)
    club.server.post(
        club.app.bot,
        club.general,
        "two",
        files=[Upload("dot.png", png, "image/png"), Upload("bar.png", png, "image/png")],
        embeds=[{"image": {"url": "attachment://bar.png"}}, {"image": {"url": "https://elsewhere.example/a.png"}}],
    )
    ada = await visit(page_at, club)
    pictures = ada.messages.last.locator("img")
    await expect(pictures).to_have_count(2)
    sources = await pictures.evaluate_all("all => all.map(one => one.getAttribute('src'))")
    assert all(one.startswith("/cdn/") for one in sources)
    await expect(ada.messages.last.get_by_role("link", name="Picture, not loaded")).to_be_visible()


async def test_older_messages_come_when_one_scrolls_up(page_at: PageAt, club: Club) -> None:
    for number in range(120):
        club.server.post(club.ben, club.general, f"line {number}")
    ada = await visit(page_at, club)
    await expect(ada.messages.last).to_be_in_viewport()
    await expect(ada.messages).to_have_count(50)
    for count in (100, 120):
        await ada.page.locator("#messages").evaluate("one => (one.scrollTop = 0)")
        await expect(ada.messages).to_have_count(count)
    await expect(ada.page.get_by_role("heading", name="Welcome to #general!")).to_be_attached()
    club.server.post(club.ben, club.general, "news")
    below = ada.page.get_by_role("button", name="Jump to the newest messages")
    await below.click()
    await expect(ada.message(club.general.last_message_id or 0)).to_be_in_viewport()
    await expect(below).to_be_hidden()


async def test_a_link_to_a_message_leads_to_it_also_where_it_is_far_up(page_at: PageAt, club: Club) -> None:
    first = club.server.post(club.ben, club.general, "the first")
    for number in range(130):
        club.server.post(club.ben, club.general, f"line {number}")
    link = f"https://discord.com/channels/{club.guild.id}/{club.general.id}/{first.id}"
    club.server.post(club.ben, club.second, f"See [there]({link})")
    ada = await visit(page_at, club, place=club.second)
    await ada.messages.last.get_by_role("link", name="there").click()
    await expect(ada.heading).to_have_text("general")
    await expect(ada.message(first)).to_be_focused()
    await expect(ada.message(first)).to_be_in_viewport()


# Marks


async def test_a_mark_appears_and_changes_and_is_there_for_who_comes_later(page_at: PageAt, club: Club) -> None:
    ada = await visit(page_at, club)
    said = await ada.say("You fool")
    (posted,) = club.general.messages.before(None)
    club.server.mark(posted, "Pending", "waiting")
    mark = said.locator(".mark")
    await expect(mark).to_contain_text("Pending")
    club.server.mark(posted, "Flagged", "warning")
    await expect(mark).to_contain_text("Flagged")
    await expect(ada.announced).to_contain_text("Ada's message: Flagged")
    await ada.page.reload()
    await expect(ada.message(posted).locator(".mark")).to_contain_text("Flagged")


async def test_a_deleted_message_stays_folded_with_its_mark_until_the_page_is_loaded_anew(
    page_at: PageAt, club: Club
) -> None:
    ada = await visit(page_at, club)
    said = await ada.say("Buy my things")
    (posted,) = club.general.messages.before(None)
    club.server.mark(posted, "Deleted: rule 2", "bad")
    club.server.posting.delete(posted)
    await expect(said.get_by_text("This message was deleted")).to_be_visible()
    await expect(said.locator(".mark")).to_contain_text("Deleted: rule 2")
    await expect(said.get_by_text("Buy my things")).to_be_hidden()
    await said.get_by_text("This message was deleted").click()
    await expect(said.get_by_text("Buy my things")).to_be_visible()
    await ada.page.reload()
    await expect(ada.page.get_by_text("Welcome to #general!")).to_be_visible()
    await expect(ada.messages).to_have_count(0)


# Places and people


async def test_a_thread_is_opened_from_a_message_and_written_in(page_at: PageAt, club: Club) -> None:
    first = club.server.post(club.ben, club.general, "Oil prices")
    ada = await visit(page_at, club)
    await ada.message(first).hover()
    await ada.message(first).get_by_role("button", name="Create Thread").click()
    await ada.page.get_by_role("textbox", name="Thread name").fill("About oil")
    assert await serious(ada.page) == []
    await ada.page.get_by_role("dialog").get_by_role("button", name="Create Thread").click()
    await expect(ada.heading).to_have_text("About oil")
    await expect(ada.page.get_by_text("Ben: Oil prices")).to_be_visible()
    await ada.say("It is dear")
    await ada.enter("general")
    await expect(ada.message(first).locator(".thread-below")).to_contain_text("1 message")
    await expect(ada.message(first).get_by_role("link", name="About oil")).to_be_visible()
    threads = ada.channels.get_by_role("list", name="Threads of general")
    await expect(threads.get_by_role("link", name="About oil")).to_be_visible()


async def test_a_direct_message_reaches_the_other(page_at: PageAt, club: Club) -> None:
    ada = await visit(page_at, club)
    ben = await visit(page_at, club)
    await ben.become("Ben")
    members = ada.page.get_by_role("complementary", name="Members")
    await members.get_by_role("button", name="Ben", exact=True).click()
    await ada.page.get_by_role("dialog", name="Ben").get_by_role("button", name="Message").click()
    await expect(ada.heading).to_have_text("Ben")
    await ada.say("Only for you")
    await ben.page.get_by_role("button", name="Direct messages, unread messages").click()
    await expect(ben.heading).to_have_text("Ada")
    await expect(ben.messages.last).to_contain_text("Only for you")


async def test_who_switches_the_account_stays_in_the_place_and_sees_what_that_account_sees(
    page_at: PageAt, club: Club
) -> None:
    club.server.post(club.ben, club.second, "hello there")
    ada = await visit(page_at, club, place=club.second)
    await expect(ada.channels.get_by_role("link", name="staff-room")).to_have_count(0)
    await ada.become("Mira")
    await expect(ada.heading).to_have_text("off-topic")
    await expect(ada.messages.last).to_contain_text("hello there")
    await ada.enter("staff-room")
    await ada.say("Between us")
    await ada.page.reload()
    await expect(ada.account).to_contain_text("Mira")
    await ada.become("Ada")
    await expect(ada.heading).to_have_text("general")
    await expect(ada.page.get_by_text("Between us")).to_have_count(0)
    (posted,) = club.staff.messages.before(None)
    assert posted.author is club.mira


async def test_a_moderator_deletes_and_a_member_may_not(page_at: PageAt, club: Club) -> None:
    said = club.server.post(club.ben, club.general, "hello")
    ada = await visit(page_at, club)
    entries = """async () => {
        const { entriesFor } = await import("/app/menu.js");
        const { session } = await import("/app/session.js");
        const { here } = await import("/app/view.js");
        const [message] = session.client.store.messages.get(here.channelId).values();
        return entriesFor("message", message).map(one => one.label);
    }"""
    assert "Delete Message" not in await ada.page.evaluate(entries)
    await ada.become("Mira")
    await expect(ada.message(said)).to_be_visible()
    assert await ada.page.evaluate(entries) == [
        "Reply",
        "Create Thread",
        "Copy Text",
        "Copy Message ID",
        "Delete Message",
    ]


async def test_members_are_grouped_by_the_role_that_is_shown_apart(page_at: PageAt, club: Club) -> None:
    ada = await visit(page_at, club)
    members = ada.page.get_by_role("complementary", name="Members")
    await expect(members.get_by_role("heading")).to_have_text(["Moderators — 1", "Members — 4"])
    club.server.moderation.join(club.guild, club.server.world.add_user("newcomer"))
    await expect(members.get_by_role("heading").last).to_have_text("Members — 5")


async def test_news_in_another_channel_shows_until_one_looks(page_at: PageAt, club: Club) -> None:
    ada = await visit(page_at, club)
    club.server.post(club.ben, club.second, f"<@{club.ada.id}> look")
    link = ada.channels.get_by_role("link", name="off-topic")
    await expect(link).to_contain_text("1")
    await ada.enter("off-topic")
    await expect(ada.channels.locator("li.unread")).to_have_count(0)


async def test_a_channel_that_is_hidden_from_one_is_left(page_at: PageAt, club: Club) -> None:
    ada = await visit(page_at, club, place=club.second)
    club.server.places.set_overwrite(club.second, Overwrite(club.guild.id, 0, 0, VIEW_CHANNEL))
    await expect(ada.heading).to_have_text("general")
    await expect(ada.channels.get_by_role("link", name="off-topic")).to_have_count(0)


async def test_a_lost_connection_is_taken_up_again_and_nothing_is_missed(page_at: PageAt, club: Club) -> None:
    ada = await visit(page_at, club)
    body = ada.page.locator("body")
    club.server.gateway.cut(club.ada)
    await expect(body).to_have_attribute("data-connection", "away")
    club.server.post(club.ben, club.general, "said meanwhile")
    await expect(body).to_have_attribute("data-connection", "connected")
    await expect(ada.messages.last).to_contain_text("said meanwhile")
    assert club.server.gateway.resumes == 1


async def test_after_a_session_is_forgotten_all_is_read_anew(page_at: PageAt, club: Club) -> None:
    ada = await visit(page_at, club)
    body = ada.page.locator("body")
    club.server.gateway.lose(club.ada)
    await expect(body).to_have_attribute("data-connection", "away")
    club.server.post(club.ben, club.general, "said meanwhile")
    await expect(body).to_have_attribute("data-connection", "connected")
    await expect(ada.messages.last).to_contain_text("said meanwhile")
    await ada.say("I am back")


# The page as a whole


async def test_the_page_asks_for_nothing_but_its_files_rest_pictures_and_the_gateway(
    page_at: PageAt, club: Club
) -> None:
    page = await page_at("about:blank")
    asked: list[str] = []
    sockets: list[WebSocket] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda socket: sockets.append(socket))
    club.server.post(club.ben, club.general, "a file", files=[Upload("a.txt", b"a", "text/plain")])
    await page.goto(club.server.page_url)
    await expect(page.locator("article.message")).to_have_count(1)
    origin = urlsplit(club.server.page_url).netloc
    assert {urlsplit(url).netloc for url in asked} == {origin}
    paths = {urlsplit(url).path for url in asked}
    assert all(one.startswith(("/app/", "/api/v10/", "/cdn/")) for one in paths), paths
    assert [one.url for one in sockets] == [club.server.gateway_url]
    # As a user's app: with a token of the list, on routes of Discord's and those of the sandbox's own.
    own = {one.template for one in club.exchanges if "sandbox" in one.template}
    discord = {one.template for one in club.exchanges} - own
    assert discord <= {"/channels/{channel_id}/messages", "/guilds/{guild_id}/application-command-index"}
    assert {one.caller for one in club.exchanges if one.template != "/sandbox/accounts"} == {club.ada.id}


async def test_an_account_that_is_not_known_any_more_is_said_and_not_tried_again(page_at: PageAt, club: Club) -> None:
    ada = await visit(page_at, club)
    club.server.world._tokens.pop(club.ada.token)
    club.server.gateway.lose(club.ada)
    banner = ada.page.locator("#connection")
    await expect(banner).to_contain_text("knows this account no more")
    await expect(banner.get_by_role("button", name="Load the page again")).to_be_visible()


async def test_what_one_began_to_write_is_kept_for_the_place_and_not_for_somebody_else(
    page_at: PageAt, club: Club
) -> None:
    ada = await visit(page_at, club)
    await ada.words.fill("I was going to")
    await ada.enter("off-topic")
    await expect(ada.words).to_have_value("")
    await ada.enter("general")
    await expect(ada.words).to_have_value("I was going to")
    await ada.become("Ben")
    await expect(ada.words).to_have_value("")


async def test_where_nobody_is_on_offer_the_page_says_so(page_at: PageAt, club: Club) -> None:
    club.server.accounts.clear()
    page = await page_at(club.server.page_url)
    await expect(page.get_by_text("There is nobody here whom you may be")).to_be_visible()


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("width", [1280, 390])
async def test_axe_finds_nothing_serious(page_at: PageAt, club: Club, scheme: str, width: int) -> None:
    fill(club)
    ada = await visit(page_at, club, width=width, scheme=scheme)
    await expect(ada.messages.last).to_be_visible()
    assert await serious(ada.page) == []
    await shot(ada.page, f"chat-{scheme}-{width}")
    if width < 800:
        await ada.page.get_by_role("button", name="Channels").click()
        assert await serious(ada.page) == []
    await ada.account.click()
    assert await serious(ada.page) == []
    await shot(ada.page, f"chat-accounts-{scheme}-{width}")
    await ada.page.locator("#accounts").get_by_role("menuitemradio", name="Mira").click()
    await expect(ada.account).to_contain_text("Mira")
    await ada.channels.get_by_role("link", name="staff-room").click()
    await expect(ada.messages.last.get_by_role("button", name="Uphold")).to_be_visible()
    assert await serious(ada.page) == []
    await ada.messages.last.get_by_role("combobox").click()
    await expect(ada.page.get_by_role("option", name="Rule 1")).to_be_visible()
    assert await serious(ada.page) == []
    await shot(ada.page, f"chat-staff-{scheme}-{width}")


def fill(club: Club) -> None:
    """Some of everything that a message may have."""
    server = club.server
    first = server.post(club.ada, club.general, "Hello **all**, ||a secret|| and `code`\n> quoted\n- a list\n-# small")
    server.mark(first, "Allowed", "good")
    answer = server.post(
        club.ben,
        club.general,
        f"<@{club.ada.id}> see <#{club.second.id}> and https://example.org",
        message_reference={"message_id": str(first.id)},
    )
    server.mark(answer, "Pending", "waiting")
    bad = server.post(club.ben, club.general, "```diff\n- old\n+ new\n same\n```")
    server.mark(bad, "Flagged", "warning")
    server.mark(server.post(club.mira, club.general, "# A heading\n<t:1700000000:R>"), "Deleted", "bad")
    styles = ((1, "Open"), (2, "Note"), (3, "Uphold"), (4, "Overturn"))
    buttons = [{"type": 2, "style": style, "label": label, "custom_id": label} for style, label in styles]
    options = [{"label": f"Rule {one}", "value": str(one), "description": "No threats"} for one in range(1, 4)]
    server.post(
        club.app.bot,
        club.staff,
        embeds=[
            {
                "title": "Case 12",
                "description": "Ben wrote in the club",
                "color": 0xDA373C,
                "fields": [
                    {"name": "Rule", "value": "No threats", "inline": True},
                    {"name": "Sure", "value": "93 %", "inline": True},
                ],
                "footer": {"text": "version 3"},
            }
        ],
        components=[
            {"type": 1, "components": buttons},
            {
                "type": 1,
                "components": [{"type": 3, "custom_id": "rule", "placeholder": "Choose a rule", "options": options}],
            },
        ],
    )


async def test_on_a_phone_the_lists_are_drawers(page_at: PageAt, club: Club) -> None:
    ada = await visit(page_at, club, width=390)
    opener = ada.page.get_by_role("button", name="Channels")
    await expect(ada.page.locator("#channels")).not_to_be_in_viewport()
    await opener.click()
    await expect(opener).to_have_attribute("aria-expanded", "true")
    await ada.enter("off-topic")
    await expect(ada.page.locator("#channels")).not_to_be_in_viewport()
    await ada.say("written with a thumb")
    people = ada.page.get_by_role("button", name="Members", exact=True)
    await people.click()
    await expect(ada.page.locator("#members").get_by_role("button", name="Ben", exact=True)).to_be_visible()
    await ada.page.keyboard.press("Escape")
    await expect(people).to_be_focused()
    wide = await ada.page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not wide


async def test_all_of_it_can_be_done_with_the_keyboard(page_at: PageAt, club: Club) -> None:
    first = club.server.post(club.ben, club.general, "first")
    last = club.server.post(club.mira, club.general, "last")
    ada = await visit(page_at, club)
    press = ada.page.keyboard.press
    await ada.words.focus()
    await press("Shift+Tab")
    await press("Shift+Tab")
    for _ in range(6):
        if await ada.message(last).evaluate("one => one === document.activeElement"):
            break
        await press("Shift+Tab")
    await expect(ada.message(last)).to_be_focused()
    await press("ArrowUp")
    await expect(ada.message(first)).to_be_focused()
    await press("Tab")
    while await ada.page.evaluate("document.activeElement.getAttribute('aria-label')") != "Reply":
        await press("Tab")
    await press("Enter")
    await expect(ada.page.locator("#reply-bar")).to_have_text("Replying to Ben")
    await expect(ada.words).to_be_focused()
    await press("Escape")
    await expect(ada.page.locator("#reply-bar")).to_be_hidden()
    await ada.account.focus()
    await press("Enter")
    await press("ArrowDown")
    await press("Enter")
    await expect(ada.account).to_contain_text("Ben")


async def test_a_menu_is_asked_for_by_the_right_button_and_by_the_keyboard(page_at: PageAt, club: Club) -> None:
    said = club.server.post(club.ben, club.general, "first")
    listen = """window.asked = []; document.addEventListener("menu", ({ detail }) => {
        window.asked.push(`${detail.kind} ${detail.target.id}`); })"""
    ada = await visit(page_at, club, scripts=[listen])
    await ada.message(said).locator(".content").click(button="right")
    await ada.page.keyboard.press("Escape")
    await ada.message(said).focus()
    await ada.page.keyboard.press("Shift+F10")
    await ada.page.keyboard.press("Escape")
    await ada.page.locator("#members").get_by_role("button", name="Ben", exact=True).click(button="right")
    asked = await ada.page.evaluate("window.asked")
    assert asked == [f"message {said.id}", f"message {said.id}", f"user {club.ben.id}"]
