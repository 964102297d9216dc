"""Sphinx settings. Build with ``make docs``: warnings are errors, and nothing is fetched."""

from __future__ import annotations

import inspect
from typing import Any

import nbo

project = "nbo"
author = "the nbo contributors"
copyright = "the nbo contributors, Apache License 2.0"
release = version = nbo.__version__

extensions = ["myst_parser", "numpydoc", "sphinx.ext.autodoc", "sphinx.ext.autosummary"]
exclude_patterns = ["_build"]
templates_path = ["_templates"]

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

# The pages below api/ are made from what the rooms export in `__all__`.
autosummary_generate = True
autosummary_generate_overwrite = True
autosummary_imported_members = True
autosummary_ignore_module_all = False
autodoc_typehints = "none"  # numpydoc already states the types
autodoc_member_order = "bysource"
toc_object_entries_show_parents = "hide"
# The class template lists the members itself.
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False

html_theme = "pydata_sphinx_theme"
html_title = f"nbo {release}"
html_static_path = ["_static"]
html_css_files = ["nbo.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
# One list of all pages on the left, everywhere: the site is small enough to be seen whole.
html_sidebars = {"**": ["pages.html"]}
html_theme_options = {
    "navbar_center": [],
    "navbar_persistent": ["search-button-field"],
    "show_toc_level": 2,
    "show_prev_next": False,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}


def skip_foreign(app: Any, what: str, name: str, member: Any, skip: bool, options: Any) -> bool | None:
    """Leave out members that come from the libraries below, such as scikit-learn's metadata routing."""
    function = getattr(member, "fget", None) or inspect.unwrap(getattr(member, "__func__", member))
    home = getattr(function, "__module__", None) or "nbo"
    return True if not home.startswith("nbo") else None


def setup(app: Any) -> None:
    """Register with Sphinx."""
    app.connect("autodoc-skip-member", skip_foreign)
