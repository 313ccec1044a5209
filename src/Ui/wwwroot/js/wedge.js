// A badge reader that pretends to be a keyboard presses the keys of a US layout; on a French keyboard its digits arrive as
// &é"'(-è_çà. The field then shows what the reader meant. The server reads both: the page works without this file.
(function () {
  "use strict";

  const keys = {
    "&": "1", "é": "2", "É": "2", "\"": "3", "'": "4", "(": "5", "§": "6", "-": "6", "è": "7", "È": "7",
    "_": "8", "!": "8", "ç": "9", "Ç": "9", "à": "0", "À": "0", "q": "a", "Q": "A", ";": ",",
  };
  const marks = /[&é"'(è_çàÉÈÇÀ§!qQ;]/;

  function straighten(field) {
    const typed = field.value.trim();
    if (!marks.test(typed) && !/^-{4,}$/.test(typed)) return;
    field.value = Array.from(typed, (sign) => keys[sign] || sign).join("");
  }

  for (const field of document.querySelectorAll("[data-wedge]")) {
    field.addEventListener("change", function () { straighten(field); });
    field.form.addEventListener("submit", function () { straighten(field); });
  }
})();
