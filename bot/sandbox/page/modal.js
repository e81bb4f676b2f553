/** Forms that an application opens: a dialog with its inputs, sent off as an interaction of its own. */

import { SUBMISSION, interact } from "./interactions.js";
import { applicationName } from "./lookup.js";
import { ModalPart } from "./modalparts.js";
import { el } from "./nodes.js";

/**
 * Open a form.
 *
 * @param {Object} modal as INTERACTION_MODAL_CREATE describes it
 * @param {{applicationId: string, guildId: ?string, channelId: string}} target where it is sent to
 * @returns {HTMLDialogElement}
 */
export function openModal(modal, target) {
  const parts = modal.components.map((component) => new ModalPart(component, target));
  const problem = el("p", { class: "modal-problem", role: "alert" });
  const submit = el("button", { type: "submit", class: "modal-submit" }, "Submit");
  const cancel = el("button", { type: "button", class: "modal-cancel" }, "Cancel");
  const close = el("button", { type: "button", class: "modal-close", "aria-label": "Close" }, "✕");
  const name = modal.application?.name ?? applicationName(target.applicationId, target.guildId);
  const form = el("form", { novalidate: true, class: "modal-form" });
  const title = el("h2", { id: "modal-title" }, modal.title);
  const warning = `This form goes to ${name}. Do not share passwords or other sensitive information.`;
  form.append(
    el("header", { class: "modal-head" }, el("div", {}, el("p", { class: "modal-from" }, name), title), close),
    el("div", { class: "modal-body" }, el("p", { class: "modal-warning" }, warning), ...parts.map((part) => part.node)),
    problem,
    el("footer", { class: "modal-foot" }, cancel, submit),
  );
  const dialog = el("dialog", { class: "modal", "aria-labelledby": "modal-title" }, form);
  for (const button of [cancel, close]) button.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  // Until it is known whether it was sent, what was typed is not thrown away.
  dialog.addEventListener("cancel", (event) => submit.disabled && event.preventDefault());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  // Several lines take Enter themselves; with Ctrl or Cmd it sends.
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send();
  });

  async function send() {
    const wrong = parts.filter((part) => !part.check());
    if (submit.disabled || wrong.length > 0) {
      wrong[0]?.focus();
      return;
    }
    problem.textContent = "";
    busy(true);
    const files = [];
    const components = parts.map((part) => part.sent(files)).filter(Boolean);
    const attachments = files.map((file, index) => ({ id: String(index), filename: file.name }));
    try {
      await interact(SUBMISSION, target, { id: modal.id, custom_id: modal.custom_id, components, attachments }, files);
      dialog.close();
      document.dispatchEvent(new CustomEvent("modal-sent", { detail: { modal } }));
    } catch (error) {
      // It stays open: nothing that was typed is lost.
      problem.textContent = `${error.message.replace(/\.$/, "")}. What you wrote is still here.`;
      busy(false);
      submit.focus();
    }
  }

  function busy(isBusy) {
    submit.disabled = isBusy;
    submit.classList.toggle("is-busy", isBusy);
    form.setAttribute("aria-busy", String(isBusy));
  }

  document.body.append(dialog);
  dialog.showModal();
  parts.find((part) => part.isInput)?.focus();
  return dialog;
}
