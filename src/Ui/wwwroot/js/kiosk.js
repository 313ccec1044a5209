// The door. After a minute without a touch it asks "more time?", then goes back to the start, in French and with normal contrast.
// A badge reader that pretends to be a keyboard is heard whatever has the focus. The text of the screen is read aloud on request.
(function () {
  "use strict";

  const IDLE = 60000;
  const ANSWER = 20000;
  const START = "/?lang=fr&contrast=less";

  idle();
  reader();
  aloud();
  print();

  function idle() {
    const dialog = document.getElementById("more-time");
    const plain = document.documentElement.lang === "fr" && !document.body.classList.contains("contrast");
    if (!dialog || (location.pathname === "/" && plain)) return;
    // A screen that says thank you has nothing left to do: the next person waits.
    const patience = document.querySelector("[data-done]") ? IDLE / 2 : IDLE;
    let timer;

    function home() {
      const back = document.querySelector(".door-back");
      const end = back ? new URL(back.href).searchParams.get("end") : null;
      location.href = end ? START + "&end=" + end : START;
    }

    function ask() {
      dialog.showModal();
      beep();
      timer = setTimeout(home, ANSWER);
    }

    function again() {
      clearTimeout(timer);
      timer = setTimeout(ask, patience);
    }

    for (const sign of ["pointerdown", "keydown", "scroll"]) {
      document.addEventListener(sign, function () { if (!dialog.open) again(); }, { passive: true });
    }
    dialog.addEventListener("close", again);
    again();
  }

  // The warning reaches more than one sense.
  function beep() {
    try {
      const sound = new AudioContext();
      const tone = sound.createOscillator();
      const volume = sound.createGain();
      volume.gain.value = 0.05;
      tone.connect(volume).connect(sound.destination);
      tone.start();
      tone.stop(sound.currentTime + 0.2);
    } catch {
      // A browser without sound shows the question all the same.
    }
  }

  // A reader types without a pause and ends with Enter. A hand that is as fast types a code, which is read just the same.
  function reader() {
    const form = document.getElementById("reader");
    if (!form) return;
    const FAST = 400;
    let typed = "";
    let last = 0;

    document.addEventListener("keydown", function (key) {
      const now = key.timeStamp;
      if (now - last > FAST) typed = "";
      last = now;
      if (key.key === "Enter" && typed.length >= 4) {
        key.preventDefault();
        key.stopPropagation();
        form.elements.text.value = typed;
        typed = "";
        form.submit();
      } else if (key.key.length === 1 && !key.ctrlKey && !key.altKey && !key.metaKey) {
        typed += key.key;
      }
    }, true);
  }

  function aloud() {
    const button = document.querySelector("[data-read-aloud]");
    if (!button || !("speechSynthesis" in window)) return;
    button.hidden = false;
    button.addEventListener("click", function () {
      speechSynthesis.cancel();
      const words = new SpeechSynthesisUtterance(document.getElementById("screen").innerText);
      words.lang = document.documentElement.lang === "fr" ? "fr-FR" : "en-GB";
      words.rate = 0.9;
      speechSynthesis.speak(words);
    });
    addEventListener("pagehide", function () { speechSynthesis.cancel(); });
  }

  function print() {
    const button = document.querySelector("[data-print]");
    if (!button) return;
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
  }
})();
