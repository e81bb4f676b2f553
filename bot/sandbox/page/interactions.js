/** Posting interactions as a user's client does, and waiting for what the gateway says came of them. */

import { session } from "./session.js";

export const COMMAND = 2;
export const COMPONENT = 3;
export const AUTOCOMPLETE = 4;
export const SUBMISSION = 5;

/** What Discord shows where an application kept silent. */
export const NO_ANSWER = "The application did not respond";

const SILENCE_MS = 10_000;
const SUCCESS = "INTERACTION_SUCCESS";
const FAILURE = "INTERACTION_FAILURE";
const MODAL = "INTERACTION_MODAL_CREATE";
const CHOICES = "APPLICATION_COMMAND_AUTOCOMPLETE_RESPONSE";

const IN_WORDS = new Map([
  [10003, "This channel is gone."],
  [10008, "This message is gone."],
  [10013, "This user is gone."],
  [10062, "This form is no longer open. Start again."],
  [10063, "This command is gone. Type / to see those there are."],
  [40005, "The file is too large."],
  [50001, "You cannot see this channel."],
  [50013, "You may not use this here."],
]);

let sent = 0;

/** Why an interaction came to nothing: a sentence for whoever tried it, and the problems by field where told. */
export class InteractionError extends Error {
  /**
   * @param {string} message
   * @param {Object} [errors] the server's tree of field errors
   * @param {number} [code] Discord's error code, 0 where the application did not respond
   */
  constructor(message, errors = {}, code = 0) {
    super(message);
    this.errors = errors;
    this.code = code;
  }
}

/**
 * Post an interaction and wait for its first answer.
 *
 * @param {number} kind COMMAND, COMPONENT, AUTOCOMPLETE or SUBMISSION
 * @param {{applicationId: string, guildId: ?string, channelId: string, messageId: (string|undefined)}} target
 * @param {Object} data the interaction's `data`
 * @param {File[]} [files]
 * @returns {Promise<{modal: ?Object, choices: ?Object[]}>} a modal's description or an autocomplete's choices, if any
 * @throws {InteractionError}
 */
export async function interact(kind, target, data, files = []) {
  const { client } = session;
  const nonce = `${Date.now()}${String((sent += 1)).padStart(5, "0")}`.slice(-25);
  const body = {
    type: kind,
    application_id: target.applicationId,
    channel_id: target.channelId,
    session_id: client.sessionId,
    nonce,
    data,
  };
  if (target.guildId) {
    body.guild_id = target.guildId;
  }
  if (target.messageId) {
    body.message_id = target.messageId;
  }
  // Listened for before it is posted: the gateway may be quicker than the answer to the request.
  const waiting = firstAnswer(client, nonce);
  try {
    await client.rest("POST", "/interactions", body, files);
  } catch (error) {
    waiting.cancel();
    throw new InteractionError(inWords(error), error.body?.errors, error.code);
  }
  return waiting.answer;
}

/** The sentence for a refusal of the server. */
export function inWords(error) {
  if (error.status === 429) {
    return "That was too quick. Try again in a moment.";
  }
  if (error.status === undefined || error.status === 0) {
    return "The server cannot be reached. Try again.";
  }
  if (error.status >= 500) {
    return "The server had a fault. Try again.";
  }
  const told = firstReason(error.body?.errors);
  return IN_WORDS.get(error.code) ?? (told ? `${told}.`.replace(/\.\.$/, ".") : error.message || NO_ANSWER);
}

/** The first reason in a tree of field errors, or null. */
export function firstReason(tree) {
  if (tree === null || typeof tree !== "object") {
    return null;
  }
  if (Array.isArray(tree._errors)) {
    return tree._errors[0]?.message ?? null;
  }
  for (const inner of Object.values(tree)) {
    const reason = firstReason(inner);
    if (reason) {
      return reason;
    }
  }
  return null;
}

function firstAnswer(client, nonce) {
  const ended = new AbortController();
  let clock = 0;
  const answer = new Promise((resolve, reject) => {
    const hear = (name, take) =>
      client.addEventListener(
        name,
        (event) => {
          if (String(event.detail?.nonce) === nonce) {
            end();
            take(event.detail);
          }
        },
        { signal: ended.signal },
      );
    const end = () => {
      clearTimeout(clock);
      ended.abort();
    };
    // A modal and choices are told before the success that follows them.
    hear(MODAL, (modal) => resolve({ modal, choices: null }));
    hear(CHOICES, ({ choices }) => resolve({ modal: null, choices }));
    hear(SUCCESS, () => resolve({ modal: null, choices: null }));
    hear(FAILURE, () => reject(new InteractionError(NO_ANSWER)));
    clock = setTimeout(() => {
      end();
      reject(new InteractionError(NO_ANSWER));
    }, SILENCE_MS);
  });
  return {
    answer,
    cancel() {
      clearTimeout(clock);
      ended.abort();
    },
  };
}
