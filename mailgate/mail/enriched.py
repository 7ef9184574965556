"""Knows enriched text, the form of marked-up mail before HTML (RFC 1896), as the HTML that says the same."""


def markup(text: str) -> str:
    """The page that the text is: a single line end is a blank there, a parameter is not shown."""
    page = text.replace("&", "&amp;").replace("<<", "&lt;").replace("\n\n", "\n<br>")
    return page.replace("<param>", "<style>").replace("</param>", "</style>") + "<br>"
