"""The services' pages in the order the header shows them: path on the origin and the key of the text."""

ENTRIES: tuple[tuple[str, str], ...] = (
    ("/reporting/", "nav.reporting"),
    ("/pathways/", "nav.pathways"),
    ("/enrollment/", "nav.enrollment"),
    ("/notifications/", "nav.notifications"),
)
