"""The sandbox's browser page: server-rendered HTML, one style sheet, a little script."""
