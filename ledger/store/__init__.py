"""Tables, engines and migrations of the ledger's database."""
