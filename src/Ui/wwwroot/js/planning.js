// The planning as a timeline: drag a booking to move it, its edge to change its length. It draws what the table on the page says and
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
  function send(info, machine) {
    const address = info.event.extendedProps.address;
    if (!address) { info.revert(); return; }
    const fields = {
      fromDay: day(info.event.start), fromTime: clock(info.event.start), untilDay: day(info.event.end), untilTime: clock(info.event.end),
      machine: machine || "", version: info.event.extendedProps.version,
    };
    for (const name in fields) move.elements[name].value = fields[name];
    move.action = address + "/change";
    move.submit();
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
    eventDidMount: function (info) { info.el.title = clock(info.event.start) + " – " + clock(info.event.end) + " " + info.event.title; },
    eventDrop: function (info) { send(info, info.newResource ? info.newResource.id : ""); },
    eventResize: function (info) { send(info, ""); },
    eventClick: function (info) { if (info.event.extendedProps.address) window.location.assign(info.event.extendedProps.address); },
    eventAllUpdated: plain,
    dateClick: function (info) {
      if (info.resource) window.location.assign("/book/" + encodeURIComponent(info.resource.extendedProps.code) + "?day=" + day(info.date));
    },
  });
  target.timeline = timeline;
  plain();

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
