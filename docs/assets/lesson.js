/* Quizzes that can be answered and proofs that go step by step. Pages are whole without this file: it adds controls to
   what stands there already. Both are custom elements, so a page that Material swaps in comes to life by itself. */
(() => {
  "use strict";

  const make = (tag, properties = {}, ...children) => {
    const node = Object.assign(document.createElement(tag), properties);
    node.append(...children);
    return node;
  };
  const button = (text, kind, press) => {
    const node = make("button", { type: "button", className: kind, textContent: text });
    node.addEventListener("click", press);
    return node;
  };
  /* A copy to be shown a second time on the page; ids stay with the original. */
  const copy = (node) => {
    const twin = node.cloneNode(true);
    for (const one of [twin, ...twin.querySelectorAll("[id]")]) one.removeAttribute("id");
    return twin;
  };
  const reads = (text) => {
    const plain = text.trim().replace(/[−–]/g, "-").replace(/(\d)[\s\u202f](?=\d{3}\b)/g, "$1");
    const raised = plain.replace(/\s*[×x*]\s*10\s*\^?\s*([-⁻]?)([\d⁰¹²³⁴⁵⁶⁷⁸⁹]+)/, (_, sign, digits) =>
      `e${sign && "-"}${digits.replace(/[⁰¹²³⁴⁵⁶⁷⁸⁹]/g, (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹".indexOf(digit))}`);
    const found = raised.match(/^[-+]?(?:\d+[.,]?\d*|[.,]\d+)(?:e[-+]?\d+)?/i);
    return found ? { value: Number(found[0].replace(",", ".")), rest: raised.slice(found[0].length).trim() } : null;
  };

  /* ---- Quiz: each kind says how it is set up and how the reader's answer is judged ------------------------------- */

  const MARKS = { right: "Right.", wrong: "No.", missed: "Missed." };

  class Choice {
    constructor(quiz) {
      this.quiz = quiz;
      const many = quiz.dataset.kind === "multiple";
      this.empty = many ? "Tick those that hold, then check." : "Choose an answer, then check.";
      this.inputs = [...quiz.querySelectorAll(".dl-quiz-choice")].map((choice) => {
        const input = make("input", { type: many ? "checkbox" : "radio", name: quiz.id, className: "dl-quiz-input" });
        input.addEventListener("change", () => quiz.unmark());
        const label = make("label", { className: "dl-quiz-label" }, input, ...choice.childNodes);
        choice.append(label);
        return input;
      });
    }
    get missing() { return !this.inputs.some((input) => input.checked); }
    judge() {
      const parts = [];
      let all = true;
      this.inputs.forEach((input, index) => {
        const verdict = this.quiz.verdict(`[data-choice="${index + 1}"]`);
        const right = verdict.dataset.right === "true";
        all &&= input.checked === right || this.quiz.dataset.kind !== "multiple" && !input.checked;
        if (input.checked) parts.push([right ? "right" : "wrong", verdict, input]);
        else if (right && this.quiz.dataset.kind === "multiple") parts.push(["missed", verdict, input]);
      });
      for (const [mark, , input] of parts) input.closest("li").dataset.mark = mark === "missed" ? "" : mark;
      return { right: all, parts: parts.filter(([mark]) => mark !== "missed").map(([, verdict]) => copy(verdict)),
               note: parts.some(([mark]) => mark === "missed") ? "At least one more holds." : "" };
    }
  }

  class Order {
    constructor(quiz) {
      this.quiz = quiz;
      this.missing = false;
      this.list = quiz.querySelector(".dl-quiz-choices");
      for (const item of this.list.children) {
        const name = () => item.querySelector(".dl-quiz-text").innerText.trim();
        const move = (by) => (event) => this.move(item, by, name(), event.currentTarget);
        const up = button("", "dl-quiz-up", move(-1));
        const down = button("", "dl-quiz-down", move(1));
        up.setAttribute("aria-label", `Move up: ${name()}`);
        down.setAttribute("aria-label", `Move down: ${name()}`);
        item.append(make("span", { className: "dl-quiz-moves" }, up, down));
      }
      this.ends();
    }
    move(item, by, name, pressed) {
      const items = [...this.list.children];
      const other = items[items.indexOf(item) + by];
      if (!other) return;
      this.quiz.unmark();
      this.list.insertBefore(item, by < 0 ? other : other.nextSibling);
      pressed.focus(); // moving a node takes the focus from it
      this.ends();
      this.quiz.say(`${name}: now ${[...this.list.children].indexOf(item) + 1} of ${items.length}.`, true);
    }
    /* The ends stay in the order of focus: a button that is switched off would throw the reader out. */
    ends() {
      for (const item of this.list.children) {
        item.querySelector(".dl-quiz-up").ariaDisabled = String(!item.previousElementSibling);
        item.querySelector(".dl-quiz-down").ariaDisabled = String(!item.nextElementSibling);
      }
    }
    judge() {
      const items = [...this.list.children];
      const wrong = items.filter((item, index) => Number(item.dataset.place) !== index + 1);
      for (const item of items) item.dataset.mark = wrong.includes(item) ? "wrong" : "right";
      if (!wrong.length) return { right: true, parts: [copy(this.quiz.querySelector(".dl-quiz-list"))] };
      const places = items.length - wrong.length;
      return { right: false, parts: [], note: places ? `In its place: ${places} of ${items.length}.` : "None is in its place yet." };
    }
  }

  class Typed {
    constructor(quiz) {
      this.quiz = quiz;
      this.form = quiz.querySelector(".dl-quiz-form");
      this.number = quiz.dataset.kind === "number";
      this.empty = this.number ? "Type a number, then check." : "Type what goes into the gap, then check.";
      const entry = quiz.querySelector(".dl-quiz-entry");
      this.input = make("input", { type: "text", id: `${quiz.id}-answer`, className: "dl-quiz-blank", autocomplete: "off", spellcheck: false });
      this.input.autocapitalize = "off";
      if (this.number) this.input.inputMode = "decimal";
      const words = entry.querySelector(".dl-quiz-label");
      words.replaceWith(make("label", { className: "dl-quiz-label", htmlFor: this.input.id, textContent: words.textContent }));
      entry.querySelector(".dl-quiz-blank").replaceWith(this.input);
      const unit = entry.querySelector(".dl-quiz-unit");
      if (unit) this.input.setAttribute("aria-describedby", (unit.id = `${quiz.id}-unit`));
      if (!this.number) this.gap = this.findGap();
      this.input.addEventListener("input", () => {
        quiz.unmark();
        if (this.gap) this.gap.data = this.input.value.trim() || "____";
      });
    }
    findGap() {
      const walk = document.createTreeWalker(this.form.querySelector("[data-gap] code"), NodeFilter.SHOW_TEXT);
      while (walk.nextNode()) if (walk.currentNode.data.includes("____")) {
        const gap = walk.currentNode.splitText(walk.currentNode.data.indexOf("____"));
        gap.splitText(4);
        const mark = make("mark", { className: "dl-quiz-gap" });
        gap.replaceWith(mark);
        mark.append(gap);
        return gap;
      }
    }
    get missing() { return !this.input.value.trim(); }
    same(text) {
      const squeeze = (code) => code.replace(/\s+/g, "");
      const mine = this.input.value;
      if (squeeze(mine) === squeeze(text)) return true;
      if (!/^[-−+\d.,\seE]+$/.test(mine + text)) return false;
      const [one, other] = [reads(mine), reads(text)];
      return Boolean(one && other) && !one.rest && !other.rest && one.value === other.value;
    }
    near(text) {
      const [one, other] = [reads(this.input.value), reads(text)];
      return Boolean(one && other) && Math.abs(one.value - other.value) <= Number(this.form.dataset.tolerance) * (1 + 1e-9) + 1e-12 * Math.abs(other.value);
    }
    judge() {
      const right = this.number ? this.near(this.form.dataset.answer)
        : this.form.querySelector("[data-gap]").dataset.gap.split("|").some((one) => this.same(one));
      this.input.dataset.mark = right ? "right" : "wrong";
      if (right) return { right, parts: [copy(this.quiz.querySelector(".dl-quiz-solution"))] };
      if (this.number && !reads(this.input.value)) return { right, parts: [], note: "This is not a number." };
      const known = [...this.quiz.querySelectorAll(".dl-quiz-answers .dl-quiz-verdict")]
        .find(({ dataset }) => this.number ? this.near(dataset.answer) : this.same(dataset.answer));
      return { right, parts: known ? [copy(known)] : [], note: known ? "" : "Not this. Try again, or open the answer." };
    }
  }

  const KINDS = { single: Choice, multiple: Choice, picture: Choice, order: Order, number: Typed, fill: Typed };

  class Quiz extends HTMLElement {
    connectedCallback() {
      if (this.kind || !KINDS[this.dataset.kind] || !this.querySelector(".dl-quiz-foot")) return;
      this.kind = new KINDS[this.dataset.kind](this);
      const foot = this.querySelector(".dl-quiz-foot");
      this.feedback = make("div", { className: "dl-quiz-feedback" });
      this.feedback.setAttribute("aria-live", "polite");
      foot.before(button("Check", "dl-quiz-check", () => this.check()));
      foot.prepend(foot.previousSibling);
      foot.after(this.feedback);
      this.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" || !event.target.matches("input")) return;
        event.preventDefault();
        this.check();
      });
    }
    verdict(selector) { return this.querySelector(`.dl-quiz-answers .dl-quiz-verdict${selector}`); }
    check() {
      this.unmark();
      if (this.kind.missing) return this.say(this.kind.empty);
      const { right, parts, note = "" } = this.kind.judge();
      this.dataset.state = right ? "right" : "wrong";
      this.say("");
      for (const mark of parts.flatMap((part) => [...part.querySelectorAll(".dl-quiz-mark")])) {
        const verdict = mark.closest(".dl-quiz-verdict");
        if (this.dataset.kind !== "order") mark.textContent = MARKS[verdict.dataset.right === "true" ? "right" : "wrong"];
      }
      const single = parts.length && parts[0].matches(".dl-quiz-verdict");
      if (!single) this.feedback.append(make("p", {}, make("strong", { className: "dl-quiz-mark", textContent: MARKS[this.dataset.state] }), ` ${note}`));
      this.feedback.append(...parts.map((part) => part.matches("li") ? this.unlisted(part) : part));
      if (single && note) this.feedback.append(make("p", { textContent: note }));
    }
    unlisted(item) {
      const part = make("div", { className: "dl-quiz-verdict" }, ...item.childNodes);
      Object.assign(part.dataset, item.dataset);
      if (this.dataset.kind === "multiple") {
        const text = this.querySelector(`.dl-quiz-choice:nth-child(${item.dataset.choice}) .dl-quiz-text`);
        part.prepend(make("p", { className: "dl-quiz-quoted" }, ...copy(text).childNodes));
      }
      return part;
    }
    unmark() {
      delete this.dataset.state;
      this.feedback?.replaceChildren();
      for (const node of this.querySelectorAll("[data-mark]")) delete node.dataset.mark;
    }
    /* Only heard: what is said while things are moved about. */
    say(text, quietly = false) {
      this.feedback.replaceChildren(...(text ? [make("p", { textContent: text, className: quietly ? "dl-heard" : "" })] : []));
    }
  }

  /* ---- Proof ----------------------------------------------------------------------------------------------------- */

  class Proof extends HTMLElement {
    connectedCallback() {
      if (this.steps) return this.open();
      const list = this.querySelector(".dl-proof-steps");
      if (!list) return;
      this.steps = [...list.children];
      this.back = button("Back", "dl-proof-back", () => this.show(this.shown - 1, true));
      this.next = button("Next", "dl-proof-next", () => this.show(this.shown + 1, true));
      this.all = button("Show all", "dl-proof-all", () => this.show(this.shown < this.steps.length ? this.steps.length : 1, true));
      this.where = make("span", { className: "dl-proof-where" });
      this.where.setAttribute("aria-live", "polite");
      this.querySelector(".dl-proof-controls").append(this.back, this.next, this.where, this.all);
      for (const [index, step] of this.steps.entries()) step.addEventListener("beforematch", () => this.show(index + 1));
      this.show(1);
      this.open();
    }
    /* Opens at the step that an address names. */
    open(hash = location.hash) {
      const step = this.steps.findIndex(({ id }) => `#${id}` === hash) + 1;
      if (!step) return;
      this.show(Math.max(step, this.shown), false, step);
      this.steps[step - 1].scrollIntoView({ block: "nearest" });
    }
    show(count, said = false, now = count) {
      this.shown = Math.min(Math.max(count, 1), this.steps.length);
      this.dataset.shown = this.shown;
      this.steps.forEach((step, index) => {
        if (index < this.shown) step.removeAttribute("hidden");
        else step.setAttribute("hidden", "until-found"); // the browser's own search still finds it
        step.toggleAttribute("data-now", index === Math.min(now, this.shown) - 1);
      });
      this.back.ariaDisabled = String(this.shown === 1);
      this.next.ariaDisabled = String(this.shown === this.steps.length);
      this.all.textContent = this.shown === this.steps.length ? "From the start" : "Show all";
      this.where.textContent = `Step ${this.shown} of ${this.steps.length}`;
      if (said) this.steps[this.shown - 1].scrollIntoView({ block: "nearest" });
    }
  }

  customElements.define("dl-quiz", Quiz);
  customElements.define("dl-proof", Proof);

  const openProofs = (hash) => {
    for (const proof of document.querySelectorAll("dl-proof")) if (proof.steps) proof.open(hash);
  };
  addEventListener("hashchange", () => openProofs(location.hash));
  document.addEventListener("click", ({ target }) => { // Material follows a link within a page without that event
    const link = target.closest?.("a[href*='#']");
    if (link?.pathname === location.pathname) openProofs(link.hash);
  }, true);
  /* Paper shows everything. Style sheets see to it where they can; this is for browsers where they cannot. */
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("article details:not([open])")];
    for (const fold of folded) fold.open = true;
  });
  addEventListener("afterprint", () => {
    for (const fold of folded) fold.open = false;
  });
})();
