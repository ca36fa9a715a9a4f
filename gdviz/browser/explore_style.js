// The knobs under a page that moves without a server: as many in a row as have room.

export const EXPLORE_CSS = `
.gd-explore { font-size: 0.95rem; }
.gd-explore > p { display: grid; margin: 0.6rem 0; }
.gd-explore > p > span { grid-area: 1 / 1; }
.gd-explore:not(.gd-moved) > p > :last-child, .gd-explore:not(.gd-moved) > button, .gd-moved > p > :first-child { visibility: hidden; }
.gd-explore summary { cursor: pointer; padding: 0.4rem 0; font-weight: 600; }
.gd-explore > button { font: inherit; min-height: 2.2rem; padding: 0.2rem 0.8rem; cursor: pointer; }
.gd-knobs { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(15rem, 100%), 1fr)); gap: 0.5rem 1.5rem; padding-bottom: 0.6rem; }
.gd-knobs span { display: flex; justify-content: space-between; gap: 1rem; }
.gd-knobs output { font-variant-numeric: tabular-nums; }
.gd-knobs input[type=range] { width: 100%; margin: 0; }
@media (pointer: coarse) {
  .gd-explore summary, .gd-explore > button, .gd-knobs label { min-height: 44px; }
  .gd-knobs input[type=range] { height: 44px; }
}
@media print { .gd-explore { display: none; } }`;
