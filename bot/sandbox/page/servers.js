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
  const isUnread = (/** @type {any} */ guild) => guild.id !== here.guildId && store.visible(guild).some((one) => store.unread.has(one.id));
  const dmUnread = here.guildId !== null && [...store.dms.keys()].some((id) => store.unread.has(id));
  const home = server("Direct messages", icon("chat"), here.guildId === null, dmUnread, () => go(null, firstChannel(null)));
  const guilds = [...store.guilds.values()].map((guild) =>
    server(guild.name, initials(guild.name), guild.id === here.guildId, isUnread(guild), () => go(guild.id, firstChannel(guild.id))),
  );
  rail.replaceChildren(home, el("li", { class: "rule", "aria-hidden": "true" }), ...guilds);
}

function server(name, shown, current, unread, onclick) {
  const label = unread ? `${name}, unread messages` : name;
  const attributes = { type: "button", class: "server", title: name, "aria-label": label, "aria-current": current ? "true" : null, onclick };
  return el("li", { class: unread ? "unread" : "" }, el("button", attributes, shown));
}

function initials(name) {
  return name.split(/\s+/).map((one) => [...one][0] ?? "").join("").slice(0, 3);
}

document.addEventListener("moved", draw);
document.addEventListener("session", draw);
on(["READY", "GUILD_CREATE", "GUILD_UPDATE", "GUILD_DELETE", "CHANNEL_CREATE", "MESSAGE_CREATE"], soon(draw));
