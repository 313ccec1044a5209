// What a page does beyond htmx: counters that tick, a word when the live link is lost, a spoken line when a machine changes.
// Every page works without this file.
(function () {
  "use strict";

  const body = document.body;
  const lang = document.documentElement.lang;
  // Counters follow the server's clock: a tablet whose own clock is wrong still shows the right time.
  const ahead = Number(body.dataset.now) - Date.now();
  const NB = "\u00a0";
  const number = new Intl.NumberFormat(lang);

  function exact(milliseconds) {
    const seconds = Math.max(0, Math.floor(milliseconds / 1000));
    const s = seconds % 60;
    const m = Math.floor(seconds / 60) % 60;
    const h = Math.floor(seconds / 3600);
    const two = (n) => String(n).padStart(2, "0");
    if (h > 0) return number.format(h) + NB + "h" + NB + two(m) + NB + "min" + NB + two(s) + NB + "s";
    if (m > 0) return m + NB + "min" + NB + two(s) + NB + "s";
    return s + NB + "s";
  }

  function tick() {
    const now = Date.now() + ahead;
    for (const counter of document.querySelectorAll("[data-since]")) {
      counter.textContent = exact(now - Number(counter.dataset.since));
    }
    for (const counter of document.querySelectorAll("[data-until]")) {
      counter.textContent = exact(Number(counter.dataset.until) - now);
    }
  }

  tick();
  setInterval(tick, 1000);

  const spoken = document.getElementById("spoken");
  const states = new Map();

  function remember(root) {
    for (const machine of root.querySelectorAll("[data-machine][data-state]")) {
      states.set(machine.dataset.machine, machine.dataset.state);
    }
  }

  remember(document);

  document.addEventListener("htmx:load", function (event) {
    tick();
    const fresh = event.target;
    if (!spoken || !fresh.dataset || !fresh.dataset.machine) return;
    const before = states.get(fresh.dataset.machine);
    if (before !== undefined && before !== fresh.dataset.state) {
      spoken.textContent = fresh.dataset.spoken || "";
    }
    states.set(fresh.dataset.machine, fresh.dataset.state);
  });

  // The floor is fetched whole now and then. What comes of one machine meanwhile would be painted over: then it is fetched again.
  const floor = document.getElementById("floor");
  if (floor) {
    let asked = false;
    let overtaken = false;
    floor.addEventListener("htmx:beforeRequest", function (event) {
      if (event.target === floor) { asked = true; overtaken = false; }
    });
    floor.addEventListener("htmx:sseMessage", function (event) {
      if (asked && event.target !== floor) overtaken = true;
    });
    floor.addEventListener("htmx:afterSwap", function (event) {
      if (event.target !== floor) return;
      asked = false;
      if (overtaken) window.htmx.trigger(floor, "overtaken");
    });
  }

  const lost = document.getElementById("link-lost");
  if (lost) {
    document.addEventListener("htmx:sseError", function () { lost.hidden = false; });
    document.addEventListener("htmx:sseOpen", function () { lost.hidden = true; });
  }

  // After a form came back with faults, or something was done, the reader's place is there.
  const landing = document.querySelector("[data-landing]");
  if (landing) landing.focus();
})();
