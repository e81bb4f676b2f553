/** Names that are suggested while one types "@" or "#" in a message: people and roles, or channels. */

import { announce } from "./announce.js";
import { Listbox } from "./listbox.js";
import * as lookup from "./lookup.js";
import { CODE, nameFor } from "./mentions.js";
import { el } from "./nodes.js";
import { MENTION_EVERYONE } from "./permissions.js";
import { session } from "./session.js";
import { channelRow, personRow, roleRow } from "./suggest.js";
import { here } from "./view.js";

const ASKED = /(?<![\w<@#])([@#])(?!\s)([^@#\n]{0,40})$/;
const OPEN_CODE = /```|`[^`\n]*$/;
const MOST = 8;
/** Channels that one can look at: no categories, no voice. */
const TO_LOOK_AT = [0, 5, 10, 11, 12, 15];

/** Suggests names for a text field; arrows, Enter and Tab choose, Escape closes. */
export class Naming {
  /** @param {HTMLTextAreaElement} field */
  constructor(field) {
    this._field = field;
    /** Where the list is drawn: to be put beside the field. */
    this.node = el("div", { class: "palette" });
    this._list = new Listbox(this.node);
    this._asked = null;
    this._said = "";
    /** Where the word begins of which nothing more is to be suggested. */
    this._done = -1;
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-haspopup", "listbox");
    for (const name of ["input", "keyup", "click"]) field.addEventListener(name, () => this._look());
    field.addEventListener("blur", () => this.close());
    // Before the field's own handlers, for which Enter sends and Escape leaves.
    field.addEventListener("keydown", (event) => this._key(event), { capture: true });
  }

  /** Take the list away. */
  close() {
    if (this._asked) this._list.hide();
    [this._asked, this._said] = [null, ""];
  }

  _look() {
    const { selectionStart: at, selectionEnd: end, value } = this._field;
    const asked = at === end && document.activeElement === this._field ? wanted(value.slice(0, at)) : null;
    if (asked?.start !== this._done) this._done = -1;
    const groups = asked && this._done < 0 ? found(asked) : [];
    if (!groups.some(({ rows }) => rows.length)) return this.close();
    // The keys that move the mark are told of too, when they are let go.
    if (this._asked?.start === asked.start && this._asked.query === asked.query) return;
    this._asked = asked;
    const name = asked.sign === "#" ? "Channels" : "Names";
    this._list.show(this._field, { name, head: null, groups, empty: null, first: true }, (row) => this._write(row));
    this._place();
    this._say(groups.reduce((sum, { rows }) => sum + rows.length, 0));
  }

  /** Above the field, but below it where there is no room in the list of messages. */
  _place() {
    this.node.classList.remove("below");
    const around = this.node.closest("#messages");
    if (around && this.node.getBoundingClientRect().top < around.getBoundingClientRect().top) {
      this.node.classList.add("below");
      this.node.scrollIntoView({ block: "nearest" });
    }
  }

  _say(count) {
    const said = count === 1 ? "1 suggestion" : `${count} suggestions`;
    if (said !== this._said) announce(said);
    this._said = said;
  }

  _key(event) {
    if (!this._asked || event.isComposing) return;
    const takes = { ArrowDown: () => this._list.move(1), ArrowUp: () => this._list.move(-1) };
    takes.Escape = () => this._leave();
    if (!event.shiftKey) takes.Enter = takes.Tab = () => this._list.choose();
    if (!takes[event.key]) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    takes[event.key]();
  }

  _leave() {
    this._done = this._asked.start;
    this.close();
  }

  _write(row) {
    const { start } = this._asked;
    const at = this._field.selectionStart;
    const space = this._field.value[at] === " " ? "" : " ";
    this._leave();
    this._field.setRangeText(`${row.value}${space}`, start, at, "end");
    if (!space) this._field.setSelectionRange(this._field.selectionEnd + 1, this._field.selectionEnd + 1);
    this._field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

/** What is asked for at the end of a text: the sign, what is typed behind it, and where it begins; null for nothing. */
function wanted(text) {
  const asked = ASKED.exec(text);
  // A command has fields of its own, and in code there are no mentions.
  if (!asked || !session.client || text.startsWith("/") || OPEN_CODE.test(text.replace(CODE, ""))) return null;
  return { sign: asked[1], query: plain(asked[2]), start: asked.index };
}

function found({ sign, query }) {
  if (sign === "#") return [{ heading: "Channels", rows: best(channels(), query) }];
  return [
    { heading: "Members", rows: best(people(), query) },
    { heading: "Roles", rows: best(roles(), query) },
  ];
}

function channels() {
  const open = lookup.channels(here, TO_LOOK_AT).filter(({ isArchived }) => !isArchived);
  return open.map((one) => ({ ...channelRow(one), value: () => nameFor(`<#${one.id}>`) }));
}

/** Those who spoke last come first. */
function people() {
  const spoken = new Map();
  const said = session.client.store.messages.get(here.channelId ?? "")?.values() ?? [];
  for (const [index, message] of [...said].entries()) spoken.set(message.author.id, index);
  const all = lookup.people(here).sort((one, other) => (spoken.get(other.id) ?? -1) - (spoken.get(one.id) ?? -1));
  return all.map((one) => ({ ...personRow(one), value: () => nameFor(`<@${one.id}>`) }));
}

/** The roles that one may call, which is anybody's for some only. */
function roles() {
  if (!here.guildId) return [];
  const mayAll = session.client.store.may(here.channelId, MENTION_EVERYONE);
  const called = lookup.roles(here).filter(({ id, mentionable }) => id !== here.guildId && (mayAll || mentionable));
  const rows = called.map((one) => ({ ...roleRow(one), value: () => nameFor(`<@&${one.id}>`) }));
  const shouts = [
    { label: "everyone", detail: "Notify everyone who sees this channel", mark: "@", value: () => "@everyone" },
    { label: "here", detail: "Notify those online who see this channel", mark: "@", value: () => "@here" },
  ];
  return mayAll ? [...shouts, ...rows] : rows;
}

/** The rows that fit what is typed, those first whose name begins with it; their texts are then worked out. */
function best(rows, query) {
  const ranked = rows.map((row) => ({ row, rank: rank(row, query) })).filter((one) => one.rank >= 0);
  const first = ranked.sort((one, other) => one.rank - other.rank).slice(0, MOST);
  return first.map(({ row }) => ({ ...row, value: row.value() }));
}

function rank({ label, detail, mark }, query) {
  // A channel's detail is its category, which is not its name.
  const names = [label, mark === "#" ? "" : (detail ?? "")].map(plain);
  const begins = names.findIndex((name) => name.startsWith(query));
  if (begins >= 0) return begins;
  if (names.some((name) => name.split(/[\s_-]+/).some((word) => word.startsWith(query)))) return 2;
  return names.some((name) => name.includes(query)) ? 3 : -1;
}

/** A text as it is compared: without accents and capitals. */
function plain(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}
