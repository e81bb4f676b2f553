/**
 * Menus of messages and members: what they offer, and the event by which one is asked for.
 *
 * `openMenu` dispatches "menu" with `{kind, target, anchor, point}` on the anchor: `kind` is "message" or "user",
 * `target` the message or the user, `point` where it was clicked or null. Who draws the menu takes the entries from
 * `entriesFor` and adds the commands of applications.
 */

import { composer } from "./composer.js";
import { beginEditing } from "./editing.js";
import { nameFor } from "./mentions.js";
import { CREATE_PUBLIC_THREADS, MANAGE_MESSAGES, THREADS } from "./permissions.js";
import { session } from "./session.js";
import { EPHEMERAL } from "./store.js";
import { askForThread } from "./threads.js";
import { go, here } from "./view.js";

/** @typedef {{label: string, run: () => unknown, icon: any, quick?: boolean, danger?: boolean}} Entry */

/**
 * Ask for a menu.
 * @param {"message" | "user"} kind
 * @param {any} target
 * @param {Element} anchor by which it opens, and which gets the focus back
 * @param {{x: number, y: number} | null} [point]
 */
export function openMenu(kind, target, anchor, point = null) {
  anchor.dispatchEvent(new CustomEvent("menu", { bubbles: true, detail: { kind, target, anchor, point } }));
}

/**
 * What the page itself offers for a message or a user.
 * @param {"message" | "user"} kind
 * @param {any} target
 * @returns {Entry[]}
 */
export function entriesFor(kind, target) {
  return kind === "message" ? actions(target) : aboutUser(target);
}

/**
 * What may be done with a message.
 * @param {any} message
 * @returns {Entry[]}
 */
export function actions(message) {
  const client = /** @type {import("./client.js").Client} */ (session.client);
  const store = client.store;
  const path = `/channels/${message.channel_id}/messages/${message.id}`;
  const isMine = message.author.id === client.me.id;
  const isEphemeral = Boolean((message.flags ?? 0) & EPHEMERAL);
  const guild = store.guildOf(message.channel_id);
  const channel = store.channel(message.channel_id);
  const mayThread = guild && !message.thread && !THREADS.has(channel?.type) && store.may(message.channel_id, CREATE_PUBLIC_THREADS);
  /** @type {Array<Entry | false>} */
  const all = [
    !isEphemeral && composer.mayWrite() && { label: "Reply", icon: "reply", quick: true, run: () => composer.reply(message) },
    isMine && !isEphemeral && { label: "Edit Message", icon: "edit", quick: true, run: () => beginEditing(message) },
    !isEphemeral && mayThread && { label: "Create Thread", icon: "thread", quick: true, run: () => askForThread(message) },
    Boolean(message.content) && { label: "Copy Text", icon: "file", run: () => copy(message.content) },
    { label: "Copy Message ID", icon: "hash", run: () => copy(message.id) },
    !isEphemeral && (isMine || (guild && store.may(message.channel_id, MANAGE_MESSAGES))) &&
      { label: "Delete Message", icon: "trash", danger: true, run: () => client.rest("DELETE", path).catch((error) => composer.tell(error.message)) },
  ];
  return /** @type {Entry[]} */ (all.filter(Boolean));
}

/**
 * Open the direct messages with somebody.
 * @param {string} userId
 */
export async function message(userId) {
  const client = /** @type {import("./client.js").Client} */ (session.client);
  try {
    const channel = await client.rest("POST", "/users/@me/channels", { recipient_id: userId });
    client.learn("CHANNEL_CREATE", channel);
    go(null, channel.id);
  } catch (error) {
    composer.tell(/** @type {Error} */ (error).message);
  }
}

function aboutUser(user) {
  const isMe = user.id === session.client?.me.id;
  return [
    ...(isMe ? [] : [{ label: "Message", icon: "chat", run: () => message(user.id) }]),
    ...(here.guildId && composer.mayWrite() ? [{ label: "Mention", icon: "at", run: () => composer.insert(`${nameFor(`<@${user.id}>`)} `) }] : []),
    { label: "Copy User ID", icon: "hash", run: () => copy(user.id) },
  ];
}

function copy(text) {
  return navigator.clipboard?.writeText(text).catch(() => composer.tell("The browser does not allow copying here."));
}

document.addEventListener("contextmenu", (event) => {
  const named = /** @type {Element} */ (event.target).closest("[data-user]");
  const user = session.client?.store.users.get(named?.getAttribute("data-user") ?? "");
  if (!named || !user) return;
  event.preventDefault();
  openMenu("user", user, named, { x: event.clientX, y: event.clientY });
});
