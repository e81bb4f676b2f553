"""A Discord server on loopback, for trying out and for tests: REST v10 and Gateway v10, no token needed."""
