"""Screens that lie over the lesson for a moment."""
