"""Links between items, and the traces along them."""
