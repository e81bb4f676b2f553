"""The bot on a sandbox, to try it out: servers with their policies, and what its page shows of them."""
