"""The REST API: one module per area; routes are named as in Discord's OpenAPI description."""
