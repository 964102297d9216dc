"""The style of a customer's card."""

from __future__ import annotations

from typing import Final

__all__ = ["CARD_STYLE"]

# The color of text comes from the page around it, and tints are faint, so that the card is right in light and dark.
CARD_STYLE: Final = (
    ".nbo-card{font:14px/1.45 system-ui,sans-serif;max-width:64rem;container-type:inline-size;"
    "--line:rgba(128,128,128,.35);--bad:213,94,0;--watch:230,159,0;--good:0,158,115;--act:0,114,178}"
    ".nbo-card *{box-sizing:border-box}"
    ".nbo-card header{display:flex;flex-wrap:wrap;gap:.15rem 1rem;align-items:baseline;margin:0 0 .6rem}"
    ".nbo-card header strong{font-size:1.5rem;line-height:1.2;overflow-wrap:anywhere}"
    ".nbo-card .stage{border:1px solid var(--line);border-radius:99px;padding:.1rem .7rem;font-weight:600}"
    ".nbo-card header p{margin:0;flex-basis:100%}"
    ".nbo-card .note{opacity:.8;margin:0}"
    ".nbo-card ul.heads{display:flex;flex-wrap:wrap;gap:.5rem;margin:0 0 .75rem;padding:0;max-height:none}"
    ".nbo-card ul.heads li{border:0;border-left:5px solid rgb(var(--tint));background:rgba(var(--tint),.14);"
    "border-radius:6px;padding:.4rem .8rem;font-weight:600;font-size:1rem}"
    ".nbo-card .bad{--tint:var(--bad)}.nbo-card .watch{--tint:var(--watch)}.nbo-card .good{--tint:var(--good)}"
    ".nbo-card .blocks{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(18rem,100%),1fr));gap:.75rem;"
    "grid-auto-flow:dense;align-items:start}"
    ".nbo-card section{border:1px solid var(--line);border-radius:8px;padding:.75rem .9rem;min-width:0;margin:0}"
    ".nbo-card .current,.nbo-card .history{grid-column:1/-1}"
    ".nbo-card section.action{border:2px solid rgb(var(--act));margin:0 0 .75rem;background:rgba(var(--act),.06)}"
    ".nbo-card h3{font-size:.8rem;letter-spacing:.06em;text-transform:uppercase;margin:0 0 .5rem;opacity:.8}"
    ".nbo-card ol{margin:0 0 .6rem;padding:0;list-style:none;display:grid;gap:.5rem;"
    "grid-template-columns:repeat(auto-fit,minmax(min(16rem,100%),1fr))}"
    ".nbo-card ol li{border:1px solid var(--line);border-radius:6px;padding:.5rem .7rem;overflow-wrap:anywhere}"
    ".nbo-card ol li:first-child{border-left:5px solid rgb(var(--act))}"
    ".nbo-card ol b{display:block;font-size:1.05rem}"
    ".nbo-card ol span,.nbo-card ol small{display:block;font-size:.85rem}.nbo-card ol small{opacity:.8}"
    ".nbo-card dl{display:grid;grid-template-columns:minmax(7rem,max-content) 1fr;gap:.2rem .9rem;margin:0}"
    ".nbo-card dt{opacity:.8;font-weight:400}"
    ".nbo-card dd{margin:0;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}"
    ".nbo-card .list{grid-column:1/-1}.nbo-card dt.list{margin-top:.35rem}"
    ".nbo-card ul{list-style:none;margin:0;padding:0;max-height:16rem;overflow:auto}"
    # A finger that moves the page must not get caught in a list.
    "@media(max-width:600px){.nbo-card ul{max-height:none}}"
    ".nbo-card dd li{padding:.1rem 0}.nbo-card dd li+li{border-top:1px solid rgba(128,128,128,.2)}"
)
