/**
 * Paths of whole numbers that a JSON text writes as decimals (`1.0`, `2e0`). `JSON.parse` makes 1 and 1.0 the same, and a
 * configuration means different things by them: one sample, and all of them.
 * @param text valid JSON
 * @returns paths from the root, `config.docker.stopping_condition.n_samples`; list entries as `[0]`
 */
export function wholeDecimals(text: string): string[] {
  const found: string[] = [];
  const places: { name: string; isList: boolean; index: number }[] = [];
  let name = "";
  let isName = false;
  const path = () => places.slice(1).reduce((whole, place) => whole + place.name, "") + own();
  const own = () => {
    const inside = places.at(-1);
    return inside === undefined ? "" : inside.isList ? `[${inside.index}]` : `.${name}`;
  };
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 34) {
      const from = i;
      for (i++; text.charCodeAt(i) !== 34; i++) if (text.charCodeAt(i) === 92) i++;
      if (isName) name = JSON.parse(text.slice(from, i + 1)) as string;
    } else if (code === 123 || code === 91) {
      places.push({ name: own(), isList: code === 91, index: 0 });
      isName = code === 123;
    } else if (code === 125 || code === 93) places.pop();
    else if (code === 58) isName = false;
    else if (code === 44) {
      const inside = places.at(-1)!;
      inside.index++;
      isName = !inside.isList;
    } else if (code === 45 || (code >= 48 && code <= 57)) {
      let end = i + 1;
      while (end < text.length && /[0-9+\-.eE]/.test(text[end]!)) end++;
      const written = text.slice(i, end);
      if (/[.eE]/.test(written) && Number.isSafeInteger(Number(written))) found.push(path().replace(/^\./, ""));
      i = end - 1;
    }
  }
  return found;
}
