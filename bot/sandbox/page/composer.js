/**
 * Where messages are written.
 *
 * What begins with "/" is a command and not sent: "slash" is dispatched on the field with `{text}` on each change while
 * it does, and once with an empty text when it does no more; Enter dispatches "slash-enter" with `{text}`. Who listens
 * to keys of the field before this module may keep them from it with preventDefault. `palette` is the place above it.
 */

import { beginEditing } from "./editing.js";
import { fitRows } from "./fitting.js";
import { icon } from "./icons.js";
import { el } from "./nodes.js";
import { ATTACH_FILES, SEND_MESSAGES, SEND_MESSAGES_IN_THREADS, THREADS, timedOutUntil } from "./permissions.js";
import { on, session } from "./session.js";
import { withMentions } from "./mentions.js";
import { Naming } from "./naming.js";
import { EPHEMERAL } from "./store.js";
import { inFull } from "./times.js";
import { here } from "./view.js";

const LONGEST = 2000;
const COUNTED_FROM = 1800;
const form = /** @type {HTMLFormElement} */ (document.getElementById("composer"));
const textarea = /** @type {HTMLTextAreaElement} */ (document.getElementById("words"));
const replyBar = /** @type {HTMLElement} */ (document.getElementById("reply-bar"));
const note = /** @type {HTMLElement} */ (document.getElementById("composer-note"));
const counter = /** @type {HTMLElement} */ (document.getElementById("composer-count"));
const fileButton = /** @type {HTMLButtonElement} */ (document.getElementById("attach"));
const fileInput = /** @type {HTMLInputElement} */ (document.getElementById("attach-input"));
const fileList = /** @type {HTMLElement} */ (document.getElementById("attached"));

/** @type {Map<string, {text: string, files: File[], answered: any}>} what is begun and not sent, by channel */
const drafts = new Map();
let draftOf = /** @type {string | null} */ (null);
let answered = /** @type {any} */ (null);
/** Whether who is answered is told of it. */
let pings = true;
/** @type {File[]} */
let files = [];
let wasSlash = false;
let timeoutClock = 0;

export const composer = {
  textarea,
  palette: /** @type {HTMLElement} */ (document.getElementById("palette")),
  reply,
  tell,
  insert,
  clear,
  /** Whether the user may write in the place that is looked at. */
  mayWrite: () => !obstacle(),
  addFiles,
  mayAttach: () => !fileButton.disabled && !textarea.hidden,
};

/** Why nothing may be written here; "" where it may. */
function obstacle() {
  const client = session.client;
  const channel = client?.store.channel(here.channelId);
  if (!client || !channel) return "Choose a channel to write in.";
  const guild = client.store.guildOf(channel.id);
  const until = timedOutUntil(guild?.members.get(client.me.id));
  clearTimeout(timeoutClock);
  if (until) timeoutClock = setTimeout(fit, Math.min(until.getTime() - Date.now() + 50, 2 ** 31 - 1));
  if (until) return `You are timed out until ${inFull(until)}.`;
  if (channel.type === 15) return "Choose a post of this forum to write in it.";
  if (channel.thread_metadata?.locked && channel.thread_metadata.archived) return "This thread is closed.";
  const bit = THREADS.has(channel.type) ? SEND_MESSAGES_IN_THREADS : SEND_MESSAGES;
  return client.store.may(channel.id, bit) ? "" : "You do not have permission to send messages in this channel.";
}

/** Say something below the field, as why a message was refused. */
function tell(/** @type {string} */ text) {
  note.textContent = text;
}

function reply(/** @type {any} */ message) {
  beginReply(message);
  textarea.focus();
}

function beginReply(/** @type {any} */ message) {
  [answered, pings] = [message, true];
  const name = session.client?.store.userName(message.author.id, here.guildId);
  const cancel = el("button", { type: "button", "aria-label": "Do not reply", onclick: () => endReply(true) }, icon("close"));
  const isMine = message.author.id === session.client?.me.id;
  replyBar.replaceChildren(el("span", {}, "Replying to ", el("strong", {}, name)), el("div", {}, !isMine && pingButton(name), cancel));
  replyBar.hidden = false;
}

function pingButton(name) {
  const label = `Mention ${name}`;
  const button = el("button", { type: "button", class: "ping", "aria-pressed": "true", title: label, "aria-label": label });
  button.addEventListener("click", () => {
    pings = !pings;
    button.setAttribute("aria-pressed", String(pings));
  });
  return button;
}

function endReply(back = false) {
  answered = null;
  replyBar.hidden = true;
  replyBar.replaceChildren();
  if (back) textarea.focus();
}

function insert(/** @type {string} */ text) {
  textarea.setRangeText(text, textarea.selectionStart, textarea.selectionEnd, "end");
  textarea.focus();
  changed();
}

function clear() {
  textarea.value = "";
  changed();
}

function changed() {
  const text = textarea.value;
  fitRows(textarea, 10);
  counter.textContent = text.length > COUNTED_FROM ? String(LONGEST - text.length) : "";
  counter.classList.toggle("over", text.length > LONGEST);
  const slash = text.startsWith("/");
  if (slash || wasSlash) textarea.dispatchEvent(new CustomEvent("slash", { bubbles: true, detail: { text: slash ? text : "" } }));
  wasSlash = slash;
}

/** Fit the field to the place: what may be written, and what was begun there. */
function fit() {
  const store = session.client?.store;
  const channel = store?.channel(here.channelId);
  if (draftOf !== here.channelId) {
    if (draftOf) drafts.set(draftOf, { text: textarea.value, files, answered });
    draftOf = here.channelId;
    const begun = drafts.get(draftOf ?? "");
    textarea.value = begun?.text ?? "";
    if (begun?.answered) beginReply(begun.answered);
    else endReply();
    attach(begun?.files ?? []);
    tell("");
    changed();
  }
  const why = obstacle();
  const name = channel?.recipients ? `@${store?.userName(channel.recipients[0].id)}` : channel?.thread_metadata ? channel?.name : `#${channel?.name}`;
  textarea.placeholder = why || `Message ${name}`;
  textarea.setAttribute("aria-label", why || `Message ${name}`);
  textarea.disabled = Boolean(why);
  fileButton.disabled = Boolean(why) || !store?.may(here.channelId, ATTACH_FILES);
  if (channel?.rate_limit_per_user && !why && !note.textContent) tell(`Slowmode is on: one message each ${channel.rate_limit_per_user} seconds.`);
}

function attach(/** @type {File[]} */ chosen) {
  files = chosen;
  const remove = (/** @type {File} */ file) => attach(files.filter((one) => one !== file));
  fileList.replaceChildren(
    ...files.map((file) => el("li", {}, icon("file"), file.name, el("button", { type: "button", "aria-label": `Remove ${file.name}`, onclick: () => remove(file) }, icon("close")))),
  );
  fileInput.value = "";
}

function addFiles(/** @type {File[]} */ added) {
  attach([...files, ...added]);
  textarea.focus();
}

async function send() {
  const content = withMentions(textarea.value.trim());
  const channelId = here.channelId;
  if (content.startsWith("/")) return void textarea.dispatchEvent(new CustomEvent("slash-enter", { bubbles: true, detail: { text: textarea.value } }));
  if ((!content && !files.length) || !session.client || !channelId) return;
  if (content.length > LONGEST) return tell(`A message may have ${LONGEST} characters; this one has ${content.length}.`);
  const [kept, keptFiles, keptAnswer] = [textarea.value, files, answered];
  const body = { content, ...(answered ? answering(answered, pings) : {}) };
  clear();
  attach([]);
  endReply();
  tell("");
  try {
    await session.client.rest("POST", `/channels/${channelId}/messages`, body, keptFiles);
  } catch (error) {
    if (here.channelId === channelId && !textarea.value) {
      textarea.value = kept;
      attach(keptFiles);
      if (keptAnswer) reply(keptAnswer);
      changed();
    }
    tell(said(/** @type {any} */ (error)));
  }
}

/** What a body says of the message that it answers. */
function answering(message, isTold) {
  const reference = { message_reference: { message_id: message.id } };
  return isTold ? reference : { ...reference, allowed_mentions: { parse: ["users", "roles", "everyone"], replied_user: false } };
}

function said(error) {
  const wait = error.body?.retry_after;
  return wait ? `Slowmode is on: wait ${Math.ceil(wait)} seconds.` : error.message;
}

function editLast() {
  const known = [...(session.client?.store.messages.get(here.channelId ?? "")?.values() ?? [])];
  const mine = known.reverse().find((one) => one.author.id === session.client?.me.id && !one.gone && !((one.flags ?? 0) & EPHEMERAL));
  if (mine) beginEditing(mine);
}

const naming = new Naming(textarea);
form.prepend(naming.node);
textarea.addEventListener("input", changed);
textarea.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing) return;
  if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    void send();
  } else if (event.key === "ArrowUp" && !textarea.value) {
    event.preventDefault();
    editLast();
  } else if (event.key === "Escape" && answered) {
    endReply(true);
  }
});
// Who types where nothing takes it means a message; a space scrolls and presses buttons.
document.addEventListener("keydown", (event) => {
  const isTyped = [...event.key].length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey;
  const takesIt = "input, textarea, select, dialog, [role=menu], [role=listbox], [role=combobox], [aria-expanded=true][aria-haspopup]";
  if (!isTyped || event.defaultPrevented || event.isComposing || textarea.disabled || textarea.hidden) return;
  if (!(/** @type {Element} */ (event.target).closest(takesIt)) && !document.querySelector("dialog[open]")) textarea.focus();
});
addEventListener("resize", () => fitRows(textarea, 10));
textarea.addEventListener("paste", (event) => {
  const pasted = [...(event.clipboardData?.files ?? [])];
  if (!pasted.length || fileButton.disabled) return;
  event.preventDefault();
  addFiles(pasted);
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  void send();
});
fileButton.addEventListener("click", () => fileInput.click());
fileInput.addEventListener("change", () => addFiles([...(fileInput.files ?? [])]));
document.addEventListener("moved", () => {
  naming.close();
  fit();
});
// What one began to write is not the next one's.
document.addEventListener("session", () => {
  drafts.clear();
  draftOf = null;
});
on(["READY", "CHANNEL_UPDATE", "THREAD_UPDATE", "GUILD_MEMBER_UPDATE", "GUILD_ROLE_UPDATE", "GUILD_CREATE"], fit);
