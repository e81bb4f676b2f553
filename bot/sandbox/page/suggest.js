/** What is suggested for an option as it is typed: choices, members, roles, channels, or what the application says. */

import * as lookup from "./lookup.js";
import { BOOLEAN, CHANNEL, MENTIONABLE, ROLE, USER } from "./options.js";
import { avatar } from "./people.js";

const MOST = 25;
const TYPING_MS = 200;

/** Whether anything can be suggested for an option. */
export function suggests(option) {
  const byKind = [BOOLEAN, USER, ROLE, CHANNEL, MENTIONABLE].includes(option.type);
  return byKind || Boolean(option.autocomplete) || Boolean(option.choices?.length);
}

/**
 * The rows for an option that need no asking.
 *
 * @param {{guildId: ?string, channelId: string}} place
 * @param {Object} option
 * @param {string} text what is typed so far
 * @returns {Object[]} rows of a listbox
 */
export function rowsFor(place, option, text) {
  const start = text.trim().replace(/^[@#]/, "").toLowerCase();
  return candidates(place, option)
    .filter((row) => `${row.label} ${row.detail ?? ""}`.toLowerCase().includes(start))
    .sort((a, b) => Number(starts(b, start)) - Number(starts(a, start)))
    .slice(0, MOST);
}

function starts(row, start) {
  return row.label.toLowerCase().startsWith(start);
}

function candidates(place, option) {
  if (option.choices?.length) {
    return option.choices.map((choice) => ({ label: choice.name, value: choice.value }));
  }
  switch (option.type) {
    case BOOLEAN:
      return [
        { label: "True", value: true },
        { label: "False", value: false },
      ];
    case USER:
      return lookup.people(place).map(personRow);
    case ROLE:
      return lookup.roles(place).map(roleRow);
    case MENTIONABLE:
      return [...lookup.people(place).map(personRow), ...lookup.roles(place).map(roleRow)];
    case CHANNEL:
      return lookup.channels(place, option.channel_types ?? []).map(channelRow);
    default:
      return [];
  }
}

/** A member as a row. */
export function personRow(person) {
  const detail = person.name === person.username ? undefined : person.username;
  return { label: person.name, detail, mark: avatar(person, person.name), value: person.id, extras: person.bot ? ["App"] : [] };
}

/** A role as a row. */
export function roleRow(role) {
  return { label: role.name, mark: "@", value: role.id, extras: ["Role"] };
}

/** A channel as a row. */
export function channelRow(channel) {
  return { label: channel.name, mark: "#", value: channel.id, detail: channel.parent };
}

/** Asks the application for suggestions, not at every key; an answer that came too late is passed over. */
export class Asking {
  /** @param {function(Object, string): Promise<Object[]>} ask gives an application's choices for an option and a text */
  constructor(ask) {
    this._ask = ask;
    this._clock = 0;
    this._turn = 0;
  }

  /**
   * Ask for an option's suggestions.
   *
   * @param {Object} option
   * @param {string} text
   * @param {function(?Object[]): void} show gets the rows, or null where the application did not respond
   */
  ask(option, text, show) {
    this.stop();
    const turn = this._turn;
    this._clock = setTimeout(async () => {
      const rows = await this._rows(option, text);
      if (turn === this._turn) {
        show(rows);
      }
    }, TYPING_MS);
  }

  /** Wait for nothing any more. */
  stop() {
    clearTimeout(this._clock);
    this._turn += 1;
  }

  async _rows(option, text) {
    try {
      const choices = await this._ask(option, text);
      return choices.map((choice) => ({ label: choice.name, value: choice.value }));
    } catch {
      return null;
    }
  }
}
