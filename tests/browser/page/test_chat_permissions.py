"""The page reckons who may do what as the server does, for it greys out by that what would be refused."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from playwright.async_api import expect

from bot.sandbox.model import Channel, ChannelKind, Overwrite, Role
from bot.sandbox.permissions import ADMINISTRATOR, ALL, EVERYONE, in_channel
from tests.browser.chat import Club, visit
from tests.browser.conftest import PageAt
from tests.browser.marks import BROWSER

pytestmark = BROWSER

CHANNELS, BITS = 60, 53
RECKONED = """async () => {
    const { inChannel } = await import("/app/permissions.js");
    const { session } = await import("/app/session.js");
    const [guild] = session.client.store.guilds.values();
    const found = {};
    for (const member of guild.members.values()) {
        for (const channel of guild.channels.values()) {
            found[`${member.user.id} ${channel.id}`] = String(inChannel(guild, channel, member));
        }
    }
    return found;
}"""


def some_bits(chance: random.Random) -> int:
    """Some of the permissions, Administrator not among them."""
    return chance.getrandbits(BITS) & chance.getrandbits(BITS) & ~ADMINISTRATOR


def tangle(club: Club) -> None:
    """Roles and overwrites of all sorts, an administrator, somebody timed out, and threads."""
    chance, world = random.Random(6), club.server.world
    club.guild.everyone.permissions = EVERYONE
    roles: list[Role] = [world.add_role(club.guild, f"role {number}", some_bits(chance)) for number in range(6)]
    roles.append(world.add_role(club.guild, "administrators", ADMINISTRATOR))
    for number in range(12):
        user = world.add_user(f"member{number}")
        world.join(club.guild, user, chance.sample(roles, chance.randrange(4)))
    late = club.guild.members[club.ben.id]
    late.timed_out_until = world.now() + timedelta(hours=1)
    targets: list[tuple[int, int]] = [(club.guild.id, 0), *((role.id, 0) for role in roles)]
    targets += [(one, 1) for one in club.guild.members]
    channels: list[Channel] = []
    for number in range(CHANNELS):
        chosen = chance.sample(targets, chance.randrange(6))
        overwrites = [Overwrite(one, kind, some_bits(chance), some_bits(chance)) for one, kind in chosen]
        channels.append(world.add_channel(club.guild, f"channel-{number}", overwrites=overwrites))
    for parent in channels[:10]:
        body = {"name": "a thread", "type": int(ChannelKind.PUBLIC_THREAD)}
        club.server.places.open_thread(parent, club.owner, body)


async def test_each_members_permissions_in_each_channel_are_the_servers(page_at: PageAt, club: Club) -> None:
    tangle(club)
    club.server.accounts.clear()
    club.server.offer(club.owner, "the owner")
    owner = await visit(page_at, club)
    await expect(owner.heading).to_have_text("general")
    reckoned: dict[str, Any] = await owner.page.evaluate(RECKONED)
    now = club.server.world.now()
    members, channels = club.guild.members.values(), club.guild.channels.values()
    assert len(reckoned) == len(members) * len(channels)
    real = {
        f"{member.user.id} {channel.id}": str(in_channel(channel, member.user, now) & ALL)
        for member in members
        for channel in channels
    }
    assert reckoned == real
    assert len(set(real.values())) > 100
