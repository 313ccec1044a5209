// A signature drawn with a finger, a pen or the mouse, sent as strokes of whole numbers within the frame.
(function () {
  "use strict";

  const LONGEST = 7900;
  for (const form of document.querySelectorAll("form[data-sign]")) {
    const pad = form.querySelector("canvas");
    const field = form.querySelector("input[name=drawing]");
    const pen = pad.getContext("2d");
    let path = "";
    let last = null;

    function ready() {
      pen.lineWidth = 4;
      pen.lineCap = "round";
      pen.lineJoin = "round";
      pen.strokeStyle = getComputedStyle(pad).color;
    }

    function place(event) {
      const frame = pad.getBoundingClientRect();
      const within = (value, most) => Math.max(0, Math.min(most, Math.round(value)));
      return {
        x: within(((event.clientX - frame.left) / frame.width) * 600, 600),
        y: within(((event.clientY - frame.top) / frame.height) * 200, 200),
      };
    }

    pad.addEventListener("pointerdown", function (event) {
      event.preventDefault();
      pad.setPointerCapture(event.pointerId);
      ready();
      last = place(event);
      path += "M" + last.x + " " + last.y;
    });

    pad.addEventListener("pointermove", function (event) {
      if (!last || path.length > LONGEST) return;
      const to = place(event);
      if (to.x === last.x && to.y === last.y) return;
      pen.beginPath();
      pen.moveTo(last.x, last.y);
      pen.lineTo(to.x, to.y);
      pen.stroke();
      path += "L" + to.x + " " + to.y;
      last = to;
    });

    for (const end of ["pointerup", "pointercancel"]) {
      pad.addEventListener(end, function () {
        last = null;
      });
    }

    form.querySelector("[data-clear]").addEventListener("click", function () {
      path = "";
      last = null;
      pen.clearRect(0, 0, pad.width, pad.height);
    });

    form.addEventListener("submit", function () {
      field.value = path;
    });
  }
})();
