"""The HTTP server: token and GraphQL endpoints, delivery of replies, the loopback listener."""
