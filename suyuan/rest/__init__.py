"""What programs fetch without GraphQL: logs, and whether the service is well."""
