"""Signing in elsewhere with an account of the sandbox: Discord's OAuth2, as its documentation has it under "OAuth2"."""
