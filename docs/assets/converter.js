/* The converter of the notation page: a noise level from one paper's letters to another's. The formulas are those of
   src/diffusion_ladder/notation.py, by the same names; names, ranges and constants come from the file it is given. */
(() => {
  "use strict";
  if (customElements.get("dl-converter")) return;

  const make = (tag, properties = {}, ...children) => {
    const node = Object.assign(document.createElement(tag), properties);
    node.append(...children);
    return node;
  };

  const sigmoid = (x) => 1 / (1 + Math.exp(-x));
  const shares = (power) => [Math.sqrt(power), Math.sqrt(1 - power)];
  const power = (alpha, sigma) => alpha ** 2 / (alpha ** 2 + sigma ** 2);

  /* Paper → how it says alpha and sigma, and what it says to a given pair. */
  const conventions = (known) => {
    const { betaMin, betaMax, sigmaMin, sigmaMax, offset, floor, chain: [first, last, steps] } = known;
    const table = [0]; // -log alpha-bar after each step
    for (let k = 0; k < steps; k++) {
      table.push(table[k] - Math.log1p(-(first + ((last - first) * k) / (steps - 1))));
    }
    const turn = Math.PI / 2 / (1 + offset);
    const start = Math.cos(turn * offset);
    const octaves = Math.log(sigmaMax / sigmaMin);
    return {
      ddpm: [shares, power],
      ddpm_step: [
        (t) => {
          const low = Math.min(Math.floor(t), steps - 1);
          return shares(Math.exp(-(table[low] + (t - low) * (table[low + 1] - table[low]))));
        },
        (alpha, sigma) => {
          const log = -Math.log(power(alpha, sigma));
          const above = table.findIndex((one, k) => k > 0 && one > log);
          const low = (above === -1 ? steps : above) - 1;
          return low + (log - table[low]) / (table[low + 1] - table[low]);
        },
      ],
      improved: [
        (t) => shares((Math.cos(turn * (t + offset)) / start) ** 2),
        (alpha, sigma) => Math.acos(Math.sqrt(power(alpha, sigma)) * start) / turn - offset,
      ],
      ddim: [shares, power],
      vp: [
        (t) => shares(Math.exp(-(betaMin * t + ((betaMax - betaMin) * t ** 2) / 2))),
        (alpha, sigma) => {
          const slope = betaMax - betaMin;
          return (Math.sqrt(betaMin ** 2 - 2 * slope * Math.log(power(alpha, sigma))) - betaMin) / slope;
        },
      ],
      ve: [(t) => [1, sigmaMin * Math.exp(octaves * t)], (alpha, sigma) => Math.log(sigma / alpha / sigmaMin) / octaves],
      edm: [(sigma) => [1, sigma], (alpha, sigma) => sigma / alpha],
      vdm: [(gamma) => [sigmoid(-gamma), sigmoid(gamma)].map(Math.sqrt), (alpha, sigma) => 2 * Math.log(sigma / alpha)],
      guidance: [(lambda) => [sigmoid(lambda), sigmoid(-lambda)].map(Math.sqrt), (alpha, sigma) => 2 * Math.log(alpha / sigma)],
      rectified: [(t) => [t, 1 - t], (alpha, sigma) => alpha / (alpha + sigma)],
      matching: [(t) => [t, 1 - (1 - floor) * t], (alpha, sigma) => alpha / (sigma + (1 - floor) * alpha)],
    };
  };

  const written = (number) => {
    const size = Math.abs(number);
    const text = size && (size < 1e-3 || size >= 1e5) ? number.toExponential(3) : String(Number(number.toPrecision(5)));
    return text.replace("-", "−").replace(/e[+]?(−|-)?(\d+)/, (_, sign, digits) => ` × 10^${sign ? "−" : ""}${digits}`);
  };
  const field = (label, input) => make("label", { className: "dl-converter-field" }, make("span", { textContent: label }), input);

  class Converter extends HTMLElement {
    async connectedCallback() {
      if (this.form) return;
      this.form = make("form", { className: "dl-converter-form" });
      this.form.addEventListener("submit", (event) => event.preventDefault());
      try {
        const answer = await fetch(new URL(this.dataset.source, document.baseURI));
        if (!answer.ok) throw new Error(answer.statusText);
        this.fill(await answer.json());
      } catch {
        this.textContent = "The converter’s data could not be loaded. The tables hold all it knows.";
      }
    }

    fill({ papers, constants, plain }) {
      this.papers = Object.fromEntries(papers.map((paper) => [paper.name, paper]));
      this.formulas = conventions(constants);
      const options = () => papers.map(({ name, paper, sign }) => make("option", { value: name, textContent: `${paper}: ${sign}` }));
      this.from = make("select", { name: "from" }, ...options());
      this.to = make("select", { name: "to" }, ...options());
      this.to.value = "edm";
      this.value = make("input", { name: "value", type: "number", step: "any", required: true });
      this.said = make("output", { name: "said" });
      this.said.setAttribute("aria-live", "polite");
      const papersWeight = make("input", { name: "theirs", type: "number", step: "any", value: "2" });
      const siteWeight = make("input", { name: "ours", type: "number", step: "any" });
      const gap = plain.site - plain.guidance;
      const round = (number) => String(Number(number.toPrecision(12)));
      const ours = () => { if (papersWeight.value !== "") siteWeight.value = round(Number(papersWeight.value) + gap); };
      papersWeight.addEventListener("input", ours);
      siteWeight.addEventListener("input", () => {
        if (siteWeight.value !== "") papersWeight.value = round(Number(siteWeight.value) - gap);
      });
      ours();
      this.from.addEventListener("change", () => this.begin());
      for (const node of [this.to, this.value]) node.addEventListener("input", () => this.tell());
      this.form.append(
        make("fieldset", {}, make("legend", { textContent: "A noise level" }),
          field("From", this.from), field("Value", this.value), field("To", this.to), this.said),
        make("fieldset", {}, make("legend", { textContent: "A guidance weight" }),
          field("Ho & Salimans, w", papersWeight), field("Here, w", siteWeight)),
      );
      this.append(this.form);
      this.begin();
    }

    begin() {
      const { between: [low, high], start } = this.papers[this.from.value];
      Object.assign(this.value, { min: String(low), max: String(high), value: String(start) });
      this.tell();
    }

    tell() {
      const { between: [low, high], sign, paper } = this.papers[this.from.value];
      const value = this.value.valueAsNumber;
      delete this.dataset.result;
      if (!(value >= low && value <= high)) {
        this.said.textContent = `${sign} runs from ${written(low)} to ${written(high)}.`;
        return;
      }
      const [alpha, sigma] = this.formulas[this.from.value][0](value);
      const [toSite, fromSite] = this.formulas[this.to.value];
      const there = fromSite(alpha, sigma);
      const [alphaThere, sigmaThere] = toSite(there);
      const target = this.papers[this.to.value];
      const outside = there < target.between[0] || there > target.between[1];
      this.dataset.result = JSON.stringify({ value: there, alpha, sigma, scale: alphaThere / alpha, alphaThere, sigmaThere });
      this.said.replaceChildren(
        make("strong", { textContent: `${target.sign} = ${written(there)}` }),
        make("span", { textContent: outside ? `, which is outside the ${written(target.between[0])} to ${written(target.between[1])} that ${target.paper} uses.` : "." }),
        make("span", { textContent: ` Multiply the picture by ${written(alphaThere / alpha)}. ${paper} has ${written(alpha)} of the clean picture and ${written(sigma)} of noise; ${target.paper} has ${written(alphaThere)} and ${written(sigmaThere)}.` }),
      );
    }
  }

  customElements.define("dl-converter", Converter);
})();
