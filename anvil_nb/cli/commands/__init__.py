"""The commands, a module for each noun. Each parses, asks the workspace, returns the result."""
