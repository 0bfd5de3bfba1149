"""The hash-chained genealogy store: capture, logs, traces, item state, verification."""
