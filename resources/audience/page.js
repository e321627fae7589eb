// The audience's page. The laptop tells the whole state again and again; all there is to do here is to show the last one.
"use strict";
(() => {
  const base = new URL(".", document.currentScript.src).pathname;
  const RETRY_MS = 2000, SILENT_MS = 4000;
  const WORDS = {
    queued: "waited outside", runnable: "waited for a core", running: "worked", blocked: "slept in a thread", awaiting: "awaited",
    waiting_gil: "waited for the GIL", waiting_lock: "waited for a lock", idle: "idle", unknown: "unexplained",
  };
  const DOING = {
    queued: "waiting", runnable: "waiting for a core", running: "being worked on", blocked: "asleep in a thread", awaiting: "awaited",
    waiting_gil: "waiting for the GIL", waiting_lock: "waiting for a lock",
  };
  const $ = (id) => document.getElementById(id);
  let phone = (history.state && history.state.phone) || "";  // gone with this tab; a reload keeps the number
  let source = null, heard = 0, last = null, sentAt = 0, closed = false, full = false, waitUntil = 0, retry = 0, ballot = "";

  // -- the line to the laptop

  async function post(what, said) {
    const answer = await fetch(base + what, {method: "POST", body: JSON.stringify({phone, ...said}), cache: "no-store", signal: AbortSignal.timeout(5000)});
    if (answer.status === 404) throw new Error("gone");
    return answer;
  }

  async function connect() {
    clearTimeout(retry);
    if (closed) return;
    try {
      const answer = await post("hello", {});
      full = answer.status === 503;
      if (!answer.ok) throw new Error("later");
      const me = await answer.json();
      phone = me.phone;
      history.replaceState({phone}, "");
      listen();
    } catch (error) {
      lose();
    }
  }

  function listen() {
    if (source) source.close();
    const mine = source = new EventSource(base + "live?phone=" + encodeURIComponent(phone));
    mine.onmessage = (event) => {
      if (mine !== source) return;
      heard = Date.now();
      const told = JSON.parse(event.data);
      if (told.closed) {
        closed = true;
        source.close();
      } else {
        if (told.me.state === "sent") sentAt = heard - told.me.for * 1000;
        if (told.me.wait) waitUntil = heard + told.me.wait * 1000;
        last = told;
      }
      show();
    };
    mine.onerror = () => { if (mine === source) lose(); };
  }

  function lose() {
    if (source) source.close();
    source = null;
    heard = 0;
    clearTimeout(retry);
    if (!closed) retry = setTimeout(connect, RETRY_MS);
    show();
  }

  setInterval(() => {
    if (source && heard && Date.now() - heard > SILENT_MS) lose();
    if (last && (last.me.state === "sent" || waitUntil)) show();
  }, 100);
  addEventListener("online", connect);
  document.addEventListener("visibilitychange", () => { if (!document.hidden && !source) connect(); });

  // -- what is pressed

  async function press(what, said) {
    try {
      const answer = await post(what, said);
      if (answer.status === 429) waitUntil = Date.now() + 2000;
      show();
    } catch (error) {
      lose();
    }
  }
  $("send").onclick = $("again").onclick = () => press("send", {});
  $("figure").onsubmit = (event) => {
    event.preventDefault();
    press("vote", {answer: Number($("value").value)});
  };

  // -- what is shown

  const text = (id, words) => { const one = $(id); if (one.textContent !== words) one.textContent = words; };
  const seconds = (s) => s < 0.0995 ? s.toFixed(3) : s < 9.95 ? (Math.round(s * 100) % 10 && s < 1 ? s.toFixed(2) : s.toFixed(1)) : s.toFixed(0);
  const many = (n, one, more) => n === 1 ? "1 " + one : n + " " + more;

  function state() {
    if (closed) return "closed";
    if (!last) return full ? "full" : "hello";
    if (waitUntil > Date.now()) return "wait";
    waitUntil = 0;
    if (last.me.state === "sent") return "sent";
    if (last.room.ballot && last.room.ballot.open) return "vote";
    return last.me.state;
  }

  function show() {
    const now = state();
    if (document.body.dataset.state !== now) scrollTo(0, 0);
    document.body.dataset.state = now;
    for (const one of document.querySelectorAll("section")) one.classList.toggle("on", one.dataset.for === now);
    const linked = closed ? "" : source && heard ? "on" : "lost";
    $("link").className = "live " + linked;
    text("linked", closed ? "ended" : linked === "on" ? "live" : "Looking for the laptop …");
    $("charts").hidden = closed || !last || !last.room.figures.rate;
    if (!last) return;
    const {me, room} = last;
    text("number", String(me.number));
    text("you", (linked === "lost" ? "Phone " : "You are phone ") + me.number);
    ready(room, linked);
    text("yours", "Line " + me.number + " is yours.");
    text("clock", ((Date.now() - sentAt) / 1000).toFixed(1) + " s");
    text("doing", DOING[me.doing] || "on its way");
    $("ring").setAttribute("class", "run " + (me.doing === "blocked" || me.doing === "running" ? me.doing : ""));
    text("flying", room.flying > 1 ? room.flying + " requests from this room are on their way" : "");
    if (now === "back") back(me, room);
    if (room.ballot) vote(me, room, linked);
    text("wait", String(Math.max(1, Math.ceil((waitUntil - Date.now()) / 1000))));
    chart("rates", "rate", room.figures.rate, (v) => v < 10 ? v.toFixed(1) : v.toFixed(0));
    chart("middles", "middle", room.figures.p50_ms, (v) => v < 1000 ? v.toFixed(v < 10 ? 1 : 0) + " ms" : (v / 1000).toFixed(1) + " s");
  }

  function ready(room, linked) {
    const can = Boolean(room.title) && linked === "on";
    $("send").disabled = $("again").disabled = !can;
    text("ask", room.title ? "Send one request to the server on the screen." : "Look at the screen.");
    text("then", room.title ? "Then look up: the line with your number moves." : room.why);
    text("what", room.title);
    text("room", many(room.phones, "phone", "phones") + " in the room");
  }

  function back(me, room) {
    text("total", seconds(me.total));
    text("verdict", me.ok ? "your request, there and back" : me.status ? "and the server said no (" + me.status + ")" : "and no answer came");
    const parts = Object.entries(me.parts), sum = parts.reduce((all, [, s]) => all + s, 0);
    if (parts.length && me.total - sum > 0.02 * me.total) parts.push(["unknown", me.total - sum]);
    const shown = parts.filter(([, s]) => s >= 0.03 * me.total);  // what is less would round to nothing beside the rest
    const key = JSON.stringify(shown);
    if ($("bar").dataset.key !== key) {
      $("bar").dataset.key = key;
      $("bar").replaceChildren(...shown.map(([state, s]) => { const one = make("i", "", state); one.style.flexGrow = String(s); one.style.flexBasis = "0"; return one; }));
      $("keys").replaceChildren(...shown.map(([state, s]) => {
        const group = make("div"), term = make("dt");
        term.append(make("i", "", state), WORDS[state] || state);
        group.append(term, make("dd", seconds(s) + "\u00a0s"));
        return group;
      }));
    }
    text("compare", room.slowest > room.fastest * 1.02 ? "Fastest in the room " + seconds(room.fastest) + "\u00a0s, slowest " + seconds(room.slowest) + "\u00a0s." : "");
  }

  function vote(me, room, linked) {
    const asked = room.ballot, choices = asked.choices.length > 0;
    text("question", asked.text);
    $("options").hidden = !choices;
    $("figure").hidden = choices;
    const key = JSON.stringify([asked.text, asked.choices, asked.notes]);
    if (ballot !== key) {
      ballot = key;
      $("options").replaceChildren(...asked.choices.map((words, at) => {
        const one = make("button", words, "option");
        one.type = "button";
        one.setAttribute("role", "radio");
        one.append(make("small"));
        one.onclick = () => press("vote", {answer: at});
        return one;
      }));
      text("asked", "Between " + asked.low + " and " + asked.high + (asked.unit ? " " + asked.unit : ""));
      $("value").min = asked.low;
      $("value").max = asked.high;
      $("value").value = "";
    }
    [...$("options").children].forEach((one, at) => {
      one.setAttribute("aria-checked", String(me.answer === at));
      one.disabled = linked !== "on";
      one.lastChild.textContent = me.answer === at ? "your answer" : asked.notes[at] || "";
    });
    const mine = !choices && me.answer !== null ? "Your answer is " + me.answer + (asked.unit ? " " + asked.unit : "") + ". " : "";
    text("answered", mine + "You can change it until the run starts. " + asked.votes + " of " + room.phones + " have answered.");
  }

  function chart(line, figure, values, words) {
    const known = (values || []).filter((v) => v !== null);
    text(figure, known.length && values[values.length - 1] !== null ? words(values[values.length - 1]) : "–");
    const most = Math.max(1e-9, ...known), wide = Math.max(1, (values || []).length - 1);
    $(line).setAttribute("points", (values || []).map((v, at) => v === null ? "" : (160 * at / wide).toFixed(1) + "," + (42 - 38 * v / most).toFixed(1)).join(" "));
  }

  function make(tag, words, name) {
    const one = document.createElement(tag);
    if (words) one.textContent = words;
    if (name) one.className = name;
    return one;
  }

  show();
  connect();
})();
