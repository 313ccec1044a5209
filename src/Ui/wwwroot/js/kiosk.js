// The door: after a minute without a touch it asks "more time?", then goes back to the start, in French.
(function () {
  "use strict";

  const IDLE = 60000;
  const ANSWER = 20000;
  const dialog = document.getElementById("more-time");
  const atStart = location.pathname === "/" && document.documentElement.lang === "fr";
  if (!dialog || atStart) return;

  let timer;

  function home() {
    location.href = "/?lang=fr";
  }

  function ask() {
    dialog.showModal();
    timer = setTimeout(home, ANSWER);
  }

  function again() {
    clearTimeout(timer);
    timer = setTimeout(ask, IDLE);
  }

  for (const sign of ["pointerdown", "keydown", "scroll"]) {
    document.addEventListener(sign, function () { if (!dialog.open) again(); }, { passive: true });
  }
  dialog.addEventListener("close", again);
  again();
})();
