/** Slash commands as they are filled in: their subcommands, their options, what suits them. Pure. */

export const SUBCOMMAND = 1;
export const GROUP = 2;
export const STRING = 3;
export const INTEGER = 4;
export const BOOLEAN = 5;
export const USER = 6;
export const CHANNEL = 7;
export const ROLE = 8;
export const MENTIONABLE = 9;
export const NUMBER = 10;
export const ATTACHMENT = 11;

const ADMINISTRATOR = 1n << 3n;
const USE_APPLICATION_COMMANDS = 1n << 31n;
const KINDS = new Map([
  [STRING, "text"],
  [INTEGER, "whole number"],
  [BOOLEAN, "True or False"],
  [USER, "member"],
  [CHANNEL, "channel"],
  [ROLE, "role"],
  [MENTIONABLE, "member or role"],
  [NUMBER, "number"],
  [ATTACHMENT, "file"],
]);
const LONGEST_TEXT = 6_000;

/**
 * Whether a command shows for whoever holds these permission bits here.
 *
 * @param {Object} command
 * @param {?bigint} bits null in direct messages, where nothing is kept from anybody
 */
export function mayUse(command, bits) {
  if (bits === null || bits & ADMINISTRATOR) {
    return true;
  }
  if (!(bits & USE_APPLICATION_COMMANDS)) {
    return false;
  }
  const asked = command.default_member_permissions;
  if (asked === null || asked === undefined) {
    return true;
  }
  const needed = BigInt(asked);
  return needed !== 0n && (bits & needed) === needed;
}

/**
 * All that can be sent of a slash command: itself, or each of its subcommands.
 *
 * @param {Object} command
 * @returns {{command: Object, levels: Object[], path: string, description: string, options: Object[]}[]}
 */
export function leaves(command) {
  const found = [];
  const walk = (one, levels) => {
    const inner = (one.options ?? []).filter((option) => option.type <= GROUP);
    if (inner.length === 0) {
      const path = [command.name, ...levels.map((level) => level.name)].join(" ");
      const options = [...(one.options ?? [])].sort((a, b) => Number(b.required ?? false) - Number(a.required ?? false));
      found.push({ command, levels, path, description: one.description, options });
    }
    for (const option of inner) {
      walk(option, [...levels, { type: option.type, name: option.name }]);
    }
  };
  walk(command, []);
  return found;
}

/** The bounds of an option in words, as `required · whole number · at least 1`. */
export function asks(option) {
  const parts = [option.required ? "required" : "optional"];
  const { choices } = option;
  parts.push(choices?.length ? `one of ${choices.length}` : KINDS.get(option.type));
  if (!choices?.length) {
    parts.push(...range(option));
  }
  return parts.filter(Boolean).join(" · ");
}

function range(option) {
  const [low, high, unit] =
    option.type === STRING
      ? [option.min_length > 1 ? option.min_length : undefined, option.max_length, " characters"]
      : [option.min_value, option.max_value, ""];
  if (low !== undefined && high !== undefined) {
    return [`${low} to ${high}${unit}`];
  }
  if (low !== undefined) {
    return [`at least ${low}${unit}`];
  }
  return high === undefined ? [] : [`at most ${high}${unit}`];
}

/**
 * What is to be sent for an option.
 *
 * @param {Object} option
 * @param {{text: string, picked: ?{name: string, value: *}, file: ?File}} given
 * @returns {{value: *}|{problem: string}|null} null where nothing is given and nothing need be
 */
export function checked(option, given) {
  if (option.type === ATTACHMENT) {
    return given.file ? { value: given.file } : missing(option);
  }
  if (given.picked) {
    return { value: given.picked.value };
  }
  const text = given.text.trim();
  if (text === "") {
    return missing(option);
  }
  if (option.choices?.length) {
    const choice = option.choices.find((one) => one.name.toLowerCase() === text.toLowerCase());
    return choice ? { value: choice.value } : { problem: "Pick one of the choices." };
  }
  switch (option.type) {
    case STRING:
      return checkedText(option, given.text);
    case INTEGER:
    case NUMBER:
      return checkedNumber(option, text);
    case BOOLEAN:
      return /^(true|false)$/i.test(text)
        ? { value: text.toLowerCase() === "true" }
        : { problem: "Pick True or False." };
    default:
      return { problem: `Pick a ${KINDS.get(option.type)} from the list.` };
  }
}

function missing(option) {
  return option.required ? { problem: "This option is required." } : null;
}

function checkedText(option, text) {
  const low = option.min_length ?? 0;
  const high = option.max_length ?? LONGEST_TEXT;
  if (text.length < low) {
    return { problem: `Write at least ${low} characters.` };
  }
  return text.length > high ? { problem: `Write at most ${high} characters.` } : { value: text };
}

function checkedNumber(option, text) {
  const value = Number(text);
  const isWhole = option.type === INTEGER;
  if (!Number.isFinite(value) || (isWhole && !/^-?\d+$/.test(text))) {
    return { problem: isWhole ? "Write a whole number." : "Write a number." };
  }
  if (value < (option.min_value ?? -(2 ** 53))) {
    return { problem: `Write ${option.min_value} or more.` };
  }
  return value > (option.max_value ?? 2 ** 53) ? { problem: `Write ${option.max_value} or less.` } : { value };
}

/**
 * The `data` of a command's interaction.
 *
 * @param {Object} leaf one of `leaves`
 * @param {{option: Object, value: *}[]} filled values as `checked` gives them; files as File
 * @param {?{option: Object, text: string}} focused the option that suggestions are asked for, if they are
 * @returns {{data: Object, files: File[]}}
 */
export function commandData(leaf, filled, focused = null) {
  const files = [];
  let options = filled.map(({ option, value }) => {
    const sent = value instanceof Blob ? String(files.push(value) - 1) : value;
    return { type: option.type, name: option.name, value: sent };
  });
  if (focused) {
    const { option, text } = focused;
    options.push({ type: option.type, name: option.name, value: text, focused: true });
  }
  for (const level of leaf.levels.toReversed()) {
    options = [{ ...level, options }];
  }
  const attachments = files.map((file, index) => ({ id: String(index), filename: file.name }));
  return { data: { ...head(leaf.command), options, attachments }, files };
}

/** What names a command in an interaction. */
export function head(command) {
  const named = { id: command.id, version: command.version, name: command.name, type: command.type };
  return command.guild_id ? { ...named, guild_id: command.guild_id } : named;
}

/**
 * The problems that the server has with options, by name, from its tree of field errors.
 *
 * @param {Object} errors
 * @param {string[]} names the options in the order in which they were sent
 * @param {number} depth how many levels of groups and subcommands are around them
 * @returns {Map<string, string>}
 */
export function problemsByOption(errors, names, depth) {
  let level = errors?.data?.options;
  for (let index = 0; index < depth; index += 1) {
    level = level?.[0]?.options;
  }
  const found = new Map();
  names.forEach((name, index) => {
    const reason = reasonIn(level?.[index]);
    if (reason) {
      found.set(name, `${reason}.`);
    }
  });
  return found;
}

function reasonIn(tree) {
  const own = tree?._errors ?? tree?.value?._errors;
  return own?.[0]?.message ?? null;
}
