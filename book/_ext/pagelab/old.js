// In every page with a lab, before all that runs the lab: a browser that cannot run it says so in
// one sentence, and keeps the text, the pictures and the lab's first state. Written for old
// browsers, in the JavaScript of 2009 (ES5), and without eval, which the page's policy forbids.
//
// What is looked for, and the first versions that have it (MDN's browser-compat-data 8.1.9):
//
//   used by                     feature                      Chrome, Edge  Firefox  Safari, iOS
//   pyodide.asm.mjs             static blocks in classes          94          93       16.4
//   pyodide.asm.wasm            exceptions                        95         100       15.2
//   pyodide.asm.wasm            reference types                   96          79       15.1
//   lab.mjs, anywidget          structuredClone                   98          94       15.4
//   anywidget                   AbortSignal.timeout              103         100       16
//   start.js, worker.mjs        module workers                    80         114       15
//
// All else that the lab uses is older than the highest of each column, but for AbortSignal.any
// (116, 124, 17.4), which anywidget uses and which is made good below.
(function () {
  // A table of references and a tag, the least module that has both.
  var MODULE = [0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 4, 4, 1, 111, 0, 0, 13, 3, 1, 0, 0];
  var STAYS = " The text and its pictures stand by themselves.";
  var OLD =
    "This browser is too old to run the lab: it needs Chrome or Edge 103, Firefox 114, " +
    "Safari or iOS 16.4, or newer." + STAYS;
  var OFF =
    "The lab needs WebAssembly, which this browser has switched off: a strict security setting or " +
    "Lockdown Mode does that, and can make an exception for this site." + STAYS;

  // Firefox asks for the type of a worker since it knows module workers; no worker comes of it.
  // Chrome asked before, and is found out by what else it lacks.
  function hasModuleWorkers() {
    var asked = false;
    var options = {
      get type() {
        asked = true;
        throw asked;
      }
    };
    try {
      new Worker("data:,", options).terminate();
    } catch (refused) {}
    return asked;
  }

  function lack() {
    if (
      !window.pagelabSyntax || // set by a script of its own, which has a static block
      !window.structuredClone ||
      !window.AbortSignal ||
      !AbortSignal.timeout ||
      !hasModuleWorkers()
    ) {
      return OLD;
    }
    if (!window.WebAssembly) return OFF;
    return WebAssembly.validate(new Uint8Array(MODULE)) ? "" : OLD;
  }

  function remove(element) {
    if (element) element.parentNode.removeChild(element);
  }

  function say(sentence) {
    var labs = document.querySelectorAll(".pagelab-lab");
    for (var i = 0; i < labs.length; i += 1) {
      var frame = labs[i].querySelector(".pagelab-frame");
      var message = document.createElement("p");
      message.className = "pagelab-message";
      message.setAttribute("role", "alert");
      labs[i].insertBefore(message, frame.nextSibling);
      message.appendChild(document.createTextNode(sentence));
      labs[i].setAttribute("data-state", "failed");
      remove(frame.querySelector(".pagelab-progress"));
      // The notebook needs the same; what opens it on another machine stays.
      remove(frame.querySelector("a[href*='lite/notebooks/']"));
      if (!frame.firstElementChild) remove(frame);
    }
  }

  var sentence = lack();
  window.pagelabUnfit = !!sentence; // start.js and lab.mjs heed it
  if (sentence) {
    // Not DOMContentLoaded, which waits for the theme's scripts.
    document.addEventListener("readystatechange", function speak() {
      document.removeEventListener("readystatechange", speak);
      say(sentence);
    });
  } else if (!AbortSignal.any) {
    AbortSignal.any = function (signals) {
      var all = new AbortController();
      signals.forEach(function (signal) {
        function abort() {
          all.abort(signal.reason);
        }
        if (signal.aborted) abort();
        else signal.addEventListener("abort", abort, { signal: all.signal });
      });
      return all.signal;
    };
  }
})();
