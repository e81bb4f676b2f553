/** Files that are dragged over the messages and dropped there go along with what is being written. */

import { composer } from "./composer.js";

const main = /** @type {HTMLElement} */ (document.getElementById("main"));

const bringsFiles = (/** @type {DragEvent} */ event) => Boolean(event.dataTransfer?.types.includes("Files"));

main.addEventListener("dragover", (event) => {
  if (!bringsFiles(event)) return;
  // Without this the browser would leave the page for the file.
  event.preventDefault();
  const may = composer.mayAttach();
  /** @type {DataTransfer} */ (event.dataTransfer).dropEffect = may ? "copy" : "none";
  main.classList.toggle("dropping", may);
});
main.addEventListener("dragleave", (event) => {
  if (!main.contains(/** @type {Node | null} */ (event.relatedTarget))) main.classList.remove("dropping");
});
main.addEventListener("drop", (event) => {
  if (!bringsFiles(event)) return;
  event.preventDefault();
  main.classList.remove("dropping");
  if (composer.mayAttach()) composer.addFiles([...(event.dataTransfer?.files ?? [])]);
});
