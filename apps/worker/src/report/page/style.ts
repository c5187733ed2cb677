/** The page's only style. It is allowed by its hash, so that nothing else that found its way into the page can style it. */
export const STYLE = `
:root{color-scheme:light dark;--ground:#fff;--raised:#f1f5f2;--text:#1f2925;--muted:#5c6963;--grid:#dde3df;--before:#84928b;--after:#1b7a4d;--loss:#b4500f;--line:#1b7a4d}
@media (prefers-color-scheme:dark){:root{--ground:#131816;--raised:#1d2421;--text:#e6ece8;--muted:#9fada6;--grid:#313b36;--before:#8a9993;--after:#4fbf85;--loss:#f0925a;--line:#4fbf85}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--text);font:16px/1.55 system-ui,"Noto Sans",sans-serif;overflow-wrap:anywhere}
main,header,footer{max-width:808px;margin:0 auto;padding:0 24px}
header{padding-top:40px}
.brand{color:var(--after);font-weight:600;margin:0 0 8px}
.brand span{color:var(--muted);font-weight:400}
h1{font-size:2rem;line-height:1.2;margin:0 0 12px;font-weight:650;letter-spacing:-.01em}
h2{font-size:1.3rem;line-height:1.3;margin:56px 0 12px;font-weight:650}
h3{font-size:1rem;margin:0 0 8px;font-weight:600}
p{margin:0 0 16px}
.identity{display:flex;flex-wrap:wrap;gap:4px 24px;margin:0 0 24px;font-size:.875rem}
.identity div,.figures div{min-width:0}
.identity dt,.identity dd{display:inline;margin:0}
.identity dt{color:var(--muted)}
.summary{font-size:1.15rem;line-height:1.5}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(136px,1fr));gap:8px;margin:24px 0}
.figures div{display:flex;flex-direction:column;background:var(--raised);border-radius:6px;padding:12px 14px}
.figures dt{order:2;font-size:.875rem}
.figures dd{margin:0}
.figures .value{order:1;font-size:1.25rem;white-space:nowrap;font-weight:650;line-height:1.3;font-variant-numeric:tabular-nums}
.figures .note{order:3;font-size:.8rem;color:var(--muted)}
.figures .chosen .value{color:var(--after)}
nav ul{display:flex;flex-wrap:wrap;gap:4px 20px;list-style:none;margin:0;padding:12px 0;border-block:1px solid var(--grid);font-size:.9rem}
a{color:var(--after)}
.notices{list-style:none;margin:0;padding:0}
.notices li{border-inline-start:4px solid var(--loss);padding:2px 0 2px 14px;margin-bottom:10px}
.charts{display:grid;grid-template-columns:1fr;gap:32px 24px;margin:8px 0 24px}
figure{margin:0;min-width:0}
.half{max-width:480px}
@media (min-width:720px){.charts.halves{grid-template-columns:1fr 1fr}}
svg{display:block;width:100%;height:auto}
.narrow{display:none}
@media (max-width:600px){.wide{display:none}.narrow{display:block}main,header,footer{padding:0 16px}header{padding-top:24px}h1{font-size:1.6rem}h2{margin-top:40px}}
figcaption{margin-top:8px;font-size:.875rem;color:var(--muted)}
details{margin-top:6px;font-size:.875rem}
summary{cursor:pointer;color:var(--muted)}
.scroll{overflow-x:auto;margin:8px 0 24px}
table{border-collapse:collapse;width:100%;font-size:.875rem}
caption{text-align:start;font-weight:600;padding-bottom:6px}
.quiet caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
th,td{text-align:start;vertical-align:top;padding:6px 16px 6px 0;border-bottom:1px solid var(--grid);font-weight:400;min-width:4.5em}
th:last-child,td:last-child{padding-inline-end:0}
thead th{color:var(--muted);font-weight:600;border-color:var(--before)}
tbody th:not(.end){min-width:7em}
.end{text-align:end;font-variant-numeric:tabular-nums;white-space:nowrap}
.rest{color:var(--muted);font-size:.875rem}
.pictures{display:grid;grid-template-columns:repeat(auto-fill,minmax(200px,1fr));gap:20px;margin:8px 0 24px}
.pairs{display:grid;grid-template-columns:repeat(auto-fit,minmax(300px,1fr));gap:24px;margin:8px 0 24px}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:4px 8px;align-content:start}
.pair p{grid-column:1/-1;margin:0;font-size:.875rem}
.shot{margin:0;font-size:.8rem}
.shot img{display:block;width:100%;height:150px;object-fit:contain;background:var(--raised);border:1px solid var(--grid);border-radius:3px}
.shot .none{display:grid;place-items:center;height:150px;background:var(--raised);border:1px solid var(--grid);border-radius:3px;color:var(--muted)}
.removed img{border-color:var(--before);border-width:2px}
.kept img{border-color:var(--after);border-width:2px}
.shot figcaption{margin-top:4px;font-size:.8rem}
.shot b{color:var(--text);font-weight:600;display:block}
footer{margin-top:64px;padding-top:16px;padding-bottom:40px;color:var(--muted);font-size:.8rem;border-top:1px solid var(--grid)}
${["text", "muted", "grid", "before", "after", "loss", "line"].map((ink) => `.ink-${ink}{fill:var(--${ink})}.stroke-${ink}{stroke:var(--${ink})}`).join("")}
@media print{nav,details:not([open]){display:none}h2{break-after:avoid}figure,.pair,tr{break-inside:avoid}}
`;
