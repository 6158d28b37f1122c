// The console's script. Every page works without it: it adds what is live, the
// keyboard, and the preview that follows one's typing.
"use strict";

const $ = (selector, within = document) => within.querySelector(selector);
const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];

// --- live -------------------------------------------------------------------

// refresh fetches the page again and puts its content in the place of the old.
async function refresh() {
  const answer = await fetch(location.href, { headers: { "Bdc-Fragment": "1" } });
  if (answer.ok && !answer.redirected) put(await answer.text());
}

let latest = "";
let shown = "";
let owed = 0;

// put shows a content, as soon as nobody is in the middle of something on the
// old: writing, selecting, pressing a button, or aiming at a row that would move
// away from under the pointer.
function put(text) {
  latest = text;
  clearTimeout(owed);
  if (latest === shown) return;
  const main = $("main");
  const fresh = document.createElement("template");
  fresh.innerHTML = latest;
  if (busy(main) || moves(main, fresh.content)) {
    owed = setTimeout(() => put(latest), 250);
    return;
  }
  const here = $("tr.here [data-open]", main)?.getAttribute("href");
  const focused = main.contains(document.activeElement) && document.activeElement.getAttribute("href");
  const aside = $$(".scroll", main).map((s) => s.scrollLeft);
  main.replaceChildren(fresh.content);
  shown = latest;
  $$(".scroll", main).forEach((s, i) => { s.scrollLeft = aside[i] || 0; });
  const link = (href) => $$("a[href]", main).find((a) => a.getAttribute("href") === href);
  if (here) link(here)?.closest("tr").classList.add("here");
  if (focused) link(focused)?.focus({ preventScroll: true });
}

let pressed = false;
document.addEventListener("pointerdown", () => { pressed = true; });
for (const end of ["pointerup", "pointercancel"]) {
  document.addEventListener(end, () => setTimeout(() => { pressed = false; })); // after the click
}

function busy(main) {
  if (pressed) return true;
  if (main.contains(document.activeElement) && document.activeElement.matches("input, textarea, select")) return true;
  if ($$("input, textarea", main).some((field) => field.value !== field.defaultValue)) return true;
  if ($("details[open] form", main)) return true;
  const selection = getSelection();
  return !selection.isCollapsed && main.contains(selection.anchorNode);
}

// moves reports whether the row under the pointer would have another place.
function moves(main, fresh) {
  const rows = (within) => $$("tr[data-row]", within).map((r) => $("[data-open]", r).getAttribute("href"));
  const under = $$("tr[data-row]", main).findIndex((r) => r.matches(":hover"));
  const after = rows(fresh);
  return under >= 0 && rows(main).slice(0, under + 1).some((href, i) => href !== after[i]);
}

// listen waits for what the server tells: the code of the case that changed, or
// nothing for several.
function listen() {
  let looking = false, again = false;
  const look = async () => {
    again = true;
    if (looking) return;
    looking = true;
    while (again) {
      await new Promise((done) => setTimeout(done, 300)); // others often follow at once
      again = false;
      await Promise.allSettled([$("[data-live]") && refresh(), count()]); // else the next one tells
    }
    looking = false;
  };
  const source = new EventSource("/evenements");
  source.onmessage = (event) => {
    const notice = $("#change");
    if (notice && (event.data === notice.dataset.code)) notice.hidden = false;
    look();
  };
  source.onopen = look; // at what was missed
}

// count brings the number of waiting cases, and what is held, up to date.
async function count() {
  const answer = await fetch("/barre");
  if (!answer.ok || answer.redirected) return;
  const fresh = document.createElement("template");
  fresh.innerHTML = await answer.text();
  const badge = $("#waiting"), now = $("#waiting", fresh.content);
  badge.textContent = now.textContent;
  badge.hidden = now.hidden;
  const stops = $("#arrets"), held = $("#arrets", fresh.content);
  $$("[name=retour]", held).forEach((i) => { i.value = location.pathname; });
  if (held.textContent !== stops.textContent && !stops.contains(document.activeElement)) stops.replaceWith(held);
}

// --- keyboard ---------------------------------------------------------------

function mark(row) {
  $$("tr.here").forEach((r) => r.classList.remove("here"));
  if (!row) return;
  row.classList.add("here");
  $("[data-open]", row).focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

function move(by) {
  const rows = $$("tr[data-row]");
  const at = rows.findIndex((r) => r.classList.contains("here"));
  mark(rows[Math.min(Math.max(at + by, 0), rows.length - 1)]);
}

function go(selector) {
  const target = $(selector);
  if (target) target.click();
}

// unfold opens what a summary hides, and goes to its first input.
function unfold(selector) {
  const details = $(selector)?.closest("details");
  if (!details) return;
  details.open = true;
  const first = $("input:not([type=hidden])", details);
  first?.focus();
  first?.select();
}

let chord = "";
const keys = {
  j: () => move(1),
  k: () => move(-1),
  "/": () => $("#q")?.select(),
  "?": () => $("#aide")?.showModal(),
  a: () => go("[data-key=a]"),
  r: () => go("[data-key=r]"),
  e: () => go("[data-key=e]"),
  s: () => go("[data-next]"),
  n: () => $("#note")?.focus(),
  l: () => { const to = $("[data-key=l]"); to?.matches("input") ? to.focus() : to?.click(); },
  m: () => unfold("[data-key=m]"),
  i: () => unfold("[data-key=i]"),
  c: () => ($("#corriger [aria-invalid]") || $("#corriger input:not([type=hidden])"))?.select(),
};
const chords = { t: "/a-traiter", c: "/commandes", l: "/libraires", e: "/etablissements", k: "/catalogue", b: "/tableau-de-bord" };

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("input, textarea, select")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if ($("dialog[open]")) return;
  const first = chord;
  chord = "";
  if (first === "g" && chords[event.key]) {
    location.href = chords[event.key];
  } else if (event.key === "g") {
    chord = "g";
  } else if (keys[event.key]) {
    keys[event.key]();
  } else {
    return;
  }
  event.preventDefault();
});

// --- one page or another ----------------------------------------------------

// An answer's preview follows its words.
const compose = $("[data-preview]");
if (compose) {
  const button = $("[data-refresh]", compose);
  const show = () => compose.requestSubmit(button);
  let later = 0;
  $("textarea", compose).addEventListener("input", () => {
    clearTimeout(later);
    later = setTimeout(show, 400);
  });
  button.hidden = true;
  show();
}

// An order form is verified as soon as it is chosen or dropped. It stays chosen,
// so that its marked copy can be asked for, which the browser saves.
const verify = $("[data-verify]");
if (verify) {
  const files = $("input[type=file]", verify), fault = $("#faute"), result = $("#resultat");
  let latest = 0;
  const say = (text) => {
    fault.textContent = text;
    fault.hidden = !text;
  };
  const check = async () => {
    const file = files.files[0], turn = ++latest;
    if (!file) return;
    say("");
    result.replaceChildren();
    if (file.size > verify.dataset.most) return say(verify.dataset.large);
    result.setAttribute("aria-busy", "true");
    result.textContent = "Vérification…";
    try {
      const answer = await fetch(verify.action, { method: "POST", body: new FormData(verify), headers: { "Bdc-Fragment": "1" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (turn !== latest) return;
      result.replaceChildren(...$("#resultat", page).childNodes);
      say($("#faute", page).textContent);
      $(".found", result)?.focus();
    } catch {
      if (turn !== latest) return;
      result.replaceChildren();
      files.value = "";
      say("Le fichier n’a pas pu être envoyé. S’il a changé depuis que vous l’avez choisi, choisissez-le de nouveau.");
    }
    result.removeAttribute("aria-busy");
  };
  files.addEventListener("click", () => (files.value = "")); // so that the same file, corrected, is news
  files.addEventListener("change", check);
  verify.addEventListener("submit", (event) => {
    event.stopPropagation(); // it may be sent again
    if (event.submitter?.hasAttribute("formaction")) return;
    event.preventDefault();
    check();
  });
  for (const name of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(name, (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      verify.classList.toggle("over", name === "dragover");
      if (name !== "drop" || !event.dataTransfer.files.length) return;
      const one = new DataTransfer();
      one.items.add(event.dataTransfer.files[0]);
      files.files = one.files;
      check();
    });
  }
}

// A file is dropped or chosen, sent, and read there: how far that has come is
// shown. Only the button imports.
const drop = $("[data-drop]");
if (drop) {
  const form = $("form", drop);
  const files = $("input[type=file]", form);
  const over = (on) => (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    drop.classList.toggle("over", on);
    if (on) drop.open = true;
  };
  document.addEventListener("dragover", over(true));
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) over(false)(event); });
  document.addEventListener("drop", (event) => {
    over(false)(event);
    if (!event.dataTransfer?.files.length) return;
    files.files = event.dataTransfer.files;
    $("button", form).focus();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation();
    if (!form.dataset.sent) send(form, event.submitter);
  });
}

function send(form, submitter) {
  const box = $("[data-progress]", form), bar = $("progress", box), words = $("span", box), fault = $("[data-fault]", form), buttons = $$("button", form);
  const say = (text, part) => {
    words.textContent = text;
    if (part === undefined) bar.removeAttribute("value");
    else bar.value = part;
  };
  const fail = (text) => {
    delete form.dataset.sent;
    box.hidden = true;
    buttons.forEach((button) => (button.disabled = false));
    fault.textContent = text;
    fault.hidden = false;
    $("input[type=file]", form).focus();
  };
  const size = [...$("input[type=file]", form).files].reduce((sum, file) => sum + file.size, 0);
  if (size > form.dataset.most) return fail("Un import prend 100 Mo au plus : compressez le fichier (.gz). Rien n’a été changé.");
  const request = new XMLHttpRequest();
  const data = new FormData(form);
  if (submitter?.name) data.append(submitter.name, submitter.value);
  form.dataset.sent = "1";
  buttons.forEach((button) => (button.disabled = true));
  fault.hidden = true;
  $(".fine")?.remove();
  box.hidden = false;
  say("Envoi du fichier…", 0);
  request.open("POST", form.action);
  request.setRequestHeader("Bdc-Progress", "1");
  request.upload.onprogress = (event) => say("Envoi du fichier : " + Math.floor((100 * event.loaded) / event.total) + " %", (100 * event.loaded) / event.total);
  request.upload.onload = () => say("Lecture…");
  request.onprogress = () => {
    const line = request.responseText.trim().split("\n").pop();
    if (request.status !== 200 || !line.endsWith("}")) return;
    const told = JSON.parse(line), part = Number(told.part);
    if (part >= 100) say("Enregistrement…");
    else if (part > 0) say("Lecture : " + part + " %" + (told.words ? " (" + told.words + ")" : ""), part);
  };
  request.onload = () => {
    let last = {};
    try {
      last = JSON.parse(request.responseText.trim().split("\n").pop());
    } catch {} // a page about an error: not signed in any more, or not allowed
    if (last.to) location.href = last.to;
    else fail(last.fault || "L’envoi a été refusé. Rechargez la page, puis recommencez.");
  };
  request.onerror = () => fail("L’envoi s’est interrompu. Rechargez la page pour voir où en est l’import, puis recommencez s’il y a lieu.");
  request.send(data);
}

// A form is sent once, however often its button is pressed.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.submitter?.hasAttribute("data-refresh")) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "1";
});
addEventListener("pageshow", () => $$("form[data-sent]").forEach((f) => delete f.dataset.sent));

// The seconds in which a reply can be taken back.
const countdown = $("[data-countdown]");
if (countdown) {
  const end = Date.now() + 1000 * countdown.dataset.countdown;
  const tick = setInterval(() => {
    const left = Math.ceil((end - Date.now()) / 1000);
    countdown.textContent = Math.max(left, 0);
    if (left <= 0) {
      clearInterval(tick);
      countdown.closest("form").remove();
    }
  }, 500);
}

$$("[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => print());
});

if (document.body.dataset.user) listen();
