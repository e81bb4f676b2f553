/** The list of members, by the highest role that is shown apart. */

import { soon } from "./drawing.js";
import { icon } from "./icons.js";
import { openMenu } from "./menu.js";
import { el } from "./nodes.js";
import { avatar, nameOf } from "./people.js";
import { inChannel, THREADS, timedOutUntil, VIEW_CHANNEL } from "./permissions.js";
import { on, session } from "./session.js";
import { here } from "./view.js";

const MOST = 200;
const panel = /** @type {HTMLElement} */ (document.getElementById("members"));

let timeoutClock = 0;

/** Draw again when the first of those who are timed out may speak again. */
function drawWhenOver(members) {
  const soonest = Math.min(...members.map((one) => timedOutUntil(one)?.getTime() ?? Infinity));
  clearTimeout(timeoutClock);
  if (soonest < Infinity) timeoutClock = setTimeout(draw, Math.min(soonest - Date.now() + 50, 2 ** 31 - 1));
}

function draw() {
  const store = session.client?.store;
  const guild = store?.guilds.get(here.guildId ?? "");
  const channel = guild?.channels.get(here.channelId);
  if (!store || !guild) return panel.replaceChildren();
  const place = channel && THREADS.has(channel.type) ? guild.channels.get(channel.parent_id) : channel;
  const members = [...guild.members.values()].filter((one) => !place || inChannel(guild, place, one) & VIEW_CHANNEL);
  drawWhenOver(members);
  const named = members.map((one) => ({ one, name: store.userName(one.user.id, guild.id), role: store.rolesOf(one).find((role) => role.hoist) }));
  named.sort((first, second) => first.name.localeCompare(second.name));
  const roles = [...new Set(named.map((each) => each.role))].sort((first, second) => (second?.position ?? -1) - (first?.position ?? -1));
  const focused = panel.contains(document.activeElement) ? document.activeElement?.getAttribute("data-user") : null;
  panel.replaceChildren(
    ...roles.flatMap((role) => {
      const inside = named.filter((each) => each.role === role);
      return [
        el("h3", {}, `${role?.name ?? "Members"} — ${inside.length}`),
        el("ul", {}, ...inside.slice(0, MOST).map((each) => row(each.one, guild))),
      ];
    }),
  );
  if (focused) /** @type {HTMLElement | null} */ (panel.querySelector(`[data-user="${CSS.escape(focused)}"]`))?.focus();
}

function row(member, guild) {
  const until = timedOutUntil(member);
  const owner = guild.owner_id === member.user.id && el("span", { class: "owner", title: "Server owner" }, "Owner");
  const attributes = { type: "button", class: "member opens-profile", "data-user": member.user.id };
  const button = el(
    "button", attributes, avatar(member.user, member.nick ?? undefined),
    el("span", { class: "member-name" }, ...nameOf(member.user, guild.id), owner), until && el("span", { class: "timed-out" }, "timed out"),
  );
  const more = el("button", { type: "button", class: "member-more", "aria-label": `Actions for ${member.nick || member.user.global_name || member.user.username}`, "aria-haspopup": "menu" }, icon("more"));
  more.addEventListener("click", () => openMenu("user", member.user, more));
  return el("li", {}, button, more);
}

document.addEventListener("moved", draw);
on(
  ["GUILD_CREATE", "GUILD_MEMBERS_CHUNK", "GUILD_MEMBER_ADD", "GUILD_MEMBER_UPDATE", "GUILD_MEMBER_REMOVE", "GUILD_ROLE_CREATE", "GUILD_ROLE_UPDATE", "GUILD_ROLE_DELETE", "CHANNEL_UPDATE"],
  soon(draw),
);
