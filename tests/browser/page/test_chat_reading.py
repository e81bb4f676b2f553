"""Reading in the page: markdown, hostile text, pictures, older messages."""

from __future__ import annotations

from base64 import b64decode

from playwright.async_api import expect

from bot.sandbox.posting import Upload
from tests.browser.chat import Club, visit
from tests.browser.conftest import PageAt
from tests.browser.marks import BROWSER

pytestmark = BROWSER


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


async def test_what_has_the_focus_in_an_embed_is_ringed_alone(page_at: PageAt, club: Club) -> None:
    embed = {"title": "A case", "fields": [{"name": "Quote", "value": "||the baker||"}]}
    club.server.post(club.app.bot, club.general, embeds=[embed])
    ada = await visit(page_at, club)
    await ada.page.get_by_role("button", name="Spoiler").focus()
    ringed = """() => [...document.querySelectorAll(".embed *")]
        .filter(one => one.matches(":focus-within") && getComputedStyle(one).boxShadow !== "none").length"""
    assert await ada.page.evaluate(ringed) == 0


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


FRAGMENTS = [
    "*", "**", "__", "_", "~~", "||", "`", "```", "```js\n", "> ", ">>> ", "# ", "-# ", "- ", "1. ", "\n", "\\", " ",
    "a", "<", ">", "<@1>", "<#2>", "<@&3>", "<t:1:R>", "<t:99999999999999:F>", "<:a:123456789012345678>", "</x:1>", "[",
    "](", ")", "https://a.example/?q=", "http://", "javascript:alert(1)", "data:text/html,x",
    "<img src=x onerror=alert(1)>", "\"", "'", "&lt;", "@everyone", "\u202e", "\u0000", "\ud83d\ude00",
]  # fmt: skip
SCRAMBLED = """async ([fragments, count]) => {
    const { markdown, plain } = await import("/app/markdown.js");
    let seed = 20261130;
    const pick = (below) => (seed = (seed * 48271) % 2147483647) % below;
    const made = new Set();
    for (let text = 0; text < count; text++) {
        const parts = Array.from({ length: 1 + pick(25) }, () => fragments[pick(fragments.length)]);
        const holder = document.createElement("div");
        holder.append(...markdown(parts.join("")));
        plain(parts.join(""));
        for (const node of holder.querySelectorAll("*")) {
            made.add(node.localName);
            for (const name of node.getAttributeNames()) {
                made.add(name === "href" ? `href ${node.protocol.slice(0, -1)}` : name);
            }
            if (node.closest("a a, button button, p p")) made.add("nested");
        }
    }
    return [...made].sort();
}"""


async def test_whatever_is_thrown_together_becomes_only_what_markdown_has(page_at: PageAt, club: Club) -> None:
    ada = await visit(page_at, club)
    made = set(await ada.page.evaluate(SCRAMBLED, [FRAGMENTS, 4000]))
    elements = {
        "a",
        "blockquote",
        "code",
        "em",
        "li",
        "ol",
        "p",
        "pre",
        "s",
        "small",
        "span",
        "strong",
        "time",
        "u",
        "ul",
    }
    names = {"aria-expanded", "aria-label", "class", "data-language", "data-relative", "data-user", "datetime", "inert"}
    links = {"href https", "href http", "rel", "target", "title", "role", "tabindex", "start"}
    assert made <= elements | names | links, made - elements - names - links
    assert {"a", "blockquote", "pre", "strong", "href https"} <= made


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


async def test_in_a_flood_of_messages_the_newest_is_in_sight_and_the_page_keeps_what_it_can_hold(
    page_at: PageAt, club: Club
) -> None:
    ada = await visit(page_at, club)
    for number in range(1200):
        club.server.mark(club.server.post(club.ben, club.general, f"line {number}"), "Allowed", "good")
    await expect(ada.messages.last).to_contain_text("line 1199")
    await expect(ada.messages.last).to_be_in_viewport()
    assert 200 <= await ada.messages.count() <= 400
    oldest = await ada.messages.first.locator(".content").text_content()
    await ada.page.locator("#messages").evaluate("one => (one.scrollTop = 0)")
    await expect(ada.messages.first.locator(".content")).not_to_have_text(oldest or "")
    await expect(ada.page.locator("#to-newest")).to_be_visible()


async def test_a_link_to_a_message_that_is_gone_leads_to_its_channel_and_says_so(page_at: PageAt, club: Club) -> None:
    link = f"https://discord.com/channels/{club.guild.id}/{club.general.id}/{club.guild.id}"
    club.server.post(club.ben, club.second, f"See [there]({link})")
    ada = await visit(page_at, club, place=club.second)
    await ada.messages.last.get_by_role("link", name="there").click()
    await expect(ada.heading).to_have_text("general")
    await expect(ada.note).to_have_text("That message is not here any more.")
    await ada.enter("off-topic")
    await expect(ada.note).to_be_empty()


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
