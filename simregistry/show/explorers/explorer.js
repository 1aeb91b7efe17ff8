// Draws a scene that Python computed, and sends what a hand did with it. Nothing is computed here.
const SVG = "http://www.w3.org/2000/svg";
const ARROWS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
const HATCHES = ["", "M0 6 6 0", "M1.5 1.5h1.2", "M0 0 6 6M0 6 6 0", "M0 0 6 6", "M0 3H6", "M0 3H6M3 0V6"];
const SHAPES = { box: "rect", dot: "circle", line: "line" };
let serial = 0;

const make = (tag, attributes = {}, ...inside) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...inside);
  return node;
};
const draw = (tag, attributes = {}) => {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
};
const usable = (mark) => Boolean(mark.do || mark.drag || Object.keys(mark.keys).length);

function definitions(uid) {
  const defs = draw("defs");
  HATCHES.forEach((path, number) => {
    const pattern = draw("pattern", { id: `${uid}-h${number}`, width: 6, height: 6, patternUnits: "userSpaceOnUse" });
    pattern.append(draw("path", { d: path, stroke: "#000", "stroke-width": 0.8, opacity: 0.45, fill: "none" }));
    defs.append(pattern);
  });
  const tip = draw("marker", { id: `${uid}-tip`, viewBox: "0 0 10 10", refX: 9, refY: 5, markerWidth: 7, markerHeight: 7, orient: "auto-start-reverse" });
  tip.append(draw("path", { d: "M0 0 10 5 0 10z", fill: "context-stroke" }));
  defs.append(tip);
  return defs;
}

// One mark: a group at its place, with a body, a hatch over it and a label.
function newNode(mark) {
  const group = draw("g", { "data-id": mark.id });
  const body = mark.shape === "text" ? null : draw(SHAPES[mark.shape], { class: "sr-body" });
  const hatch = mark.shape === "box" || mark.shape === "dot" ? draw(SHAPES[mark.shape], { class: "sr-hatch" }) : null;
  const label = draw("text", { class: "sr-label", "dominant-baseline": "central" });
  group.append(...[body, hatch, label].filter(Boolean));
  return { group, body, hatch, label, shape: mark.shape };
}

function paintNode(node, mark, uid) {
  const { group, body, hatch, label } = node;
  node.mark = mark;
  const classes = ["sr-mark", mark.look && `sr-${mark.look}`, (mark.do || Object.keys(mark.keys).length) && "sr-usable", mark.drag && "sr-draggable"];
  group.setAttribute("class", classes.filter(Boolean).join(" "));
  group.style.transform = `translate(${mark.x}px, ${mark.y}px)`;
  // What cannot be used lets the pointer through to what can.
  group.style.pointerEvents = usable(mark) || mark.drop ? "" : "none";
  const set = (target, values) => { for (const [name, value] of Object.entries(values)) target.setAttribute(name, value); };
  const size = mark.shape === "box" ? { width: Math.max(0, mark.width), height: Math.max(0, mark.height), rx: 4 } : mark.shape === "dot" ? { r: mark.width / 2 } : { x2: mark.width, y2: mark.height };
  if (body) {
    set(body, { ...size, class: `sr-body${mark.colour === null ? "" : ` sr-c${mark.colour % 7}`}` });
    if (mark.arrow) body.setAttribute("marker-end", `url(#${uid}-tip)`); else body.removeAttribute("marker-end");
  }
  if (hatch) set(hatch, { ...size, fill: mark.colour === null ? "none" : `url(#${uid}-h${(Math.floor(mark.colour / 7) + mark.colour) % 7})` });
  const edge = mark.shape === "box" ? { start: 8, middle: mark.width / 2, end: mark.width - 8 }[mark.align] : 0;
  set(label, { x: edge, y: mark.shape === "box" ? mark.height / 2 : 0, "text-anchor": mark.align, "font-size": mark.size, "font-weight": mark.bold ? "bold" : "normal" });
  label.textContent = mark.label;
  if (mark.drop) group.setAttribute("data-drop", mark.drop); else group.removeAttribute("data-drop");
  if (usable(mark) || mark.drop) set(group, { role: "button", "aria-label": mark.says || mark.label, tabindex: -1 });
  else { group.setAttribute("aria-hidden", mark.label ? "false" : "true"); group.removeAttribute("role"); group.removeAttribute("tabindex"); }
}

function control(shown, send) {
  if (shown.kind === "button" || shown.kind === "play") return make("button", { type: "button" }, shown.label);
  const label = make("label", {}, `${shown.label} `);
  const input = shown.kind === "choice" ? make("select") : make("input", { type: shown.kind === "slider" ? "range" : "text", autocomplete: "off", spellcheck: "false" });
  label.append(input);
  if (shown.kind === "slider") label.append(" ", make("output"));
  return label;
}

function render({ model, el }) {
  const uid = `sr-x${++serial}`;
  const root = make("div", { class: "sr-explorer" });
  const picture = draw("svg", { class: "sr-picture", role: "group" });
  const goal = make("p", { class: "sr-goal" }), controls = make("div", { class: "sr-controls" });
  const says = make("p", { class: "sr-says", role: "status", "aria-live": "polite" }), data = make("div");
  picture.append(definitions(uid));
  // On a narrow page the picture keeps a size at which its words can be read, and is scrolled sideways.
  const frame = make("div", { class: "sr-frame" });
  frame.append(picture);
  root.append(goal, frame, controls, says, data);
  const nodes = new Map(), shownControls = new Map();
  let scene = model.get("scene"), current = "", picked = "", playing = null;
  const send = (message) => model.send(message);

  // JupyterLab's shortcuts act on any focused control but a text field: "x" would cut the cell.
  el.addEventListener("keydown", (event) => { if (!event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation(); });

  const stops = () => scene.marks.filter((mark) => (picked ? mark.drop : usable(mark)));
  const centre = (mark) => [mark.x + (mark.shape === "box" ? mark.width / 2 : 0), mark.y + (mark.shape === "box" ? mark.height / 2 : 0)];
  const focusOn = (id) => { current = id; tabStop(); nodes.get(id)?.group.focus(); };
  // One stop for the Tab key: the mark that had the focus last, or the first that can be used.
  function tabStop() {
    const ids = stops().map((mark) => mark.id);
    if (!ids.includes(current)) current = ids[0] ?? "";
    for (const [id, node] of nodes) if (node.group.hasAttribute("tabindex")) node.group.setAttribute("tabindex", id === current ? 0 : -1);
  }
  // The nearest mark in the direction of the arrow; sideways distance counts double.
  function neighbour(from, [dx, dy]) {
    const [x, y] = centre(from);
    const ahead = stops().filter((mark) => mark.id !== from.id).map((mark) => {
      const [mx, my] = centre(mark), along = (mx - x) * dx + (my - y) * dy, aside = Math.abs((mx - x) * dy) + Math.abs((my - y) * dx);
      return { mark, along, cost: along + 2 * aside };
    }).filter(({ along }) => along > 0.5);
    ahead.sort((a, b) => a.cost - b.cost);
    return ahead[0]?.mark;
  }
  function pick(id) {
    picked = id;
    for (const [other, node] of nodes) node.group.classList.toggle("sr-picked", other === id);
    says.textContent = id ? `Picked up: ${nodes.get(id).mark.says || nodes.get(id).mark.label}. Choose a place with the arrow keys, drop it with Enter, or leave it with Escape.` : scene.says;
  }

  picture.addEventListener("keydown", (event) => {
    const id = event.target.closest?.("[data-id]")?.dataset.id, mark = nodes.get(id)?.mark;
    if (!mark || event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.shiftKey && event.key.startsWith("Arrow") ? `Shift+${event.key}` : event.key;
    if (mark.keys[key] && !picked) { event.preventDefault(); send({ do: mark.keys[key], id }); return; }
    if (ARROWS[event.key]) {
      event.preventDefault();
      const next = neighbour(mark, ARROWS[event.key]);
      if (next) focusOn(next.id);
    } else if (event.key === "Home" || event.key === "End") {
      event.preventDefault();
      const all = stops();
      if (all.length) focusOn(all[event.key === "Home" ? 0 : all.length - 1].id);
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      if (picked) { const held = picked; pick(""); send({ do: nodes.get(held).mark.drag, id: held, on: mark.drop }); focusOn(held); }
      else if (mark.do) send({ do: mark.do, id });
      else if (mark.drag) { pick(id); const first = neighbour(mark, [0, 1]) ?? neighbour(mark, [1, 0]) ?? stops()[0]; if (first) focusOn(first.id); }
    } else if (event.key === "Escape" && picked) { event.preventDefault(); const held = picked; pick(""); focusOn(held); }
  });

  // Pointer events work for mouse, pen and finger alike; HTML5 drag and drop belongs to JupyterLab.
  const under = (event, attribute) => document.elementsFromPoint(event.clientX, event.clientY).map((node) => node.closest?.(`.sr-mark${attribute}`)).find((node) => node && picture.contains(node));
  picture.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    const group = under(event, ""), mark = nodes.get(group?.dataset.id)?.mark;
    if (!mark) return;
    if (usable(mark)) { current = mark.id; tabStop(); group.focus({ preventScroll: true }); }
    const scale = picture.viewBox.baseVal.width / picture.getBoundingClientRect().width;
    let moved = false, last = "";
    const over = (move) => {
      const place = under(move, "[data-drop]")?.dataset.drop;
      if (place && place !== last) { last = place; send({ do: scene.stroke, on: place }); }
    };
    if (scene.stroke && mark.drop && !mark.drag) over(event);
    const move = (now) => {
      if (scene.stroke && !mark.drag) { over(now); return; }
      if (!mark.drag) return;
      const dx = now.clientX - event.clientX, dy = now.clientY - event.clientY;
      if (!moved && Math.hypot(dx, dy) < 4) return;
      moved = true;
      group.classList.add("sr-held");
      group.style.pointerEvents = "none";
      group.style.transform = `translate(${mark.x + dx * scale}px, ${mark.y + dy * scale}px)`;
    };
    const end = (now) => {
      window.removeEventListener("pointermove", move);
      window.removeEventListener("pointerup", end);
      window.removeEventListener("pointercancel", end);
      // While the dragged mark lets the pointer through: it may lie over the mark that it is dropped on.
      const place = moved && under(now, "[data-drop]");
      group.style.pointerEvents = "";
      group.classList.remove("sr-held");
      if (moved) {
        group.style.transform = `translate(${mark.x}px, ${mark.y}px)`;
        if (now.type === "pointerup" && place) send({ do: mark.drag, id: mark.id, on: place.dataset.drop });
      } else if (now.type === "pointerup" && mark.do && !(scene.stroke && mark.drop)) send({ do: mark.do, id: mark.id });
    };
    window.addEventListener("pointermove", move);
    window.addEventListener("pointerup", end);
    window.addEventListener("pointercancel", end);
  });

  function stopPlaying() { clearInterval(playing); playing = null; }
  function paintControls() {
    const wanted = new Set(scene.controls.map((shown) => shown.id));
    for (const [id, node] of shownControls) {
      if (wanted.has(id)) continue;
      // A control that goes while it has the focus would drop it to the page's body.
      if (node.contains(document.activeElement)) { says.tabIndex = -1; says.focus(); }
      node.remove();
      shownControls.delete(id);
    }
    for (const [at, shown] of scene.controls.entries()) {
      let node = shownControls.get(shown.id);
      if (!node) { node = control(shown, send); shownControls.set(shown.id, node); listen(node, shown); }
      // A new one gets its place among the others; those that were there stay, and keep the focus.
      if (controls.children[at] !== node) controls.insertBefore(node, controls.children[at] ?? null);
      if (shown.kind === "button" || shown.kind === "play") {
        const inside = document.activeElement === node;
        node.textContent = shown.kind === "play" && playing ? "Pause" : shown.label;
        if (shown.disabled && shown.kind === "play") { stopPlaying(); node.textContent = shown.label; }
        node.disabled = shown.disabled;
        // A button that is disabled while it has the focus drops the focus to the page's body.
        if (shown.disabled && inside) { says.tabIndex = -1; says.focus(); }
        continue;
      }
      const input = node.querySelector("select, input");
      if (shown.kind === "choice") {
        if ([...input.options].map((option) => option.value).join("\n") !== shown.options.join("\n")) input.replaceChildren(...shown.options.map((option) => make("option", { value: option }, option)));
        input.value = shown.value;
      } else if (shown.kind === "slider") {
        Object.assign(input, { min: shown.low, max: shown.high, step: shown.step });
        if (document.activeElement !== input) input.value = shown.value;
        node.querySelector("output").textContent = shown.options[0] ?? shown.value;
        input.setAttribute("aria-valuetext", String(shown.options[0] ?? shown.value));
      } else {
        if (document.activeElement !== input || shown.value !== "") input.value = shown.value;
        let list = node.querySelector("datalist");
        if (!list) { list = make("datalist", { id: `${uid}-${shown.id}` }); node.append(list); input.setAttribute("list", list.id); }
        list.replaceChildren(...shown.options.map((option) => make("option", { value: option })));
      }
      input.disabled = shown.disabled;
    }
  }
  function listen(node, shown) {
    if (shown.kind === "button") node.addEventListener("click", () => send({ do: shown.id }));
    else if (shown.kind === "play") node.addEventListener("click", () => {
      if (playing) stopPlaying();
      else { send({ do: shown.id }); playing = setInterval(() => send({ do: shown.id }), 800); }
      paintControls();
    });
    else {
      const input = node.querySelector("select, input");
      if (shown.kind === "slider") input.addEventListener("input", () => send({ do: shown.id, value: Number(input.value) }));
      else if (shown.kind === "choice") input.addEventListener("change", () => send({ do: shown.id, value: input.value }));
      else {
        // The arrow keys bring back what was typed before, as in a terminal.
        const typed = []; let at = 0;
        input.addEventListener("keydown", (event) => {
          if (event.key === "Enter" && input.value.trim()) { typed.push(input.value); at = typed.length; send({ do: shown.id, value: input.value }); input.value = ""; }
          else if ((event.key === "ArrowUp" || event.key === "ArrowDown") && typed.length) {
            event.preventDefault();
            at = Math.max(0, Math.min(typed.length, at + (event.key === "ArrowUp" ? -1 : 1)));
            input.value = typed[at] ?? "";
          }
        });
      }
    }
  }
  function paintTable() {
    if (!scene.table) { data.replaceChildren(); return; }
    const head = make("tr", {}, ...scene.table.columns.map((name) => make("th", { scope: "col" }, name)));
    const rows = scene.table.rows.map((row) => make("tr", {}, ...row.map((cell) => make("td", typeof cell === "number" ? { class: "sr-number" } : {}, typeof cell === "number" ? cell.toLocaleString("en") : String(cell)))));
    const table = make("table", {}, make("thead", {}, head), make("tbody", {}, ...rows));
    data.replaceChildren(table);
    // A table that is wider than the page can be scrolled by the arrow keys too.
    if (table.scrollWidth > table.clientWidth) table.tabIndex = 0;
  }

  function paint() {
    scene = model.get("scene");
    const focused = picture.contains(document.activeElement) ? document.activeElement.closest("[data-id]")?.dataset.id : "";
    picture.setAttribute("viewBox", `0 0 ${scene.width} ${scene.height}`);
    picture.style.maxWidth = `${scene.width}px`;
    picture.setAttribute("aria-label", scene.title);
    const wanted = new Set(scene.marks.map((mark) => mark.id));
    for (const [id, node] of nodes) if (!wanted.has(id)) { node.group.remove(); nodes.delete(id); }
    scene.marks.forEach((mark, at) => {
      let node = nodes.get(mark.id);
      if (!node || node.shape !== mark.shape) { node?.group.remove(); node = newNode(mark); nodes.set(mark.id, node); }
      // Moving a node takes its focus and its animation away, so it is moved only where the order has changed.
      if (picture.children[at + 1] !== node.group) picture.insertBefore(node.group, picture.children[at + 1] ?? null);
      paintNode(node, mark, uid);
    });
    goal.textContent = scene.goal ? `${scene.reached ? "✓ Done. " : "Your goal: "}${scene.goal}` : "";
    goal.hidden = !scene.goal;
    says.textContent = scene.says;
    if (!wanted.has(picked)) picked = "";
    paintControls();
    paintTable();
    tabStop();
    if (focused && document.activeElement?.dataset?.id !== focused) nodes.get(nodes.has(focused) ? focused : current)?.group.focus({ preventScroll: true });
  }
  el.replaceChildren(root);
  paint();
  model.on("change:scene", paint);
  return () => { stopPlaying(); model.off("change:scene", paint); };
}
export default { render };
