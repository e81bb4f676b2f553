/** The rail at the left: direct messages, and the servers. */

import { soon } from "./drawing.js";
import { icon } from "./icons.js";
import { el } from "./nodes.js";
import { on, session } from "./session.js";
import { firstChannel } from "./places.js";
import { go, here } from "./view.js";

const rail = /** @type {HTMLElement} */ (document.getElementById("servers"));

function draw() {
  const store = session.client?.store;
  if (!store) return;
  const focused = rail.contains(document.activeElement) ? document.activeElement?.getAttribute("data-key") : null;
  const home = server("Direct messages", icon("chat"), null, news(null, [...store.dms.values()], store), () => go(null, newestUnread(store) ?? firstChannel(null)));
  const guilds = [...store.guilds.values()].map((guild) =>
    server(guild.name, initials(guild.name), guild.id, news(guild.id, store.visible(guild), store), () => go(guild.id, firstChannel(guild.id))),
  );
  rail.replaceChildren(home, el("li", { class: "rule", "aria-hidden": "true" }), ...guilds);
  if (focused) /** @type {HTMLElement | null} */ (rail.querySelector(`[data-key="${focused}"]`))?.focus();
}

/** Whether there is something new in the channels of a server that is not looked at, and how much of it is for the user. */
function news(guildId, channels, store) {
  const unread = channels.filter((one) => store.unread.has(one.id) && one.id !== here.channelId);
  const mentions = unread.reduce((sum, one) => sum + store.unread.get(one.id), 0);
  return { isUnread: unread.length > 0 && guildId !== here.guildId, mentions };
}

/** The direct messages that came last and were not read. */
function newestUnread(store) {
  const unread = [...store.dms.values()].filter((one) => store.unread.has(one.id) && one.last_message_id);
  return unread.sort((one, other) => (BigInt(one.last_message_id) < BigInt(other.last_message_id) ? 1 : -1))[0]?.id ?? null;
}

function server(name, shown, guildId, { isUnread, mentions }, onclick) {
  const current = guildId === here.guildId;
  const told = [name, isUnread && "unread messages", mentions > 0 && `${mentions} for you`].filter(Boolean).join(", ");
  const attributes = {
    type: "button", class: "server", title: name, "aria-label": told, "aria-current": current ? "true" : null, "data-key": guildId ?? "@me", onclick,
  };
  const badge = mentions > 0 && el("span", { class: "count", "aria-hidden": "true" }, mentions > 99 ? "99+" : String(mentions));
  return el("li", { class: isUnread ? "unread" : "" }, el("button", attributes, shown), badge);
}

function initials(name) {
  return name.split(/\s+/).map((one) => [...one][0] ?? "").join("").slice(0, 3);
}

document.addEventListener("moved", draw);
document.addEventListener("session", draw);
document.addEventListener("unread", draw);
on(["READY", "GUILD_CREATE", "GUILD_UPDATE", "GUILD_DELETE", "CHANNEL_CREATE", "MESSAGE_CREATE"], soon(draw));
