// The matrix people × machines: a touched cell is sent for its row alone, and rows are fetched before the reader comes to them.
// One listener for all cells: thousands of buttons that htmx would each prepare hold up the frames in which they are put in.
// Without this file a touch sends the form and the link below the rows leads to the next ones.
(function () {
  "use strict";

  const matrix = document.querySelector(".matrix");
  if (!matrix || !window.htmx) return;
  const waiting = new Set();
  let sent = Promise.resolve();

  function key(cell) { return cell.value.slice(0, cell.value.lastIndexOf("/") + 1); }

  // One after the other: an answer replaces the whole row, and the next touch of that row must know what it did.
  async function send(cell, wanted) {
    if (!cell.isConnected) cell = matrix.querySelector('button[value^="' + CSS.escape(wanted) + '"]');
    if (!cell) return;
    const row = cell.closest("tr");
    const [some, line, place, focused] = [row.parentElement, row.sectionRowIndex, cell.parentElement.cellIndex, document.activeElement === cell];
    await window.htmx.ajax("POST", "/habilitations/set", { source: row, target: row, swap: "outerHTML", values: { cell: cell.value } });
    const fresh = focused && some.rows[line] && some.rows[line].cells[place].querySelector("button");
    if (fresh) fresh.focus({ preventScroll: true });
  }

  matrix.addEventListener("click", function (event) {
    const cell = event.target.closest("button.cell");
    if (!cell) return;
    event.preventDefault();
    const wanted = key(cell);
    // The second half of a double click is no second act.
    if (event.detail > 1 || waiting.has(wanted)) return;
    waiting.add(wanted);
    sent = sent.then(function () { return send(cell, wanted); }).catch(function () {}).then(function () { waiting.delete(wanted); });
  });

  const near = new IntersectionObserver(function (entries) {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      near.unobserve(entry.target);
      window.htmx.trigger(entry.target, "near");
    }
  }, { root: matrix.parentElement, rootMargin: "0px 0px 1200px 0px" });

  function watch() {
    const more = document.getElementById("matrix-more");
    if (more) near.observe(more);
  }

  document.addEventListener("htmx:load", function (event) { if (event.target.id === "matrix-more") watch(); });
  watch();
})();
