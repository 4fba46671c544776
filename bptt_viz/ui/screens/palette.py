"""The palette of commands: Textual's own, which asks in the scene's language."""

from __future__ import annotations

from textual.command import CommandList, CommandPalette


class Palette(CommandPalette):
    """Keys typed before its list has a place on the screen do not page through it."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Textual's list looks for the line of an option that has none yet, and fails."""
        if action == "command_list" and not self.query_one(CommandList).scrollable_content_region.area:
            return False
        return super().check_action(action, parameters)
