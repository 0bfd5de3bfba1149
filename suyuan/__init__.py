"""Settings, command line, pages: the only place that wires the floors together."""
