"""The panels as pure functions: a scene and a size in, lines of text out. No textual, no quantity computed."""
