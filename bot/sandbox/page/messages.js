/** The list of the messages of the place that is looked at. */

import { announce } from "./announce.js";
import { composer } from "./composer.js";
import { soon } from "./drawing.js";
import { editing } from "./editing.js";
import { plain } from "./markdown.js";
import { dayBetween, markNode, messageNode } from "./message.js";
import { el } from "./nodes.js";
import { seen } from "./reading.js";
import { on, session } from "./session.js";
import { loadStarter } from "./starters.js";
import { welcome } from "./welcome.js";
import { here } from "./view.js";

const PAGE = 50;
const MOST_SHOWN = 400;
const NEAR_BOTTOM = 80;
const NEAR_TOP = 300;
const PAGES_TO_LOOK_BACK = 10;
const FORUM = 15;

const scroller = /** @type {HTMLElement} */ (document.getElementById("messages"));
const list = /** @type {HTMLElement} */ (document.getElementById("message-list"));
const below = /** @type {HTMLButtonElement} */ (document.getElementById("to-newest"));
let pinned = true;
let lastTop = 0;
let loadingOlder = false;
/** Above which message the line stands that begins what is new, and how many came while one read above. */
const news = { from: /** @type {string | null} */ (null), missed: 0 };

const known = () => session.client?.store.messages.get(here.channelId ?? "") ?? new Map();
const rowOf = (/** @type {string} */ id) => list.querySelector(`li[data-id="${CSS.escape(id)}"]`);

/** Draw all that is known of the place. */
function draw() {
  const store = session.client?.store;
  const channel = store?.channel(here.channelId);
  /** @type {Node[]} */
  const nodes = [];
  let before = null;
  if (store && channel && !store.loaded.get(channel.id)?.more) nodes.push(welcome(channel, store));
  for (const message of known().values()) {
    nodes.push(...rows(message, before));
    before = message;
  }
  list.replaceChildren(...nodes);
  setRoving();
  toBottomIfPinned();
}

function rows(message, before) {
  const above = [dayBetween(message, before), message.id === news.from && newLine()].filter(Boolean);
  return [...above, messageNode(message, above.length ? null : before)];
}

/** The one message that the Tab key leads to: the last that had the focus, else the newest. */
function setRoving(to = list.querySelector(".message[tabindex='0']") ?? [...list.querySelectorAll(".message")].pop()) {
  for (const one of list.querySelectorAll(".message[tabindex='0']")) if (one !== to) reach(one, "-1");
  if (to) reach(to, "0");
}

/** Whether the Tab key leads to a message, to its author's name and to what one may do with it. */
function reach(article, tabindex) {
  for (const one of [article, ...article.querySelectorAll(".opens-profile, .toolbar button")]) one.setAttribute("tabindex", tabindex);
}

function toBottomIfPinned() {
  if (pinned) scroller.scrollTop = scroller.scrollHeight;
  offerNewest();
}

function offerNewest() {
  if (pinned) news.missed = 0;
  below.hidden = pinned;
  below.textContent = news.missed ? `${news.missed} new: jump to the newest messages` : "Jump to the newest messages";
}

function newLine() {
  return el("li", { class: "new-line" }, el("span", {}, "New"));
}

/** What is new begins in sight, also where it is more than fits. */
function showNews() {
  const line = /** @type {HTMLElement | null} */ (list.querySelector(".new-line"));
  if (!line || line.offsetTop >= scroller.scrollTop) return;
  pinned = false;
  line.scrollIntoView({ block: "start" });
  offerNewest();
}

/** After many messages at once the page is laid out once. */
const settle = soon(() => {
  setRoving();
  toBottomIfPinned();
});

/** Draw a message anew where it stands, without losing the focus or what was opened in it. */
function redraw(id) {
  const row = rowOf(id);
  const message = known().get(id);
  if (!row || !message || editing.id === id) return;
  const all = [...known().values()];
  const before = all[all.indexOf(message) - 1] ?? null;
  const isApart = row.previousElementSibling?.matches(".day, .new-line");
  const made = messageNode(message, isApart ? null : before);
  const focusable = "button, a[href], textarea, input, summary, [tabindex]";
  const at = row.contains(document.activeElement)
    ? [...row.querySelectorAll(focusable)].indexOf(/** @type {Element} */ (document.activeElement))
    : -1;
  const roving = Boolean(row.querySelector(".message[tabindex='0']"));
  row.replaceWith(made);
  if (roving) setRoving(made.querySelector(".message"));
  if (at >= 0) /** @type {HTMLElement} */ ([...made.querySelectorAll(focusable)][at] ?? made.querySelector(".message"))?.focus();
  toBottomIfPinned();
}

/** Of a thread, draw anew what stands above it, where one of these messages is what it was begun from. */
function drawWelcome(/** @type {string[]} */ ids) {
  const store = session.client?.store;
  const shown = list.querySelector(".welcome");
  if (store && shown && ids.includes(here.channelId ?? "")) shown.replaceWith(welcome(store.channel(here.channelId), store));
}

/** Show the place: what is known at once, and what REST gives. */
async function show() {
  const client = session.client;
  const channelId = here.channelId;
  const channel = client?.store.channel(channelId);
  pinned = true;
  if (!client || !channelId || !channel) return list.replaceChildren();
  scroller.setAttribute("aria-label", `Messages in ${channel.name ?? "the direct messages"}`);
  news.from = seen(channelId);
  if (!client.store.loaded.has(channelId) && channel.type !== FORUM) {
    list.replaceChildren(el("li", { class: "loading" }, "Loading…"));
    client.store.messagesOf(channelId);
    try {
      const [messages, marks] = await Promise.all([
        client.rest("GET", `/channels/${channelId}/messages?limit=${PAGE}`),
        client.rest("GET", `/channels/${channelId}/sandbox-marks`),
        loadStarter(client, channel),
      ]);
      client.store.take(channelId, messages);
      client.store.takeMarks(marks);
      client.store.loaded.set(channelId, { more: messages.length === PAGE });
    } catch (error) {
      if (here.channelId === channelId) list.replaceChildren(el("li", { class: "loading" }, /** @type {Error} */ (error).message));
      return;
    }
  }
  if (here.channelId !== channelId || session.client !== client) return;
  draw();
  if (here.messageId) await jump(here.messageId);
  else showNews();
}

/** Bring a message into view, looking back for it if need be. */
async function jump(id) {
  for (let page = 0; page < PAGES_TO_LOOK_BACK && !rowOf(id) && (await older()); page++);
  const article = /** @type {HTMLElement | null} */ (rowOf(id)?.querySelector(".message"));
  here.messageId = null;
  if (!article) return composer.tell("That message is not here any more.");
  pinned = false;
  article.scrollIntoView({ block: "center" });
  article.classList.add("pointed-out");
  setTimeout(() => article.classList.remove("pointed-out"), 2500);
  setRoving(article);
  article.focus({ preventScroll: true });
}

/** Load older messages above; false where there are none. */
async function older() {
  const client = session.client;
  const channelId = here.channelId ?? "";
  const state = client?.store.loaded.get(channelId);
  const first = known().keys().next().value;
  if (!client || !state?.more || loadingOlder || !first) return false;
  loadingOlder = true;
  try {
    const found = await client.rest("GET", `/channels/${channelId}/messages?limit=${PAGE}&before=${first}`);
    client.store.take(channelId, found);
    state.more = found.length === PAGE;
    if (here.channelId !== channelId) return false;
    const [height, top] = [scroller.scrollHeight, scroller.scrollTop];
    pinned = false;
    draw();
    scroller.scrollTop = top + scroller.scrollHeight - height;
    return true;
  } catch {
    return false;
  } finally {
    loadingOlder = false;
  }
}

function added(message) {
  if (message.channel_id !== here.channelId || !session.client) return;
  const store = session.client.store;
  seen(message.channel_id);
  const isMine = message.author.id === session.client.me.id;
  // What one asked for is shown, wherever one was reading.
  if (isMine || message.interaction_metadata?.user?.id === session.client.me.id) pinned = true;
  if (!isMine) announce(`${store.userName(message.author.id, here.guildId)}: ${plain(message.content) || "posted something"}`);
  if (!store.loaded.has(message.channel_id)) return;
  if (pinned && known().size > MOST_SHOWN) {
    for (const id of [...known().keys()].slice(0, known().size - MOST_SHOWN / 2)) known().delete(id);
    store.loaded.set(message.channel_id, { more: true });
    return draw();
  }
  if (!pinned && (news.missed += 1) === 1) {
    news.from = message.id;
    list.querySelector(".new-line")?.remove();
  }
  const all = [...known().values()];
  list.append(...rows(message, all[all.length - 2] ?? null));
  settle();
}

on("MESSAGE_CREATE", (message) => {
  added(message);
  const place = session.client?.store.channel(message.channel_id);
  if (place?.thread_metadata && place.parent_id === here.channelId) redraw(place.id);
});
on("MESSAGE_UPDATE", (message) => {
  if (message.channel_id === here.channelId) redraw(message.id);
  drawWelcome([message.id]);
});
on(["MESSAGE_DELETE", "MESSAGE_DELETE_BULK"], (d) => {
  drawWelcome(d.ids ?? [d.id]);
  if (d.channel_id !== here.channelId) return;
  for (const id of d.ids ?? [d.id]) {
    if (known().has(id)) redraw(id);
    else rowOf(id)?.remove();
  }
});
on("SANDBOX_MARK", (d) => {
  if (d.channel_id !== here.channelId) return;
  const message = known().get(d.message_id);
  if (!message) return;
  document.getElementById(`mark-${d.message_id}`)?.replaceWith(markNode(message));
  if (d.tone !== "quiet") announce(`${session.client?.store.userName(message.author.id, here.guildId)}'s message: ${d.text}`);
  settle();
});
on(["THREAD_CREATE", "THREAD_UPDATE"], (thread) => thread.parent_id === here.channelId && redraw(thread.id));
on("READY", () => list.replaceChildren());
// After a login anew, and after an outage, all is read again.
on("ready", ({ again }) => again && show());
on("GUILD_CREATE", (guild) => guild.id === here.guildId && session.client?.state === "connected" && show());
document.addEventListener("moved", () => void show());
document.addEventListener("edited", (event) => redraw(/** @type {CustomEvent} */ (event).detail.id));
document.addEventListener("dismiss", (event) => {
  const message = /** @type {CustomEvent} */ (event).detail;
  session.client?.store.messages.get(message.channel_id)?.delete(message.id);
  rowOf(message.id)?.remove();
  document.getElementById("words")?.focus();
});

scroller.addEventListener("scroll", () => {
  // Who is at the bottom leaves it by scrolling up, and not because messages came before this was told.
  const isNear = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_BOTTOM;
  pinned = isNear || (pinned && scroller.scrollTop >= lastTop);
  lastTop = scroller.scrollTop;
  offerNewest();
  if (scroller.scrollTop < NEAR_TOP) void older();
}, { passive: true });
below.addEventListener("click", () => {
  pinned = true;
  toBottomIfPinned();
});
// What loads late, as a picture, must not push the newest message out of sight.
new ResizeObserver(toBottomIfPinned).observe(list);
new ResizeObserver(toBottomIfPinned).observe(scroller);

list.addEventListener("focusin", (event) => {
  const article = /** @type {Element} */ (event.target).closest(".message");
  if (article) setRoving(article);
});
list.addEventListener("keydown", (event) => {
  if (!(/** @type {Element} */ (event.target).matches(".message"))) return;
  const all = /** @type {HTMLElement[]} */ ([...list.querySelectorAll(".message")]);
  const at = all.indexOf(/** @type {HTMLElement} */ (event.target));
  const to = { ArrowUp: all[at - 1], ArrowDown: all[at + 1], Home: all[0], End: all[all.length - 1] }[event.key];
  if (!to) return;
  event.preventDefault();
  to.focus();
  to.scrollIntoView({ block: "nearest" });
});
