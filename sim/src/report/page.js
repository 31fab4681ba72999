"use strict";
(() => {
  const KINDS = {
    message: { light: "#7b8494", dark: "#7d8796", name: "messages" },
    answered: { light: "#8fb8de", dark: "#3d6a96", name: "answered" },
    refused: { light: "#e8c468", dark: "#8a6d1f", name: "told to come again" },
    unanswered: { light: "#d9a0a0", dark: "#7a3f3f", name: "unanswered" },
    commit: { light: "#2b8a5f", dark: "#5fc596", name: "commits" },
    batch: { light: "#186a47", dark: "#86e0b4", name: "batches stored" },
    node: { light: "#7a4fbf", dark: "#b79af0", name: "nodes" },
    lease: { light: "#b9a3e3", dark: "#5b4690", name: "leases" },
    released: { light: "#dcd8e6", dark: "#35323f", name: "given up" },
    fault: { light: "#e0701b", dark: "#ff9f52", name: "faults" },
    failure: { light: "#c01c28", dark: "#ff7b72", name: "failure" },
  };
  const LANE_KINDS = { store: "store", core: "cores", client: "clients", shard: "shards" };
  const NAMES = 150, RULER = 26, LANE = 26, BAND = 12, NEAR = 7, LIST_MAX = 500, TIGHTEST_US = 20;
  const $ = (id) => document.getElementById(id);
  const canvas = $("canvas"), pen = canvas.getContext("2d");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const end = Math.max(DATA.end, 1);
  const view = { from: 0, to: end, top: 0 };
  const shown = { lanes: new Set(Object.keys(LANE_KINDS)), kinds: new Set(Object.keys(KINDS)), text: "" };

  // One list of all things, each with its first and last moment; and how far the longest reaches, for looking up by time.
  const things = [
    ...DATA.bands.map((b) => ({ shape: "band", lane: b.lane, kind: b.kind, a: b.from, b: b.to, text: b.text })),
    ...DATA.arrows.map((m) => ({ shape: "arrow", lane: m.from, other: m.to, kind: "message", a: m.sent, b: m.arrived ?? m.sent, lost: m.arrived === null, text: m.text })),
    ...DATA.marks.map((m) => ({ shape: "mark", lane: m.lane, kind: m.kind, a: m.at, b: m.at, text: m.text })),
  ];
  const ORDER = { band: 0, arrow: 1, mark: 2 };
  const byShape = { band: [], arrow: [], mark: [] };
  for (const thing of things) byShape[thing.shape].push(thing);
  const reach = {};
  for (const [shape, list] of Object.entries(byShape)) {
    list.sort((x, y) => x.a - y.a);
    // reach[i]: the latest end among the first i+1 things.
    let latest = 0;
    reach[shape] = list.map((thing) => (latest = Math.max(latest, thing.b)));
  }
  const inTime = [...things].sort((x, y) => x.a - y.a || ORDER[x.shape] - ORDER[y.shape]);

  let rows = [], selected = null, width = 0, height = 0, queued = false;

  function layout() {
    rows = new Array(DATA.lanes.length).fill(-1);
    let row = 0;
    DATA.lanes.forEach((lane, at) => { if (shown.lanes.has(lane.kind)) rows[at] = row++; });
    layout.count = row;
  }
  const x = (at) => NAMES + ((at - view.from) / (view.to - view.from)) * (width - NAMES);
  const at = (px) => view.from + ((px - NAMES) / (width - NAMES)) * (view.to - view.from);
  const y = (lane) => RULER + rows[lane] * LANE + LANE / 2 - view.top;
  const seconds = (us) => (us / 1e6).toFixed(view.to - view.from < 1e5 ? 6 : 3) + " s";
  const color = (kind) => KINDS[kind][dark.matches ? "dark" : "light"];

  function visible(thing) {
    return shown.kinds.has(thing.kind) && rows[thing.lane] >= 0 &&
      (thing.other === undefined || rows[thing.other] >= 0) &&
      (shown.text === "" || thing.hay.includes(shown.text));
  }
  for (const thing of things) thing.hay = (thing.text + " " + thing.kind + " " + DATA.lanes[thing.lane].name).toLowerCase();

  // The things of a shape that overlap [from, to]: everything before the first index whose reach gets to `from` is over.
  function* between(shape, from, to) {
    const list = byShape[shape], ends = reach[shape];
    let low = 0, high = list.length;
    while (low < high) { const middle = (low + high) >> 1; if (ends[middle] < from) low = middle + 1; else high = middle; }
    for (let i = low; i < list.length && list[i].a <= to; i++) if (list[i].b >= from && visible(list[i])) yield list[i];
  }

  function draw() {
    queued = false;
    pen.clearRect(0, 0, width, height);
    pen.font = "12px system-ui, sans-serif";
    lanes();
    pen.save();
    pen.beginPath(); pen.rect(NAMES, RULER, width - NAMES, height - RULER); pen.clip();
    for (const band of between("band", view.from, view.to)) drawBand(band);
    // Many arrows are a haze, few are lines.
    const arrows = [...between("arrow", view.from, view.to)];
    const strength = Math.max(0.07, Math.min(0.75, 150 / Math.max(arrows.length, 1)));
    for (const arrow of arrows) drawArrow(arrow, strength);
    const taken = new Set();
    for (const mark of between("mark", view.from, view.to)) {
      // Marks that would fall on the same pixel are drawn once.
      const cell = mark.kind + mark.lane + ":" + Math.round(x(mark.a));
      if (taken.has(cell) && mark !== selected) continue;
      taken.add(cell); drawMark(mark);
    }
    if (selected && visible(selected)) outline(selected);
    pen.restore();
    ruler();
    $("range").textContent = seconds(view.from) + " to " + seconds(view.to);
  }

  // A canvas does not know the style sheet's colours: these are the same.
  const THEMES = {
    light: { ink: "#1c1e21", quiet: "#666b73", rule: "#e2dfd9", ground: "#fbfaf8" },
    dark: { ink: "#e6e4df", quiet: "#9aa0a9", rule: "#30343d", ground: "#16181d" },
  };
  let theme = THEMES.light;
  function retheme() { theme = THEMES[dark.matches ? "dark" : "light"]; }

  function lanes() {
    pen.textBaseline = "middle";
    DATA.lanes.forEach((lane, index) => {
      if (rows[index] < 0) return;
      const middle = y(index);
      if (middle < RULER - LANE || middle > height + LANE) return;
      pen.fillStyle = theme.rule; pen.fillRect(NAMES, Math.round(middle + LANE / 2), width - NAMES, 1);
      pen.fillStyle = theme.quiet; pen.fillText(lane.name, 12, middle, NAMES - 20);
    });
  }

  function ruler() {
    pen.fillStyle = theme.ground; pen.fillRect(0, 0, width, RULER);
    pen.fillStyle = theme.rule; pen.fillRect(0, RULER - 1, width, 1);
    const rough = (view.to - view.from) / Math.max(2, (width - NAMES) / 110);
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough);
    pen.textBaseline = "middle";
    for (let tick = Math.ceil(view.from / step) * step; tick <= view.to; tick += step) {
      const px = x(tick);
      pen.fillStyle = theme.rule; pen.fillRect(Math.round(px), RULER - 7, 1, 7);
      pen.fillStyle = theme.quiet; pen.fillText(seconds(tick), px + 4, RULER / 2);
    }
  }

  function drawBand(band) {
    const left = Math.max(x(band.a), NAMES - 2), right = Math.min(x(band.b), width + 2), middle = y(band.lane);
    const whole = band.kind === "fault";
    pen.globalAlpha = whole ? 0.22 : 0.9;
    pen.fillStyle = color(band.kind);
    const tall = whole ? LANE - 2 : BAND;
    pen.fillRect(left, middle - tall / 2, Math.max(right - left, 1.5), tall);
    pen.globalAlpha = 1;
    if (right - left > 70 && !whole) {
      pen.save(); pen.beginPath(); pen.rect(left, middle - LANE / 2, right - left - 4, LANE); pen.clip();
      pen.fillStyle = theme.ink; pen.font = "11px system-ui, sans-serif"; pen.fillText(band.text, left + 4, middle + 0.5); pen.restore();
    }
  }

  function drawArrow(arrow, strength) {
    const x0 = x(arrow.a), y0 = y(arrow.lane), y1 = arrow.lost ? y0 + Math.sign(y(arrow.other) - y0) * LANE * 0.7 : y(arrow.other);
    const x1 = arrow.lost ? x0 + 8 : x(arrow.b);
    pen.strokeStyle = arrow.lost ? color("fault") : color("message");
    pen.globalAlpha = arrow.lost ? Math.max(strength, 0.5) : strength;
    pen.beginPath(); pen.moveTo(x0, y0); pen.lineTo(x1, y1); pen.stroke();
    const angle = Math.atan2(y1 - y0, x1 - x0), size = 5;
    pen.beginPath();
    if (arrow.lost) { pen.moveTo(x1 - 4, y1 - 4); pen.lineTo(x1 + 4, y1 + 4); pen.moveTo(x1 - 4, y1 + 4); pen.lineTo(x1 + 4, y1 - 4); }
    else for (const turn of [-0.4, 0.4]) { pen.moveTo(x1, y1); pen.lineTo(x1 - size * Math.cos(angle + turn), y1 - size * Math.sin(angle + turn)); }
    pen.stroke(); pen.globalAlpha = 1;
  }

  function drawMark(mark) {
    const px = x(mark.a), py = y(mark.lane);
    pen.fillStyle = color(mark.kind);
    if (mark.kind === "failure") {
      pen.globalAlpha = 0.8; pen.fillRect(px - 1, RULER, 2, height); pen.globalAlpha = 1;
      pen.beginPath(); pen.moveTo(px, RULER + 12); pen.lineTo(px - 8, RULER); pen.lineTo(px + 8, RULER); pen.fill();
    } else if (mark.kind === "fault") {
      pen.beginPath(); pen.moveTo(px, py - 6); pen.lineTo(px + 5.5, py + 4); pen.lineTo(px - 5.5, py + 4); pen.fill();
    } else if (mark.kind === "batch") pen.fillRect(px - 1.5, py - 8, 3, 16);
    else { pen.beginPath(); pen.arc(px, py, 3, 0, 7); pen.fill(); }
  }

  function outline(thing) {
    pen.strokeStyle = theme.ink; pen.lineWidth = 2;
    if (thing.shape === "band") pen.strokeRect(x(thing.a), y(thing.lane) - LANE / 2 + 2, Math.max(x(thing.b) - x(thing.a), 3), LANE - 4);
    else { pen.beginPath(); pen.arc(x(thing.a), y(thing.lane), 9, 0, 7); pen.stroke(); }
    pen.lineWidth = 1;
  }

  const redraw = () => { if (!queued) { queued = true; requestAnimationFrame(draw); } };
  function clampView() {
    const span = Math.min(Math.max(view.to - view.from, TIGHTEST_US), end * 1.04);
    const from = Math.min(Math.max(view.from, -end * 0.02), end * 1.02 - span);
    view.from = from; view.to = from + span;
    view.top = Math.max(0, Math.min(view.top, layout.count * LANE + RULER - height + 12));
  }
  function zoom(factor, px = (width + NAMES) / 2) {
    const still = at(px);
    view.from = still - (still - view.from) * factor; view.to = still + (view.to - still) * factor;
    changed();
  }
  function changed() { clampView(); redraw(); if ($("text").open) listing(); }
  function goTo(thing) {
    const span = Math.min(view.to - view.from, end / 20);
    view.from = thing.a - span / 2; view.to = thing.a + span / 2;
    view.top = rows[thing.lane] * LANE - height / 2; select(thing); changed();
  }

  function select(thing) {
    selected = thing;
    const box = $("detail"); box.replaceChildren();
    if (!thing) { box.append(node("p", "Nothing here. Click a band, an arrow or a mark.")); return redraw(); }
    const list = node("dl");
    const row = (name, value) => list.append(node("dt", name), node("dd", value));
    box.append(node("h2", KINDS[thing.kind].name), list);
    row("where", DATA.lanes[thing.lane].name + (thing.other === undefined ? "" : " → " + DATA.lanes[thing.other].name));
    row("when", (thing.a / 1e6).toFixed(6) + " s");
    if (thing.b !== thing.a) row("took", ((thing.b - thing.a) / 1e3).toFixed(3) + " ms");
    if (thing.lost) row("", "never arrived");
    row("what", thing.text);
    redraw();
  }
  const node = (tag, text = "") => Object.assign(document.createElement(tag), { textContent: text });

  function hit(px, py) {
    let best = null, nearest = NEAR;
    const from = at(px - NEAR - 2), to = at(px + NEAR + 2);
    for (const mark of between("mark", from, to)) {
      const apart = mark.kind === "failure" ? Math.abs(x(mark.a) - px) : Math.hypot(x(mark.a) - px, y(mark.lane) - py);
      if (apart < nearest) { nearest = apart; best = mark; }
    }
    if (best) return best;
    for (const arrow of between("arrow", from, to)) {
      const apart = toLine(px, py, x(arrow.a), y(arrow.lane), x(arrow.b), y(arrow.other));
      if (apart < nearest) { nearest = apart; best = arrow; }
    }
    if (best) return best;
    for (const band of between("band", from, to))
      if (Math.abs(y(band.lane) - py) < LANE / 2 && (!best || band.b - band.a < best.b - best.a)) best = band;
    return best;
  }
  function toLine(px, py, x0, y0, x1, y1) {
    const long = (x1 - x0) ** 2 + (y1 - y0) ** 2 || 1;
    const along = Math.max(0, Math.min(1, ((px - x0) * (x1 - x0) + (py - y0) * (y1 - y0)) / long));
    return Math.hypot(px - x0 - along * (x1 - x0), py - y0 - along * (y1 - y0));
  }

  function listing() {
    const list = $("list"); list.replaceChildren();
    let count = 0;
    for (const thing of inTime) {
      if (thing.a > view.to) break;
      if (thing.b < view.from || !visible(thing)) continue;
      if (++count > LIST_MAX) { list.append(node("li", "… more: zoom in or filter")); break; }
      list.append(node("li", (thing.a / 1e6).toFixed(6) + " s  " + DATA.lanes[thing.lane].name + "  " + KINDS[thing.kind].name + ": " + thing.text));
    }
    if (count === 0) list.append(node("li", "nothing"));
  }
  function next() {
    const after = selected ? inTime.indexOf(selected) : -1;
    const found = inTime.findIndex((thing, index) => index > after && thing.a >= (selected ? selected.a : view.from) && visible(thing));
    if (found >= 0) goTo(inTime[found]);
  }

  function switches(box, names, set, swatch) {
    const present = new Set(swatch ? things.map((t) => t.kind) : DATA.lanes.map((l) => l.kind));
    for (const [key, name] of Object.entries(names)) {
      if (!present.has(key)) continue;
      const label = node("label"), input = Object.assign(document.createElement("input"), { type: "checkbox", checked: true });
      input.addEventListener("change", () => { input.checked ? set.add(key) : set.delete(key); layout(); changed(); });
      label.append(input);
      if (swatch) { const square = node("span"); square.className = "swatch"; square.style.background = color(key); square.dataset.kind = key; label.append(square); }
      label.append(name); $(box).append(label);
    }
  }

  function size() {
    const box = $("stage").getBoundingClientRect(), scale = devicePixelRatio || 1;
    width = box.width; height = box.height;
    canvas.width = width * scale; canvas.height = height * scale;
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    changed();
  }

  let grabbed = null;
  canvas.addEventListener("pointerdown", (e) => { grabbed = { x: e.offsetX, y: e.offsetY, from: view.from, to: view.to, top: view.top, moved: false }; canvas.setPointerCapture(e.pointerId); });
  canvas.addEventListener("pointermove", (e) => {
    if (!grabbed) { canvas.title = hit(e.offsetX, e.offsetY)?.text.slice(0, 200) ?? ""; return; }
    const dx = e.offsetX - grabbed.x, dy = e.offsetY - grabbed.y;
    if (!grabbed.moved && Math.hypot(dx, dy) < 4) return;
    grabbed.moved = true; canvas.classList.add("dragging");
    const shift = (dx / (width - NAMES)) * (grabbed.to - grabbed.from);
    view.from = grabbed.from - shift; view.to = grabbed.to - shift; view.top = grabbed.top - dy; changed();
  });
  canvas.addEventListener("pointerup", (e) => { if (grabbed && !grabbed.moved) select(hit(e.offsetX, e.offsetY)); grabbed = null; canvas.classList.remove("dragging"); });
  canvas.addEventListener("pointercancel", () => { grabbed = null; canvas.classList.remove("dragging"); });
  canvas.addEventListener("wheel", (e) => {
    e.preventDefault();
    if (e.shiftKey) { view.top += e.deltaY || e.deltaX; changed(); }
    else if (Math.abs(e.deltaX) > Math.abs(e.deltaY)) { const by = (e.deltaX / width) * (view.to - view.from); view.from += by; view.to += by; changed(); }
    else zoom(Math.exp(e.deltaY * 0.0016), e.offsetX);
  }, { passive: false });
  const pan = (part) => { const by = (view.to - view.from) * part; view.from += by; view.to += by; changed(); };
  const whole = () => { view.from = -end * 0.01; view.to = end * 1.01; changed(); };
  const KEYS = {
    "+": () => zoom(0.7), "=": () => zoom(0.7), "-": () => zoom(1.4), "0": whole, n: next,
    ArrowLeft: () => pan(-0.15), ArrowRight: () => pan(0.15), ArrowUp: () => { view.top -= LANE; changed(); }, ArrowDown: () => { view.top += LANE; changed(); },
  };
  canvas.addEventListener("keydown", (e) => { const act = KEYS[e.key]; if (act && !e.ctrlKey && !e.metaKey) { e.preventDefault(); act(); } });
  $("controls").addEventListener("submit", (e) => { e.preventDefault(); next(); });
  $("find").addEventListener("input", (e) => { shown.text = e.target.value.trim().toLowerCase(); changed(); });
  $("in").onclick = () => zoom(0.6); $("out").onclick = () => zoom(1.6); $("all").onclick = whole; $("next").onclick = next;
  $("text").addEventListener("toggle", () => { if ($("text").open) listing(); });
  const failure = things.find((thing) => thing.kind === "failure");
  if (failure) { $("failure").hidden = false; $("failure").onclick = () => goTo(failure); }
  dark.addEventListener("change", () => { retheme(); document.querySelectorAll(".swatch").forEach((s) => (s.style.background = color(s.dataset.kind))); redraw(); });

  document.title = DATA.title + " – hunt-sim";
  $("title").textContent = DATA.title;
  switches("lanes", LANE_KINDS, shown.lanes, false);
  switches("kinds", Object.fromEntries(Object.entries(KINDS).map(([key, kind]) => [key, kind.name])), shown.kinds, true);
  retheme(); layout(); new ResizeObserver(size).observe($("stage")); size(); whole();
})();
