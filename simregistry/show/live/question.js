// One question: radio buttons, boxes to tick, a field to type in, a list to put in order, or a row of a table.
// Then how sure one is, and two buttons. Python decides everything; this file draws and reports what the hand did.
let serial = 0;

const make = (tag, attributes = {}, ...inside) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...inside);
  return node;
};

// A radio button or a box in its label.
function choices(group, type, options, chosen, changed) {
  return options.map((option) => {
    const input = make("input", { type, name: group, value: option });
    input.checked = chosen.includes(option);
    input.addEventListener("change", () => changed(option, input.checked));
    return make("label", {}, input, " ", make("span", {}, option));
  });
}

// A table in which one row is chosen.
function rowsToChoose(group, question, chosen, changed) {
  const head = make("tr", {}, make("th", {}, ""), ...question.columns.map((name) => make("th", { scope: "col" }, name)));
  const body = question.rows.map((row, at) => {
    const number = String(at + 1);
    const input = make("input", { type: "radio", name: group, value: number, "aria-label": `row ${number}: ${row.join(", ")}` });
    input.checked = chosen === number;
    input.addEventListener("change", () => changed(number));
    const line = make("tr", {}, make("td", {}, input), ...row.map((cell) => make("td", {}, String(cell))));
    line.addEventListener("click", () => { if (!input.disabled) { input.checked = true; changed(number); } });
    return line;
  });
  return make("table", { class: "sr-rows" }, make("thead", {}, head), make("tbody", {}, ...body));
}

// Draw the form as the question is now; gives what takes it away again.
function draw(model, el) {
  const question = model.get("question");
  if (question.kind === "wait") {
    el.replaceChildren(make("p", { role: "status", class: "sr-question" }, question.text));
    return () => {};
  }
  const { kind, text, options = [], unit = "", sureness = [], skip = true, commit: label = "Commit" } = question;
  const id = `sr-q${++serial}`;
  const form = make("form", { class: "sr-question" });
  const group = make("fieldset", {}, make("legend", {}, text));
  const status = make("p", { role: "status", class: "sr-status", tabindex: "-1" });
  const answers = make("div", { class: "sr-answers" });
  const draft = () => model.get("draft");
  const put = (value) => { model.set("draft", { ...draft(), ...value }); model.save_changes(); };

  const paint = () => {
    const answer = draft().answer;
    if (kind === "choice") {
      answers.replaceChildren(...choices(id, "radio", options, [answer], (option) => put({ answer: option })));
    } else if (kind === "set") {
      answers.replaceChildren(...choices(id, "checkbox", options, answer ?? [], (option, on) =>
        put({ answer: [...(draft().answer ?? []).filter((other) => other !== option), ...(on ? [option] : [])] })),
        ...(question.none === false ? [] : [none()]));
    } else if (kind === "order") {
      answers.replaceChildren(orderList(answer ?? options));
    } else if (kind === "place") {
      answers.replaceChildren(rowsToChoose(id, question, answer, (number) => put({ answer: number })));
    } else {
      const mode = kind === "number" ? { inputmode: "decimal", size: "14" } : { size: "40" };
      const input = make("input", { type: "text", "aria-label": unit ? `${text} In ${unit}.` : text, autocomplete: "off", ...mode });
      input.value = answer ?? "";
      input.addEventListener("input", () => put({ answer: input.value }));
      answers.replaceChildren(input, unit ? ` ${unit}` : "");
    }
  };

  // "None of them" has to be said: no tick at all is no answer yet.
  function none() {
    const input = make("input", { type: "checkbox", value: "none" });
    const answer = draft().answer;
    input.checked = Array.isArray(answer) && answer.length === 0;
    input.addEventListener("change", () => { put({ answer: input.checked ? [] : null }); paint(); });
    return make("label", { class: "sr-none" }, input, " ", make("span", {}, "none of them"));
  }

  function orderList(items) {
    const list = make("ol", { class: "sr-order" });
    const move = (from, to, way) => {
      if (to < 0 || to >= items.length || from === to) return;
      const next = [...items];
      next.splice(to, 0, ...next.splice(from, 1));
      put({ answer: next });
      paint();
      status.textContent = `${items[from]} is now at place ${to + 1} of ${items.length}.`;
      const row = answers.querySelectorAll("li")[to];
      (row.querySelector(`button[data-way="${way}"]:not(:disabled)`) ?? row.querySelector("button:not(:disabled)"))?.focus();
    };
    items.forEach((item, at) => {
      const button = (way, mark, to) => {
        const made = make("button", { type: "button", "data-way": way, "aria-label": `move ${item} ${way}` }, mark);
        made.disabled = to < 0 || to >= items.length;
        made.addEventListener("click", () => move(at, to, way));
        return made;
      };
      const grip = make("span", { class: "sr-grip", "aria-hidden": "true" }, "⠿ ");
      const row = make("li", {}, grip, make("span", {}, item), " ", button("up", "↑", at - 1), button("down", "↓", at + 1));
      // Pointer events work for mouse, pen and finger alike; HTML5 drag and drop belongs to JupyterLab.
      grip.addEventListener("pointerdown", (down) => {
        if (model.get("done")) return;
        down.preventDefault();
        grip.setPointerCapture(down.pointerId);
        row.classList.add("sr-held");
        const place = (event) => {
          const after = [...list.children].findIndex((other) => {
            const box = other.getBoundingClientRect();
            return event.clientY < box.top + box.height / 2;
          });
          return after < 0 ? items.length - 1 : after > at ? after - 1 : after;
        };
        grip.addEventListener("pointerup", (up) => { row.classList.remove("sr-held"); move(at, place(up), "up"); }, { once: true });
      });
      list.append(row);
    });
    return list;
  }

  const sure = make("fieldset", { class: "sr-sure" }, make("legend", {}, "How sure are you?"));
  const paintSure = () => sure.replaceChildren(sure.firstChild,
    ...choices(`${id}s`, "radio", sureness, [draft().sure], (option) => put({ sure: option })));

  const commit = make("button", { type: "submit", class: "sr-commit" }, label);
  const skipping = make("button", { type: "button", class: "sr-skip" }, "Skip");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    // A list that nobody moved is an answer too: the order that is shown.
    const answer = draft().answer ?? (kind === "order" ? options : null);
    model.send({ do: "commit", answer, sure: draft().sure });
  });
  skipping.addEventListener("click", () => model.send({ do: "skip" }));

  const state = () => {
    const done = model.get("done");
    const inside = form.contains(document.activeElement);
    for (const control of form.querySelectorAll("input, button")) if (done) control.disabled = true;
    form.classList.toggle("sr-done", done);
    status.textContent = model.get("status");
    // A button that is disabled while it has the focus drops the focus to the page's body.
    if (done && inside) status.focus();
  };

  group.append(answers);
  form.append(group, ...(sureness.length ? [sure] : []), make("p", { class: "sr-buttons" }, commit, ...(skip ? [" ", skipping] : [])), status);
  el.replaceChildren(form);
  paint();
  if (sureness.length) paintSure();
  state();

  const redraw = () => { if (!form.contains(document.activeElement)) { paint(); if (sureness.length) paintSure(); } state(); };
  model.on("change:draft", redraw);
  model.on("change:done", state);
  model.on("change:status", state);
  return () => { model.off("change:draft", redraw); model.off("change:done", state); model.off("change:status", state); };
}

function render({ model, el }) {
  // JupyterLab's shortcuts act on any focused control but a text field: "x" would cut the cell.
  el.addEventListener("keydown", (event) => { if (!event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation(); });
  let takeAway = draw(model, el);
  // A question may come later: one that looks back at something waits until that is shown.
  const again = () => { takeAway(); takeAway = draw(model, el); };
  model.on("change:question", again);
  return () => { model.off("change:question", again); takeAway(); };
}
export default { render };
