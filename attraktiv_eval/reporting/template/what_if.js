// Level 2 drawn again in the page, with assumptions of the reader's own: the same ten thousand draws as the report.
// No request, no library. The page is whole without it: what it builds takes the place of one sentence.
"use strict";
(() => {
  const box = document.getElementById("what-if");
  if (!box) return;
  const model = JSON.parse(box.dataset.model);
  const words = model.words;

  // --- The generator of the report's draws: PCG64 (O'Neill 2014), and Marsaglia & Tsang (2000) on its ziggurats.
  const M64 = (1n << 64n) - 1n, M128 = (1n << 128n) - 1n, STEP = 0x2360ed051fc65da44385df649fccf645n;

  function ziggurat(r, v, f, inverse, bits) {
    const scale = 2 ** bits, x = new Float64Array(256), k = new Float64Array(256);
    x[255] = r;
    for (let i = 255; i > 1; i--) x[i - 1] = inverse(v / x[i] + f(x[i]));
    const w = x.map(one => one / scale), y = x.map(f), foot = v / f(r);
    w[0] = foot / scale;
    y[0] = 1;
    k[0] = Math.floor(r / foot * scale);
    for (let i = 2; i < 256; i++) k[i] = Math.floor(x[i - 1] / x[i] * scale);
    return {r, w, y, k};
  }
  const bell = ziggurat(3.6541528853610088, 0.004928673233974658,
    x => Math.exp(-x * x / 2), y => Math.sqrt(-2 * Math.log(y)), 52);
  const decay = ziggurat(7.69711747013104972, 0.003949659822581556, x => Math.exp(-x), y => -Math.log(y), 53);

  function generator(seed) {
    let state = BigInt(seed.state);
    const inc = BigInt(seed.inc);
    const next = () => {
      state = (state * STEP + inc) & M128;
      const x = (state >> 64n) ^ (state & M64), turn = state >> 122n;
      return ((x >> turn) | (x << (64n - turn))) & M64;
    };
    const uniform = () => Number(next() >> 11n) / 2 ** 53;
    const exponential = () => {
      for (;;) {
        const bits = next() >> 3n, i = Number(bits & 255n), n = Number(bits >> 8n), x = n * decay.w[i];
        if (n < decay.k[i]) return x;
        if (i === 0) return decay.r - Math.log1p(-uniform());
        if ((decay.y[i - 1] - decay.y[i]) * uniform() + decay.y[i] < Math.exp(-x)) return x;
      }
    };
    const normal = () => {
      for (;;) {
        const bits = next(), i = Number(bits & 255n), n = Number((bits >> 9n) & 0xfffffffffffffn);
        const x = (bits >> 8n) & 1n ? -n * bell.w[i] : n * bell.w[i];
        if (n < bell.k[i]) return x;
        if (i === 0) {
          for (;;) {
            const far = -Math.log1p(-uniform()) / bell.r, up = -Math.log1p(-uniform());
            if (up + up > far * far) return (bits >> 17n) & 1n ? -(bell.r + far) : bell.r + far;
          }
        }
        if ((bell.y[i - 1] - bell.y[i]) * uniform() + bell.y[i] < Math.exp(-x * x / 2)) return x;
      }
    };
    const gamma = shape => {
      if (shape === 1) return exponential();
      if (shape < 1) {
        for (;;) {
          const u = uniform(), v = exponential();
          if (u <= 1 - shape) {
            const x = u ** (1 / shape);
            if (x <= v) return x;
          } else {
            const y = -Math.log((1 - u) / shape), x = (1 - shape + shape * y) ** (1 / shape);
            if (x <= v + y) return x;
          }
        }
      }
      const b = shape - 1 / 3, c = 1 / Math.sqrt(9 * b);
      for (;;) {
        let x, v;
        do { x = normal(); v = 1 + c * x; } while (v <= 0);
        v = v * v * v;
        const u = uniform();
        if (u < 1 - 0.0331 * (x * x) * (x * x) || Math.log(u) < 0.5 * x * x + b * (1 - v + Math.log(v))) return b * v;
      }
    };
    const uniforms = n => Float64Array.from({length: n}, uniform);
    return {uniforms, gamma};
  }

  // --- Level 2, as attraktiv_eval/additionality/simulation.py has it.
  function triangular(u, [low, mode, high]) {
    const width = high - low;
    if (width <= 0) return mode;
    return u < (mode - low) / width
      ? low + Math.sqrt(u * width * (mode - low)) : high - Math.sqrt((1 - u) * width * (high - mode));
  }

  function share(from, draw, n) {
    const u = draw.uniforms(n);
    if (!from) return u.fill(1);
    const spread = u.map(one => triangular(one, from.range));
    if (!from.open || !from.size) return spread;
    const mode = from.range[1], root = Math.sqrt(from.open);
    return spread.map(one => {
      const yes = draw.gamma(from.size * mode + 0.5), no = draw.gamma(from.size * (1 - mode) + 0.5);
      return Math.min(1, Math.max(0, one + root * (yes / (yes + no) - mode)));
    });
  }

  function drawn(goal) {
    if (goal.drawn) return goal.drawn;
    const draw = generator(model.seed), n = model.draws;
    const [p, k, v, d] = [0, 1, 2, 3].map(() => draw.uniforms(n));
    const q = Array.from({length: n}, () => {
      const parts = goal.steps.map(one => draw.gamma(one + 0.5)), sum = parts.reduce((a, b) => a + b, 0);
      return parts.map(one => one / sum);
    });
    const stay = share(goal.stay, draw, n), local = goal.local && share(goal.local, draw, n);
    goal.drawn = {p, k, v, d, q, stay, local};
    return goal.drawn;
  }

  function credit([low, mode, high], others) {
    if (!others) return [1, 1, 1];
    const least = low * 2 / (1 + others), place = high > low ? (mode - low) / (high - low) : 0;
    return [least, least + place * (high - least), high];
  }

  function percentile(sorted, at) {
    const place = at * (sorted.length - 1), low = Math.floor(place), high = Math.ceil(place);
    return sorted[low] + (place - low) * (sorted[high] - sorted[low]);
  }

  function range(goal, given) {
    const {p, k, v, d, q, stay, local} = drawn(goal), used = goal.uses, n = model.draws;
    const steps = used.steps && used.steps.map(id => given[id]);
    const credits = steps && goal.others.map((_, m) => credit(given[used.credit], m));
    const silent = goal.moved - goal.answered, kept = new Float64Array(n), bare = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      let units;
      if (steps) {
        const would = steps.map(one => triangular(p[i], one));
        let told = 0, untold = 0, part = 0;
        would.forEach((one, s) => { told += one * goal.steps[s]; untold += one * q[i][s]; });
        credits.forEach((one, m) => { part += triangular(k[i], one) * goal.others[m]; });
        units = part * (told + (silent ? silent * triangular(v[i], given[used.unanswered]) * untold : 0));
      } else units = goal.moved * (1 - triangular(p[i], given[used.deadweight]));
      const lost = local ? local[i] : used.displacement ? triangular(d[i], given[used.displacement]) : 0;
      bare[i] = (1 - lost) * units * goal.size;
      kept[i] = bare[i] * stay[i];
    }
    const sorted = kept.sort(), found = [0.05, 0.5, 0.95].map(at => percentile(sorted, at));
    if (goal.ends) { // most were not followed up: the range holds both ends
      bare.sort();
      found[0] = Math.min(found[0], percentile(bare, 0.05) * goal.ends[0]);
      found[2] = Math.max(found[2], percentile(bare, 0.95) * goal.ends[1]);
    }
    return found;
  }

  // --- What the reader meets.
  const own = {}, base = {}, stated = {};
  for (const one of model.assumptions) base[one.id] = one.range;
  const locale = document.documentElement.lang === "sv" ? "sv-SE" : "en-GB";
  const whole = (value, few) => { // a range that rests on few answers is told in steps of what five of them move
    const least = few ? Math.max(1, Math.abs(value) * 5 / few) : 1;
    let step = 1, turn = 0;
    while (step < least) step *= [2, 2.5, 2][turn++ % 3];
    return (Math.round(value / step) * step).toLocaleString(locale);
  };
  const fill = (text, parts) => text.replace(/\{(\w+)\}/g, (all, name) => name in parts ? parts[name] : all)
    .replaceAll("–", "\u2060–\u2060"); // a range stays on its line
  const given = () => ({...base, ...own});
  const percent = value => String(Math.round(value * 1e6) / 1e4);

  function fault(values) {
    for (const {id, label} of model.assumptions) {
      const [low, mode, high] = values[id];
      if (!(low >= 0 && low <= mode && mode <= high && high <= 1)) return fill(words.order, {name: label});
    }
    for (const {uses} of model.goals) {
      const steps = (uses.steps || []).map(id => values[id]);
      if (steps.some((one, s) => s && one.some((end, at) => end < steps[s - 1][at]))) return words.rising;
    }
    return "";
  }

  const make = (tag, attributes = {}, ...inside) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...inside);
    return made;
  };
  const said = make("output", {"aria-live": "polite", id: "what-if-answer"});
  const link = make("a", {href: "#what-if"}, words.link);
  const fields = {};

  function tell() {
    const values = given(), wrong = fault(values), changed = Object.keys(own);
    const kept = changed.map(id => `${id}:${own[id].map(percent).join(",")}`).join(";");
    link.setAttribute("href", kept ? `#what-if=${kept}` : "#what-if");
    if (wrong) return said.replaceChildren(make("p", {}, wrong));
    said.replaceChildren(...model.goals.map(goal => {
      const found = range(goal, values), few = goal.few;
      const parts = {goal: goal.name, low: whole(found[0], few), middle: whole(found[1], few), high: whole(found[2], few),
        report: `${whole(goal.report[0])}–${whole(goal.report[2])}`};
      const line = make("p", {"data-goal": goal.id}, fill(changed.length ? words.own : words.base, parts));
      line.dataset.range = found.join(" ");
      return line;
    }));
  }

  function show(id) {
    const range = given()[id];
    fields[id].forEach((field, at) => { field.value = percent(range[at]); });
  }

  function row({id, label}) {
    const slider = make("input", {type: "range", min: 0, max: 100, step: 1, "aria-label": `${label}: ${words.mode}`});
    const numbers = ["low", "mode", "high"].map(end =>
      make("input", {type: "number", min: 0, max: 100, step: "any", inputmode: "decimal", "data-end": end}));
    fields[id] = Object.assign(numbers, {slider});
    const set = range => {
      own[id] = range;
      if (range.every((end, at) => Math.abs(end - base[id][at]) < 1e-12)) delete own[id];
      tell();
    };
    const moved = value => {
      const [low, , high] = stated[id] || base[id]; // the ends as stated: what a slider widened goes back with it
      set([Math.min(low, value), value, Math.max(high, value)]);
      show(id);
      slider.value = value * 100;
    };
    slider.addEventListener("input", () => moved(slider.valueAsNumber / 100));
    numbers[1].addEventListener("change", () => moved(numbers[1].valueAsNumber / 100));
    for (const at of [0, 2]) numbers[at].addEventListener("change", () => {
      const range = [...given()[id]];
      range[at] = numbers[at].valueAsNumber / 100;
      stated[id] = range;
      set(range);
    });
    const labels = ["low", "mode", "high"].map((end, at) => make("label", {}, words[end], numbers[at]));
    return make("fieldset", {id: `what-if-${id}`}, make("legend", {}, label), slider, make("div", {}, ...labels));
  }

  function refresh() {
    for (const {id} of model.assumptions) {
      show(id);
      fields[id].slider.value = percent(given()[id][1]);
    }
    tell();
  }

  const again = make("button", {type: "button"}, words.reset);
  const forget = () => { for (const kept of [own, stated]) Object.keys(kept).forEach(id => delete kept[id]); };
  again.addEventListener("click", () => { forget(); refresh(); });
  const form = make("details", {}, make("summary", {}, words.open), said,
    ...model.assumptions.map(row), make("p", {class: "what-if-end"}, again, " ", link));
  form.addEventListener("toggle", () => { if (form.open && !said.hasChildNodes()) refresh(); });
  box.querySelector(".needs-script").replaceWith(form);

  // A link brings settings back: what is no assumption, or no range, is left as the report has it.
  function fromLink() {
    if (!location.hash.startsWith("#what-if=")) return;
    forget();
    for (const part of decodeURIComponent(location.hash.slice(9)).split(";")) {
      const [id, ends = ""] = part.split(":"), range = ends.split(",").map(one => one.trim() ? Number(one) / 100 : NaN);
      if (id in base && range.length === 3 && range.every(one => one >= 0 && one <= 1)) stated[id] = own[id] = range;
    }
    form.open = true;
    refresh();
    box.scrollIntoView();
  }
  addEventListener("hashchange", fromLink);
  fromLink();
  box.recompute = values => model.goals.map(goal => range(goal, {...base, ...values}));
})();
