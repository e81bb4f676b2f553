/** What stands above the first message of a place. */

import { icon } from "./icons.js";
import { plain } from "./markdown.js";
import { el } from "./nodes.js";
import { avatar } from "./people.js";
import { placeHash } from "./view.js";

const FORUM = 15;

/**
 * The beginning of a channel; of a forum, its posts.
 * @param {any} channel
 * @param {import("./store.js").Store} store
 */
export function welcome(channel, store) {
  if (channel.recipients) {
    const other = channel.recipients[0];
    const name = store.userName(other.id);
    return el("li", { class: "welcome" }, avatar(other), el("h2", {}, name), el("p", {}, `This is the beginning of your direct messages with ${name}.`));
  }
  if (channel.type === FORUM) {
    const guild = store.guilds.get(channel.guild_id);
    const posts = store.visible(guild).filter((one) => one.parent_id === channel.id);
    const links = posts.map((one) => el("li", {}, el("a", { class: "thread-below", href: placeHash(one.guild_id, one.id) }, icon("thread"), el("strong", {}, one.name))));
    return el("li", { class: "welcome" }, el("h2", {}, channel.name), el("p", {}, links.length ? "Posts" : "There are no posts yet."), el("ul", { class: "posts" }, ...links));
  }
  const isThread = Boolean(channel.thread_metadata);
  const starter = isThread && store.starterOf(channel);
  return el(
    "li", { class: "welcome" },
    el("span", { class: "welcome-icon" }, icon(isThread ? "thread" : "hash")),
    el("h2", {}, isThread ? channel.name : `Welcome to #${channel.name}!`),
    el("p", {}, isThread ? `This thread was started by ${store.userName(channel.owner_id, channel.guild_id)}.` : `This is the start of the #${channel.name} channel.`),
    starter && begunBy(starter, store),
  );
}

/** The message that a thread was begun from. */
function begunBy(message, store) {
  const guild = store.guildOf(message.channel_id);
  return el(
    "blockquote", { class: "forwarded" },
    el("a", { href: placeHash(guild?.id ?? null, message.channel_id, message.id) }, store.userName(message.author.id, guild?.id)), ": ",
    message.gone ? el("em", {}, "This message was deleted") : plain(message.content) || "a message without text",
  );
}
