"""What talks to Discord outside the cogs: limits, embeds, idempotent writes, API base."""
