package report

// pageStyle is the style sheet of the page, without that of the pictures.
const pageStyle = `:root{color-scheme:light dark;--ink:#1b1f24;--muted:#57606a;--surface:#fff;--raised:#f4f6f8;--line:#d0d7de;--accent:#0a58b5;--bad:#b3261e;--alert:#fdecea;
--picture-ink:var(--ink);--picture-muted:var(--muted);--picture-surface:var(--surface);--picture-line:#8a8f98;--picture-flow:#4a6fa5;--picture-good:#1a7f4b;--picture-bad:var(--bad);--picture-other:#8a8f98}
@media (prefers-color-scheme:dark){:root{--ink:#e6e9ed;--muted:#a3adb8;--surface:#14181d;--raised:#1e242b;--line:#39424d;--accent:#7ab7ff;--bad:#ff8a80;--alert:#3a1b19;
--picture-line:#717a85;--picture-flow:#7ea6e0;--picture-good:#4cc38a;--picture-other:#9aa3ad}}
*{box-sizing:border-box}
body{margin:0 auto;padding:0 1.25rem 3rem;max-width:90rem;background:var(--surface);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
a{color:var(--accent)}
.skip{position:absolute;left:-99rem}
.skip:focus{left:.5rem;top:.5rem;background:var(--surface);padding:.3rem}
h1{margin:1.2rem 0 .2rem;font-size:1.7rem}
h2{margin:2.4rem 0 .6rem;padding-top:.6rem;border-top:1px solid var(--line);font-size:1.35rem}
h3{margin:1.6rem 0 .4rem;font-size:1.1rem}
p,li{max-width:60rem;overflow-wrap:anywhere}
nav ul{display:flex;flex-wrap:wrap;gap:.3rem 1.2rem;margin:.8rem 0 0;padding:0;list-style:none}
.alert{padding:.6rem .9rem;border-left:.3rem solid var(--bad);background:var(--alert)}
.bad{color:var(--bad)}
.scroll{overflow-x:auto;margin:.9rem 0}
.scroll:focus-visible,a:focus-visible,button:focus-visible,input:focus-visible,summary:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
table{border-collapse:collapse;font-size:.88rem}
caption{padding:.2rem 0 .35rem;text-align:left;font-weight:600;white-space:nowrap}
th,td{padding:.25rem .7rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
th:first-child,td:first-child{padding-left:.3rem}
thead th{background:var(--raised);vertical-align:bottom}
tbody th{font-weight:500}
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
td:not(.n){min-width:11rem}
td ul{margin:0;padding:0;list-style:none}
td li{max-width:34rem}
.never{font-style:italic}
.never::before{content:"\25CB  ";font-style:normal}
#flow-table{white-space:nowrap}
#flow-table td{min-width:0}
th button{all:unset;cursor:pointer;font:inherit}
th button:focus-visible{outline:2px solid var(--accent)}
th[aria-sort] button::after{content:" \25B2"}
th[aria-sort=descending] button::after{content:" \25BC"}
input{font:inherit;width:22rem;max-width:100%;padding:.25rem .5rem;border:1px solid var(--muted);border-radius:.25rem;background:var(--surface);color:var(--ink)}
.filter[hidden],tr[hidden]{display:none}
figure{margin:1rem 0}
summary{cursor:pointer;color:var(--accent)}
dl{display:grid;grid-template-columns:minmax(9rem,max-content) 1fr;gap:.2rem 1.2rem;margin:.4rem 0}
dt{color:var(--muted)}
dd{margin:0;overflow-wrap:anywhere}
pre{overflow-x:auto;padding:.7rem .9rem;background:var(--raised);font-size:.85rem;white-space:pre-wrap;overflow-wrap:anywhere}
code{overflow-wrap:anywhere}
@media (max-width:40rem){body{padding:0 .8rem 2rem}caption{white-space:normal}dl{grid-template-columns:1fr}dd{margin-bottom:.4rem}}
@media print{@page{margin:1.2cm}@page flows{size:landscape}#flows{page:flows}
:root{color-scheme:light;--ink:#000;--muted:#444;--surface:#fff;--raised:#eee;--line:#bbb;--accent:#000;--alert:#fff;--bad:#7a0c06;--picture-flow:#4a6fa5;--picture-good:#1a7f4b;--picture-other:#8a8f98}
body{max-width:none;padding:0;font-size:10pt}nav,.skip,.filter,details{display:none}.scroll{overflow:visible}table{font-size:8pt}th,td{padding:.1rem .35rem}td:not(.n){min-width:0}
#flow-table{font-size:6.5pt}#flow-table th,#flow-table td:nth-child(n+12){white-space:normal}thead{display:table-header-group}tr,figure{break-inside:avoid}h2,h3,caption{break-after:avoid}a{text-decoration:none}}
`
