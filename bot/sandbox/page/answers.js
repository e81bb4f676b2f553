/** Reads out what applications answer, which would otherwise only be seen: a deferred answer is told when it is there. */

import { announce } from "./announce.js";
import { plain } from "./markdown.js";
import { on, session } from "./session.js";

const LOADING = 1 << 7;
/** @type {Set<string>} answers to the user that the application still thinks about */
const awaited = new Set();

on("MESSAGE_CREATE", (message) => {
  const isForMe = message.interaction_metadata?.user?.id === session.client?.me.id;
  if (isForMe && (message.flags ?? 0) & LOADING) awaited.add(message.id);
});
on("MESSAGE_UPDATE", (message) => {
  if ((message.flags ?? 0) & LOADING || !awaited.delete(message.id)) return;
  const embeds = (message.embeds ?? []).map((one) => [one.title, one.description].filter(Boolean).join(": "));
  const words = plain([message.content, ...embeds].filter(Boolean).join(" ")) || "has answered";
  announce(`${session.client?.store.userName(message.author.id, message.guild_id)}: ${words}`);
});
