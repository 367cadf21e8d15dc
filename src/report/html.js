// SPDX-License-Identifier: Apache-2.0
// Sorts, searches and folds what stands in the page.  It writes only texts
// and attributes of its own making: what files are called stays text.
(function () {
  "use strict";
  var main = document.querySelector("main");
  var tools = document.querySelector(".tools");
  var search = tools.querySelector("input[type=search]");
  var severity = tools.querySelector("select");
  var boxes = Array.from(tools.querySelectorAll("input[type=checkbox]"));
  var shown = tools.querySelector("output");
  var none = document.querySelector(".none");
  var files = Array.from(document.querySelectorAll(".file"));
  var texts = new Map();

  function rank(file) {
    return Number(file.dataset.verdict) * 10 + Number(file.dataset.severity);
  }

  function textOf(file) {
    if (!texts.has(file))
      texts.set(file, file.textContent.toLowerCase());
    return texts.get(file);
  }

  function matches(file, words, verdicts, least) {
    return verdicts.has(file.dataset.verdict) &&
      Number(file.dataset.severity) >= least &&
      words.every(function (w) { return textOf(file).includes(w); });
  }

  function filter() {
    var words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    var verdicts = new Set(boxes.filter(function (b) { return b.checked; })
      .map(function (b) { return b.value; }));
    var least = Number(severity.value);
    var n = 0;
    files.forEach(function (file) {
      file.hidden = !matches(file, words, verdicts, least);
      n += file.hidden ? 0 : 1;
    });
    shown.textContent = n + " of " + files.length + " shown";
    none.hidden = n > 0;
  }

  function fold(open) {
    files.forEach(function (file) {
      if (!file.hidden)
        file.open = open;
    });
  }

  // What is read aloud or reached by Tab comes in the order that is seen.
  main.prepend(document.querySelector("header"),
    document.querySelector(".outcome"), tools);
  files.sort(function (a, b) { return rank(b) - rank(a); });
  files.forEach(function (file) { main.insertBefore(file, none); });

  var later = 0;
  search.addEventListener("input", function () {
    clearTimeout(later);
    later = setTimeout(filter, 80);
  });
  severity.addEventListener("change", filter);
  boxes.forEach(function (b) { b.addEventListener("change", filter); });
  tools.querySelector(".open").addEventListener("click", function () { fold(true); });
  tools.querySelector(".shut").addEventListener("click", function () { fold(false); });
  document.addEventListener("keydown", function (e) {
    if (e.key === "/" && !/^(INPUT|SELECT)$/.test(document.activeElement.tagName)) {
      e.preventDefault();
      search.focus();
    }
  });
  window.addEventListener("beforeprint", function () { fold(true); });
  // "#find=words" opens the page with a search.
  if (location.hash.startsWith("#find="))
    search.value = decodeURIComponent(location.hash.slice(6));
  tools.hidden = false;
  filter();

  // The worst is unfolded, or what alone is there to see.
  var seen = files.filter(function (file) { return !file.hidden; });
  if (seen.length && (seen.length === 1 || Number(seen[0].dataset.severity) >= 3))
    seen[0].open = true;
})();
