"use strict";
// Files that are dropped on the form of captures become those of its field. Without this script,
// the field takes files that are chosen.
for (const place of document.querySelectorAll("[data-drop]")) {
  const field = document.getElementById(place.dataset.drop);
  const mark = (event) => {
    event.preventDefault();
    place.classList.toggle("over", event.type === "dragover");
  };
  place.addEventListener("dragover", mark);
  place.addEventListener("dragleave", mark);
  place.addEventListener("drop", (event) => {
    mark(event);
    if (event.dataTransfer.files.length > 0) {
      field.files = event.dataTransfer.files;
      field.focus();
    }
  });
}
