// Squarified, as the picture that the page comes with: rows of parts whose rectangles are as near to squares as can be.
function divided(parts, x, y, w, h) {
  const sum = parts.reduce((all, part) => all + part.size, 0);
  if (!(sum > 0) || w <= 0 || h <= 0) return [];
  const scale = w * h / sum;
  const sorted = parts.filter((part) => part.size > 0).sort((a, b) => b.size - a.size);
  const placed = [];
  let from = 0;
  while (from < sorted.length) {
    const side = Math.min(w, h);
    let to = from, area = 0, worst = Infinity;
    while (to < sorted.length) {
      const next = area + sorted[to].size * scale;
      const length = next / side, most = sorted[from].size * scale / length, least = sorted[to].size * scale / length;
      const ratio = Math.max(most / length, length / least);
      if (ratio > worst) break;
      [worst, area] = [ratio, next];
      to++;
    }
    const length = area / side;
    let along = 0;
    for (; from < to; from++) {
      const part = sorted[from].size * scale / length;
      placed.push(w > h ? { ...sorted[from], x, y: y + along, w: length, h: part } : { ...sorted[from], x: x + along, y, w: part, h: length });
      along += part;
    }
    if (w > h) [x, w] = [x + length, w - length];
    else [y, h] = [y + length, h - length];
  }
  return placed;
}
