// The planning as a timeline: drag a booking to move it, its edge to change its length; or with the arrow keys, Enter and Escape. It draws what the table on the page says and
// sends the form that is on the page; without this file the table is the planning and the page of a booking is the way to move it.
(function () {
  "use strict";

  const table = document.getElementById("plan");
  const target = document.getElementById("plan-timeline");
  const move = document.getElementById("plan-move");
  if (!table || !target || !move || !window.EventCalendar) return;

  const days = Number(table.dataset.days);
  const two = (n) => String(n).padStart(2, "0");
  const resources = [];
  const events = [];
  for (const row of table.tBodies[0].rows) {
    resources.push({ id: row.dataset.m, title: row.dataset.c + " · " + row.cells[0].querySelector("a").textContent, extendedProps: { code: row.dataset.c } });
    for (const item of row.querySelectorAll("[data-t]")) {
      const [start, end] = item.dataset.t.split("/");
      const address = item.getAttribute("href");
      events.push({
        id: address || item.dataset.t + row.dataset.m,
        resourceIds: [row.dataset.m],
        start: start,
        end: end,
        title: item.querySelector("span").textContent,
        editable: address !== null,
        classNames: ["plan-block", "plan-offer", "plan-outside", "plan-claimed"].filter((name) => item.classList.contains(name)),
        extendedProps: { address: address, version: item.dataset.v },
      });
    }
  }

  function day(at) { return at.getFullYear() + "-" + two(at.getMonth() + 1) + "-" + two(at.getDate()); }
  function clock(at) { return two(at.getHours()) + ":" + two(at.getMinutes()); }

  // The server decides and answers with the whole page, with the undo or with why not.
  function send(event, machine) {
    const fields = {
      fromDay: day(event.start), fromTime: clock(event.start), untilDay: day(event.end), untilTime: clock(event.end),
      machine: machine || "", version: event.extendedProps.version,
    };
    for (const name in fields) move.elements[name].value = fields[name];
    move.action = event.extendedProps.address + "/change";
    move.submit();
  }

  function dragged(info, machine) {
    if (info.event.extendedProps.address) send(info.event, machine);
    else info.revert();
  }

  // The library calls its boxes rows and headers of a table that is none. To who listens it is a group of bookings to open; the
  // table itself is one button away.
  function plain() {
    for (const box of target.querySelectorAll("[role]:not([role=button]), [aria-colindex], [aria-colspan], [aria-rowindex]")) {
      if (box.getAttribute("role") !== "button") box.removeAttribute("role");
      for (const place of ["aria-colindex", "aria-colspan", "aria-rowindex"]) box.removeAttribute(place);
    }
  }
  target.setAttribute("role", "group");
  target.setAttribute("aria-label", table.dataset.bookings);

  const hours = Number(table.dataset.closes) - Number(table.dataset.opens);

  const timeline = window.EventCalendar.create(target, {
    view: days > 1 ? "resourceTimelineWeek" : "resourceTimelineDay",
    date: table.dataset.day,
    firstDay: 1,
    // The other English counts to twelve twice and puts the month first.
    locale: document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang,
    headerToolbar: { start: "", center: "", end: "" },
    resources: resources,
    events: events,
    editable: true,
    eventResizableFromStart: true,
    slotMinTime: two(table.dataset.opens) + ":00:00",
    slotMaxTime: two(table.dataset.closes) + ":00:00",
    slotDuration: days > 1 ? "02:00:00" : "01:00:00",
    snapDuration: "00:15:00",
    slotWidth: 72,
    slotLabelFormat: { hour: "numeric", minute: "2-digit" },
    eventTimeFormat: { hour: "numeric", minute: "2-digit" },
    // Where it lies says when; the words are for whom.
    eventContent: function (info) { return info.event.title; },
    eventDidMount: function (info) { info.el.dataset.event = info.event.id; info.el.title = clock(info.event.start) + " – " + clock(info.event.end) + " " + info.event.title; },
    eventDrop: function (info) { dragged(info, info.newResource ? info.newResource.id : ""); },
    eventResize: function (info) { dragged(info, ""); },
    eventClick: function (info) { if (info.event.extendedProps.address) window.location.assign(info.event.extendedProps.address); },
    eventAllUpdated: plain,
    dateClick: function (info) {
      if (info.resource) window.location.assign("/book/" + encodeURIComponent(info.resource.extendedProps.code) + "?day=" + day(info.date));
    },
  });
  target.timeline = timeline;
  plain();

  // By keyboard: a step moves the booking in sight and is said; Enter sends it, as the end of a drag does, Escape or leaving puts it back.
  const SNAP = 15 * 60000;
  const said = document.getElementById("plan-said");
  let held = null;

  function draw(event, focus) {
    timeline.updateEvent(event);
    plain();
    window.requestAnimationFrame(function () {
      for (const box of target.querySelectorAll(".ec-event")) {
        if (box.dataset.event !== event.id) continue;
        box.title = clock(event.start) + " – " + clock(event.end) + " " + event.title;
        if (focus) box.focus();
      }
    });
  }

  function letGo(focus) {
    const before = held;
    held = null;
    said.textContent = "";
    if (before) draw(before.was, focus);
  }

  function step(event, key, resize) {
    const sooner = { ArrowLeft: -SNAP, ArrowRight: SNAP }[key] || 0;
    const lower = { ArrowUp: -1, ArrowDown: 1 }[key] || 0;
    const at = resources.findIndex((one) => one.id === event.resourceIds[0]);
    const machine = resize ? resources[at] : resources[Math.min(Math.max(at + lower, 0), resources.length - 1)];
    const start = new Date(event.start.getTime() + (resize ? 0 : sooner));
    const end = new Date(event.end.getTime() + sooner);
    if (end.getTime() - start.getTime() < SNAP) return;
    if (!held) held = { id: event.id, was: event };
    const next = { ...event, start: start, end: end, resourceIds: [machine.id] };
    const words = [day(start) === day(held.was.start) ? clock(start) : day(start) + " " + clock(start), clock(end), machine.title];
    said.textContent = said.dataset.said.replace(/\{(\d)\}/g, (_, place) => words[place]);
    draw(next, true);
  }

  // Before the library, which takes Enter for a click.
  target.addEventListener("keydown", function (pressed) {
    const box = pressed.target.closest(".ec-event");
    const event = box && box.dataset.event && timeline.getEventById(box.dataset.event);
    if (!event || !event.extendedProps.address || pressed.altKey || pressed.ctrlKey || pressed.metaKey) return;
    const holding = held && held.id === event.id;
    if (pressed.key.startsWith("Arrow") && !(pressed.shiftKey && /Up|Down/.test(pressed.key))) step(event, pressed.key, pressed.shiftKey);
    else if (pressed.key === "Enter" && holding) {
      const machine = event.resourceIds[0];
      send(event, machine === held.was.resourceIds[0] ? "" : machine);
    } else if (pressed.key === "Escape" && holding) letGo(true);
    else return;
    pressed.preventDefault();
    pressed.stopPropagation();
  }, true);

  document.addEventListener("focusin", function (event) {
    const box = event.target.closest(".ec-event");
    if (held && !(box && box.dataset.event === held.id)) letGo(false);
  });

  const hint = document.getElementById("plan-hint");
  const list = document.getElementById("plan-table");
  const button = document.getElementById("plan-switch");
  // A thumb reads a list better than a timeline wider than its screen.
  let drawn = window.matchMedia("(min-width: 55rem)").matches;

  // A day fills the page beside the names, as wide as they are; a week is as wide as it must be to be read, and scrolls.
  let width = 0;
  function fit() {
    const names = target.querySelector(".ec-sidebar");
    if (days > 1 || !names || target.clientWidth === 0) return;
    const wanted = Math.max(64, Math.floor((target.clientWidth - names.offsetWidth - 4) / hours));
    if (wanted !== width) timeline.setOption("slotWidth", width = wanted);
  }

  function show() {
    target.hidden = !drawn;
    hint.hidden = !drawn;
    list.hidden = drawn;
    button.textContent = drawn ? button.dataset.table : button.dataset.timeline;
    // The names are drawn by then, and have their width.
    if (drawn) window.requestAnimationFrame(fit);
  }

  button.hidden = false;
  button.addEventListener("click", function () { drawn = !drawn; show(); });
  show();
})();
