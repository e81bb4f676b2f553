/** Messages that nobody wrote: somebody came, a thread was begun, something was pinned. */

import { el } from "./nodes.js";
import { nameOf } from "./people.js";
import { inFull, ofMessage } from "./times.js";

const SAYS = {
  1: "added somebody to the conversation.",
  4: "changed the channel's name.",
  6: "pinned a message to this channel.",
  7: "joined the server.",
  18: "started a thread.",
  21: "started this thread.",
  46: "ended a poll.",
};

/**
 * The line of a system message; null for a message that somebody wrote.
 * @param {any} message
 * @param {string | null} guildId
 */
export function systemLine(message, guildId) {
  const says = SAYS[/** @type {7} */ (message.type)];
  if (!says) return null;
  const date = new Date(message.timestamp);
  const time = el("time", { datetime: date.toISOString(), title: inFull(date) }, ofMessage(date));
  const [name] = nameOf(message.author, guildId);
  return el("p", {}, el("i", { "aria-hidden": "true" }, "→"), name, " ", message.type === 18 ? `started a thread: ${message.content}` : says, time);
}
