/** How one message is drawn. */

import { components } from "./components.js";
import { embedNode } from "./embeds.js";
import { icon } from "./icons.js";
import { markdown, plain } from "./markdown.js";
import { attachments } from "./media.js";
import { openMenu } from "./menu.js";
import { el } from "./nodes.js";
import { avatar, nameOf } from "./people.js";
import { session } from "./session.js";
import { EPHEMERAL } from "./store.js";
import { systemLine } from "./system.js";
import { toolbar } from "./toolbar.js";
import { dayOf, inFull, ofDay, ofMessage } from "./times.js";
import { placeHash } from "./view.js";

const LOADING = 1 << 7;
const BELONGS_MS = 7 * 60 * 1000;
const TONES = { waiting: "…", quiet: "–", good: "✓", warning: "!", bad: "✕" };

/**
 * What stands between two messages: the day, where it is another.
 * @param {any} message
 * @param {any} before
 */
export function dayBetween(message, before) {
  const day = new Date(message.timestamp);
  if (before && new Date(before.timestamp).toDateString() === day.toDateString()) return null;
  return el("li", { class: "day" }, el("span", {}, dayOf(day)));
}

/**
 * A message as an item of the list.
 * @param {any} message
 * @param {any} before the message above it
 */
export function messageNode(message, before) {
  const store = /** @type {any} */ (session.client).store;
  const guildId = store.guildOf(message.channel_id)?.id ?? null;
  const system = systemLine(message, guildId);
  if (system) return el("li", { class: "system", "data-id": message.id }, system);
  const follows = goesOn(message, before);
  const mine = store.mentionsMe(message);
  const kinds = [follows && "follows", mine && !message.gone && "mentions-me", message.gone && "gone", ephemeral(message) && "ephemeral"];
  const labels = `author-${message.id} content-${message.id} mark-${message.id}`;
  const article = el(
    "article",
    { class: ["message", ...kinds].filter(Boolean).join(" "), tabindex: "-1", "aria-labelledby": labels, "data-id": message.id },
    used(message, guildId),
    reference(message, guildId),
    follows ? gutterTime(message) : avatar(message.author),
    el(
      "div",
      { class: "message-body" },
      header(message, guildId, follows),
      message.gone ? gone(message, guildId) : body(message, guildId),
      markNode(message),
      ephemeral(message) && alone(message),
    ),
    !message.gone && toolbar(message),
  );
  return el("li", { "data-id": message.id }, article);
}

/**
 * The mark of a message, which may be none yet; its place is kept so that it can be put in.
 * @param {any} message
 */
export function markNode(message) {
  const mark = session.client?.store.marks.get(message.id);
  const id = `mark-${message.id}`;
  if (!mark) return el("div", { class: "mark", id, hidden: true });
  const tone = mark.tone in TONES ? mark.tone : "waiting";
  return el("div", { class: `mark ${tone}`, id }, el("i", { "aria-hidden": "true" }, TONES[tone]), mark.text);
}

const ephemeral = (/** @type {any} */ message) => Boolean((message.flags ?? 0) & EPHEMERAL);

function goesOn(message, before) {
  if (!before || before.author.id !== message.author.id || before.gone !== message.gone) return false;
  if (message.message_reference || message.interaction_metadata || ephemeral(message) !== ephemeral(before)) return false;
  const [at, earlier] = [new Date(message.timestamp), new Date(before.timestamp)];
  return at.getTime() - earlier.getTime() < BELONGS_MS && at.toDateString() === earlier.toDateString();
}

function gutterTime(message) {
  const date = new Date(message.timestamp);
  return el("time", { class: "gutter", datetime: date.toISOString(), title: inFull(date), "aria-hidden": "true" }, ofDay(date));
}

function header(message, guildId, follows) {
  const [name, app] = nameOf(message.author, guildId, follows ? "span" : "button");
  if (follows) return el("h3", { class: "unseen", id: `author-${message.id}` }, name.textContent);
  name.dataset.user = message.author.id;
  name.setAttribute("tabindex", "-1");
  name.classList.add("opens-profile");
  const date = new Date(message.timestamp);
  const time = el("time", { datetime: date.toISOString(), title: inFull(date) }, ofMessage(date));
  return el("h3", { class: "message-header" }, el("span", { id: `author-${message.id}` }, name, app), time);
}

function body(message, guildId) {
  if ((message.flags ?? 0) & LOADING) {
    return el("div", { class: "content thinking", id: `content-${message.id}` }, el("i", { class: "dots", "aria-hidden": "true" }), `${message.author.global_name || message.author.username} is thinking…`);
  }
  const edited = message.edited_timestamp && el("span", { class: "edited", title: inFull(new Date(message.edited_timestamp)) }, " (edited)");
  return [
    el("div", { class: "content", id: `content-${message.id}` }, ...markdown(message.content, guildId), edited),
    ...(message.message_snapshots ?? []).map((/** @type {any} */ one) => forwarded(one.message, guildId)),
    ...attachments(message),
    ...(message.embeds ?? []).map((/** @type {any} */ one) => embedNode(one, message, guildId)),
    message.poll && poll(message.poll),
    ...components(message, guildId),
    message.thread && threadBelow(message.thread),
  ];
}

function forwarded(message, guildId) {
  return el("blockquote", { class: "forwarded" }, el("small", {}, "Forwarded"), ...markdown(message.content, guildId), ...attachments(message));
}

function poll(one) {
  const answers = one.answers.map((/** @type {any} */ each) => el("li", {}, each.poll_media.text ?? ""));
  return el("div", { class: "poll" }, el("strong", {}, one.question.text ?? ""), el("ul", {}, ...answers));
}

function gone(message, guildId) {
  const words = el("div", { class: "content", id: `content-${message.id}` }, ...markdown(message.content, guildId), ...attachments(message));
  return el("details", { class: "deleted" }, el("summary", {}, "This message was deleted"), el("s", {}, words));
}

function reference(message, guildId) {
  if (message.message_reference?.type !== 0 || message.type !== 19) return null;
  const other = message.referenced_message;
  if (!other) return el("div", { class: "reference" }, el("i", { class: "hook" }), el("em", {}, "Original message was deleted"));
  const [name] = nameOf(other.author, guildId);
  const words = plain(other.content).slice(0, 200) || "Click to see the message";
  const href = placeHash(guildId, other.channel_id, other.id);
  return el(
    "div", { class: "reference" }, el("i", { class: "hook" }), avatar(other.author), name,
    el("a", { href, "aria-label": `Answers ${name.textContent}: ${words}` }, words),
  );
}

/** Above an answer to a command: who used it. */
function used(message, guildId) {
  const by = message.interaction_metadata?.user;
  if (!by || (message.type !== 20 && message.type !== 23)) return null;
  const [name] = nameOf(by, guildId);
  const command = message.interaction?.name;
  const shown = message.type === 20 ? `/${command}` : command;
  const what = command ? [" used ", el("span", { class: "command" }, shown)] : [" used a command"];
  return el("div", { class: "reference" }, el("i", { class: "hook" }), avatar(by), el("span", {}, name, ...what));
}

function threadBelow(thread) {
  const count = thread.message_count ?? 0;
  return el(
    "a", { class: "thread-below", href: placeHash(thread.guild_id, thread.id) }, icon("thread"),
    el("strong", {}, thread.name), el("span", {}, count === 1 ? "1 message" : `${count} messages`),
  );
}

function alone(message) {
  const dismiss = () => document.dispatchEvent(new CustomEvent("dismiss", { detail: message }));
  return el(
    "div", { class: "alone" }, icon("eye"), "Only you can see this • ",
    el("button", { type: "button", class: "as-link", onclick: dismiss }, "Dismiss message"),
  );
}

document.addEventListener("contextmenu", (event) => {
  const target = /** @type {Element} */ (event.target);
  const article = target.closest(".message");
  if (!article || target.closest("a, input, textarea") || String(getSelection())) return;
  const message = [...(session.client?.store.messages.values() ?? [])].map((one) => one.get(article.getAttribute("data-id"))).find(Boolean);
  if (!message || message.gone || target.closest("[data-user]")) return;
  event.preventDefault();
  openMenu("message", message, article, { x: event.clientX, y: event.clientY });
});
