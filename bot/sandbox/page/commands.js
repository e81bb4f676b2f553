/** The palette of slash commands above the composer, and the way from a command to its interaction. */

import { CommandLine } from "./commandline.js";
import { AUTOCOMPLETE, COMMAND, interact } from "./interactions.js";
import { Listbox } from "./listbox.js";
import * as lookup from "./lookup.js";
import { commandData, leaves, mayUse } from "./options.js";
import { session } from "./session.js";
import { here } from "./view.js";

const SLASH = 1;

/** The commands that whoever is logged in may use at a place. */
export async function usableCommands(place) {
  const path = place.guildId ? `/guilds/${place.guildId}` : `/channels/${place.channelId}`;
  const { application_commands: commands } = await session.client.rest("GET", `${path}/application-command-index`);
  const bits = lookup.bitsAt(place);
  return commands.filter((command) => mayUse(command, bits));
}

/** Watches the composer's text; shows the commands while it begins with a slash, then one command's options. */
export class SlashCommands {
  /**
   * @param {{textarea: HTMLTextAreaElement, palette: HTMLElement, tell: Function, clear: Function}} composer
   * @param {function(Object, Object): void} open shows a modal
   */
  constructor(composer, open) {
    this._composer = composer;
    this._textarea = composer.textarea;
    this._listbox = new Listbox(composer.palette);
    this._open = open;
    this._leaves = null;
    this._turn = 0;
    this._isOpen = false;
    this._line = null;
    this._begunAt = null;
    this._begunBy = null;
    this._textarea.setAttribute("aria-autocomplete", "list");
    this._textarea.addEventListener("slash", () => this._typed());
    this._textarea.addEventListener("slash-enter", () => this._typed());
    this._textarea.addEventListener("blur", () => this._close());
    this._textarea.addEventListener("focus", () => this._typed());
    // Before the composer's own handler, for which Enter sends a message.
    this._textarea.addEventListener("keydown", (event) => this._key(event), { capture: true });
  }

  /** Leave the command that is being filled in where it was begun at another place, or by somebody else. */
  reset() {
    const isElsewhere = this._begunAt?.channelId !== here.channelId || this._begunBy !== session.client;
    if (this._line && isElsewhere) this._line.leave();
  }

  get _wanted() {
    const { value } = this._textarea;
    return value.startsWith("/") && !value.includes("\n") ? value.slice(1).toLowerCase() : null;
  }

  async _typed() {
    if (this._wanted === null) {
      this._close();
      return;
    }
    if (!this._isOpen) {
      this._isOpen = true;
      this._leaves = null;
      this._draw();
      await this._load();
    }
    this._draw();
  }

  /** Ask what there is; an answer that another opening has overtaken is passed over. */
  async _load() {
    const turn = (this._turn += 1);
    let found = [];
    try {
      const commands = await usableCommands({ ...here });
      found = commands.filter((command) => command.type === SLASH).flatMap(leaves);
    } catch {
      // The list is then empty, and asked for anew when it is opened again.
    }
    if (turn === this._turn) this._leaves = found;
  }

  _draw() {
    if (!this._isOpen || this._wanted === null) {
      return;
    }
    const found = matching(this._leaves ?? [], this._wanted);
    const empty = this._leaves === null ? "Loading commands…" : this._leaves.length ? "There is no command of this name." : "There is no command here that you may use.";
    const what = { name: "Commands", head: null, groups: this._groups(found), empty, first: true };
    this._listbox.show(this._textarea, what, (row) => this._begin(row.value));
  }

  _groups(found) {
    const byApplication = Map.groupBy(found, (leaf) => leaf.command.application_id);
    return [...byApplication].map(([id, group]) => ({
      heading: lookup.applicationName(id, here.guildId),
      rows: group.map((leaf) => ({
        label: `/${leaf.path}`,
        detail: leaf.description,
        extras: leaf.options.filter((option) => option.required).map((option) => option.name),
        value: leaf,
      })),
    }));
  }

  _close() {
    if (this._isOpen) {
      this._isOpen = false;
      this._listbox.hide();
    }
  }

  _key(event) {
    if (!this._isOpen || event.isComposing) {
      return;
    }
    const takes = { ArrowDown: () => this._listbox.move(1), ArrowUp: () => this._listbox.move(-1) };
    takes.Escape = () => this._close();
    if (this._listbox.isOpen && this._listbox.hasActive && !event.shiftKey) {
      takes.Enter = takes.Tab = () => this._listbox.choose();
    }
    if (takes[event.key]) {
      event.preventDefault();
      event.stopImmediatePropagation();
      takes[event.key]();
    }
  }

  _begin(leaf) {
    this._isOpen = false;
    this._composer.tell("");
    const place = { ...here };
    [this._begunAt, this._begunBy] = [place, session.client];
    const line = new CommandLine(leaf, {
      listbox: this._listbox,
      place,
      ask: (filled, option, text) => this._ask(leaf, place, filled, { option, text }),
      send: (filled) => this._send(leaf, place, filled),
      leave: () => this._end(line),
    });
    this._line = line;
    this._composer.clear();
    this._textarea.hidden = true;
    this._textarea.before(line.node);
    line.focus();
  }

  async _ask(leaf, place, filled, focused) {
    const sendable = filled.filter(({ value }) => !(value instanceof Blob));
    const { data } = commandData(leaf, sendable, focused);
    const { choices } = await interact(AUTOCOMPLETE, target(leaf, place), data);
    return choices ?? [];
  }

  async _send(leaf, place, filled) {
    const { data, files } = commandData(leaf, filled);
    this._composer.tell("");
    try {
      const { modal } = await interact(COMMAND, target(leaf, place), data, files);
      this._end(this._line);
      document.dispatchEvent(new CustomEvent("command-used", { detail: { path: leaf.path } }));
      if (modal) {
        this._open(modal, target(leaf, place));
      }
    } catch (error) {
      this._composer.tell(`/${leaf.path}: ${error.message}`);
      throw error;
    }
  }

  _end(line) {
    if (line !== null && this._line === line) {
      this._line = null;
      this._listbox.hide();
      line.node.remove();
      this._textarea.hidden = false;
      this._textarea.focus();
    }
  }
}

function target(leaf, { guildId, channelId }) {
  return { applicationId: leaf.command.application_id, guildId, channelId };
}

/** The commands that fit what is typed behind the slash: those that begin so first. */
function matching(all, wanted) {
  const words = wanted.split(/\s+/).filter(Boolean);
  const fits = all.filter((leaf) => words.every((word) => leaf.path.includes(word)));
  const typed = words.join(" ");
  return fits.sort((a, b) => Number(b.path.startsWith(typed)) - Number(a.path.startsWith(typed)));
}
