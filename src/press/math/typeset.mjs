// Formulas on stdin, one {tex, display} per line; on stdout, in the same order, {html, css, fonts} or {error} per line.
import { createInterface } from 'node:readline';
import MathJax from 'mathjax';

const colours = ['data', 'noise', 'guess', 'truth', 'condition'];

// `newcommand` stays out: a definition made in one formula must not reach the next. `noundefined` stays out: it would
// print a typo in red. `color` stays out: colours have meanings here, and names.
const packages = ['ams', 'boldsymbol', 'cancel', 'configmacros', 'html', 'mathtools'];

await MathJax.init({
  loader: {
    load: ['input/tex-base', 'output/chtml', 'adaptors/liteDOM', 'a11y/assistive-mml', ...packages.map((name) => `[tex]/${name}`)],
  },
  tex: {
    packages: ['base', ...packages],
    formatError: (_, error) => { throw error; },
    macros: {
      bm: ['\\boldsymbol{#1}', 1],
      mathbbm: ['\\mathbb{#1}', 1],
      coloneqq: '\\mathrel{\u2254}',
      cond: ['\\class{dl-condition}{#1}', 1],
      ...Object.fromEntries(colours.map((name) => [name, [`\\class{dl-${name}}{#1}`, 1]])),
    },
  },
  output: { displayOverflow: 'overflow', linebreaks: { inline: true } },
  chtml: { fontURL: '.', matchFontHeight: false },
});

const { adaptor, output } = MathJax.startup;

/** Every element below `node`, itself first. */
function* elements(node) {
  if (adaptor.kind(node).startsWith('#')) return;
  yield node;
  for (const child of adaptor.childNodes(node)) yield* elements(child);
}

/** The characters drawn in each font: {'NCM-I': '𝑡𝑥'}. A class names the font of all below it. */
function glyphs(node, font, found = {}) {
  if (adaptor.kind(node) === '#text') {
    found[font] = (found[font] ?? '') + adaptor.value(node);
  } else if (adaptor.kind(node) !== 'mjx-utext') { // drawn in the page's own font
    const named = /NCM-[\w-]+/.exec(adaptor.getAttribute(node, 'class') ?? '')?.[0] ?? font;
    const inner = adaptor.kind(node) === 'mjx-break' ? 'BRK' : named;
    for (const child of adaptor.childNodes(node)) glyphs(child, inner, found);
  }
  return found;
}

/** The rules of MathJax's sheet for what it has typeset since its cache was cleared, one line each. */
const sheet = () => adaptor.cssText(MathJax.chtmlStylesheet()).split(/\n\n+/)
  .map((rule) => rule.trim().replace(/\s+/g, ' ')).filter((rule) => rule);

async function typeset({ tex, display }) {
  MathJax.texReset();
  output.clearCache();
  const container = await MathJax.tex2chtmlPromise(tex, { display });
  for (const element of elements(container)) {
    for (const { name } of adaptor.allAttributes(element)) {
      if (name.startsWith('data-')) adaptor.removeAttribute(element, name); // TeX once more, for tools no page has
    }
  }
  const math = adaptor.childNodes(container)[0];
  const drawn = glyphs(math);
  const rules = sheet();
  const faces = rules.filter((rule) => rule.startsWith('@font-face'));
  const fonts = ['NCM-ZERO', ...Object.keys(drawn)].map((name) => {
    const face = faces.find((rule) => rule.includes(`font-family: MJX-${name};`));
    const characters = [...new Set(drawn[name] ?? ' ')].sort().join('');
    return [`MJX-${name}`, /url\("\.\/([^"]+)"\)/.exec(face)[1], characters];
  });
  const unseen = (rule) => (rule.match(/\.NCM-[\w-]+/g) ?? []).some((name) => !(name.slice(1) in drawn));
  const css = rules.filter((rule) => !rule.startsWith('@') && !rule.includes('mjx-selected') && !unseen(rule));
  return { html: adaptor.outerHTML(container), css, fonts };
}

for await (const line of createInterface({ input: process.stdin })) {
  const result = await typeset(JSON.parse(line)).catch((error) => {
    if (!error.id) throw error; // not TeX's, so not the author's
    return { error: error.message };
  });
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
