"""The GraphQL API: schema, resolvers, filters, connections and mutations over the records."""
