"use strict";
// The timeline of a report: lanes on a canvas, from the whole run down to a nanosecond. Everything it shows is in the
// element "trace" of the same file; texts are only ever drawn or set as text, never as markup.
(() => {
  const data = JSON.parse(document.getElementById("trace").textContent);
  const canvas = document.getElementById("lanes"), tip = document.getElementById("tip"), says = document.getElementById("view");
  const patternsBox = document.getElementById("patterns");
  const context = canvas.getContext("2d");
  const dark = matchMedia("(prefers-color-scheme: dark)"), printing = matchMedia("print");
  const AXIS = 26, ROW = 24, LOW_ROW = 17, STRIP = 8, GROUP = 22, GAP = 3, DRAG = 4, LABEL_WIDTH = 34;
  const FINEST = 20, ZOOM = 1.0015, STEP = 1.5, PAN = 0.15;
  const OUTSIDE = "from afar";

  // -- data --------------------------------------------------------------------------------------------------------

  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const words = (text, kind) => new kind(bytes(text).buffer);
  const rows = [];
  let height = AXIS, group = null;
  for (const told of data.rows) {
    if (told.group !== group) {
      group = told.group;
      rows.push({ group, top: height, height: GROUP });
      height += GROUP;
    }
    const tall = told.strip ? STRIP : told.title ? ROW : LOW_ROW;
    rows.push({
      title: told.title, strip: told.strip, holders: told.holders, top: height, height: tall,
      layers: told.spans.map((one) => ({
        count: one.count, seen: one.seen, start: words(one.start, Uint32Array), length: words(one.length, Uint32Array),
        name: words(one.name, Uint16Array), state: bytes(one.state), request: words(one.request, Uint32Array),
      })),
      far: Object.entries(told.far).map(([state, shares]) => ({ state: Number(state), shares: bytes(shares) })),
    });
    height += tall;
  }
  let named = "";
  for (const row of rows) {
    if (row.layers) {
      named = row.title || named;
      row.called = row.strip ? `${named}, seen from outside` : named;
    }
  }
  const { begin: from, end: until, unit } = data.detail;
  const startOf = (layer, at) => from + layer.start[at] * unit;
  const endOf = (layer, at) => startOf(layer, at) + Math.max(layer.length[at] * unit, 1);

  // The first span of a layer that ends after a time; within a layer spans do not overlap.
  const firstAfter = (layer, time, low = 0) => {
    let high = layer.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (endOf(layer, middle) > time) high = middle;
      else low = middle + 1;
    }
    return low;
  };

  // -- words -------------------------------------------------------------------------------------------------------

  const figure = (value) => value.toLocaleString("en-US", { maximumFractionDigits: value < 9.995 ? 2 : value < 99.95 ? 1 : 0 });
  const duration = (ns) => {
    for (const [size, name] of [[1e9, "s"], [1e6, "ms"], [1e3, "µs"]]) if (ns >= size * 0.9995) return `${figure(ns / size)} ${name}`;
    return `${Math.round(ns)} ns`;
  };
  const moment = (ns, digits) => `${((data.origin + ns) / 1e9).toFixed(digits).replace("-", "−")} s`;
  const digitsFor = (ns) => Math.min(9, Math.max(1, Math.ceil(-Math.log10(ns / 1e9))));

  // -- the view ----------------------------------------------------------------------------------------------------

  const view = { begin: 0, length: data.length };
  let width = 900, left = 180, chosen = null, selected = null, hover = null, wanted = false, theme = data.themes.light, looks = [];
  const mode = () => (dark.matches && !printing.matches ? "dark" : "light");
  const span = () => Math.max(1, width - left);
  const xOf = (time) => left + ((time - view.begin) / view.length) * span();
  const timeOf = (x) => view.begin + ((x - left) / span()) * view.length;

  const show = (begin, length) => {
    view.length = Math.min(data.length, Math.max(FINEST, length));
    view.begin = Math.min(Math.max(0, begin), data.length - view.length);
    ask();
  };
  const zoom = (factor, x = left + span() / 2) => {
    const time = timeOf(x), length = Math.min(data.length, Math.max(FINEST, view.length * factor));
    show(time - ((x - left) / span()) * length, length);
  };
  const pan = (share) => show(view.begin + share * view.length, view.length);
  const ask = () => {
    if (!wanted) {
      wanted = true;
      requestAnimationFrame(() => { wanted = false; draw(); });
    }
  };

  // -- drawing -----------------------------------------------------------------------------------------------------

  const pattern = (kind, colour) => {
    if (kind === "plain") return null;
    const cell = kind === "wide" ? 10 : 6, tile = document.createElement("canvas");
    tile.width = tile.height = cell;
    const pen = tile.getContext("2d");
    pen.strokeStyle = pen.fillStyle = colour;
    pen.lineWidth = 1.2;
    const line = (x0, y0, x1, y1) => { pen.beginPath(); pen.moveTo(x0, y0); pen.lineTo(x1, y1); pen.stroke(); };
    if (kind === "dots") for (const at of [1.5, 4.5]) { pen.beginPath(); pen.arc(at, at, 0.9, 0, 7); pen.fill(); }
    else if (kind === "vertical") line(2.5, 0, 2.5, cell);
    else if (kind === "horizontal") line(0, 2.5, cell, 2.5);
    else {
      for (const move of [-cell, 0, cell]) line(move, cell, move + cell, 0);
      if (kind === "crossed") line(0, 0, cell, cell);
    }
    return context.createPattern(tile, "repeat");
  };
  const restyle = () => {
    theme = data.themes[mode()];
    looks = data.states.map((state) => {
      const look = state[mode()];
      const over = state.pattern === "wide" ? look.edge : look.text || theme.text;
      return { ...look, height: state.height, line: state.line, always: state.pattern === "wide", title: state.title,
        pattern: pattern(state.pattern, state.pattern === "wide" ? over : `${over}73`) };
    });
    ask();
  };
  const box = (row, look, inner) => {
    const room = row.height - GAP - 1, share = row.strip ? 1 : inner ? Math.min(look.height, 0.9) : look.height;
    const high = Math.max(2, Math.round(room * share));
    return look.line ? [row.top + 1 + Math.round(room / 2), 2] : [row.top + 1 + room - high, high];
  };
  // Who held the GIL: greys, as no state has them; neighbours in turn.
  const holderBar = (row, x, wide, turn) => {
    const high = row.height - GAP - 1, alpha = context.globalAlpha;
    context.fillStyle = theme.lane;
    context.fillRect(x, row.top + 1, wide, high);
    context.globalAlpha = alpha * data.holder_ink[turn % data.holder_ink.length];
    context.fillStyle = theme.ink;
    context.fillRect(x, row.top + 1, wide, high);
    context.globalAlpha = alpha;
    return [row.top + 1, high];
  };
  const bar = (row, state, x0, x1, inner) => {
    if (row.holders) return holderBar(row, x0, Math.max(1, x1 - x0), state);
    const look = looks[state], [top, high] = box(row, look, inner), wide = Math.max(1, x1 - x0);
    context.fillStyle = look.fill;
    context.fillRect(x0, top, wide, high);
    if (look.pattern && (look.always || patternsBox.checked)) { context.fillStyle = look.pattern; context.fillRect(x0, top, wide, high); }
    if (look.edge && wide >= 4 && !look.always) { context.strokeStyle = look.edge; context.lineWidth = 1; context.strokeRect(x0 + 0.5, top + 0.5, wide - 1, high - 1); }
    return [top, high];
  };
  const label = (text, x0, x1, top, high, colour) => {
    const room = x1 - x0 - 8;
    if (!colour || room < LABEL_WIDTH - 8 || high < 11) return;
    let shown = text;
    if (context.measureText(shown).width > room) {
      let letters = Math.floor((shown.length * room) / context.measureText(shown).width);
      while (letters >= 6 && context.measureText(`${shown.slice(0, letters)}…`).width > room) letters -= 1;
      if (letters < 6) return;
      shown = `${shown.slice(0, letters)}…`;
    }
    context.fillStyle = colour;
    context.fillText(shown, x0 + 4, top + high / 2 + 0.5);
  };
  // The spans of a layer that are in view. Of many in one pixel the first is given; the next one is sought, not stepped to.
  const inView = (layer, each) => {
    const end = view.begin + view.length;
    let at = firstAfter(layer, view.begin);
    while (at < layer.count && startOf(layer, at) < end) {
      const x0 = Math.max(left, Math.round(xOf(startOf(layer, at)))), x1 = Math.min(width, Math.round(xOf(endOf(layer, at))));
      each(at, x0, x1, x0 + Math.max(1, x1 - x0 - (x1 - x0 >= 3 ? 1 : 0)));
      at = x1 - x0 > 1 ? at + 1 : Math.max(at + 1, firstAfter(layer, timeOf(x0 + 1), at + 1));
    }
  };
  // The first part of a span, as pixels, that no span over it covers and that has room for a word; else null.
  const bare = (row, depth, x0, x1) => {
    for (let x = x0; x1 - x >= LABEL_WIDTH; ) {
      let until = x1, next = x;
      for (const over of row.layers.slice(depth + 1)) {
        const at = firstAfter(over, timeOf(x + 1));
        if (at >= over.count) continue;
        const start = Math.round(xOf(startOf(over, at)));
        if (start <= x + 1) next = Math.max(next, Math.round(xOf(endOf(over, at))));
        else until = Math.min(until, start);
      }
      if (next > x) x = next;
      else if (until - x >= LABEL_WIDTH) return [x, until];
      else x = until;
    }
    return null;
  };
  const wordOf = (row, layer, at) => row.holders ? row.holders[layer.state[at]].short : data.names[layer.name[at]];
  const near = (row) => {
    const dim = selected && selected.request, words = [];
    row.layers.forEach((layer, depth) => {
      inView(layer, (at, x0, x1, end) => {
        if (layer.seen) { context.fillStyle = theme.lane; context.fillRect(x0, row.top + 1, Math.max(1, x1 - x0), row.height - GAP); }
        context.globalAlpha = dim && layer.request[at] !== dim ? 0.38 : 1;
        const [top, high] = bar(row, layer.state[at], x0, end, depth > 0 && !layer.seen);
        context.globalAlpha = 1;
        const room = row.holders ? [x0 - 2, end + 2] : !layer.seen && end - x0 >= LABEL_WIDTH && bare(row, depth, x0, end);
        if (room) words.push([wordOf(row, layer, at), ...room, top, high, row.holders ? theme.text : looks[layer.state[at]].text]);
      });
    });
    for (const word of words) label(...word);
    if (!selected || selected.row !== row) return;
    inView(selected.layer, (at, x0, x1, end) => {
      if (selected.at === at) { context.strokeStyle = theme.ink; context.lineWidth = 2; context.strokeRect(x0, row.top + 1, end - x0, row.height - GAP); }
    });
  };
  const far = (row, x0 = left, x1 = width) => {
    const room = row.height - GAP - 1, floor = row.top + 1 + room, order = row.far;
    for (let x = Math.floor(x0); x < x1; x += 1) {
      const first = Math.max(0, Math.floor(timeOf(x) / data.column));
      const last = Math.min(data.columns - 1, Math.max(first, Math.ceil(timeOf(x + 1) / data.column) - 1));
      let base = floor;
      for (const { state, shares } of order) {
        let sum = 0;
        for (let at = first; at <= last; at += 1) sum += shares[at];
        if (!sum) continue;
        if (row.holders) {
          const high = Math.max(1, (room * sum) / (255 * (last - first + 1)));
          context.fillStyle = theme.ink;
          context.globalAlpha = data.holder_ink[0];
          context.fillRect(x, floor - high, 1, high);
          context.globalAlpha = 1;
          continue;
        }
        const look = looks[state], full = look.line ? 2 : row.strip ? room : room * look.height;
        const high = Math.max(1, (full * sum) / (255 * (last - first + 1)));
        if (look.line) { context.fillStyle = look.fill; context.fillRect(x, row.top + 1 + room / 2, 1, 2); continue; }
        context.fillStyle = look.always ? look.edge : look.fill;
        context.globalAlpha = look.always ? 0.5 : 1;
        context.fillRect(x, base - high, 1, high);
        context.globalAlpha = 1;
        base -= high;
      }
    }
  };
  const isNear = () => view.length / span() < data.column * 0.75 || data.detail.count < 4000;
  const axis = () => {
    const raw = (view.length / span()) * 110, size = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].map((each) => each * size).find((each) => each >= raw);
    const digits = digitsFor(step), rest = data.origin;
    context.textAlign = "left";
    for (let time = Math.ceil((view.begin + rest) / step) * step - rest; time <= view.begin + view.length; time += step) {
      const x = Math.round(xOf(time)) + 0.5;
      context.strokeStyle = theme.line;
      context.lineWidth = 1;
      context.beginPath(); context.moveTo(x, AXIS - 5); context.lineTo(x, height); context.stroke();
      context.fillStyle = theme.text2;
      if (x < width - 40) context.fillText(moment(time, digits), x + 4, AXIS / 2);
    }
    for (const mark of data.marks) {
      const x = xOf(mark.time);
      if (x < left || x > width) continue;
      context.strokeStyle = theme.accent;
      context.setLineDash([4, 4]);
      context.beginPath(); context.moveTo(x, AXIS); context.lineTo(x, height); context.stroke();
      context.setLineDash([]);
    }
  };
  const headers = () => {
    context.fillStyle = theme.panel;
    context.fillRect(0, 0, left, height);
    context.textAlign = "left";
    for (const row of rows) {
      if (!row.layers) {
        context.fillStyle = theme.group;
        context.fillRect(0, row.top, width, row.height);
      } else if (row === chosen) {
        context.fillStyle = theme.group;
        context.fillRect(0, row.top, left, row.height - 1);
      }
      const text = row.layers ? row.title : row.group;
      context.fillStyle = row.layers ? theme.text : theme.text2;
      context.save();
      context.beginPath(); context.rect(0, row.top, row.layers ? left - 8 : width, row.height); context.clip();
      context.fillText(text, row.layers ? 20 : 10, row.top + row.height / 2);
      context.restore();
    }
    context.strokeStyle = theme.line;
    context.lineWidth = 1;
    context.beginPath(); context.moveTo(left + 0.5, 0); context.lineTo(left + 0.5, height); context.stroke();
  };
  const draw = () => {
    const close = isNear(), end = view.begin + view.length;
    context.font = '12px Inter, system-ui, "Segoe UI", Arial, sans-serif';
    context.textBaseline = "middle";
    context.fillStyle = theme.lane;
    context.fillRect(0, 0, width, height);
    axis();
    context.save();
    context.beginPath(); context.rect(left, AXIS, width - left, height); context.clip();
    for (const row of rows) {
      if (!row.layers) continue;
      if (!close) far(row);
      else {
        if (view.begin < from) far(row, left, Math.min(width, xOf(from)));
        if (end > until) far(row, Math.max(left, xOf(until)), width);
        context.save();
        context.beginPath(); context.rect(xOf(from), AXIS, xOf(until) - xOf(from) + 1, height); context.clip();
        near(row);
        context.restore();
      }
    }
    context.restore();
    headers();
    const digits = digitsFor(view.length / 100), inside = end > from && view.begin < until;
    const how = close && inside ? "span by span" : OUTSIDE;
    says.textContent = `${moment(view.begin, digits)} to ${moment(end, digits)}, ${duration(view.length)}, ${how}` + (selected ? `. ${describe(selected).split("\n").join(", ")}` : "");
  };

  // -- hands -------------------------------------------------------------------------------------------------------

  const describe = ({ row, layer, at }) => {
    const long = duration(layer.length[at] * unit), when = `at ${moment(startOf(layer, at), 6)}`, request = layer.request[at];
    if (row.holders) return `${row.holders[layer.state[at]].title} held the GIL  ${long}\n${when}`;
    const state = looks[layer.state[at]].title, name = data.names[layer.name[at]] || state;
    const around = layer.seen ? workAt(row, startOf(layer, at)) : "";
    const stood = layer.seen ? "" : waits(row, layer, at), did = stood ? `${state}, seen in it: ${stood}` : state;
    const where = [around ? `seen in ${around}` : layer.seen ? "seen from outside" : did, row.called, request ? `request #${request.toLocaleString("en-US")}` : ""];
    return `${name}  ${long}\n${where.filter(Boolean).join(" · ")}\n${when}`;
  };
  // What the sampler saw of a span's thread while it lasted, as far as it is painted into the span.
  const waits = (row, layer, at) => {
    const begin = startOf(layer, at), end = endOf(layer, at), times = new Map();
    for (const over of row.layers.slice(row.layers.indexOf(layer) + 1)) {
      if (!over.seen) continue;
      for (let next = firstAfter(over, begin); next < over.count && startOf(over, next) < end; next += 1) {
        const time = Math.min(end, endOf(over, next)) - Math.max(begin, startOf(over, next));
        times.set(over.state[next], (times.get(over.state[next]) || 0) + time);
      }
    }
    return [...times].sort((one, other) => other[1] - one[1]).map(([state, time]) => `${looks[state].title} ${duration(time)}`).join(", ");
  };
  // The innermost work that its own lane tells of at a time.
  const workAt = (row, time) => {
    for (const layer of [...row.layers].reverse()) {
      const at = layer.seen ? layer.count : firstAfter(layer, time);
      if (at < layer.count && startOf(layer, at) <= time && data.names[layer.name[at]]) return `${data.names[layer.name[at]]}, ${duration(layer.length[at] * unit)}`;
    }
    return "";
  };
  const rowAt = (y) => rows.find((row) => row.layers && y >= row.top && y < row.top + row.height);
  const spanAt = (x, y) => {
    const row = rowAt(y);
    if (!row || x < left || !isNear()) return null;
    const reach = (view.length / span()) * 2, time = timeOf(x);
    for (const slack of [0, reach])
      for (let depth = row.layers.length - 1; depth >= 0; depth -= 1) {
        const layer = row.layers[depth], at = firstAfter(layer, time - slack);
        if (at < layer.count && startOf(layer, at) <= time + slack) return { row, layer, at, request: layer.request[at] };
      }
    return null;
  };
  const goTo = (found) => {
    selected = found;
    chosen = found.row;
    const start = startOf(found.layer, found.at), end = endOf(found.layer, found.at);
    if (start < view.begin || end > view.begin + view.length) show((start + end) / 2 - view.length / 2, Math.max(view.length, end - start));
    else ask();
  };
  const step = (way) => {
    chosen = chosen || rows.find((row) => row.layers && row.layers.length);
    if (!chosen || !chosen.layers.length) return;
    const layer = selected && selected.row === chosen ? selected.layer : chosen.layers[0];
    const middle = firstAfter(layer, view.begin + view.length / 2);
    const at = selected && selected.row === chosen ? selected.at + way : Math.min(middle, layer.count - 1);
    if (at >= 0 && at < layer.count) goTo({ row: chosen, layer, at, request: layer.request[at] });
  };
  const another = (way) => {
    const lanes = rows.filter((row) => row.layers), at = lanes.indexOf(chosen);
    chosen = lanes[Math.min(lanes.length - 1, Math.max(0, at + way))];
    selected = null;
    ask();
  };
  const point = (event) => {
    const place = canvas.getBoundingClientRect();
    return [event.clientX - place.left, event.clientY - place.top];
  };
  let held = null;
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    const [x] = point(event), lines = event.deltaMode === 1 ? 33 : 1;
    if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) show(view.begin + ((event.deltaX || event.deltaY) * lines * view.length) / span() , view.length);
    else zoom(ZOOM ** (event.deltaY * lines), Math.max(left, x));
  }, { passive: false });
  canvas.addEventListener("pointerdown", (event) => {
    const [x, y] = point(event);
    held = { x, y, begin: view.begin, moved: false };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    const [x, y] = point(event);
    if (held) {
      held.moved = held.moved || Math.abs(x - held.x) > DRAG;
      if (held.moved) show(held.begin - ((x - held.x) / span()) * view.length, view.length);
      tip.hidden = true;
      return;
    }
    hover = spanAt(x, y);
    tip.hidden = !hover;
    if (!hover) return;
    tip.textContent = describe(hover);
    tip.style.left = `${Math.min(x + 14, Math.max(0, width - tip.offsetWidth - 4))}px`;
    tip.style.top = `${y + 18}px`;
  });
  canvas.addEventListener("pointerup", (event) => {
    const [x, y] = point(event);
    if (held && !held.moved) {
      selected = spanAt(x, y);
      chosen = rowAt(y) || chosen;
      ask();
    }
    held = null;
  });
  canvas.addEventListener("pointerleave", () => { tip.hidden = true; });
  canvas.addEventListener("dblclick", (event) => {
    const found = spanAt(...point(event));
    if (!found) return;
    const start = startOf(found.layer, found.at), length = endOf(found.layer, found.at) - start;
    show(start - length * 0.1, length * 1.2);
  });
  const keys = {
    w: () => zoom(1 / STEP), "+": () => zoom(1 / STEP), "=": () => zoom(1 / STEP), s: () => zoom(STEP), "-": () => zoom(STEP),
    a: () => pan(-PAN), d: () => pan(PAN), ArrowLeft: () => pan(-PAN), ArrowRight: () => pan(PAN),
    Home: () => show(0, data.length), ",": () => step(-1), ".": () => step(1), ArrowUp: () => another(-1), ArrowDown: () => another(1),
    Escape: () => { selected = null; ask(); },
  };
  canvas.addEventListener("keydown", (event) => {
    const does = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!does || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    does();
  });
  for (const [id, does] of [["in", keys.w], ["out", keys.s], ["all", keys.Home]]) document.getElementById(id).addEventListener("click", does);
  patternsBox.addEventListener("change", ask);

  // -- size and colours --------------------------------------------------------------------------------------------

  const resize = () => {
    const ratio = window.devicePixelRatio || 1;
    width = Math.max(320, canvas.clientWidth);
    left = Math.min(200, Math.round(width * 0.25));
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.height = `${height}px`;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    restyle();
  };
  new ResizeObserver(resize).observe(canvas.parentElement);
  for (const query of [dark, printing]) query.addEventListener("change", () => { restyle(); draw(); });
  resize();
})();
