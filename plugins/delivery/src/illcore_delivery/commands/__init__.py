"""The plugin's commands, one module for each name in entry point group `illcore.commands`."""
