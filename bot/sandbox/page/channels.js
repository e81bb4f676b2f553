/** The list of channels of a server with their threads, or of direct messages, and the head of the place. */

import { soon } from "./drawing.js";
import { icon } from "./icons.js";
import { el } from "./nodes.js";
import { inline } from "./inline.js";
import { avatar } from "./people.js";
import { firstChannel, groups, sees } from "./places.js";
import { on, session } from "./session.js";
import { go, here, placeHash } from "./view.js";

const ICONS = { 0: "hash", 2: "speaker", 5: "news", 15: "forum", 10: "thread", 11: "thread", 12: "lock" };
const VOICE = 2;
const list = /** @type {HTMLElement} */ (document.getElementById("channels"));
const title = /** @type {HTMLElement} */ (document.getElementById("server-name"));
const head = /** @type {HTMLElement} */ (document.getElementById("place"));
/** @type {Set<string>} categories that are folded */
const folded = new Set();

function draw() {
  const store = session.client?.store;
  if (!store) return;
  const guild = store.guilds.get(here.guildId ?? "");
  title.textContent = guild?.name ?? "Direct Messages";
  const focused = list.contains(document.activeElement) ? document.activeElement?.getAttribute("data-key") : null;
  list.replaceChildren(...(guild ? groups(guild).flatMap((one) => group(one, guild, store)) : dms(store)));
  if (focused) /** @type {HTMLElement | null} */ (list.querySelector(`[data-key="${CSS.escape(focused)}"]`))?.focus();
  drawHead(store, guild);
}

function group({ category, channels }, guild, store) {
  const isFolded = category && folded.has(category.id);
  const shown = isFolded ? channels.filter((one) => one.id === here.channelId || store.unread.has(one.id)) : channels;
  const nodes = shown.flatMap((one) => [place(one, store), ...threads(one, guild, store)]);
  if (!category) return nodes;
  const fold = () => {
    folded.has(category.id) ? folded.delete(category.id) : folded.add(category.id);
    draw();
  };
  const button = el(
    "button", { type: "button", class: "category", "aria-expanded": String(!isFolded), "data-key": category.id, onclick: fold },
    icon("down"), category.name,
  );
  return [el("li", { class: "category-row" }, button), ...nodes];
}

function threads(channel, guild, store) {
  const below = store.visible(guild).filter((one) => one.thread_metadata && one.parent_id === channel.id && (!one.thread_metadata.archived || one.id === here.channelId));
  if (!below.length) return [];
  return [el("li", { class: "threads" }, el("ul", { "aria-label": `Threads of ${channel.name}` }, ...below.map((one) => place(one, store))))];
}

function place(channel, store) {
  const unread = store.unread.has(channel.id);
  const mentions = store.unread.get(channel.id) ?? 0;
  const current = channel.id === here.channelId;
  const kind = ICONS[/** @type {0} */ (channel.type)] ?? "hash";
  const content = [icon(kind), el("span", { class: "place-name" }, channel.name), mentions > 0 && !current && el("span", { class: "count", "aria-label": `${mentions} mentions` }, String(mentions))];
  if (channel.type === VOICE) return el("li", {}, el("span", { class: "place voice" }, ...content));
  const attributes = { class: "place", href: placeHash(channel.guild_id, channel.id), "aria-current": current ? "page" : null, "data-key": channel.id };
  return el("li", { class: unread && !current ? "unread" : "" }, el("a", attributes, ...content, unread && !current && el("span", { class: "unseen" }, ", unread")));
}

function dms(store) {
  const newest = (/** @type {any} */ one) => BigInt(one.last_message_id ?? one.id);
  const all = [...store.dms.values()].sort((one, other) => (newest(one) < newest(other) ? 1 : -1));
  if (!all.length) return [el("li", { class: "nothing" }, "No direct messages yet. Choose a member of a server to write to.")];
  return all.map((one) => {
    const other = one.recipients[0];
    const unread = store.unread.get(one.id) ?? 0;
    const current = one.id === here.channelId;
    return el(
      "li", { class: unread && !current ? "unread" : "" },
      el(
        "a", { class: "place person", href: placeHash(null, one.id), "aria-current": current ? "page" : null, "data-key": one.id },
        avatar(other), el("span", { class: "place-name" }, store.userName(other.id)), unread > 0 && !current && el("span", { class: "count" }, String(unread)),
      ),
    );
  });
}

function drawHead(store, guild) {
  const channel = store.channel(here.channelId);
  if (!channel) {
    head.replaceChildren(el("h1", {}, guild ? "There is no channel here that you may see" : "Direct Messages"));
    document.title = "Sandbox";
    return;
  }
  const other = channel.recipients?.[0];
  const name = other ? store.userName(other.id) : channel.name;
  const parent = channel.thread_metadata && store.channel(channel.parent_id);
  head.replaceChildren(
    other ? icon("at") : icon(ICONS[/** @type {0} */ (channel.type)] ?? "hash"),
    ...(parent ? [el("a", { class: "parent", href: placeHash(channel.guild_id, parent.id) }, parent.name), el("span", { class: "arrow", "aria-hidden": "true" }, "›")] : []),
    el("h1", {}, name),
    ...(channel.topic ? [el("p", { class: "topic", title: channel.topic }, ...inline(channel.topic))] : []),
  );
  document.title = `${other ? "@" : "#"}${name} | ${guild?.name ?? "Direct Messages"}`;
}

/** Leave a place that does not show any more. */
function leaveIfGone() {
  const gone = here.guildId ? !session.client?.store.guilds.has(here.guildId) : false;
  if (gone) {
    const guildId = session.client?.store.guilds.keys().next().value ?? null;
    go(guildId, firstChannel(guildId));
  } else if (here.channelId && !sees(here.channelId)) {
    go(here.guildId, firstChannel(here.guildId));
  }
  drawSoon();
}

const drawSoon = soon(draw);
document.addEventListener("moved", draw);
document.addEventListener("session", draw);
document.addEventListener("unread", draw);
on(["GUILD_CREATE", "GUILD_UPDATE", "CHANNEL_CREATE", "THREAD_CREATE", "THREAD_UPDATE", "THREAD_LIST_SYNC", "MESSAGE_CREATE"], drawSoon);
on(["GUILD_DELETE", "CHANNEL_DELETE", "THREAD_DELETE", "CHANNEL_UPDATE", "GUILD_ROLE_UPDATE", "GUILD_ROLE_DELETE", "GUILD_MEMBER_UPDATE"], leaveIfGone);
