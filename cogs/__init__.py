"""Slash commands, context menus, buttons and listeners: parse, check permission, call, render."""
